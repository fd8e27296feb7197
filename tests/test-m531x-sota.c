/*
 * The upgrade of the host behind an M531x, end to end with the platform, and with the module's
 * power taken away at every write and step on the way.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/nv.h"
#include "tests/m531x-bench.h"
#include "tests/test.h"

#define ENOUGH_S 600

static void assert_state(struct m531x_bench *bench, enum onenet_task_state state)
{
    if (!m531x_bench_until(bench, state, ENOUGH_S))
        m531x_bench_fail(bench, onenet_task_state_name(state));
}

/* The end of a good upgrade, whatever came before. */
static void assert_upgraded(struct m531x_bench *bench)
{
    assert_state(bench, ONENET_SUCCEEDED);
    assert_string_equal(bench->host.version, M531X_NEW);
    assert_memory_equal(bench->host.image, bench->package, M531X_IMAGE_SIZE);
    m531x_bench_run(bench, 2);
    assert_string_equal(modem_fota_state(bench->rig.modem), "idle");
    assert_int_equal(nv_int(bench->rig.modem->nv, "sota.mcu", -1), 0);
    assert_int_equal(nv_int(bench->rig.modem->nv, "sota.saved", -1), 0);
}

static void test_upgrade_needs_one_attempt_and_each_block_once(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    assert_int_equal(bench.host.blocks, 3);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    assert_int_equal(m531x_bench_task(&bench).from_byte, 0);
    m531x_bench_deinit(&bench);
}

static void test_device_that_runs_the_target_is_left_alone(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    snprintf(bench.host.version, sizeof(bench.host.version), "%s", M531X_NEW);
    m531x_bench_start(&bench);
    assert_state(&bench, ONENET_SUCCEEDED);
    assert_int_equal(bench.host.blocks, 0);
    m531x_bench_deinit(&bench);
}

static void test_download_goes_on_where_the_host_stands(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    m531x_bench_arm(&bench, "m531x.sota.block#3=power_cut");
    assert_upgraded(&bench);
    assert_int_equal(bench.cuts, 1);
    assert_int_equal(m531x_bench_task(&bench).from_byte, 2048);
    assert_int_equal(bench.host.blocks, 3);
    m531x_bench_deinit(&bench);
}

static void test_quirk_no_resume_begins_at_byte_0_again(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    rig_quirk(&bench.rig, "no-resume");
    m531x_bench_start(&bench);
    m531x_bench_arm(&bench, "m531x.sota.block#3=power_cut");
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).from_byte, 0);
    assert_int_equal(bench.host.blocks, 5);
    m531x_bench_deinit(&bench);
}

static void test_host_that_restarts_in_the_download_goes_on(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    while (bench.host.blocks < 2)
        m531x_bench_run(&bench, 1);
    m531x_host_restart(&bench);
    assert_upgraded(&bench);
    assert_int_equal(bench.host.blocks, 3);
    m531x_bench_deinit(&bench);
}

static void test_host_that_does_not_answer_costs_attempts_and_then_the_task(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    bench.host.stays_silent = true;
    m531x_bench_start(&bench);
    assert_state(&bench, ONENET_FAILED);
    assert_int_equal(m531x_bench_task(&bench).failures, 5);
    /* The module tells the platform after callback_timeout. */
    assert_string_equal(m531x_bench_task(&bench).reason,
                        "reading the free storage: the answer is 5.00");
    m531x_bench_deinit(&bench);
}

static void test_block_that_the_host_can_not_write_costs_an_attempt(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    bench.host.fails_writes = true;
    m531x_bench_start(&bench);
    m531x_bench_run(&bench, 15);
    assert_string_equal(m531x_bench_task(&bench).reason, "sending the package: the answer is 5.00");
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 1);
    m531x_bench_deinit(&bench);
}

static void test_flash_that_can_not_be_erased_costs_an_attempt(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    bench.host.fails_erase = true;
    m531x_bench_start(&bench);
    m531x_bench_run(&bench, 15);
    assert_string_equal(m531x_bench_task(&bench).reason,
                        "beginning the download: the answer is 5.00");
    assert_upgraded(&bench);
    m531x_bench_deinit(&bench);
}

static void test_damaged_image_is_sent_again(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    onenet_habits(bench.onenet)->corrupts_block = 2;
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 1);
    assert_true(
        m531x_bench_knows(&bench, "the device runs the old version: integrity check failed"));
    assert_int_equal(bench.host.blocks, 6);
    m531x_bench_deinit(&bench);
}

static void test_block_that_is_skipped_ends_the_download_with_event_41(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    onenet_habits(bench.onenet)->skips_block = 2;
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,41"));
    assert_int_equal(m531x_bench_task(&bench).failures, 1);
    m531x_bench_deinit(&bench);
}

static void test_block_that_is_repeated_reaches_the_host_once(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    onenet_habits(bench.onenet)->repeats_block = 2;
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    assert_int_equal(bench.host.blocks, 3);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    m531x_bench_deinit(&bench);
}

static void test_low_battery_makes_the_task_wait(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    bench.host.battery = 20;
    m531x_bench_start(&bench);
    m531x_bench_run(&bench, 60);
    assert_int_equal(m531x_bench_task(&bench).state, ONENET_WAITING);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    assert_int_equal(bench.host.blocks, 0);
    bench.host.battery = 50;
    assert_upgraded(&bench);
    m531x_bench_deinit(&bench);
}

