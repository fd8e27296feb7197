/*
 * Ports beside the pty: a tty that somebody else has made, TCP on loopback, and their text form.
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/port/port.h"
#include "sim/port/port_spec.h"
#include "tests/test.h"

struct fixture {
    struct clock clock;
    struct loop loop;
    struct timer tick;
    struct buf got;
    unsigned hosts;
    bool ticked;
    struct port *port;
};

static void on_rx(void *arg, const void *bytes, size_t len)
{
    buf_add(&((struct fixture *)arg)->got, bytes, len);
}

static void on_hosts(void *arg, unsigned count)
{
    ((struct fixture *)arg)->hosts = count;
}

static const struct port_up up = {.rx = on_rx, .hosts = on_hosts};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    clock_init(&f->clock, CLOCK_REAL, 1);
    assert_int_equal(loop_init(&f->loop, &f->clock), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    port_free(f->port);
    buf_deinit(&f->got);
    clock_cancel(&f->clock, &f->tick);
    loop_deinit(&f->loop);
    clock_deinit(&f->clock);
    test_free(f);
    return 0;
}

static void on_tick(void *arg)
{
    ((struct fixture *)arg)->ticked = true;
}

/* Turn the loop until the text came, which fails the test after a second. */
static void await_text(struct fixture *f, const char *text)
{
    f->ticked = false;
    clock_after(&f->clock, &f->tick, 1000000, on_tick, f);
    while (!strstr(buf_text(&f->got), text) && !f->ticked)
        loop_turn(&f->loop, true);
    assert_non_null(strstr(buf_text(&f->got), text));
    buf_clear(&f->got);
}

static void await_hosts(struct fixture *f, unsigned count)
{
    f->ticked = false;
    clock_after(&f->clock, &f->tick, 1000000, on_tick, f);
    while (f->hosts != count && !f->ticked)
        loop_turn(&f->loop, true);
    assert_int_equal(f->hosts, count);
}

static void assert_reads(int fd, const char *text)
{
    char bytes[64] = "";

    assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), strlen(text));
    assert_string_equal(bytes, text);
}

/* ---- a tty of somebody else ---- */

static void open_pair(int *master_out, char path[64])
{
    int slave;

    assert_int_equal(openpty(master_out, &slave, path, NULL, NULL), 0);
    close(slave);
}

static void test_serial_passes_bytes_raw_and_at_its_rate(void **state)
{
    struct fixture *f = *state;
    struct termios settings;
    char path[64];
    int master;

    open_pair(&master, path);
    assert_int_equal(serial_port_new(&f->loop, &up, f, path, 57600, &f->port), 0);
    assert_int_equal(f->port->hosts, 1);
    assert_int_equal(tcgetattr(master, &settings), 0);
    assert_int_equal(cfgetospeed(&settings), B57600);
    assert_int_equal(settings.c_lflag & (ECHO | ICANON), 0);
    assert_int_equal(write(master, "AT\r", 3), 3);
    await_text(f, "AT\r");
    assert_int_equal(port_write(f->port, "OK\r\n", 4), 0);
    assert_reads(master, "OK\r\n");
    assert_int_equal(port_baud(f->port), 0);
    assert_int_equal(serial_port_set_rate(f->port, 9600), 0);
    assert_int_equal(tcgetattr(master, &settings), 0);
    assert_int_equal(cfgetospeed(&settings), B9600);
    assert_int_equal(serial_port_set_rate(f->port, 12345), -EINVAL);
    close(master);
    await_hosts(f, 0);
    assert_int_equal(port_write(f->port, "x", 1), 0); /* lost, as on a wire without listener */
}

static void test_serial_is_pointed_at_a_tty_later_and_again(void **state)
{
    struct fixture *f = *state;
    int first, second;
    char path[64];

    assert_int_equal(serial_port_new(&f->loop, &up, f, NULL, 0, &f->port), 0);
    assert_int_equal(f->port->hosts, 0);
    assert_true(port_is_serial(f->port));
    open_pair(&first, path);
    assert_int_equal(serial_port_point(f->port, path), 0);
    assert_int_equal(f->hosts, 1);
    assert_int_equal(write(first, "one", 3), 3);
    await_text(f, "one");
    open_pair(&second, path);
    assert_int_equal(serial_port_point(f->port, path), 0);
    assert_int_equal(write(second, "two", 3), 3);
    await_text(f, "two");
    port_detach(f->port);
    assert_int_equal(f->hosts, 0);
    assert_int_equal(port_attach(f->port), 0);
    assert_int_equal(f->hosts, 1);
    close(first);
    close(second);
}

static void test_serial_refuses_what_is_no_tty(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(serial_port_new(&f->loop, &up, f, "/dev/null", 0, &f->port), -ENOTTY);
    assert_int_equal(serial_port_new(&f->loop, &up, f, "/no/such", 0, &f->port), -ENOENT);
    assert_int_equal(serial_port_new(&f->loop, &up, f, "/dev/null", 7, &f->port), -EINVAL);
}

