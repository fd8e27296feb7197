/*
 * The MT5700M's upgrade end to end: states, commands against states, each failure of the guide,
 * what blocks an upgrade, resume, and power loss in each state. SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/package.h"
#include "tests/mt5700-bench.h"
#include "tests/test.h"

#define SIZE 100000

static void begin(struct mt_bench *b, const char *const *settings)
{
    mt_init(b);
    mt_publish(b, MT_NEW, SIZE, settings);
}

static void test_the_whole_way(void **state)
{
    static const char *const paths[] = {"/mt5700/full/filelist.xml", "/mt5700/full/changelog.xml",
                                        "/mt5700/full/ota.swu"};
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 11\r\n");
    mt_wait(&b,
            "^FOTASTATE: 12," MT_NEW ",100000,1.product_name=\"MT5700M-CN\";2.update_mode=\"0\";"
            "3.source_version=\"" MT_NEW "\";en-us\r\n");
    mt_wait(&b, "^FOTASTATE: 30\r\n");
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    mt_ask(&b, "AT^FOTADLQ", "\r\n^FOTADLQ: 0,\"FIRMWARE1\",100000,100000\r\n\r\nOK\r\n");
    mt_upgrade(&b);
    mt_ask(&b, "AT^FOTASTATE?", "\r\n^FOTASTATE: 10\r\n\r\nOK\r\n");
    mt_ask(&b, "AT+CGMR", "\r\nV200R001C20B030\r\n\r\nOK\r\n");
    mt_ask(&b, "AT^VERSION?", "EXTS:" MT_NEW "\r\n");
    assert_null(strstr(rig_heard(&b.rig), "Jan 28 2026")); /* another build time, S 4.2 */
    mt_ask(&b, "AT^FOTADLQ", "\r\n^FOTADLQ: 0,\"FIRMWARE1\",0,0\r\n\r\nOK\r\n");
    assert_int_equal(httpd_request_count(b.httpd), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(httpd_request(b.httpd, i).path, paths[i]);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 14\r\n"); /* it runs already */
    mt_wait_state(&b, "idle");
    mt_deinit(&b);
}

static void test_over_ipv6_and_with_changelog_first(void **state)
{
    struct mt_bench b;

    mt_init_with(&b, &(struct httpd_options){.is_ipv6 = true});
    mt_publish(&b, MT_NEW, SIZE, NULL);
    rig_option(&b.rig, "query_order", "changelog");
    mt_start(&b);
    assert_non_null(strstr(b.url, "[::1]"));
    mt_download(&b);
    assert_string_equal(httpd_request(b.httpd, 0).path, "/mt5700/full/changelog.xml");
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

/* ---- commands against states: the table of sheet 3.1, as it is printed there ---- */

#define COLLISION "+CME ERROR: FOTA is in collision state\r\n"
#define ERR       "\r\nERROR\r\n"
#define FINE      "\r\nOK\r\n"

static const char *const commands[] = {
    "AT^FOTAOEMDL=\"http://198.51.100.1/\"",
    "AT^FOTADET",
    "AT^FOTADL=1",
    "AT^FOTADL=2",
    "AT^FWUP",
    "AT^FOTADLQ",
    "AT^FOTAMODE=0,1,0,1,7",
    "AT^FOTADL=0",
};
#define COMMAND_COUNT ARRAY_LEN(commands)

struct state_row {
    int code;
    const char *answers[COMMAND_COUNT];
};

static const struct state_row rows[] = {
  /*    OEMDL      DET        DL=1  DL=2  FWUP  DLQ                   MODE  DL=0 */
    {10, {FINE, FINE, ERR, ERR, ERR, ",0,0\r\n", FINE, FINE}                     },
    {11, {COLLISION, COLLISION, ERR, ERR, ERR, ",0,0\r\n", FINE, ERR}            },
    {12, {COLLISION, COLLISION, FINE, ERR, ERR, ",0,0\r\n", FINE, FINE}          },
    {30, {COLLISION, COLLISION, ERR, FINE, ERR, ",40960,100000\r\n", FINE, FINE} },
    {31, {FINE, COLLISION, FINE, ERR, ERR, ",40960,100000\r\n", FINE, FINE}      },
    {40, {COLLISION, COLLISION, ERR, ERR, FINE, ",100000,100000\r\n", FINE, FINE}},
    {50, {COLLISION, COLLISION, ERR, ERR, ERR, ",100000,100000\r\n", ERR, ERR}   },
};

/* Bring the module into the state and let it rest there. */
static void reach(struct mt_bench *b, int code)
{
    static const struct httpd_habit silent = {.silent = true};

    begin(b, NULL);
    rig_quirk(&b->rig, "huawei-hota");
    rig_quirk(&b->rig, "fotadl-pause");
    rig_option(&b->rig, "hota_url", "http://198.51.100.1/");
    rig_option(&b->rig, "stall_to_suspend", "10m");
    rig_option(&b->rig, "connect_timeout", "10m");
    rig_option(&b->rig, "t50_to_usb_loss", "10m");
    if (code == 11)
        mt_habit(b, "filelist.xml", NULL, &silent);
    mt_start(b);
    if (code == 30 || code == 31)
        mt_arm(b, "download.body@40959=stall:10m");
    if (code == 10)
        return;
    mt_ask(b, code == 12 ? "AT^FOTAMODE=0,0,0,1" : "AT^FOTAMODE=0,1,0,1", FINE);
    mt_query(b);
    if (code == 30 || code == 31) {
        mt_wait(b, "^FOTASTATE: 30\r\n");
        mt_wait_faults(b);
    }
    if (code == 31)
        mt_ask(b, "AT^FOTADL=2", "^FOTASTATE: 31\r\n");
    if (code == 40 || code == 50)
        mt_wait(b, "^FOTASTATE: 40\r\n");
    if (code == 50)
        mt_ask(b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    if (code == 11 || code == 12)
        mt_wait(b, code == 11 ? "^FOTASTATE: 11" : "^FOTASTATE: 12");
    rig_heard(&b->rig);
}

static void check_state(struct mt_bench *b, int code)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "\r\n^FOTASTATE: %d\r\n\r\nOK\r\n", code);
    mt_ask(b, "AT^FOTASTATE?", wanted);
}

