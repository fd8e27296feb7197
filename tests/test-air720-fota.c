/*
 * The Air720's upgrade: each error and cause of the guide, where it comes from, the automatic
 * query, and what each quirk changes in it. Real HTTP on loopback.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/package.h"
#include "tests/air720-bench.h"
#include "tests/test.h"

/* ---- errors ---- */

struct failure_row {
    const char *what;
    const char *option, *value; /* NULL = none */
    const char *fault;          /* NULL = none */
    const struct httpd_habit *habit;
    const char *from;
    bool damaged;
    const char *result;
};

static const struct httpd_habit not_found = {.status = 404};
static const struct httpd_habit broken = {.status = 500};
static const struct httpd_habit moved = {.status = 302, .location = "/elsewhere.bin"};
static const struct httpd_habit chunked = {.chunked = true};
static const struct httpd_habit silent = {.silent = true};
static const struct httpd_habit breaks = {.cut_after_bytes = 9000, .ignore_range = true};

static const struct failure_row failure_rows[] = {
    {"not found",      NULL,               NULL,  NULL,                            &not_found, OLD_VERSION, false, "2,-1004,404,0"},
    {"server's fault", NULL,               NULL,  NULL,                            &broken,    OLD_VERSION, false, "2,-1004,500,0"},
    {"moved",          NULL,               NULL,  NULL,                            &moved,     OLD_VERSION, false, "2,-1004,302,0"},
    {"damaged",        NULL,               NULL,  NULL,                            NULL,       OLD_VERSION, true,  "2,-1003,200,0"},
    {"another base",   NULL,               NULL,  NULL,                            NULL,       NEW_VERSION, false, "2,-1003,200,0"},
    {"too large",      "store_size",       "10k", NULL,                            NULL,       OLD_VERSION, false, "2,-1005,200,0"},
    {"no length",      "store_size",       "10k", NULL,                            &chunked,   OLD_VERSION, false, "2,-1005,200,0"},
    {"flash",          NULL,               NULL,  "air720.fota.store=fail",        NULL,       OLD_VERSION, false, "2,-1005,200,0"},
    {"other",          NULL,               NULL,  "air720.fota.query=fail",        NULL,       OLD_VERSION, false, "2,-1006,0,0"  },
    {"other, late",    NULL,               NULL,  "air720.fota.download@50%=fail", NULL,       OLD_VERSION, false,
     "2,-1006,200,0"                                                                                                              },
    {"no connection",  NULL,               NULL,  "download.connect=fail",         NULL,       OLD_VERSION, false, "2,-1002,0,0"  },
    {"silence",        "download_retries", "1",   NULL,                            &silent,    OLD_VERSION, false, "2,-1001,0,0"  },
    {"broken off",     "download_retries", "2",   NULL,                            &breaks,    OLD_VERSION, false, "2,-1001,200,0"},
};

static void test_each_error_of_the_guide_is_told_by_the_query(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(failure_rows); i++) {
        const struct failure_row *row = &failure_rows[i];
        struct air720_bench b;
        char wanted[64];

        bench_init(&b);
        if (row->option)
            rig_option(&b.rig, row->option, row->value);
        bench_publish(&b, row->from, NEW_VERSION, 20000, row->damaged, row->habit);
        bench_start(&b);
        if (row->fault)
            assert_int_equal(modem_fault(b.rig.modem, row->fault, NULL), 0);
        bench_upgrade_from_url(&b);
        bench_expect_result(&b, "1");
        assert_true(bench_wait_rest(&b, "30m"));
        snprintf(wanted, sizeof(wanted), "+UPGRADE: %s\r\n", row->result);
        if (!strstr(bench_say(&b, "AT+UPGRADE?"), wanted))
            fail_msg("%s: %s", row->what, buf_text(&b.heard));
        assert_string_equal(b.rig.modem->firmware, OLD_VERSION);
        /* No URC tells it, and nothing is left behind: the next power-up is an ordinary one. */
        assert_null(strstr(rig_heard(&b.rig), "+UPGRADEIND: -"));
        modem_cut(b.rig.modem, CUT_LOST);
        modem_power_on(b.rig.modem);
        assert_true(bench_wait_rest(&b, "1m"));
        bench_say(&b, "ATE0");
        bench_expect_result(&b, "0");
        assert_string_equal(rig_heard_on(&b.rig, UART2), "");
        bench_deinit(&b);
    }
}