static void test_battery_that_falls_during_the_download_stops_the_installation(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    while (bench.host.blocks < 2)
        m531x_bench_run(&bench, 1);
    bench.host.battery = 10;
    m531x_bench_run(&bench, 30);
    assert_string_equal(bench.host.version, M531X_OLD);
    assert_int_equal(m531x_bench_task(&bench).state, ONENET_WAITING);
    bench.host.battery = 90;
    assert_upgraded(&bench);
    assert_int_equal(bench.host.blocks, 3);
    m531x_bench_deinit(&bench);
}

static void test_loss_of_the_network_is_bridged_by_repetition(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    while (bench.host.blocks < 1)
        m531x_bench_run(&bench, 1);
    assert_int_equal(modem_set_network(bench.rig.modem, "none"), 0);
    m531x_bench_run(&bench, 10);
    assert_int_equal(modem_set_network(bench.rig.modem, "home"), 0);
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    m531x_bench_deinit(&bench);
}

static void test_platform_that_is_down_gives_event_3_and_the_task_runs_later(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    onenet_habits(bench.onenet)->silent = true;
    m531x_bench_start(&bench);
    m531x_bench_run(&bench, 60);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,3"));
    onenet_habits(bench.onenet)->silent = false;
    assert_upgraded(&bench);
    m531x_bench_deinit(&bench);
}

static void test_lifetime_is_over_without_an_update(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    rig_option(&bench.rig, "update_need", "0");
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    m531x_bench_run(&bench, 610);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,9"));
    m531x_bench_deinit(&bench);
}

static void test_update_is_asked_for_before_the_lifetime_is_over(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    m531x_bench_run(&bench, 1300);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,14,60"));
    assert_false(m531x_bench_knows(&bench, "+MIPLEVENT:0,9"));
    m531x_bench_deinit(&bench);
}

static void test_update_that_is_not_answered_is_event_13(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    m531x_bench_start(&bench);
    assert_upgraded(&bench);
    onenet_habits(bench.onenet)->silent = true;
    rig_send(&bench.rig, "AT+MIPLUPDATE=0,0,0\r", strlen("AT+MIPLUPDATE=0,0,0\r"));
    m531x_bench_run(&bench, 31);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,13"));
    m531x_bench_deinit(&bench);
}

/* ---- power ---- */

static void test_power_cut_at_every_commit_of_settings(void **state)
{
    static const char *const phases[] = {"/before", "/mid", "/after"};
    static const char *const actions[] = {"power_cut", "power_cut:torn", "power_cut:done"};

    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        for (size_t j = 0; j < ARRAY_LEN(actions); j++)
            assert_true(m531x_bench_sweep(m531x_bench_start, assert_upgraded, "nv.commit",
                                          phases[i], actions[j]) >= 7);
    }
}

static void test_settings_that_are_lost_in_a_cut_cost_an_attempt_only(void **state)
{
    assert_true(m531x_bench_sweep(m531x_bench_start, assert_upgraded, "nv.commit", "/mid",
                                  "power_cut:garbled") >= 7);
}

static void test_power_cut_and_reset_at_every_step(void **state)
{
    static const char *const points[] = {
        "m531x.mipl.register", "m531x.mipl.answer", "m531x.sota.erased", "m531x.sota.block",
        "m531x.sota.written",  "m531x.sota.update", "m531x.sota.close",  "boot.step",
    };

    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        assert_true(
            m531x_bench_sweep(m531x_bench_start, assert_upgraded, points[i], "", "power_cut") >= 1);
        assert_true(m531x_bench_sweep(m531x_bench_start, assert_upgraded, points[i], "", "reset") >=
                    1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade_needs_one_attempt_and_each_block_once),
        cmocka_unit_test(test_device_that_runs_the_target_is_left_alone),
        cmocka_unit_test(test_download_goes_on_where_the_host_stands),
        cmocka_unit_test(test_quirk_no_resume_begins_at_byte_0_again),
        cmocka_unit_test(test_host_that_restarts_in_the_download_goes_on),
        cmocka_unit_test(test_host_that_does_not_answer_costs_attempts_and_then_the_task),
        cmocka_unit_test(test_block_that_the_host_can_not_write_costs_an_attempt),
        cmocka_unit_test(test_flash_that_can_not_be_erased_costs_an_attempt),
        cmocka_unit_test(test_damaged_image_is_sent_again),
        cmocka_unit_test(test_block_that_is_skipped_ends_the_download_with_event_41),
        cmocka_unit_test(test_block_that_is_repeated_reaches_the_host_once),
        cmocka_unit_test(test_low_battery_makes_the_task_wait),
        cmocka_unit_test(test_battery_that_falls_during_the_download_stops_the_installation),
        cmocka_unit_test(test_loss_of_the_network_is_bridged_by_repetition),
        cmocka_unit_test(test_platform_that_is_down_gives_event_3_and_the_task_runs_later),
        cmocka_unit_test(test_lifetime_is_over_without_an_update),
        cmocka_unit_test(test_update_is_asked_for_before_the_lifetime_is_over),
        cmocka_unit_test(test_update_that_is_not_answered_is_event_13),
        cmocka_unit_test(test_power_cut_at_every_commit_of_settings),
        cmocka_unit_test(test_settings_that_are_lost_in_a_cut_cost_an_attempt_only),
        cmocka_unit_test(test_power_cut_and_reset_at_every_step),
    };

    return cmocka_run_group_tests_name("m531x-sota", tests, NULL, NULL);
}
