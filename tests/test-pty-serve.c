/* SPDX-License-Identifier: MIT */
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/port/port.h"
#include "tests/test.h"

#define ROUNDS 2000

struct bench {
    struct clock clock;
    struct loop loop;
    struct port *port;
    int host;
    char heard[256];
    size_t heard_len;
    unsigned opened, closed;
};

static void on_rx(void *arg, const void *bytes, size_t len)
{
    struct bench *bench = arg;

    assert_true(bench->heard_len + len < sizeof(bench->heard));
    memcpy(bench->heard + bench->heard_len, bytes, len);
    bench->heard_len += len;
}

static void on_hosts(void *arg, unsigned count)
{
    struct bench *bench = arg;

    bench->opened += count > 0;
    bench->closed += count == 0;
}

static const struct port_up up = {.rx = on_rx, .hosts = on_hosts};

static int setup(void **state)
{
    static struct bench bench;

    bench = (struct bench){.host = -1};
    *state = &bench;
    clock_init(&bench.clock, CLOCK_MANUAL, 1);
    assert_int_equal(loop_init(&bench.loop, &bench.clock), 0);
    assert_int_equal(pty_port_new(&bench.loop, &up, &bench, &bench.port), 0);
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    if (bench->host >= 0)
        close(bench->host);
    port_free(bench->port);
    loop_deinit(&bench->loop);
    clock_deinit(&bench->clock);
    return 0;
}

static int open_host(struct bench *bench)
{
    return open(bench->port->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* The kernel delivers by a worker: this is what virtual time stands on. */
static void test_all_that_was_written_has_arrived(void **state)
{
    struct bench *bench = *state;
    char bytes[8];

    bench->host = open_host(bench);
    pty_serve();
    for (int i = 0; i < ROUNDS; i++) {
        bench->heard_len = 0;
        assert_int_equal(write(bench->host, "AT\r", 3), 3);
        assert_true(pty_serve());
        assert_int_equal(bench->heard_len, 3);
        port_write(bench->port, "OK", 2);
        pty_sync();
        assert_int_equal(fcntl(bench->host, F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(read(bench->host, bytes, sizeof(bytes)), 2);
    }
    assert_false(pty_serve());
}

/* inotify reports two opens in a row as one, and two closes. */
static void test_a_port_is_open_while_anybody_has_it_open(void **state)
{
    struct bench *bench = *state;
    int second, third;

    bench->host = open_host(bench);
    second = open_host(bench);
    close(second);
    pty_serve();
    assert_int_equal(bench->port->hosts, 1);
    assert_int_equal(bench->closed, 0);
    second = open_host(bench);
    third = open_host(bench);
    close(second);
    close(third);
    close(bench->host);
    bench->host = -1;
    pty_serve();
    assert_int_equal(bench->port->hosts, 0);
    assert_int_equal(bench->closed, 1);
    bench->host = open_host(bench);
    pty_serve();
    assert_int_equal(bench->port->hosts, 1);
    assert_int_equal(bench->opened, 2);
}

static void test_what_a_host_wrote_before_it_closed_is_heard(void **state)
{
    struct bench *bench = *state;
    int host = open_host(bench);

    assert_int_equal(write(host, "AT+CSQ\r", 7), 7);
    close(host);
    assert_true(pty_serve());
    assert_int_equal(bench->heard_len, 7);
    assert_int_equal(bench->port->hosts, 0);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    char **order = arg;
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1);
    *(*order)++ = byte;
}

static void test_ranks_are_served_in_order(void **state)
{
    struct bench *bench = *state;
    static const enum loop_rank ranks[] = {LOOP_RANK_EXIT, LOOP_RANK_OUTPUT, LOOP_RANK_SOCKET};
    char seen[4] = "", *at = seen;
    struct event *events[3];
    int pipes[3][2];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
        events[i] = event_new(bench->loop.events, pipes[i][0], EV_READ | EV_PERSIST, on_ready, &at);
        event_priority_set(events[i], ranks[i]);
        event_add(events[i], NULL);
        assert_int_equal(write(pipes[i][1], &"eos"[i], 1), 1);
    }
    assert_true(loop_serve(&bench->loop, 0));
    assert_false(loop_serve(&bench->loop, 0));
    assert_string_equal(seen, "soe");
    for (size_t i = 0; i < 3; i++) {
        event_free(events[i]);
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_that_was_written_has_arrived, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_port_is_open_while_anybody_has_it_open, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_a_host_wrote_before_it_closed_is_heard, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_ranks_are_served_in_order, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