static void test_commands_against_states(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct state_row *row = &rows[i];

        for (size_t c = 0; c < COMMAND_COUNT; c++) {
            struct mt_bench b;

            reach(&b, row->code);
            check_state(&b, row->code);
            mt_ask(&b, commands[c], row->answers[c]);
            if (strcmp(row->answers[c], ERR) == 0 || strcmp(row->answers[c], COLLISION) == 0)
                check_state(&b, row->code);
            mt_deinit(&b);
        }
    }
}

/* ---- the failures of the guide, chapter 5 ---- */

/* The query or the download ends so; then it is idle, and with a good server the upgrade works. */
static void expect_failure(struct mt_bench *b, const char *words)
{
    mt_query(b);
    mt_wait(b, words);
    mt_wait_state(b, "idle");
    mt_ask(b, "AT^FOTASTATE?", "\r\n^FOTASTATE: 10\r\n\r\nOK\r\n");
    assert_int_equal(httpd_set_down(b->httpd, false), 0);
    mt_publish(b, MT_NEW, SIZE, NULL);
    mt_download(b);
    mt_upgrade(b);
    assert_string_equal(b->rig.modem->firmware, MT_NEW);
    mt_deinit(b);
}

static void fail_with_file(const char *name, const char *text, int status, const char *words)
{
    const struct httpd_habit habit = {.status = status};
    struct mt_bench b;

    begin(&b, NULL);
    mt_habit(&b, name, text, &habit);
    mt_start(&b);
    expect_failure(&b, words);
}

static void test_13_13_when_the_server_can_not_be_reached(void **state)
{
    static const struct httpd_habit silent = {.silent = true};
    struct mt_bench b;

    begin(&b, NULL);
    assert_int_equal(httpd_set_down(b.httpd, true), 0);
    mt_start(&b);
    expect_failure(&b, "^FOTASTATE: 13,13\r\n");
    begin(&b, NULL);
    mt_habit(&b, "changelog.xml", NULL, &silent);
    mt_start(&b);
    expect_failure(&b, "^FOTASTATE: 13,13\r\n");
}

static void test_13_51_when_a_file_can_not_be_had(void **state)
{
    fail_with_file("filelist.xml", NULL, 404, "^FOTASTATE: 13,51\r\n");
    fail_with_file("changelog.xml", NULL, 500, "^FOTASTATE: 13,51\r\n");
    fail_with_file("filelist.xml", "<root><files><file>", 0, "^FOTASTATE: 13,51\r\n");
    fail_with_file("filelist.xml", "not XML", 0, "^FOTASTATE: 13,51\r\n");
    /* Another changelog than the list tells the digest of. */
    fail_with_file("changelog.xml",
                   "<root><component name=\"FIRMWARE1\" version=\"9.9.9.9(SP1C01)\"/></root>", 0,
                   "^FOTASTATE: 13,51\r\n");
}