/* ---- TCP ---- */

static int connect_to(const struct port *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    unsigned number;
    int fd;

    assert_int_equal(sscanf(port->path, "tcp:127.0.0.1:%u", &number), 1);
    address.sin_port = htons((uint16_t)number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void test_tcp_has_one_host_at_a_time(void **state)
{
    struct fixture *f = *state;
    int first, second;
    char byte;

    assert_int_equal(tcp_port_new(&f->loop, &up, f, "127.0.0.1", 0, &f->port), 0);
    assert_int_equal(port_write(f->port, "lost", 4), 0);
    first = connect_to(f->port);
    await_hosts(f, 1);
    second = connect_to(f->port);
    assert_int_equal(write(first, "AT\r", 3), 3);
    await_text(f, "AT\r");
    loop_turn(&f->loop, false);
    assert_int_equal(read(second, &byte, 1), 0);
    assert_int_equal(port_write(f->port, "OK", 2), 0);
    assert_reads(first, "OK");
    close(first);
    close(second);
    await_hosts(f, 0);
    first = connect_to(f->port);
    await_hosts(f, 1);
    close(first);
}

static void test_tcp_detached_refuses_and_comes_back_at_its_number(void **state)
{
    struct fixture *f = *state;
    char before[64];
    int fd;

    assert_int_equal(tcp_port_new(&f->loop, &up, f, "127.0.0.1", 0, &f->port), 0);
    snprintf(before, sizeof(before), "%s", f->port->path);
    fd = connect_to(f->port);
    await_hosts(f, 1);
    port_detach(f->port);
    assert_int_equal(f->hosts, 0);
    assert_int_equal(connect_to(f->port), -1);
    assert_int_equal(port_attach(f->port), 0);
    assert_string_equal(f->port->path, before);
    close(fd);
    fd = connect_to(f->port);
    assert_true(fd >= 0);
    close(fd);
}

static void test_tcp_listens_on_loopback_only(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tcp_port_new(&f->loop, &up, f, "0.0.0.0", 0, &f->port), -EACCES);
    assert_int_equal(tcp_port_new(&f->loop, &up, f, "192.168.1.1", 0, &f->port), -EACCES);
    assert_int_equal(tcp_port_new(&f->loop, &up, f, "here", 0, &f->port), -EINVAL);
    assert_int_equal(tcp_port_new(&f->loop, &up, f, "127.0.0.1", 65536, &f->port), -EINVAL);
}

/* ---- text form ---- */

static void test_specs_are_parsed(void **state)
{
    struct port_spec spec;

    assert_int_equal(port_spec_parse("", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_PTY);
    assert_int_equal(port_spec_parse("pty", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_PTY);
    assert_int_equal(port_spec_parse("tcp:localhost:4000", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_TCP);
    assert_string_equal(spec.path, "127.0.0.1");
    assert_int_equal(spec.number, 4000);
    assert_int_equal(port_spec_parse("/dev/ttyUSB0@115200", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_SERIAL);
    assert_string_equal(spec.path, "/dev/ttyUSB0");
    assert_int_equal(spec.baud, 115200);
    assert_int_equal(port_spec_parse("/dev/ttyS0", &spec, NULL), 0);
    assert_int_equal(spec.baud, 0);
    assert_int_equal(port_spec_parse("attach:/dev/pts/6", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_ATTACH);
    assert_int_equal(port_spec_parse("attach:auto", &spec, NULL), 0);
    assert_int_equal(spec.kind, PORT_ATTACH_AUTO);
    assert_string_equal(spec.text, "");
    assert_int_equal(port_spec_parse("attach:auto:UART_1", &spec, NULL), 0);
    assert_string_equal(spec.text, "UART_1");
}

static void test_wrong_specs_say_what_is_right(void **state)
{
    static const char *const wrong[] = {
        "ptyy",           "tcp:",           "tcp:127.0.0.1",   "tcp:127.0.0.1:70000",
        "tcp:10.0.0.1:1", "attach:",        "attach:pts",      "attach:auto:",
        "/dev/ttyUSB0@",  "/dev/ttyUSB0@1", "tcp:127.0.0.1:x",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct buf error = {0};
        struct port_spec spec;

        assert_int_equal(port_spec_parse(wrong[i], &spec, &error), -EINVAL);
        assert_non_null(strstr(buf_text(&error), "is no port: "));
        buf_deinit(&error);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_serial_passes_bytes_raw_and_at_its_rate, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_serial_is_pointed_at_a_tty_later_and_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_serial_refuses_what_is_no_tty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tcp_has_one_host_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tcp_detached_refuses_and_comes_back_at_its_number,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tcp_listens_on_loopback_only, set_up, tear_down),
        cmocka_unit_test(test_specs_are_parsed),
        cmocka_unit_test(test_wrong_specs_say_what_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
