/*
 * Faults at steps and writes: when they strike, how they count, what they leave in the trace.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"
#include "sim/base/trace.h"
#include "sim/fault/fault_plan.h"

static const struct fault_point *const at_point = &fault_points[FAULT_POINT_AT];
static const struct fault_point *const urc_point = &fault_points[FAULT_POINT_URC];
static const struct fault_point *const program_point = &fault_points[FAULT_POINT_FLASH_PROGRAM];

static const struct fault_point dialect_points[] = {
    {"bc26.fota.update", FAULT_STEP, "one percent of the update is done"},
};

static struct fault_plan *plan_of(uint64_t seed_number, const char *const *texts, size_t count)
{
    struct rng seed;
    struct fault_plan *plan;

    rng_init(&seed, seed_number);
    plan = fault_plan_new(&seed, NULL, "m0");
    fault_plan_know(plan, dialect_points, ARRAY_LEN(dialect_points));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fault_plan_add(plan, texts[i], NULL, NULL), 0);
    return plan;
}

static struct fault_plan *plan_with(const char *text)
{
    return plan_of(1, &text, 1);
}

static struct fault_effect pass_command(struct fault_plan *plan, const char *member)
{
    return fault_step(plan, at_point, &(struct fault_at){.member = member});
}

static struct fault_effect pass_urc(struct fault_plan *plan, const char *text)
{
    return fault_step(plan, urc_point, &(struct fault_at){.text = text, .text_len = strlen(text)});
}

static enum fault_action pass_update(struct fault_plan *plan, unsigned percent)
{
    return fault_step(plan, &dialect_points[0],
                      &(struct fault_at){.has_percent = true, .percent = percent})
        .action;
}

static enum fault_action pass_write(struct fault_plan *plan, uint64_t page, enum fault_phase phase)
{
    return fault_step(plan, program_point,
                      &(struct fault_at){.has_amount = true, .amount = page, .phase = phase})
        .action;
}

/* Pass AT+CSQ count times. Return: one character per hit, 'x' where something struck. */
static const char *strikes(struct fault_plan *plan, size_t count)
{
    static char marks[1001];

    assert_true(count < sizeof(marks));
    for (size_t i = 0; i < count; i++)
        marks[i] = pass_command(plan, "csq").action == FAULT_NONE ? '.' : 'x';
    marks[count] = '\0';
    return marks;
}