static void test_14_when_there_is_nothing_new(void **state)
{
    struct mt_bench b;

    fail_with_file("filelist.xml",
                   "<root><component><name>FIRMWARE1</name></component><files/></root>", 0,
                   "^FOTASTATE: 14\r\n");
    mt_init(&b);
    mt_publish(&b, MT_OLD, SIZE, NULL);
    mt_start(&b);
    expect_failure(&b, "^FOTASTATE: 14\r\n");
}

static void test_20_when_the_package_is_wrong(void **state)
{
    struct mt_bench b;
    char *wrong = xmalloc(SIZE + 1);

    fail_with_file("ota.swu", NULL, 404, "^FOTASTATE: 20\r\n");
    fail_with_file("ota.swu", NULL, 0, "^FOTASTATE: 20\r\n");    /* empty */
    fail_with_file("ota.swu", "short", 0, "^FOTASTATE: 20\r\n"); /* size */
    memset(wrong, 'w', SIZE);
    wrong[SIZE] = '\0';
    fail_with_file("ota.swu", wrong, 0, "^FOTASTATE: 20\r\n"); /* MD5 */
    free(wrong);
    begin(&b, NULL);
    mt_start(&b);
    mt_arm(&b, "download.body@50%=flip:3");
    expect_failure(&b, "^FOTASTATE: 20\r\n");
}

static void test_20_without_resume_when_the_link_breaks(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_ask(&b, "AT^FOTAMODE=0,1,0,0", FINE);
    mt_arm(&b, "download.body@60%=reset_link");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 20\r\n");
    mt_wait_state(&b, "idle");
    mt_deinit(&b);
}

/* ---- 31 ---- */

static void reach_31(struct mt_bench *b)
{
    begin(b, NULL);
    mt_start(b);
    mt_arm(b, "download.body@60%=reset_link");
    mt_query(b);
    mt_wait(b, "^FOTASTATE: 31\r\n");
    rig_heard(&b->rig);
}

static const char *last_range(struct mt_bench *b)
{
    return httpd_request(b->httpd, httpd_request_count(b->httpd) - 1).range;
}

static void finish(struct mt_bench *b)
{
    mt_wait(b, "^FOTASTATE: 40\r\n");
    mt_upgrade(b);
    assert_string_equal(b->rig.modem->firmware, MT_NEW);
    mt_deinit(b);
}

static void test_a_lost_link_suspends_and_fotadl_1_resumes(void **state)
{
    struct mt_bench b;

    reach_31(&b);
    mt_ask(&b, "AT^FOTADLQ", "^FOTADLQ: 0,\"FIRMWARE1\",57344,100000\r\n");
    mt_ask(&b, "AT^FOTADL=1", "\r\nOK\r\n\r\n^FOTASTATE: 30\r\n");
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    assert_string_equal(last_range(&b), "bytes=57344-");
    assert_int_equal(httpd_request(b.httpd, 3).status, 206);
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_fotaoemdl_asks_for_the_version_before_it_resumes(void **state)
{
    struct mt_bench b;

    reach_31(&b);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 12,");
    finish(&b);
}

static void test_another_version_meanwhile_starts_from_zero(void **state)
{
    struct mt_bench b;

    reach_31(&b);
    mt_publish(&b, "1.4.0.0(SP1C01)", 80000, NULL);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    assert_null(last_range(&b));
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, "1.4.0.0(SP1C01)");
    mt_deinit(&b);
}

static void test_a_mixture_of_two_packages_is_never_installed(void **state)
{
    struct mt_bench b;

    reach_31(&b);
    mt_publish(&b, "1.4.0.0(SP1C01)", SIZE, NULL); /* as large as the old one */
    mt_ask(&b, "AT^FOTADL=1", FINE);               /* without asking for the version */
    mt_wait(&b, "^FOTASTATE: 20\r\n");
    assert_string_equal(b.rig.modem->firmware, MT_OLD);
    mt_deinit(&b);
}

static void test_a_server_without_range_starts_from_zero(void **state)
{
    static const struct httpd_habit no_range = {.ignore_range = true};
    struct mt_bench b;
    struct buf package = {0};

    reach_31(&b);
    assert_int_equal(package_make("mt5700", "", MT_NEW, SIZE, &package, NULL), 0);
    httpd_publish(b.httpd, "/mt5700/full/ota.swu", package.data, package.len, &no_range);
    buf_deinit(&package);
    mt_ask(&b, "AT^FOTADL=1", FINE);
    finish(&b);
}