static void test_the_service_out_of_reach_is_1002_and_its_status_1004(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    bench_start(&b);
    httpd_set_down(luat_httpd(b.luat), true);
    bench_upgrade_from_service(&b);
    assert_true(bench_wait_rest(&b, "5m"));
    bench_expect_result(&b, "2,-1002,0,0");
    httpd_set_down(luat_httpd(b.luat), false);
    luat_set_status(b.luat, 503);
    bench_upgrade_from_service(&b);
    assert_true(bench_wait_rest(&b, "5m"));
    bench_expect_result(&b, "2,-1004,503,0");
    bench_deinit(&b);
}

static void test_the_network_lost_for_good_is_1001(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    rig_option(&b.rig, "download_retries", "2");
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 60000, false, NULL);
    bench_start(&b);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEIND: 30", "5m");
    assert_int_equal(modem_set_network(b.rig.modem, "none"), 0);
    while (strcmp(modem_fota_state(b.rig.modem), "idle") != 0)
        rig_turn(&b.rig);
    bench_expect_result(&b, "2,-1001,0,0");
    bench_deinit(&b);
}

/* ---- causes ---- */

static void expect_cause(struct air720_bench *b, const char *result)
{
    bench_upgrade_from_service(b);
    assert_true(bench_wait_rest(b, "5m"));
    bench_expect_result(b, result);
}

static void test_each_cause_of_the_guide(void **state)
{
    static const char *const others[] = {"866207030000099"};
    const char *imei;
    struct air720_bench b;
    struct luat_release release = {.version = NEW_VERSION};

    bench_init(&b);
    imei = modem_text(b.rig.modem, MODEM_OPTION_IMEI);
    bench_start(&b);
    release.url = b.url;
    expect_cause(&b, "2,-1003,200,26");
    luat_add_project(b.luat, "another");
    luat_add_device(b.luat, imei, "another");
    expect_cause(&b, "2,-1003,200,17");
    luat_add_device(b.luat, imei, NULL);
    bench_say(&b, "AT+UPGRADE=\"KEY\",\"unheard-of\",1");
    expect_cause(&b, "2,-1003,200,25");
    bench_say(&b, "AT+UPGRADE=\"KEY\",\"" LUAT_PROJECT "\",1");
    release.version = "AirM2M_720U_V907_LTE_AT"; /* of another part */
    luat_add_release(b.luat, &release);
    expect_cause(&b, "2,-1003,200,26");
    release.version = OLD_VERSION;
    luat_add_release(b.luat, &release);
    expect_cause(&b, "2,-1003,200,27");
    release.version = NEW_VERSION;
    release.is_off = true;
    luat_add_release(b.luat, &release);
    expect_cause(&b, "2,-1003,200,27");
    release.is_off = false;
    release.only = others;
    release.only_count = 1;
    luat_add_release(b.luat, &release);
    expect_cause(&b, "2,-1003,200,27");
    luat_refuse(b.luat, LUAT_NO_DEVICE);
    expect_cause(&b, "2,-1003,200,3");
    assert_string_equal(b.rig.modem->firmware, OLD_VERSION);
    bench_deinit(&b);
}

static void test_an_unknown_device_is_3(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    rig_option(&b.rig, "imei", "866207030000025");
    bench_start(&b);
    expect_cause(&b, "2,-1003,200,3");
    bench_deinit(&b);
}

static void test_quirk_cloud_codes_new_knows_more_causes(void **state)
{
    static const int codes[] = {21, 40, 43, 44};
    struct air720_bench b;
    char wanted[32];

    for (int is_new = 0; is_new <= 1; is_new++) {
        bench_init(&b);
        if (is_new)
            rig_quirk(&b.rig, "cloud-codes-new");
        bench_start(&b);
        for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
            luat_refuse(b.luat, codes[i]);
            snprintf(wanted, sizeof(wanted), "2,-1003,200,%d", codes[i]);
            expect_cause(&b, is_new ? wanted : "2,-1006,200,0");
        }
        luat_refuse(b.luat, 99); /* of no document */
        expect_cause(&b, "2,-1006,200,0");
        bench_deinit(&b);
    }
}

