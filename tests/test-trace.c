/* SPDX-License-Identifier: MIT */
#include "sim/base/trace.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "tests/test.h"

struct stage {
    struct clock clock;
    struct trace *trace;
};

static struct stage stage;

static int set_up(void **state)
{
    clock_init(&stage.clock, CLOCK_MANUAL, 1);
    stage.trace = trace_new(&stage.clock);
    return 0;
}

static int tear_down(void **state)
{
    trace_free(stage.trace);
    clock_deinit(&stage.clock);
    return 0;
}

static void test_a_record_keeps_who_what_and_when(void **state)
{
    char who[] = "m0.uart2";
    const struct trace_record *record;

    clock_advance(&stage.clock, 1500);
    trace_add(stage.trace, TRACE_RX, who, "A\0T\r", 4);
    memset(who, '-', sizeof(who) - 1);
    trace_add(stage.trace, TRACE_NOTE, "", NULL, 0);
    record = trace_get(stage.trace, 0);
    assert_string_equal(record->who, "m0.uart2");
    assert_int_equal(record->len, 4);
    assert_memory_equal(record->data, "A\0T\r", 5); /* and its NUL */
    assert_int_equal(record->t_us, 1500);
    record = trace_get(stage.trace, 1);
    assert_string_equal(record->who, "");
    assert_string_equal(record->data, "");
    assert_int_equal(record->len, 0);
    assert_null(trace_get(stage.trace, 2));
}

static void test_formatted_records_have_any_length(void **state)
{
    char text[2000];

    for (size_t len = 0; len < sizeof(text); len += len < 300 ? 1 : 100) {
        const struct trace_record *record;

        memset(text, 'x', len);
        text[len] = '\0';
        trace_addf(stage.trace, TRACE_NOTE, "m0", "%s", text);
        record = trace_get(stage.trace, trace_next(stage.trace) - 1);
        assert_int_equal(record->len, len);
        assert_string_equal(record->data, text);
    }
}

static void test_progress_is_recorded_in_steps_that_a_curve_needs(void **state)
{
    const uint64_t total = 1000000, chunk = 512;
    uint64_t before = 0;

    while (before < total) {
        uint64_t now = before + chunk < total ? before + chunk : total;

        trace_add_progress(stage.trace, "m0", "download", before, now, total);
        before = now;
    }
    assert_in_range(trace_next(stage.trace), 50, 52);
    assert_string_equal(trace_get(stage.trace, 0)->data, "download 512/1000000");
    assert_string_equal(trace_get(stage.trace, trace_next(stage.trace) - 1)->data,
                        "download 1000000/1000000");
    assert_false(trace_is_news(stage.trace, trace_get(stage.trace, 0)));
}

static void test_progress_without_a_total_counts_bytes(void **state)
{
    for (uint64_t before = 0; before < 65536; before += 512)
        trace_add_progress(stage.trace, "m0", "download", before, before + 512, 0);
    assert_int_equal(trace_next(stage.trace), 17);
    assert_string_equal(trace_get(stage.trace, 16)->data, "download 65536");
}

static void test_the_older_half_makes_room_for_bytes(void **state)
{
    size_t size = TRACE_BYTES_MAX / 8;
    char *bytes = xcalloc(1, size);

    for (int i = 0; i < 9; i++)
        trace_add(stage.trace, TRACE_RX, "m0", bytes, size);
    assert_int_equal(trace_first(stage.trace), 4);
    assert_int_equal(trace_next(stage.trace), 9);
    assert_null(trace_get(stage.trace, 3));
    assert_int_equal(trace_get(stage.trace, 4)->seq, 4);
    free(bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_record_keeps_who_what_and_when),
        TEST(test_formatted_records_have_any_length),
        TEST(test_progress_is_recorded_in_steps_that_a_curve_needs),
        TEST(test_progress_without_a_total_counts_bytes),
        TEST(test_the_older_half_makes_room_for_bytes),
    };

    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