static void test_no_network_suspends_at_once_and_cfun_too(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_arm(&b, "download.body@40%=stall:20s");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 30\r\n");
    assert_int_equal(modem_set_network(b.rig.modem, "none"), 0);
    mt_wait(&b, "^FOTASTATE: 31\r\n");
    mt_ask(&b, "AT^FOTADL=1", "^FOTASTATE: 31\r\n"); /* still none */
    assert_int_equal(modem_set_network(b.rig.modem, "home"), 0);
    mt_wait_bearer(&b);
    mt_ask(&b, "AT^FOTADL=1", "^FOTASTATE: 30\r\n");
    mt_ask(&b, "AT+CFUN=0", "^FOTASTATE: 31\r\n");
    mt_ask(&b, "AT+CFUN=1", FINE);
    mt_wait_bearer(&b);
    mt_ask(&b, "AT^FOTADL=1", FINE);
    finish(&b);
}

static void test_a_failed_requery_drops_the_download_or_keeps_it_suspended(void **state)
{
    struct mt_bench b;

    reach_31(&b);
    assert_int_equal(httpd_set_down(b.httpd, true), 0);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 13,13\r\n");
    mt_wait_state(&b, "idle");
    mt_ask(&b, "AT^FOTADL=1", ERR);
    mt_deinit(&b);

    begin(&b, NULL);
    rig_option(&b.rig, "failed_requery", "suspend");
    mt_start(&b);
    mt_arm(&b, "download.body@60%=reset_link");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 31\r\n");
    assert_int_equal(httpd_set_down(b.httpd, true), 0);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 13,13\r\n");
    mt_wait_state(&b, "suspended");
    assert_int_equal(httpd_set_down(b.httpd, false), 0);
    mt_query(&b);
    finish(&b);
}

/* ---- what blocks an upgrade ---- */

static void expect_blocked(const char *starts, const char *stops)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_ask(&b, starts, FINE);
    mt_download(&b); /* not the download, S 5 */
    mt_ask(&b, "AT^FWUP", COLLISION);
    mt_assert_state(&b, "downloaded");
    mt_ask(&b, stops, FINE);
    mt_pass(&b, "1m");
    mt_assert_state(&b, "downloaded"); /* the host has to trigger it again */
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_calls_and_sessions_block_the_upgrade_until_it_is_triggered_again(void **state)
{
    expect_blocked("ATD10086;", "AT+CHUP");
    expect_blocked("ATD10086;", "ATH");
    expect_blocked("AT^NDISDUP=1,1", "AT^NDISDUP=1,0");
    expect_blocked("AT^SETAUTODIAL=1", "AT^SETAUTODIAL=0");
}

