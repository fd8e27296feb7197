/*
 * The MT5700M without power: what each state leaves behind (S 5; sheet 4.7), and power taken away
 * at every write and step of an upgrade: old firmware or new, never a mixture, and always a way to
 * the new one. SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "tests/mt5700-bench.h"
#include "tests/power-sweep.h"
#include "tests/test.h"

#define SIZE         60000 /* of the single cuts */
#define SWEEP_SIZE   20000 /* five flash pages are swept as well as fifteen */
#define ATTEMPTS_MAX 5

static void begin(struct mt_bench *b)
{
    mt_init(b);
    mt_publish(b, MT_NEW, SIZE, NULL);
}

static void cut_and_boot(struct mt_bench *b)
{
    modem_cut(b->rig.modem, CUT_LOST);
    mt_power_on(b);
}

static void finish(struct mt_bench *b)
{
    mt_wait(b, "^FOTASTATE: 40\r\n");
    mt_upgrade(b);
    assert_string_equal(b->rig.modem->firmware, MT_NEW);
}

static void cut_while_downloading(struct mt_bench *b, const char *mode)
{
    mt_start(b);
    mt_ask(b, mode, "\r\nOK\r\n");
    mt_arm(b, "download.body@80%=power_cut");
    mt_query(b);
    mt_wait(b, "^FOTASTATE: 30\r\n");
    mt_wait_power(b, MODEM_OFF);
    rig_heard(&b->rig);
    mt_power_on(b);
}

static void test_power_lost_in_30_leads_to_31_and_resumes(void **state)
{
    struct mt_bench b;

    begin(&b);
    cut_while_downloading(&b, "AT^FOTAMODE=0,1,0,1");
    mt_ask(&b, "AT^FOTASTATE?", "^FOTASTATE: 31\r\n");
    mt_ask(&b, "AT^FOTADLQ", "^FOTADLQ: 0,\"FIRMWARE1\",32768,60000\r\n");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 12," MT_NEW);
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    assert_string_equal(httpd_request(b.httpd, httpd_request_count(b.httpd) - 1).range,
                        "bytes=32768-");
    finish(&b);
    mt_deinit(&b);
}

static void test_power_lost_in_30_without_resume_leads_to_10(void **state)
{
    struct mt_bench b;

    begin(&b);
    cut_while_downloading(&b, "AT^FOTAMODE=0,1,0,0");
    mt_ask(&b, "AT^FOTASTATE?", "^FOTASTATE: 10\r\n");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    assert_null(httpd_request(b.httpd, httpd_request_count(b.httpd) - 1).range);
    finish(&b);
    mt_deinit(&b);
}

static void test_power_lost_in_12_leads_to_10(void **state)
{
    struct mt_bench b;

    begin(&b);
    mt_start(&b);
    mt_ask(&b, "AT^FOTAMODE=0,0,0,1", "\r\nOK\r\n");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 12,");
    cut_and_boot(&b);
    mt_ask(&b, "AT^FOTASTATE?", "^FOTASTATE: 10\r\n");
    mt_ask(&b, "AT^FOTAMODE?", "^FOTAMODE: 0,0,0,1\r\n"); /* kept, since S names only SSL */
    mt_deinit(&b);
}