static void test_a_fault_strikes_once_unless_told_otherwise(void **state)
{
    static const struct {
        const char *text, *marks;
    } rows[] = {
        {"at.csq=fail",         "x......."},
        {"at.csq*3=fail",       "xxx....."},
        {"at.csq*0=fail",       "xxxxxxxx"},
        {"at.csq#4=fail",       "...x...."},
        {"at.csq#4*2=fail",     "...xx..."},
        {"at.csq*2#4=fail",     "...xx..."},
        {"at.csq#6*0=fail",     ".....xxx"},
        {"at.csq#9=fail",       "........"},
        {"at.*#2=fail",         ".x......"},
        {"at.cgatt=fail",       "........"},
        {"boot.step=fail",      "........"},
        {"at.csq@\"CSQ\"=fail", "........"},
        {"at.csq@1=fail",       "........"},
        {"at.csq@0%=fail",      "........"},
        {"at.csq~1=fail",       "x......."},
        {"at.csq~1#3*0=fail",   "..xxxxxx"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault_plan *plan = plan_with(rows[i].text);

        assert_string_equal(strikes(plan, 8), rows[i].marks);
        fault_plan_free(plan);
    }
}

static void test_the_effect_carries_action_argument_and_text(void **state)
{
    struct fault_plan *plan = plan_with("at.csq=fail:10");
    struct fault_effect effect = pass_command(plan, "csq");

    assert_int_equal(effect.action, FAULT_FAIL);
    assert_int_equal(effect.code, 10);
    assert_string_equal(effect.text, "at.csq=fail:10");
    fault_plan_free(plan);

    plan = plan_with("at.cgatt=delay:1.5s");
    effect = pass_command(plan, "cgatt");
    assert_int_equal(effect.action, FAULT_DELAY);
    assert_int_equal(effect.duration_us, 1500000);
    fault_plan_free(plan);

    plan = plan_with("urc=power_cut:garbled");
    effect = pass_urc(plan, "RDY");
    assert_int_equal(effect.action, FAULT_POWER_CUT);
    assert_int_equal(effect.policy, CUT_GARBLED);
    fault_plan_free(plan);

    plan = plan_with("urc=power_cut");
    assert_int_equal(pass_urc(plan, "RDY").policy, CUT_LOST);
    fault_plan_free(plan);
}

static void test_only_hits_that_satisfy_the_other_triggers_are_counted(void **state)
{
    struct fault_plan *plan = plan_with("urc@\"CEREG\"#2=lost");

    assert_int_equal(pass_urc(plan, "+CEREG: 2").action, FAULT_NONE);
    assert_int_equal(pass_urc(plan, "+IP: 10.0.0.1").action, FAULT_NONE);
    assert_int_equal(pass_urc(plan, "RDY").action, FAULT_NONE);
    assert_int_equal(pass_urc(plan, "+CEREG: 1").action, FAULT_LOST);
    assert_int_equal(pass_urc(plan, "+CEREG: 1").action, FAULT_NONE);
    fault_plan_free(plan);

    plan = plan_with("at.csq#2=fail");
    pass_command(plan, "csq");
    assert_int_equal(pass_command(plan, "cgatt").action, FAULT_NONE);
    assert_int_equal(pass_command(plan, "csq").action, FAULT_FAIL);
    fault_plan_free(plan);
}

static void test_a_percentage_strikes_when_it_is_reached_or_jumped_over(void **state)
{
    struct fault_plan *plan = plan_with("bc26.fota.update@37%=power_cut");

    assert_int_equal(pass_update(plan, 36), FAULT_NONE);
    assert_int_equal(pass_update(plan, 37), FAULT_POWER_CUT);
    assert_int_equal(pass_update(plan, 37), FAULT_NONE);
    fault_plan_free(plan);

    plan = plan_with("bc26.fota.update@37%=power_cut");
    assert_int_equal(pass_update(plan, 10), FAULT_NONE);
    assert_int_equal(pass_update(plan, 57), FAULT_POWER_CUT);
    fault_plan_free(plan);
}

static void test_a_write_without_a_phase_is_struck_before_it(void **state)
{
    static const struct {
        const char *text;
        enum fault_phase phase;
    } rows[] = {
        {"flash.program#2=power_cut",        FAULT_BEFORE},
        {"flash.program#2/before=power_cut", FAULT_BEFORE},
        {"flash.program/mid#2=power_cut",    FAULT_MID   },
        {"flash.program#2/after=power_cut",  FAULT_AFTER },
        {"flash.program@1/after=power_cut",  FAULT_AFTER },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault_plan *plan = plan_with(rows[i].text);

        for (uint64_t page = 0; page < 3; page++) {
            for (enum fault_phase phase = FAULT_BEFORE; phase <= FAULT_AFTER; phase++) {
                bool is_place = page == 1 && phase == rows[i].phase;

                assert_int_equal(pass_write(plan, page, phase),
                                 is_place ? FAULT_POWER_CUT : FAULT_NONE);
            }
        }
        fault_plan_free(plan);
    }
}

static void test_the_first_armed_wins_and_the_other_counts_the_hit(void **state)
{
    static const char *const texts[] = {"at.csq#2=fail:1", "at.csq#2*2=fail:2", "at.*=fail:3"};
    struct fault_plan *plan = plan_of(1, texts, ARRAY_LEN(texts));
    static const long long codes[] = {3, 1, 2, 0};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        assert_int_equal(pass_command(plan, "csq").code, codes[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(fault_plan_status(plan, i).fired, 1);
    fault_plan_free(plan);
}

static void test_faults_without_a_number_queue_up(void **state)
{
    static const char *const texts[] = {"at.csq=fail:1", "at.csq=fail:2"};
    struct fault_plan *plan = plan_of(1, texts, ARRAY_LEN(texts));

    assert_int_equal(pass_command(plan, "csq").code, 1);
    assert_int_equal(pass_command(plan, "csq").code, 2);
    assert_int_equal(pass_command(plan, "csq").action, FAULT_NONE);
    fault_plan_free(plan);
}

static void test_lots_come_from_the_seed_and_the_text_alone(void **state)
{
    static const char *const pair[] = {"at.csq~0.5*0=fail:1", "at.csq~0.25*0=fail:2"};
    struct fault_plan *plan = plan_of(5, pair + 1, 1);
    char alone[1001];
    size_t count = 0;

    snprintf(alone, sizeof(alone), "%s", strikes(plan, 1000));
    for (const char *p = alone; *p; p++)
        count += *p == 'x';
    assert_in_range(count, 180, 320); /* a quarter of 1000, within five deviations */
    fault_plan_free(plan);

    plan = plan_of(5, pair + 1, 1);
    assert_string_equal(strikes(plan, 1000), alone);
    fault_plan_free(plan);

    /* Another fault at the same place takes hits away, but shifts none. */
    plan = plan_of(5, pair, 2);
    for (size_t i = 0; i < 1000; i++) {
        if (pass_command(plan, "csq").code == 2)
            assert_int_equal(alone[i], 'x');
    }
    assert_true(fault_plan_status(plan, 1).fired > 50);
    fault_plan_free(plan);

    plan = plan_of(6, pair + 1, 1);
    assert_string_not_equal(strikes(plan, 1000), alone);
    fault_plan_free(plan);
}

static void test_a_firing_is_a_trace_record_with_its_time(void **state)
{
    struct clock clock;
    struct trace *trace;
    struct rng seed;
    struct fault_plan *plan;
    struct buf line = {0};

    clock_init(&clock, CLOCK_MANUAL, 1);
    trace = trace_new(&clock);
    rng_init(&seed, 1);
    plan = fault_plan_new(&seed, trace, "m7");
    assert_int_equal(fault_plan_add(plan, "at.csq*2=fail:10", NULL, NULL), 0);
    assert_int_equal(fault_plan_add(plan, "urc*0=delay:1s", NULL, NULL), 0);
    assert_string_equal(fault_plan_unfired(plan), "at.csq*2=fail:10");

    clock_advance(&clock, 1250000);
    pass_command(plan, "csq");
    assert_string_equal(fault_plan_unfired(plan), "urc*0=delay:1s");
    clock_advance(&clock, 1000000);
    pass_command(plan, "csq");
    pass_command(plan, "csq");
    pass_urc(plan, "RDY");
    assert_null(fault_plan_unfired(plan));

    assert_int_equal(fault_plan_status(plan, 0).fired, 2);
    assert_int_equal(fault_plan_status(plan, 0).wanted, 2);
    assert_int_equal(fault_plan_status(plan, 0).first_t_us, 1250000);
    assert_int_equal(fault_plan_status(plan, 1).wanted, 0);
    assert_int_equal(trace_next(trace), 3);
    for (uint64_t seq = 0; seq < 3; seq++) {
        assert_int_equal(trace_get(trace, seq)->kind, TRACE_FAULT);
        assert_string_equal(trace_get(trace, seq)->who, "m7");
        buf_printf(&line, "%s\n", trace_get(trace, seq)->data);
    }
    assert_string_equal(buf_text(&line), "at.csq*2=fail:10 (fired 1 of 2)\n"
                                         "at.csq*2=fail:10 (fired 2 of 2)\n"
                                         "urc*0=delay:1s (fired 1 of any number)\n");
    buf_deinit(&line);
    fault_plan_free(plan);
    trace_free(trace);
    clock_deinit(&clock);
}

static void test_clear_disarms_and_no_plan_is_no_fault(void **state)
{
    struct fault_plan *plan = plan_with("at.csq*0=fail");

    fault_plan_clear(plan);
    assert_int_equal(fault_plan_count(plan), 0);
    assert_null(fault_plan_unfired(plan));
    assert_string_equal(strikes(plan, 3), "...");
    assert_string_equal(strikes(NULL, 3), "...");
    fault_plan_free(plan);
    fault_plan_free(NULL);

    plan = plan_with("reboot=hang");
    assert_int_equal(fault_step(plan, &fault_points[FAULT_POINT_REBOOT], NULL).action, FAULT_HANG);
    fault_plan_free(plan);
}

static void test_every_point_has_a_name_and_a_sentence(void **state)
{
    for (size_t i = 0; i < FAULT_POINT_COUNT; i++) {
        assert_true(strlen(fault_points[i].name) > 0);
        assert_true(strlen(fault_points[i].doc) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(fault_points[i].name, fault_points[j].name);
    }
    assert_string_equal(fault_class_name(fault_points[FAULT_POINT_LINE_RX].point_class), "BYTES");
    assert_string_equal(fault_class_name(fault_points[FAULT_POINT_NV_COMMIT].point_class), "WRITE");
    assert_string_equal(fault_class_name(fault_points[FAULT_POINT_REBOOT].point_class), "STEP");
    assert_string_equal(fault_action_name(FAULT_RESET_LINK), "reset_link");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fault_strikes_once_unless_told_otherwise),
        cmocka_unit_test(test_the_effect_carries_action_argument_and_text),
        cmocka_unit_test(test_only_hits_that_satisfy_the_other_triggers_are_counted),
        cmocka_unit_test(test_a_percentage_strikes_when_it_is_reached_or_jumped_over),
        cmocka_unit_test(test_a_write_without_a_phase_is_struck_before_it),
        cmocka_unit_test(test_the_first_armed_wins_and_the_other_counts_the_hit),
        cmocka_unit_test(test_faults_without_a_number_queue_up),
        cmocka_unit_test(test_lots_come_from_the_seed_and_the_text_alone),
        cmocka_unit_test(test_a_firing_is_a_trace_record_with_its_time),
        cmocka_unit_test(test_clear_disarms_and_no_plan_is_no_fault),
        cmocka_unit_test(test_every_point_has_a_name_and_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