static void test_data_traffic_blocks_the_upgrade_and_its_end_is_told(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    rig_option(&b.rig, "data_traffic", "20s");
    mt_start(&b);
    mt_ask(&b, "AT+CSCON=1", FINE);
    mt_download(&b);
    mt_ask(&b, "AT^FWUP", COLLISION);
    mt_wait(&b, "+CSCON: 0,7,4,0\r\n");
    mt_wait(&b, "^DSFLOWRPT: ");
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_an_automatic_upgrade_needs_no_fwup(void **state)
{
    static const char *const automatic[] = {"update_mode=1", NULL};
    struct mt_bench b;

    begin(&b, automatic);
    mt_start(&b);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 50\r\n");
    mt_wait_power(&b, MODEM_FLASHING);
    mt_wait_power(&b, MODEM_ON);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
    begin(&b, NULL);
    mt_start(&b);
    mt_ask(&b, "AT^FOTAMODE=0,1,1,1", FINE);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 50\r\n");
    mt_deinit(&b);
}

static void test_an_automatic_upgrade_that_is_blocked_waits_for_the_host(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_ask(&b, "AT^FOTAMODE=0,1,1,1", FINE);
    mt_ask(&b, "AT^NDISDUP=1,1", FINE);
    mt_download(&b);
    mt_pass(&b, "1m");
    mt_assert_state(&b, "downloaded");
    mt_ask(&b, "AT^NDISDUP=1,0", FINE);
    mt_upgrade(&b);
    mt_deinit(&b);
}

static void test_a_manual_download_waits_in_12(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_ask(&b, "AT^FOTAMODE=0,0,0,1", FINE);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 12,");
    mt_pass(&b, "1m");
    mt_assert_state(&b, "found");
    mt_ask(&b, "AT^FOTADL=1", "\r\nOK\r\n\r\n^FOTASTATE: 30\r\n");
    finish(&b);
}

static void test_a_periodic_query_comes_by_itself_when_idle(void **state)
{
    static const char set[] = "ATE0\rAT^FOTAMODE=1,0,0,1,2\r";
    struct rig rig;

    rig_init(&rig, "mt5700", NULL);
    rig_option(&rig, "attachment", "uart");
    rig_option(&rig, "periodic_url", "http://198.51.100.1/");
    rig_start(&rig);
    rig_advance(&rig, "40s");
    rig_send(&rig, set, sizeof(set) - 1);
    rig_advance(&rig, "1s");
    rig_heard(&rig);
    clock_advance(&rig.clock, UINT64_C(2) * 86400 * 1000000 - 2000000);
    assert_null(strstr(rig_heard(&rig), "FOTASTATE"));
    rig_advance(&rig, "10s");
    assert_non_null(strstr(rig_heard(&rig), "^FOTASTATE: 11\r\n\r\n^FOTASTATE: 13,13"));
    clock_advance(&rig.clock, UINT64_C(2) * 86400 * 1000000);
    assert_non_null(strstr(rig_heard(&rig), "^FOTASTATE: 11\r\n\r\n^FOTASTATE: 13,13"));
    rig_deinit(&rig);
}

/* ^FWUP, and a boot behind it that changes nothing and says nothing of it (DOTRACEL). */
static void expect_silent_failure(struct mt_bench *b)
{
    mt_download(b);
    mt_ask(b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(b, MODEM_FLASHING);
    rig_heard(&b->rig);
    mt_wait_power(b, MODEM_ON);
    mt_wait(b, "^HCSQ");
    assert_null(strstr(rig_heard(&b->rig), "FOTASTATE"));
    assert_string_equal(b->rig.modem->firmware, MT_OLD);
    mt_assert_state(b, "idle");
    mt_ask(b, "ATE0", FINE);
}

static void test_a_flash_that_fails_keeps_the_old_firmware_and_the_next_upgrade_works(void **state)
{
    struct mt_bench b;

    begin(&b, NULL);
    mt_start(&b);
    mt_arm(&b, "mt5700.fota.flash@50%=fail");
    expect_silent_failure(&b);
    mt_query(&b);
    finish(&b);
}

static void test_a_package_without_a_good_signature_changes_nothing(void **state)
{
    static const char *const settings[] = {"version=" MT_NEW, NULL};
    struct mt_bench b;

    mt_init(&b);
    mt_publish_for(&b, "bc26", MT_NEW, SIZE, settings);
    mt_start(&b);
    expect_silent_failure(&b);
    mt_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_whole_way),
        cmocka_unit_test(test_over_ipv6_and_with_changelog_first),
        cmocka_unit_test(test_commands_against_states),
        cmocka_unit_test(test_13_13_when_the_server_can_not_be_reached),
        cmocka_unit_test(test_13_51_when_a_file_can_not_be_had),
        cmocka_unit_test(test_14_when_there_is_nothing_new),
        cmocka_unit_test(test_20_when_the_package_is_wrong),
        cmocka_unit_test(test_20_without_resume_when_the_link_breaks),
        cmocka_unit_test(test_a_lost_link_suspends_and_fotadl_1_resumes),
        cmocka_unit_test(test_fotaoemdl_asks_for_the_version_before_it_resumes),
        cmocka_unit_test(test_another_version_meanwhile_starts_from_zero),
        cmocka_unit_test(test_a_mixture_of_two_packages_is_never_installed),
        cmocka_unit_test(test_a_server_without_range_starts_from_zero),
        cmocka_unit_test(test_no_network_suspends_at_once_and_cfun_too),
        cmocka_unit_test(test_a_failed_requery_drops_the_download_or_keeps_it_suspended),
        cmocka_unit_test(test_calls_and_sessions_block_the_upgrade_until_it_is_triggered_again),
        cmocka_unit_test(test_data_traffic_blocks_the_upgrade_and_its_end_is_told),
        cmocka_unit_test(test_an_automatic_upgrade_needs_no_fwup),
        cmocka_unit_test(test_an_automatic_upgrade_that_is_blocked_waits_for_the_host),
        cmocka_unit_test(test_a_manual_download_waits_in_12),
        cmocka_unit_test(test_a_periodic_query_comes_by_itself_when_idle),
        cmocka_unit_test(test_a_flash_that_fails_keeps_the_old_firmware_and_the_next_upgrade_works),
        cmocka_unit_test(test_a_package_without_a_good_signature_changes_nothing),
    };

    return cmocka_run_group_tests_name("mt5700-fota", tests, NULL, NULL);
}