static void test_power_lost_in_40_keeps_the_package(void **state)
{
    struct mt_bench b;

    begin(&b);
    mt_start(&b);
    mt_download(&b);
    cut_and_boot(&b);
    mt_ask(&b, "AT^FOTASTATE?", "^FOTASTATE: 40\r\n");
    mt_ask(&b, "AT^FOTADLQ", ",60000,60000\r\n");
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_power_lost_in_50_before_the_reset_leads_back_to_40(void **state)
{
    struct mt_bench b;

    begin(&b);
    mt_start(&b);
    mt_download(&b);
    mt_ask(&b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    cut_and_boot(&b);
    mt_ask(&b, "AT^FOTASTATE?", "^FOTASTATE: 40\r\n");
    mt_upgrade(&b);
    mt_deinit(&b);
}

static void cut_while_flashing(struct mt_bench *b)
{
    mt_start(b);
    mt_download(b);
    mt_arm(b, "mt5700.fota.flash@50%=power_cut:torn");
    mt_ask(b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(b, MODEM_OFF);
    modem_power_on(b->rig.modem);
    assert_string_equal(b->rig.modem->firmware, MT_OLD);
    mt_wait_power(b, MODEM_FLASHING);
}

static void test_power_lost_while_flashing_flashes_again(void **state)
{
    struct mt_bench b;

    begin(&b);
    cut_while_flashing(&b);
    mt_wait_power(&b, MODEM_ON);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_a_stuck_unit_needs_another_power_cycle(void **state)
{
    struct mt_bench b;

    begin(&b);
    rig_option(&b.rig, "flash_cut", "stuck");
    cut_while_flashing(&b);
    mt_pass(&b, "5m");
    assert_int_equal(b.rig.modem->power, MODEM_FLASHING);
    rig_heard(&b.rig);
    mt_say(&b, "AT");
    assert_null(strstr(rig_heard(&b.rig), "OK"));
    modem_cut(b.rig.modem, CUT_LOST);
    modem_power_on(b.rig.modem);
    mt_wait_power(&b, MODEM_FLASHING);
    mt_wait_power(&b, MODEM_ON);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_settings_survive_an_upgrade_and_echo_does_not(void **state)
{
    struct mt_bench b;

    begin(&b);
    mt_start(&b);
    mt_ask(&b, "AT^LEDSWITCH=0", "\r\nOK\r\n");
    mt_ask(&b, "AT^SETMODE?", "\r\n4\r\n");
    mt_download(&b);
    mt_ask(&b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(&b, MODEM_FLASHING);
    mt_wait_power(&b, MODEM_ON);
    mt_ask(&b, "AT^LEDSWITCH?", "AT^LEDSWITCH?\r\r\n^LEDSWITCH:0\r\n");
    mt_ask(&b, "AT^SETMODE?", "\r\n4\r\n");
    mt_deinit(&b);
}

/* ---- the sweep ---- */

static void assert_safe(struct mt_bench *b, const char *fault)
{
    const char *version = b->rig.modem->firmware;

    if (strcmp(version, MT_OLD) != 0 && strcmp(version, MT_NEW) != 0)
        fail_msg("%s: the firmware is \"%s\"", fault, version);
}

/* Answered, or the power went on the way. */
static bool ask(struct mt_bench *b, const char *command, const char *wanted)
{
    rig_heard(&b->rig);
    mt_say(b, command);
    return rig_wait(&b->rig, wanted, "3m");
}

/* One turn of a patient host, by the state that the module tells. */
static void turn(struct mt_bench *b)
{
    const char *state = modem_fota_state(b->rig.modem);
    char command[200];

    snprintf(command, sizeof(command), "AT^FOTAOEMDL=\"%s\"", b->url);
    if (strcmp(state, "idle") == 0 || strcmp(state, "suspended") == 0)
        ask(b, command, "^FOTASTATE: 40\r\n");
    else if (strcmp(state, "downloading") == 0 || strcmp(state, "querying") == 0)
        rig_wait(&b->rig, "^FOTASTATE: 40\r\n", "3m");
    if (strcmp(modem_fota_state(b->rig.modem), "downloaded") == 0 &&
        ask(b, "AT^FWUP", "^FOTASTATE: 50\r\n")) {
        rig_wait(&b->rig, "^HCSQ", "3m"); /* of the boot with the new firmware */
        mt_has_bearer_within(b, "10s");
    }
}

static void bring_to_new_version(struct mt_bench *b, const char *fault)
{
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (b->rig.modem->power == MODEM_OFF)
            modem_power_on(b->rig.modem);
        assert_safe(b, fault);
        if (!mt_has_bearer_within(b, "3m"))
            continue;
        assert_safe(b, fault);
        if (strcmp(b->rig.modem->firmware, MT_NEW) == 0)
            return;
        turn(b);
    }
    trace_write_transcript(b->rig.trace, stderr);
    fail_msg("%s: the new version never ran", fault);
}

/* Return: whether the fault fired. */
static bool trial(const char *fault)
{
    struct mt_bench b;
    bool fired;

    mt_init(&b);
    mt_publish(&b, MT_NEW, SWEEP_SIZE, NULL);
    rig_option(&b.rig, "breakpoint_pages", "1");
    mt_start(&b);
    mt_arm(&b, fault);
    turn(&b);
    fired = !fault_plan_unfired(b.rig.modem->plan);
    bring_to_new_version(&b, fault);
    fired = fired || !fault_plan_unfired(b.rig.modem->plan);
    mt_deinit(&b);
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
    power_sweep(trial, "mt5700.fota.query", "=power_cut");
    power_sweep(trial, "mt5700.fota.state", "=power_cut");
    power_sweep(trial, "mt5700.fota.download", "=power_cut");
    power_sweep(trial, "mt5700.fota.check", "=power_cut");
    power_sweep(trial, "mt5700.fota.upgrade", "=reset");
    power_sweep(trial, "mt5700.fota.switch", "=reset");
    power_sweep(trial, "mt5700.fota.report", "=power_cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_lost_in_30_leads_to_31_and_resumes),
        cmocka_unit_test(test_power_lost_in_30_without_resume_leads_to_10),
        cmocka_unit_test(test_power_lost_in_12_leads_to_10),
        cmocka_unit_test(test_power_lost_in_40_keeps_the_package),
        cmocka_unit_test(test_power_lost_in_50_before_the_reset_leads_back_to_40),
        cmocka_unit_test(test_power_lost_while_flashing_flashes_again),
        cmocka_unit_test(test_a_stuck_unit_needs_another_power_cycle),
        cmocka_unit_test(test_settings_survive_an_upgrade_and_echo_does_not),
        cmocka_unit_test(test_power_cut_at_every_flash_write),
        cmocka_unit_test(test_power_cut_at_every_commit_of_settings),
        cmocka_unit_test(test_power_cut_and_reset_at_every_step),
    };

    return cmocka_run_group_tests_name("mt5700-power", tests, NULL, NULL);
}
