/*
 * The upgrade of an M531x itself by the platform, end to end, and with its power taken away at
 * every write and step on the way. The host only registers again.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/nv.h"
#include "sim/modem/package.h"
#include "tests/m531x-bench.h"
#include "tests/test.h"

#define OLD          "M5311_S04"
#define NEW          "M5311_S05"
#define PACKAGE_SIZE 9000
#define ENOUGH_S     1200

static void add_task(struct m531x_bench *bench, const char *dialect, const char *from,
                     unsigned tries)
{
    struct buf package = {0};
    struct onenet_task_spec spec = {
        .target = NEW, .lowest_battery = 50, .of_module = true, .tries = tries};

    assert_int_equal(package_make(dialect, from, NEW, PACKAGE_SIZE, &package, NULL), 0);
    spec.package = package.data;
    spec.len = package.len;
    bench->task = onenet_add_task(bench->onenet, &spec, NULL);
    buf_deinit(&package);
}

static void start(struct m531x_bench *bench)
{
    rig_option(&bench->rig, "fota_update_time", "5s");
    add_task(bench, "m531x", OLD, 0);
    rig_start(&bench->rig);
}

static void assert_state(struct m531x_bench *bench, enum onenet_task_state state)
{
    if (!m531x_bench_until(bench, state, ENOUGH_S))
        m531x_bench_fail(bench, onenet_task_state_name(state));
}

/* The end of a good upgrade, whatever came before; a mixture would not have booted. */
static void assert_upgraded(struct m531x_bench *bench)
{
    assert_state(bench, ONENET_SUCCEEDED);
    m531x_bench_run(bench, 30); /* what is left to be told */
    if (strcmp(bench->rig.modem->firmware, NEW) != 0)
        m531x_bench_fail(bench, bench->rig.modem->firmware);
    assert_string_equal(modem_fota_state(bench->rig.modem), "idle");
    assert_int_equal(nv_int(bench->rig.modem->nv, "sota.state", -1), 0);
    assert_int_equal(nv_int(bench->rig.modem->nv, "fota.over", 0), 0);
    assert_string_equal(bench->host.version, M531X_OLD);
}

/* Settings that are lost take the choice of the firmware with them: the factory's runs again. */
static void assert_old_or_new(struct m531x_bench *bench)
{
    assert_state(bench, ONENET_SUCCEEDED);
    m531x_bench_run(bench, 30);
    if (strcmp(bench->rig.modem->firmware, NEW) != 0)
        assert_string_equal(bench->rig.modem->firmware, OLD);
}

static void test_upgrade_needs_one_attempt_and_nothing_of_the_host(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    start(&bench);
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    assert_int_equal(bench.host.blocks, 0);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,46"));
    m531x_bench_deinit(&bench);
}

static void test_module_that_runs_the_target_is_left_alone(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    rig_option(&bench.rig, "firmware", NEW);
    start(&bench);
    assert_state(&bench, ONENET_SUCCEEDED);
    assert_false(m531x_bench_knows(&bench, "+MIPLEVENT:0,40"));
    m531x_bench_deinit(&bench);
}

static void test_firmware_comes_although_the_host_told_no_version(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    bench.host.version[0] = '\0'; /* +MIPLSOTAVER="" is refused */
    start(&bench);
    assert_state(&bench, ONENET_SUCCEEDED);
    assert_true(m531x_bench_knows(&bench, "with no objects"));
    m531x_bench_deinit(&bench);
}

static void test_software_of_the_host_and_firmware_of_the_module_follow_each_other(void **state)
{
    struct m531x_bench bench;
    int software;

    m531x_bench_init(&bench);
    rig_option(&bench.rig, "fota_update_time", "5s");
    m531x_bench_start(&bench);
    software = bench.task;
    add_task(&bench, "m531x", OLD, 0);
    while (bench.host.blocks < 2)
        m531x_bench_run(&bench, 1);
    onenet_cancel_task(bench.onenet, software); /* the firmware object still serves the host */
    m531x_host_restart(&bench);
    assert_upgraded(&bench);
    assert_int_equal(bench.host.state, 0);
    m531x_bench_deinit(&bench);
}

