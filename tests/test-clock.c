/* SPDX-License-Identifier: MIT */
#include "sim/base/clock.h"
#include "tests/test.h"

struct order {
    int seen[4];
    size_t count;
};

static struct order order;

static void note_first(void *arg)
{
    order.seen[order.count++] = 1;
}

static void note_second(void *arg)
{
    order.seen[order.count++] = 2;
}

static int reset(void **state)
{
    order = (struct order){0};
    return 0;
}

static void test_step_runs_one_timer_at_its_own_time(void **state)
{
    struct clock clock;
    struct timer first = {0}, second = {0};

    clock_init(&clock, CLOCK_MANUAL, 1);
    clock_after(&clock, &second, 500, note_second, NULL);
    clock_after(&clock, &first, 500, note_first, NULL);
    assert_true(clock_step(&clock));
    assert_int_equal(clock_now_us(&clock), 500);
    assert_int_equal(order.count, 1);
    assert_int_equal(order.seen[0], 2); /* by arrival */
    assert_true(clock_step(&clock));
    assert_int_equal(clock_now_us(&clock), 500);
    assert_false(clock_step(&clock));
    clock_deinit(&clock);
}

static void test_step_never_goes_back(void **state)
{
    struct clock clock;
    struct timer timer = {0};

    clock_init(&clock, CLOCK_MANUAL, 1);
    clock_advance(&clock, 1000);
    clock_at(&clock, &timer, 10, note_first, NULL);
    assert_true(clock_step(&clock));
    assert_int_equal(clock_now_us(&clock), 1000);
    clock_deinit(&clock);
}

static void test_manual_time_goes_on_with_the_wall(void **state)
{
    struct clock clock;
    uint64_t day_us = UINT64_C(86400000000), now_us;

    clock_init(&clock, CLOCK_MANUAL, 1);
    clock_advance(&clock, day_us);
    clock_follow_wall(&clock);
    now_us = clock_now_us(&clock);
    assert_in_range(now_us, day_us, day_us + 60000000);
    while (clock_now_us(&clock) == now_us)
        ;
    assert_true(clock_now_us(&clock) > now_us);
    clock_deinit(&clock);
}

static void test_another_scale_is_no_jump(void **state)
{
    struct clock clock;
    uint64_t before_us, after_us;

    clock_init(&clock, CLOCK_REAL, 1000);
    while (clock_now_us(&clock) < 1000000)
        ;
    before_us = clock_now_us(&clock);
    clock_set_scale(&clock, 1);
    after_us = clock_now_us(&clock);
    assert_in_range(after_us, before_us, before_us + 60000000);
    clock_set_scale(&clock, 1000);
    assert_true(clock_now_us(&clock) >= after_us);
    while (clock_now_us(&clock) < after_us + 1000000)
        ;
    clock_deinit(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_step_runs_one_timer_at_its_own_time, reset),
        cmocka_unit_test_setup(test_step_never_goes_back, reset),
        cmocka_unit_test_setup(test_manual_time_goes_on_with_the_wall, reset),
        cmocka_unit_test_setup(test_another_scale_is_no_jump, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