/* ---- where a package comes from ---- */

static void test_the_service_sends_the_package_itself_or_its_place(void **state)
{
    struct buf package = {0};
    struct luat_release release = {.version = NEW_VERSION};

    assert_int_equal(package_make("air720", OLD_VERSION, NEW_VERSION, 20000, &package, NULL), 0);
    for (int is_direct = 0; is_direct <= 1; is_direct++) {
        struct air720_bench b;

        bench_init(&b);
        bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
        release.url = is_direct ? NULL : b.url;
        release.bytes = package.data;
        release.len = package.len;
        luat_add_release(b.luat, &release);
        bench_start(&b);
        bench_upgrade_from_service(&b);
        bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
        assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
        assert_int_equal(httpd_request_count(b.httpd), is_direct ? 0 : 1);
        assert_string_equal(luat_visit(b.luat, 0).firmware, OLD_VERSION);
        assert_string_equal(luat_visit(b.luat, 1).firmware, NEW_VERSION);
        assert_true(luat_visit(b.luat, 1).is_report);
        bench_deinit(&b);
    }
    buf_deinit(&package);
}

static void test_a_service_that_points_in_circles_is_left(void **state)
{
    struct luat_release release = {.version = NEW_VERSION};
    struct air720_bench b;
    char url[128];

    bench_init(&b);
    bench_start(&b);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/circle", httpd_port(b.httpd));
    httpd_publish(b.httpd, "/circle", "", 0, &(struct httpd_habit){.status = 302, .location = url});
    release.url = url;
    luat_add_release(b.luat, &release);
    expect_cause(&b, "2,-1004,302,0");
    assert_int_equal(httpd_request_count(b.httpd), 3); /* option redirects */
    bench_deinit(&b);
}

static void test_a_broken_connection_is_resumed_where_it_broke(void **state)
{
    const struct httpd_habit once = {.cut_after_bytes = 20000, .cut_times = 1};
    struct air720_bench b;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 60000, false, &once);
    bench_start(&b);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
    assert_int_equal(httpd_request_count(b.httpd), 2);
    assert_string_equal(httpd_request(b.httpd, 1).range, "bytes=16384-"); /* whole flash pages */
    assert_int_equal(httpd_request(b.httpd, 1).status, 206);
    assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
    bench_deinit(&b);
}

static void test_a_server_without_range_gives_the_whole_file_again(void **state)
{
    const struct httpd_habit once = {
        .cut_after_bytes = 20000, .cut_times = 1, .ignore_range = true};
    struct air720_bench b;
    const char *heard;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 60000, false, &once);
    bench_start(&b);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEIND: 100", "10m");
    heard = rig_heard(&b.rig);
    assert_non_null(strstr(heard, "+UPGRADEIND: 0\r\n"));
    assert_null(strstr(strstr(heard, "+UPGRADEIND: 0\r\n") + 1, "+UPGRADEIND: 0\r\n"));
    bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
    assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
    bench_deinit(&b);
}

/* ---- power ---- */

static void test_a_download_that_lost_its_power_is_forgotten(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 60000, false, NULL);
    bench_start(&b);
    assert_int_equal(modem_fault(b.rig.modem, "air720.fota.download@50%=power_cut", NULL), 0);
    bench_upgrade_from_url(&b);
    assert_true(bench_wait_rest(&b, "5m"));
    assert_int_equal(b.rig.modem->power, MODEM_OFF);
    modem_power_on(b.rig.modem);
    assert_true(bench_wait_rest(&b, "5m"));
    assert_string_equal(rig_heard_on(&b.rig, UART2), "");
    bench_say(&b, "ATE0");
    bench_expect_result(&b, "0");
    bench_say(&b, "AT+UPGRADE"); /* the URL was saved */
    bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
    assert_null(httpd_request(b.httpd, 1).range); /* sheet 4: no resume is promised */
    bench_deinit(&b);
}