static void test_download_goes_on_at_the_last_whole_page(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    start(&bench);
    m531x_bench_arm(&bench, "m531x.fota.block#7=power_cut");
    assert_upgraded(&bench);
    assert_int_equal(bench.cuts, 1);
    assert_int_equal(m531x_bench_task(&bench).from_byte, 4096);
    m531x_bench_deinit(&bench);
}

static void test_quirk_no_resume_begins_at_byte_0_again(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    rig_quirk(&bench.rig, "no-resume");
    start(&bench);
    m531x_bench_arm(&bench, "m531x.fota.block#7=power_cut");
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).from_byte, 0);
    m531x_bench_deinit(&bench);
}

static void test_flash_that_can_not_be_erased_is_told_by_event_49_where_that_exists(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    rig_quirk(&bench.rig, "fota-events-full");
    start(&bench);
    m531x_bench_arm(&bench, "m531x.fota.erase=fail");
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 1);
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,49"));
    assert_true(m531x_bench_knows(&bench, "+MIPLEVENT:0,41"));
    m531x_bench_deinit(&bench);
}

static void test_repeated_block_is_stored_once(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    onenet_habits(bench.onenet)->repeats_block = 3;
    start(&bench);
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 0);
    m531x_bench_deinit(&bench);
}

static void test_module_that_lies_is_found_out_by_its_version(void **state)
{
    struct m531x_bench bench;

    m531x_bench_init(&bench);
    start(&bench);
    m531x_bench_arm(&bench, "fota.result=lie");
    assert_upgraded(&bench);
    assert_int_equal(m531x_bench_task(&bench).failures, 1);
    assert_true(m531x_bench_knows(&bench, "the device runs the old version: success"));
    m531x_bench_deinit(&bench);
}

/* ---- power ---- */

static void test_power_cut_in_every_write_of_the_flash(void **state)
{
    static const char *const points[] = {"flash.erase", "flash.program"};
    static const char *const actions[] = {"power_cut", "power_cut:torn", "power_cut:garbled"};

    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        for (size_t j = 0; j < ARRAY_LEN(actions); j++)
            assert_true(m531x_bench_sweep(start, assert_upgraded, points[i], "/mid", actions[j]) >=
                        6);
    }
}

static void test_power_cut_at_every_commit_of_settings(void **state)
{
    static const char *const phases[] = {"/before", "/mid", "/after"};
    static const char *const actions[] = {"power_cut", "power_cut:torn", "power_cut:done"};

    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        for (size_t j = 0; j < ARRAY_LEN(actions); j++)
            assert_true(
                m531x_bench_sweep(start, assert_upgraded, "nv.commit", phases[i], actions[j]) >= 7);
    }
    assert_true(
        m531x_bench_sweep(start, assert_old_or_new, "nv.commit", "/mid", "power_cut:garbled") >= 7);
}

static void test_power_cut_and_reset_at_every_step(void **state)
{
    static const char *const points[] = {
        "m531x.fota.erase",  "m531x.fota.block", "m531x.fota.check",
        "m531x.fota.update", "m531x.fota.flash", "m531x.fota.switch",
        "m531x.fota.report", "boot.step",        "reboot",
    };

    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        assert_true(m531x_bench_sweep(start, assert_upgraded, points[i], "", "power_cut") >= 1);
        assert_true(m531x_bench_sweep(start, assert_upgraded, points[i], "", "reset") >= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade_needs_one_attempt_and_nothing_of_the_host),
        cmocka_unit_test(test_module_that_runs_the_target_is_left_alone),
        cmocka_unit_test(test_firmware_comes_although_the_host_told_no_version),
        cmocka_unit_test(test_software_of_the_host_and_firmware_of_the_module_follow_each_other),
        cmocka_unit_test(test_download_goes_on_at_the_last_whole_page),
        cmocka_unit_test(test_quirk_no_resume_begins_at_byte_0_again),
        cmocka_unit_test(test_flash_that_can_not_be_erased_is_told_by_event_49_where_that_exists),
        cmocka_unit_test(test_repeated_block_is_stored_once),
        cmocka_unit_test(test_module_that_lies_is_found_out_by_its_version),
        cmocka_unit_test(test_power_cut_in_every_write_of_the_flash),
        cmocka_unit_test(test_power_cut_at_every_commit_of_settings),
        cmocka_unit_test(test_power_cut_and_reset_at_every_step),
    };

    return cmocka_run_group_tests_name("m531x-fota", tests, NULL, NULL);
}
