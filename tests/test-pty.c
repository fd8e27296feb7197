/* Settings that the host makes on its side of a pty, as the modem's side sees them. */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/port/port.h"
#include "tests/test.h"

struct stage {
    struct clock clock;
    struct loop loop;
    struct port *port;
    int host_fd;
    struct buf heard;
    long bauds[8]; /* asked while each read was served */
    bool echoes[8];
    size_t reads;
};

static struct stage stage;

static void on_rx(void *arg, const void *bytes, size_t len)
{
    assert_in_range(stage.reads, 0, 7);
    stage.bauds[stage.reads] = port_baud(stage.port);
    stage.echoes[stage.reads] = port_peer_echoes(stage.port);
    stage.reads++;
    buf_add(&stage.heard, bytes, len);
}

static const struct port_up up = {.rx = on_rx};

static int set_up(void **state)
{
    stage = (struct stage){0};
    clock_init(&stage.clock, CLOCK_REAL, 1);
    assert_int_equal(loop_init(&stage.loop, &stage.clock), 0);
    assert_int_equal(pty_port_new(&stage.loop, &up, NULL, &stage.port), 0);
    stage.host_fd = open(stage.port->path, O_RDWR | O_NOCTTY);
    assert_true(stage.host_fd >= 0);
    return 0;
}

static int tear_down(void **state)
{
    port_free(stage.port);
    close(stage.host_fd);
    buf_deinit(&stage.heard);
    loop_deinit(&stage.loop);
    clock_deinit(&stage.clock);
    return 0;
}

static void set_host(speed_t speed, bool echo)
{
    struct termios settings;

    assert_int_equal(tcgetattr(stage.host_fd, &settings), 0);
    cfsetspeed(&settings, speed);
    settings.c_lflag = echo ? settings.c_lflag | ECHO : settings.c_lflag & ~(tcflag_t)ECHO;
    assert_int_equal(tcsetattr(stage.host_fd, TCSANOW, &settings), 0);
}

static void send_byte(void)
{
    size_t before = stage.reads;

    assert_int_equal(write(stage.host_fd, "x", 1), 1);
    while (stage.reads == before)
        loop_turn(&stage.loop, true);
}

static void test_each_read_sees_what_the_host_has_set(void **state)
{
    set_host(B9600, false);
    send_byte();
    set_host(B19200, true);
    send_byte();
    set_host(B0, false);
    send_byte();
    assert_int_equal(stage.bauds[0], 9600);
    assert_false(stage.echoes[0]);
    assert_int_equal(stage.bauds[1], 19200);
    assert_true(stage.echoes[1]);
    assert_int_equal(stage.bauds[2], 0);
    assert_false(stage.echoes[2]);
}

static void test_between_reads_the_settings_are_those_of_now(void **state)
{
    set_host(B9600, false);
    send_byte();
    assert_int_equal(port_baud(stage.port), 9600);
    set_host(B57600, true);
    assert_int_equal(port_baud(stage.port), 57600);
    assert_true(port_peer_echoes(stage.port));
}

static void test_a_detached_port_has_no_settings(void **state)
{
    set_host(B9600, true);
    send_byte();
    port_detach(stage.port);
    assert_int_equal(port_baud(stage.port), 0);
    assert_false(port_peer_echoes(stage.port));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_read_sees_what_the_host_has_set),
        TEST(test_between_reads_the_settings_are_those_of_now),
        TEST(test_a_detached_port_has_no_settings),
    };

    return cmocka_run_group_tests_name("pty", tests, NULL, NULL);
}