static void test_flashing_that_lost_its_power_begins_again(void **state)
{
    struct air720_bench b;
    const char *heard;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 30000, false, NULL);
    bench_start(&b);
    assert_int_equal(modem_fault(b.rig.modem, "air720.fota.flash@45%=power_cut", NULL), 0);
    bench_upgrade_from_url(&b);
    bench_wait(&b, UART2, "+UPGRADEDL: 40", "5m");
    assert_true(bench_wait_rest(&b, "5m"));
    assert_int_equal(b.rig.modem->power, MODEM_OFF);
    rig_heard(&b.rig);
    rig_heard_on(&b.rig, UART2);
    modem_power_on(b.rig.modem);
    assert_string_equal(b.rig.modem->firmware, OLD_VERSION);
    bench_wait(&b, UART2, "+UPGRADEDL: 100", "5m");
    heard = rig_heard_on(&b.rig, UART2);
    assert_int_equal(strncmp(heard, "\r\n+UPGRADEDL: 10\r\n", 18), 0);
    bench_wait(&b, 0, "+UPGRADEVER: 1", "5m");
    heard = rig_heard(&b.rig);
    assert_null(strstr(heard, "+UPGRADEDL"));
    assert_non_null(strstr(heard, "+UPGRADEVER: \"" NEW_VERSION "_NAND\"\r\n"));
    bench_deinit(&b);
}

/* L7 cuts the power itself at 100: the package is safe by then. */
static void test_power_cut_by_the_host_at_100_installs_at_the_next_start(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 30000, false, NULL);
    bench_start(&b);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEIND: 100", "5m");
    assert_string_equal(modem_fota_state(b.rig.modem), "downloaded");
    modem_cut(b.rig.modem, CUT_LOST);
    modem_power_on(b.rig.modem);
    bench_wait(&b, 0, "+UPGRADEVER: 1", "5m");
    assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
    bench_say(&b, "ATE0");
    bench_expect_result(&b, "0");
    assert_string_equal(bench_say(&b, "AT+UPGRADE=\"URL\""),
                        "\r\n+UPGRADE:\"URL\",\"\"\r\n\r\nOK\r\n"); /* it is spent */
    bench_deinit(&b);
}

/* ---- the report ---- */

static void test_a_report_that_does_not_arrive_is_told_by_0(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
    bench_start(&b);
    luat_set_silent(b.luat, true);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEVER: 0", "10m");
    assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
    assert_int_equal(bench_report_count(&b), 0);
    luat_set_silent(b.luat, false);
    modem_cut(b.rig.modem, CUT_LOST);
    modem_power_on(b.rig.modem);
    assert_true(bench_wait_rest(&b, "1m"));
    assert_int_equal(bench_report_count(&b), 0); /* it has had its try */
    bench_deinit(&b);
}

/* ---- by itself ---- */

static void on_tick(void *arg)
{
}

static void test_the_module_asks_each_day_and_upgrades_by_itself(void **state)
{
    struct air720_bench b;
    uint64_t gap_us;

    bench_init(&b);
    rig_option(&b.rig, "auto_first", "20s");
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
    bench_start(&b);
    bench_say(&b, "AT+UPGRADE=\"PERIOD\",60");
    while (luat_visit_count(b.luat) < 3)
        rig_turn(&b.rig);
    gap_us = luat_visit(b.luat, 2).t_us - luat_visit(b.luat, 1).t_us;
    assert_in_range(gap_us, 50000000u, 75000000u);
    assert_true(bench_wait_rest(&b, "1m"));
    bench_expect_result(&b, "2,-1003,200,26");
    bench_say(&b, "AT+UPGRADE=\"AUTO\",0");
    gap_us = clock_now_us(&b.rig.clock) + 180000000u;
    while (clock_now_us(&b.rig.clock) < gap_us) {
        struct timer tick = {0};

        clock_after(&b.rig.clock, &tick, 1000000, on_tick, NULL);
        rig_turn(&b.rig);
        clock_cancel(&b.rig.clock, &tick);
    }
    assert_int_equal(luat_visit_count(b.luat), 3); /* S0 3.1: it does not talk to the server */
    bench_release(&b);
    bench_say(&b, "AT+UPGRADE=\"AUTO\",1");
    bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
    assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
    bench_deinit(&b);
}

