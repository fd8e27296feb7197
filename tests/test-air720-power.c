/*
 * The Air720's power taken away at every write and at every step of an upgrade: it comes up with
 * the old firmware or the new one, and a host that asks again reaches the new one.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/trace.h"
#include "sim/modem/nv.h"
#include "tests/air720-bench.h"
#include "tests/power-sweep.h"
#include "tests/test.h"

#define ATTEMPTS_MAX 4

static void assert_safe(const struct air720_bench *b, const char *fault)
{
    const char *version = b->rig.modem->firmware;

    if (strcmp(version, OLD_VERSION) != 0 && strcmp(version, NEW_VERSION) != 0)
        fail_msg("%s: the firmware is \"%s\"", fault, version);
}

/* A patient host: after each boot it looks at the version and asks again for what is missing. */
static void bring_to_new_version(struct air720_bench *b, const char *fault)
{
    struct modem *modem = b->rig.modem;

    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (modem->power == MODEM_OFF)
            modem_power_on(modem);
        assert_safe(b, fault);
        if (!bench_wait_rest(b, "10m") || modem->power == MODEM_OFF)
            continue;
        assert_safe(b, fault);
        if (strcmp(modem->firmware, NEW_VERSION) == 0)
            return;
        bench_upgrade_from_service(b);
        bench_wait_rest(b, "10m");
    }
    trace_write_transcript(b->rig.trace, stderr);
    fail_msg("%s: the new version never ran", fault);
}

/* Return: whether the fault fired. */
static bool trial(const char *fault)
{
    struct air720_bench b;
    struct buf error = {0};
    bool fired;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
    bench_release(&b);
    bench_start(&b);
    if (modem_fault(b.rig.modem, fault, &error) < 0)
        fail_msg("%s", buf_text(&error));
    bench_upgrade_from_service(&b);
    bench_wait_rest(&b, "10m");
    fired = !fault_plan_unfired(b.rig.modem->plan);
    bring_to_new_version(&b, fault);
    /* The service learns of it, however often the module had to begin. */
    assert_true(bench_report_count(&b) >= 1);
    assert_int_equal(nv_int(b.rig.modem->nv, "fota.flashing", 0), 0);
    assert_string_equal(nv_text(b.rig.modem->nv, "fota.told", ""), NEW_VERSION);
    bench_deinit(&b);
    return fired;
}

static void test_power_cut_at_every_flash_write(void **state)
{
    power_sweep_flash(trial);
}

static void test_power_cut_at_every_commit_of_settings(void **state)
{
    power_sweep_settings(trial);
}

static void test_power_cut_and_reset_at_every_step(void **state)
{
    power_sweep(trial, "boot.step", "=power_cut");
    power_sweep(trial, "reboot", "=power_cut");
    power_sweep(trial, "download.connect", "=power_cut");
    power_sweep(trial, "download.head", "=reset");
    power_sweep(trial, "air720.fota.query", "=reset");
    power_sweep(trial, "air720.fota.store", "=power_cut");
    power_sweep(trial, "air720.fota.reboot", "=power_cut");
    power_sweep(trial, "air720.fota.switch", "=power_cut");
    power_sweep(trial, "air720.fota.version", "=power_cut");
    power_sweep(trial, "air720.fota.report", "=reset");
}

static void test_power_cut_at_every_tenth_of_download_and_flashing(void **state)
{
    char fault[96];

    for (int percent = 10; percent <= 100; percent += 10) {
        snprintf(fault, sizeof(fault), "air720.fota.download@%d%%=power_cut", percent);
        assert_true(trial(fault));
        snprintf(fault, sizeof(fault), "air720.fota.flash@%d%%=power_cut", percent);
        assert_true(trial(fault));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_cut_at_every_flash_write),
        cmocka_unit_test(test_power_cut_at_every_commit_of_settings),
        cmocka_unit_test(test_power_cut_and_reset_at_every_step),
        cmocka_unit_test(test_power_cut_at_every_tenth_of_download_and_flashing),
    };

    return cmocka_run_group_tests_name("air720-power", tests, NULL, NULL);
}
