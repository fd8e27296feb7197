/* SPDX-License-Identifier: MIT */
#include "sim/base/loop.h"

#include <event2/event.h>
#include <unistd.h>

#include "sim/base/clock.h"
#include "tests/test.h"

#define MS   UINT64_C(1000)
#define HOUR UINT64_C(3600000000)

struct stage {
    struct clock clock;
    struct loop loop;
    struct timer first, second;
    char order[8]; /* the timers that ran */
    size_t ran;
};

static struct stage stage;

static int set_up(void **state)
{
    stage = (struct stage){0};
    clock_init(&stage.clock, CLOCK_REAL, 1);
    return loop_init(&stage.loop, &stage.clock);
}

static int tear_down(void **state)
{
    loop_deinit(&stage.loop);
    clock_deinit(&stage.clock);
    return 0;
}

/* The loop ends with the timer; one that is forgotten hangs the test. */
static void on_timer(void *arg)
{
    stage.order[stage.ran++] = arg == &stage.first ? '1' : '2';
    loop_stop(&stage.loop);
}

static void arm(struct timer *timer, uint64_t delay_us)
{
    clock_after(&stage.clock, timer, delay_us, on_timer, timer);
}

static void on_byte(evutil_socket_t fd, short what, void *arg)
{
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1);
}

/* One blocking turn that ends because of a descriptor, whatever timers are armed. */
static void turn_with_news(void)
{
    struct event *event;
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    event = event_new(stage.loop.events, fds[0], EV_READ, on_byte, NULL);
    event_add(event, NULL);
    loop_turn(&stage.loop, true);
    event_free(event);
    close(fds[0]);
    close(fds[1]);
}

static void test_a_timer_wakes_the_loop_again_and_again(void **state)
{
    for (int i = 0; i < 3; i++) {
        arm(&stage.first, MS);
        loop_run(&stage.loop);
    }
    assert_string_equal(stage.order, "111");
}

static void test_a_timer_is_never_early(void **state)
{
    for (int i = 0; i < 20; i++) {
        uint64_t due_us = clock_now_us(&stage.clock) + 300;

        stage.ran = 0;
        clock_at(&stage.clock, &stage.first, due_us, on_timer, &stage.first);
        loop_run(&stage.loop);
        assert_true(clock_now_us(&stage.clock) >= due_us);
    }
}

static void test_an_earlier_timer_comes_before_the_one_waited_for(void **state)
{
    arm(&stage.first, HOUR);
    turn_with_news();
    arm(&stage.second, MS);
    loop_run(&stage.loop);
    assert_string_equal(stage.order, "2");
}

static void test_a_timer_behind_a_cancelled_one_still_comes(void **state)
{
    arm(&stage.first, 2 * MS);
    turn_with_news();
    clock_cancel(&stage.clock, &stage.first);
    arm(&stage.second, 4 * MS);
    loop_run(&stage.loop);
    assert_string_equal(stage.order, "2");
}

static void test_a_turn_without_blocking_returns_at_once(void **state)
{
    arm(&stage.first, HOUR);
    loop_turn(&stage.loop, false);
    assert_true(timer_is_armed(&stage.first));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_timer_wakes_the_loop_again_and_again),
        TEST(test_a_timer_is_never_early),
        TEST(test_an_earlier_timer_comes_before_the_one_waited_for),
        TEST(test_a_timer_behind_a_cancelled_one_still_comes),
        TEST(test_a_turn_without_blocking_returns_at_once),
    };

    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