static void test_quirk_auto_random_spreads_the_queries(void **state)
{
    uint64_t gaps_us[2];

    for (int is_random = 0; is_random <= 1; is_random++) {
        struct air720_bench b;

        bench_init(&b);
        if (is_random)
            rig_quirk(&b.rig, "auto-random");
        rig_option(&b.rig, "auto_first", "200s");
        bench_start(&b);
        bench_say(&b, "AT+UPGRADE=\"PERIOD\",200");
        while (luat_visit_count(b.luat) < 3)
            rig_turn(&b.rig);
        gaps_us[0] = luat_visit(b.luat, 1).t_us - luat_visit(b.luat, 0).t_us;
        gaps_us[1] = luat_visit(b.luat, 2).t_us - luat_visit(b.luat, 1).t_us;
        if (is_random)
            assert_true(gaps_us[0] < 195000000u || gaps_us[1] < 195000000u);
        else
            assert_true(gaps_us[0] > 195000000u && gaps_us[1] > 195000000u);
        bench_deinit(&b);
    }
}

/* ---- documented variants ---- */

/* Texts that must and must not come between command and rest, on each port; NULL = do not look. */
struct quirk_row {
    const char *quirk;
    const char *main_must, *main_must_not, *uart2_must, *uart2_must_not;
};

static const struct quirk_row quirk_rows[] = {
    {NULL,                      "+UPGRADEIND: 0\r\n",                      "UPGRADEDL",       "\r\n+UPGRADEDL: 10\r\n", "UPGRADDL" },
    {"upgraddl-spelling",       "+UPGRADEVER: 1",                          "UPGRADDL",        "\r\n+UPGRADDL: 10\r\n",  "UPGRADEDL"},
    {"upgradedl-on-at-port",    "\r\n+UPGRADEDL: 10\r\n",                  NULL,              "\r\n+UPGRADEDL: 10\r\n", NULL       },
    {"upgradedl-as-qind",
     "\r\n+QIND: \"FOTA\",\"START\"\r\n\r\n+QIND: \"FOTA\",\"UPDATING\",0\r\n\r\n"
     "+QIND: \"FOTA\",\"UPDATING\",2\r\n",                                 "UPGRADEDL",       NULL,                     "U"        },
    {"upgradeind-skip-zero",    "+UPGRADEIND: 10\r\n",                     "+UPGRADEIND: 0",  NULL,                     NULL       },
    {"upgradeind-only-100",     "+UPGRADEIND: 100\r\n",                    "+UPGRADEIND: 90", NULL,                     NULL       },
    {"upgrade-legacy-progress", "+UPGRADE: 0\r\n\r\n+UPGRADE: 10\r\n",     "+UPGRADEIND",     NULL,                     NULL       },
    {"upgradeind-nospace",      "+UPGRADEIND:0\r\n\r\n+UPGRADEIND:10\r\n", "+UPGRADEIND: ",   NULL,                     NULL       },
    {"upgradever-absent",       "SMS READY",                               "+UPGRADEVER",     NULL,                     NULL       },
};

static bool fits(const char *heard, const char *must, const char *must_not)
{
    return (!must || strstr(heard, must)) && (!must_not || !strstr(heard, must_not));
}

static void test_each_wording_quirk_changes_its_line_and_nothing_else(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(quirk_rows); i++) {
        const struct quirk_row *row = &quirk_rows[i];
        struct air720_bench b;

        bench_init(&b);
        if (row->quirk)
            rig_quirk(&b.rig, row->quirk);
        bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
        bench_start(&b);
        bench_upgrade_from_url(&b);
        assert_true(bench_wait_rest(&b, "10m"));
        rig_wait(&b.rig, "+UPGRADEVER: 1", "1s"); /* behind its gap */
        if (!fits(rig_heard(&b.rig), row->main_must, row->main_must_not))
            fail_msg("%s: AT port: %s", row->quirk, buf_text(&b.rig.shown));
        if (!fits(rig_heard_on(&b.rig, UART2), row->uart2_must, row->uart2_must_not))
            fail_msg("%s: UART2: %s", row->quirk, buf_text(&b.rig.shown));
        assert_string_equal(b.rig.modem->firmware, NEW_VERSION);
        assert_int_equal(bench_report_count(&b), 1);
        bench_deinit(&b);
    }
}

