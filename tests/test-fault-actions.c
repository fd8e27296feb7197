/*
 * Which action fits which point, the arguments of the newer ones, and the record of a run.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"
#include "tests/test.h"

#define ON_COMMAND                                                                    \
    "it takes power_cut, brown_out, reset, hang, fail, delay, silence, double_echo, " \
    "wrong_rate, lose_rate"
#define ON_BYTES                                                                      \
    "it takes power_cut, brown_out, reset, hang, flip, drop, insert, dup, truncate, " \
    "garble, stall, slice"

static struct fault_plan *new_plan(void)
{
    struct rng seed;

    rng_init(&seed, 7);
    return fault_plan_new(&seed, NULL, "m0");
}

static void refuses(const char *text, const char *message)
{
    struct fault_plan *plan = new_plan();
    struct buf error = {0}, wanted = {0};

    buf_printf(&wanted, "fault \"%s\": %s", text, message);
    assert_int_equal(fault_plan_add(plan, text, NULL, &error), -EINVAL);
    assert_string_equal(buf_text(&error), buf_text(&wanted));
    buf_deinit(&error);
    buf_deinit(&wanted);
    fault_plan_free(plan);
}

static struct fault_plan *plan_with(const char *text)
{
    struct fault_plan *plan = new_plan();

    assert_int_equal(fault_plan_add(plan, text, NULL, NULL), 0);
    return plan;
}

static void test_an_action_that_does_not_fit_is_refused(void **state)
{
    refuses("at.csq=flip:5",
            "action \"flip\" does not fit the COMMAND point \"at.csq\"; " ON_COMMAND);
    refuses("at.*=drop", "action \"drop\" does not fit the COMMAND point \"at.*\"; " ON_COMMAND);
    refuses("line.tx=reset_link",
            "action \"reset_link\" does not fit the BYTES point \"line.tx\"; " ON_BYTES);
    refuses("line.rx=fail:3",
            "action \"fail\" does not fit the BYTES point \"line.rx\"; " ON_BYTES);
    refuses("nv.commit=fail",
            "action \"fail\" does not fit the WRITE point \"nv.commit\"; it takes "
            "power_cut, brown_out, reset, hang");
    refuses("urc=fail", "action \"fail\" does not fit the URC point \"urc\"; it takes power_cut, "
                        "brown_out, reset, hang, delay, lost, collide, dup");
    refuses("download.body=length:3", "action \"length\" does not fit the BYTES point "
                                      "\"download.body\"; " ON_BYTES ", reset_link, slow");
    refuses("download.connect=length:3",
            "action \"length\" does not fit the STEP point \"download.connect\"; it takes "
            "power_cut, brown_out, reset, hang, fail, delay, reset_link");
}

static void test_a_wrong_argument_is_refused(void **state)
{
    static const char latency[] = "delay needs a duration (2s), a range (1s..3s) or a start and "
                                  "what each firing adds (1s+500ms)";

    refuses("urc=collide:under", "collide takes before, inside, split or behind");
    refuses("at.csq=delay", latency);
    refuses("at.csq=delay:3s..1s", latency);
    refuses("at.csq=delay:1s..2s+1s", latency);
    refuses("download.body=slow:0", "slow needs the bytes a second, as in slow:512 or slow:2k");
    refuses("at.csq=wrong_rate:x", "wrong_rate takes a rate in baud, as in wrong_rate:9600");
    refuses("urc=brown_out", "brown_out needs a duration with its unit, as in 500ms, 20s or 2m");
    refuses("line.tx=slice:0", "slice needs a number of bytes from 1 to 1048576, as in slice:3");
}

static struct fault_effect pass_csq(struct fault_plan *plan)
{
    return fault_step(plan, &fault_points[FAULT_POINT_AT], &(struct fault_at){.member = "csq"});
}

static void test_a_latency_grows_with_each_firing(void **state)
{
    struct fault_plan *plan = plan_with("at.csq*0=delay:1s+500ms");

    assert_int_equal(pass_csq(plan).duration_us, 1000000);
    assert_int_equal(pass_csq(plan).duration_us, 1500000);
    assert_int_equal(pass_csq(plan).duration_us, 2000000);
    fault_plan_free(plan);
}

static void test_a_latency_is_drawn_from_its_range_by_the_seed(void **state)
{
    struct fault_plan *plan = plan_with("at.csq*0=delay:1s..3s");
    struct fault_plan *again = plan_with("at.csq*0=delay:1s..3s");
    uint64_t first_us = 0;
    bool differs = false;

    for (int i = 0; i < 50; i++) {
        uint64_t us = pass_csq(plan).duration_us;

        assert_in_range(us, 1000000, 3000000);
        assert_int_equal(pass_csq(again).duration_us, us);
        differs |= i > 0 && us != first_us;
        first_us = us;
    }
    assert_true(differs);
    fault_plan_free(plan);
    fault_plan_free(again);
}

/* Feed a text in chunks of step bytes; a '|' is where the receiver reads by itself. */
static void slice(const char *text, size_t step, struct buf *out)
{
    const struct fault_point *point = &fault_points[FAULT_POINT_LINE_TX];
    struct fault_plan *plan = plan_with("line.tx@2=slice:3");
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        size_t part = len - at < step ? len - at : step, used;
        struct fault_effect effect = fault_bytes(plan, point, text + at, part, out, &used);

        if (effect.action == FAULT_STALL)
            buf_add_char(out, '|');
        at += used;
    }
    assert_int_equal(fault_plan_fired(plan), 1);
    assert_int_equal(fault_plan_byte_count(plan, point), len);
    fault_plan_free(plan);
}

static void test_a_sliced_stream_comes_in_pieces_however_it_is_chunked(void **state)
{
    for (size_t step = 1; step < 14; step++) {
        struct buf out = {0};

        slice("abcdefghijkl", step, &out);
        assert_string_equal(buf_text(&out), "abc|def|ghi|jkl|");
        buf_deinit(&out);
    }
}

static void pass_page(struct fault_plan *plan, enum fault_phase phase)
{
    fault_step(plan, &fault_points[FAULT_POINT_FLASH_PROGRAM],
               &(struct fault_at){.phase = phase, .text = "package", .text_len = 7});
}

static void test_a_record_numbers_hits_as_a_trigger_counts_them(void **state)
{
    struct fault_plan *plan = new_plan();
    const struct fault_hit *hit;

    pass_csq(plan); /* before the record begins */
    fault_plan_record(plan);
    pass_page(plan, FAULT_BEFORE);
    pass_page(plan, FAULT_MID);
    pass_page(plan, FAULT_BEFORE);
    pass_csq(plan);
    assert_int_equal(fault_plan_hit_count(plan), 4);
    hit = fault_plan_hit(plan, 2);
    assert_string_equal(hit->point->name, "flash.program");
    assert_string_equal(hit->text, "package");
    assert_int_equal(hit->phase, FAULT_BEFORE);
    assert_int_equal(hit->nth, 2);
    assert_int_equal(hit->percent, -1);
    hit = fault_plan_hit(plan, 3);
    assert_string_equal(hit->member, "csq");
    assert_int_equal(hit->nth, 1);
    fault_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_action_that_does_not_fit_is_refused),
        cmocka_unit_test(test_a_wrong_argument_is_refused),
        cmocka_unit_test(test_a_latency_grows_with_each_firing),
        cmocka_unit_test(test_a_latency_is_drawn_from_its_range_by_the_seed),
        cmocka_unit_test(test_a_sliced_stream_comes_in_pieces_however_it_is_chunked),
        cmocka_unit_test(test_a_record_numbers_hits_as_a_trigger_counts_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
