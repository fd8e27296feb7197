/*
 * Faults at the points of a download, and what the owner of the download sees of them.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include "sim/base/mem.h"
#include "tests/download-bench.h"

static void test_body_faults_change_bytes_at_offsets_of_the_file(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.body@5000=flip:0");
    bench_run(&bench, (struct download_options){.from_byte = 4000});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.got.len, FILE_BYTES - 4000);
    assert_int_equal((uint8_t)bench.got.data[1000], bench.file[5000] ^ 1);
    bench.got.data[1000] ^= 1;
    bench_assert_got(&bench, 4000, FILE_BYTES - 4000);
    assert_null(fault_plan_unfired(bench.plan));
    bench_deinit(&bench);
}

static void test_a_stalled_body_goes_on(void **state)
{
    struct bench bench;

    bench_init(&bench, MANUAL);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.body@1000=stall:20s");
    bench_start(&bench, (struct download_options){.silence_us = 60000000});
    bench_turn_until(&bench, &bench.chunks, 2);
    bench_assert_got(&bench, 0, 1001);
    bench_advance(&bench, 19999999);
    assert_int_equal(bench.chunks, 2);
    bench_advance(&bench, 1);
    bench_turn_until(&bench, &bench.ended, 1);
    assert_int_equal(bench.result, DOWNLOAD_OK);
    bench_assert_got(&bench, 0, FILE_BYTES);
    bench_deinit(&bench);
}

static void test_a_body_stalled_for_too_long_times_out(void **state)
{
    struct bench bench;

    bench_init(&bench, MANUAL);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.body@1000=stall:90s");
    bench_start(&bench, (struct download_options){.silence_us = 60000000});
    bench_turn_until(&bench, &bench.chunks, 2);
    bench_advance(&bench, 59999999);
    assert_int_equal(bench.ended, 0);
    bench_advance(&bench, 1);
    assert_int_equal(bench.ended, 1);
    assert_int_equal(bench.result, DOWNLOAD_TIMEOUT);
    bench_assert_got(&bench, 0, 1001);
    bench_deinit(&bench);
}

static void test_a_reset_or_truncated_body_is_incomplete(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.body@50%=reset_link");
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    bench_assert_got(&bench, 0, FILE_BYTES / 2);
    fault_plan_clear(bench.plan);
    bench_arm(&bench, "download.body@4000=truncate");
    bench_publish(&bench, &(struct httpd_habit){.chunked = true});
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    bench_assert_got(&bench, 0, 4000);
    fault_plan_clear(bench.plan);
    bench_arm(&bench, "download.body@0=drop");
    bench_publish(&bench, NULL);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    bench_assert_got(&bench, 1, FILE_BYTES - 1);
    bench_deinit(&bench);
}

static void test_a_module_takes_no_more_than_was_announced(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.body@0=dup");
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.got.len, FILE_BYTES);
    assert_memory_equal(bench.got.data + 1, bench.file, FILE_BYTES - 1);
    bench_deinit(&bench);
}

static void test_a_power_cut_is_handed_to_the_owner(void **state)
{
    static const char *const faults[] = {"download.connect=power_cut", "download.head=power_cut",
                                         "download.body@700=power_cut"};
    static const size_t got[] = {0, 0, 701};
    struct bench bench;

    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        bench_init(&bench, FAST);
        bench_publish(&bench, NULL);
        bench_arm(&bench, faults[i]);
        bench_run(&bench, (struct download_options){0});
        bench_turn_for(&bench, 1000000);
        assert_int_equal(bench.faulted, 1);
        assert_int_equal(bench.action, FAULT_POWER_CUT);
        assert_int_equal(bench.ended, 0);
        bench_assert_got(&bench, 0, got[i]);
        bench_deinit(&bench);
    }
}

static void test_faults_before_the_body(void **state)
{
    struct bench bench;

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    bench_arm(&bench, "download.head=fail:404");
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_STATUS);
    assert_int_equal(bench.status, 404);
    fault_plan_clear(bench.plan);
    bench_arm(&bench, "download.connect=fail");
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_REFUSED);
    assert_int_equal(httpd_request_count(bench.httpd), 1);
    fault_plan_clear(bench.plan);
    bench_arm(&bench, "download.connect=reset_link");
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    fault_plan_clear(bench.plan);
    bench_arm(&bench, "download.connect=delay:5s");
    bench_arm(&bench, "download.head=delay:7s");
    bench_forget(&bench);
    {
        uint64_t start_us = clock_now_us(&bench.clock);

        bench_run(&bench, (struct download_options){0});
        assert_int_equal(bench.result, DOWNLOAD_OK);
        assert_true(bench.begin_us - start_us >= 12000000);
    }
    bench_assert_got(&bench, 0, FILE_BYTES);
    bench_deinit(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_faults_change_bytes_at_offsets_of_the_file),
        cmocka_unit_test(test_a_stalled_body_goes_on),
        cmocka_unit_test(test_a_body_stalled_for_too_long_times_out),
        cmocka_unit_test(test_a_reset_or_truncated_body_is_incomplete),
        cmocka_unit_test(test_a_module_takes_no_more_than_was_announced),
        cmocka_unit_test(test_a_power_cut_is_handed_to_the_owner),
        cmocka_unit_test(test_faults_before_the_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