static void test_quirk_upgrade_query_percent_counts(void **state)
{
    struct air720_bench b;
    const char *answer;
    int percent;

    bench_init(&b);
    rig_quirk(&b.rig, "upgrade-query-percent");
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 200000, false, NULL);
    bench_start(&b);
    bench_upgrade_from_url(&b);
    bench_wait(&b, 0, "+UPGRADEIND: 40", "5m");
    answer = strstr(bench_say(&b, "AT+UPGRADE?"), "\r\n+UPGRADE: 1,");
    assert_non_null(answer);
    assert_int_equal(sscanf(answer, " +UPGRADE: 1,%d", &percent), 1);
    assert_in_range(percent, 40, 100); /* the download went on meanwhile */
    bench_deinit(&b);
}

static void test_quirk_url_set_autostarts_needs_no_command(void **state)
{
    char command[256];
    struct air720_bench b;

    bench_init(&b);
    rig_quirk(&b.rig, "url-set-autostarts");
    bench_publish(&b, OLD_VERSION, NEW_VERSION, 20000, false, NULL);
    bench_start(&b);
    snprintf(command, sizeof(command), "AT+UPGRADE=\"URL\",\"%s\"", b.url);
    assert_string_equal(bench_say(&b, command), "\r\nOK\r\n");
    bench_wait(&b, 0, "+UPGRADEVER: 1", "10m");
    bench_deinit(&b);
}

static void test_quirk_query_broken_after_fail_hides_the_result(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    rig_quirk(&b.rig, "upgrade-query-broken-after-fail");
    bench_start(&b);
    bench_upgrade_from_service(&b);
    assert_true(bench_wait_rest(&b, "5m"));
    bench_expect_result(&b, "0");
    bench_deinit(&b);
}

static void test_quirk_error_urc_tells_unasked(void **state)
{
    struct air720_bench b;

    bench_init(&b);
    rig_quirk(&b.rig, "upgradeind-error-urc");
    bench_start(&b);
    bench_upgrade_from_service(&b);
    bench_wait(&b, 0, "\r\n+UPGRADEIND: -1003\r\n", "5m");
    bench_expect_result(&b, "2,-1003,200,26");
    bench_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_error_of_the_guide_is_told_by_the_query),
        cmocka_unit_test(test_the_service_out_of_reach_is_1002_and_its_status_1004),
        cmocka_unit_test(test_the_network_lost_for_good_is_1001),
        cmocka_unit_test(test_each_cause_of_the_guide),
        cmocka_unit_test(test_an_unknown_device_is_3),
        cmocka_unit_test(test_quirk_cloud_codes_new_knows_more_causes),
        cmocka_unit_test(test_the_service_sends_the_package_itself_or_its_place),
        cmocka_unit_test(test_a_service_that_points_in_circles_is_left),
        cmocka_unit_test(test_a_broken_connection_is_resumed_where_it_broke),
        cmocka_unit_test(test_a_server_without_range_gives_the_whole_file_again),
        cmocka_unit_test(test_a_download_that_lost_its_power_is_forgotten),
        cmocka_unit_test(test_flashing_that_lost_its_power_begins_again),
        cmocka_unit_test(test_power_cut_by_the_host_at_100_installs_at_the_next_start),
        cmocka_unit_test(test_a_report_that_does_not_arrive_is_told_by_0),
        cmocka_unit_test(test_the_module_asks_each_day_and_upgrades_by_itself),
        cmocka_unit_test(test_quirk_auto_random_spreads_the_queries),
        cmocka_unit_test(test_each_wording_quirk_changes_its_line_and_nothing_else),
        cmocka_unit_test(test_quirk_upgrade_query_percent_counts),
        cmocka_unit_test(test_quirk_url_set_autostarts_needs_no_command),
        cmocka_unit_test(test_quirk_query_broken_after_fail_hides_the_result),
        cmocka_unit_test(test_quirk_error_urc_tells_unasked),
    };

    return cmocka_run_group_tests_name("air720-fota", tests, NULL, NULL);
}
