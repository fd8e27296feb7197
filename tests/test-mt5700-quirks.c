/*
 * Each quirk of the MT5700M that needs a server or a boot to show, by what it changes. Those that
 * show in words alone are in tests/golden/mt5700-*.txt.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/line.h"
#include "tests/mt5700-bench.h"
#include "tests/test.h"

#define SIZE 20000
#define FINE "\r\nOK\r\n"

static void begin(struct mt_bench *b, const char *quirk, const char *const *settings)
{
    mt_init(b);
    if (quirk)
        rig_quirk(&b->rig, quirk);
    mt_publish(b, MT_NEW, SIZE, settings);
    mt_start(b);
}

/* ---- what is said on the way from ^FOTAOEMDL to 40 ---- */

struct words_row {
    const char *quirk;
    const char *must, *must_not; /* with the quirk; without it the other way round */
};

static const struct words_row words_rows[] = {
    {"fota12-spaced",       "^FOTASTATE: 12, 1.3.0.0(SP1C02), 20000, 1.product_name=\"MT5700M-CN\"; 2.",
     "^FOTASTATE: 12,1.3"                                                                                                          },
    {"fota12-quoted",       ",20000,\"1.product_name",                                                   ",20000,1.product_name"   },
    {"fota12-v200",         "^FOTASTATE: 12,V200R001C20B030,",                                           "^FOTASTATE: 12,1.3.0.0"  },
    {"size-mismatch",       ",56737228,1.product",                                                       ",20000,1.product"        },
    {"oemdl-urc-before-ok", "^FOTASTATE: 11\r\n\r\nOK",                                                  "OK\r\n\r\n^FOTASTATE: 11"},
    {"urc-before-ok",       "^FOTASTATE: 11\r\n\r\nOK",                                                  "OK\r\n\r\n^FOTASTATE: 11"},
    {"demo-spaces",         "12, 1.3.0.0(SP1C02), 20000, 1.product",                                     "12,1.3.0.0"              },
};

static bool says(struct mt_bench *b, const char *text)
{
    return memmem(buf_text(&b->rig.heard[0]), b->rig.heard[0].len, text, strlen(text)) != NULL;
}

static void check_words(const struct words_row *row, bool is_on)
{
    struct mt_bench b;
    char command[200];

    begin(&b, is_on ? row->quirk : NULL, NULL);
    snprintf(command, sizeof(command), "AT^FOTAOEMDL=\"%s\"", b.url);
    mt_say(&b, command);
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    if (says(&b, row->must) != is_on || says(&b, row->must_not) == is_on)
        fail_msg("%s %s: %s", row->quirk, is_on ? "on" : "off", buf_text(&b.rig.heard[0]));
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

static void test_each_wording_quirk_changes_its_line_and_nothing_else(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(words_rows); i++) {
        check_words(&words_rows[i], false);
        check_words(&words_rows[i], true);
    }
}

/* ---- a command, and how it is answered ---- */

struct answer_row {
    const char *quirk;
    const char *command;
    const char *without, *with;
};

static const struct answer_row in_40[] = {
    {"fotadlq-table-form", "AT^FOTADLQ",  "0,\"FIRMWARE1\",20000,20000\r\n\r\nOK",
     "1,\"FIRMWARM1\",20000,20000\r\n"                                                                               },
    {"fotadl0-urc",        "AT^FOTADL=0", FINE,                                    "\r\nOK\r\n\r\n^FOTASTATE: 10\r\n"},
    {"demo-spaces",        "AT^FOTADLQ",  "0,\"FIRMWARE1\",20000,20000",           "0, \"FIRMWARE1\", 20000, 20000"  },
    {"urc-before-ok",      "AT^FWUP",     "OK\r\n\r\n^FOTASTATE: 50",              "^FOTASTATE: 50\r\n\r\nOK"        },
};

static void check_answer(const struct answer_row *row, bool is_on)
{
    struct mt_bench b;

    begin(&b, is_on ? row->quirk : NULL, NULL);
    mt_download(&b);
    mt_ask(&b, row->command, is_on ? row->with : row->without);
    mt_pass(&b, "2s");
    if (!is_on && strcmp(row->with, row->without) != 0 && says(&b, row->with))
        fail_msg("%s is off and shows: %s", row->quirk, buf_text(&b.rig.heard[0]));
    mt_deinit(&b);
}

static void test_each_quirk_of_an_answer(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(in_40); i++) {
        check_answer(&in_40[i], false);
        check_answer(&in_40[i], true);
    }
}

static void test_fotadlq_total_first(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "fotadlq-total-first" : NULL, NULL);
        mt_arm(&b, "download.body@9999=stall:5m");
        mt_query(&b);
        mt_wait(&b, "^FOTASTATE: 30");
        mt_wait_faults(&b);
        mt_ask(&b, "AT^FOTADLQ", on ? ",20000,10000\r\n" : ",10000,20000\r\n");
        mt_deinit(&b);
    }
}

/* ---- 13, 14, 20 ---- */

static void test_fota_silent_idle(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        mt_init(&b);
        if (on)
            rig_quirk(&b.rig, "fota-silent-idle");
        mt_publish(&b, MT_OLD, SIZE, NULL);
        mt_start(&b);
        mt_query(&b);
        mt_wait(&b, "^FOTASTATE: 11\r\n");
        mt_wait_state(&b, "idle");
        mt_pass(&b, "1s");
        assert_int_equal(says(&b, "^FOTASTATE: 14"), !on);
        mt_deinit(&b);
    }
}

static void test_fota_sticky_error_and_its_code(void **state)
{
    const struct httpd_habit not_found = {.status = 404};

    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        mt_init(&b);
        if (on) {
            rig_quirk(&b.rig, "fota-sticky-error");
            rig_quirk(&b.rig, "fota20-code");
            rig_quirk(&b.rig, "fotastate-query-extras");
        }
        mt_publish(&b, MT_NEW, SIZE, NULL);
        mt_habit(&b, "ota.swu", NULL, &not_found);
        mt_start(&b);
        mt_query(&b);
        mt_wait(&b, on ? "^FOTASTATE: 20,21\r\n" : "^FOTASTATE: 20\r\n");
        mt_pass(&b, "10s");
        mt_ask(&b, "AT^FOTASTATE?", on ? "^FOTASTATE: 20,21\r\n" : "^FOTASTATE: 10\r\n");
        mt_publish(&b, MT_NEW, SIZE, NULL);
        mt_download(&b);
        mt_deinit(&b);
    }
}

static void test_fota_errors_huawei(void **state)
{
    static const char *const bad[] = {"eol=crlf", NULL};
    static const struct httpd_habit plain;

    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "fota-errors-huawei" : NULL, bad);
        mt_habit(&b, "changelog.xml",
                 "<root><component name=\"F\" version=\"9.9.9.9(SP1C01)\"/></root>", &plain);
        mt_query(&b);
        mt_wait(&b, on ? "^FOTASTATE: 13,52\r\n" : "^FOTASTATE: 13,51\r\n");
        mt_wait_state(&b, "idle");
        assert_int_equal(httpd_set_down(b.httpd, true), 0);
        mt_query(&b);
        mt_wait(&b, on ? "^FOTASTATE: 13,18\r\n" : "^FOTASTATE: 13,13\r\n");
        mt_deinit(&b);
    }
}

static void test_check_source_version(void **state)
{
    static const char *const other[] = {"source_version=9.9.9.9(SP1C01)", NULL};
    static const char *const same[] = {"source_version=" MT_OLD, NULL};
    struct mt_bench b;

    begin(&b, NULL, other);
    mt_download(&b);
    mt_deinit(&b);
    begin(&b, "check-source-version", same);
    mt_download(&b);
    mt_deinit(&b);
    begin(&b, "check-source-version", other);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 14\r\n");
    mt_deinit(&b);
    mt_init(&b);
    rig_quirk(&b.rig, "check-source-version");
    rig_quirk(&b.rig, "fota20-code");
    mt_publish(&b, MT_NEW, SIZE, other);
    mt_start(&b);
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 20,110\r\n");
    mt_deinit(&b);
}

/* ---- the server's layout ---- */

static void test_pkg_bin_name(void **state)
{
    static const char *const named[] = {"file=FIRMWARE1.BIN", NULL};
    struct mt_bench b;

    begin(&b, "pkg-bin-name", NULL); /* filelist.xml says ota.swu */
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 20\r\n");
    assert_string_equal(httpd_request(b.httpd, 2).path, "/mt5700/full/FIRMWARE1.BIN");
    mt_deinit(&b);
    begin(&b, NULL, named);
    mt_download(&b);
    mt_deinit(&b);
}

static void test_no_slash_fix(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "no-slash-fix" : NULL, NULL);
        b.url[strlen(b.url) - 1] = '\0';
        mt_query(&b);
        mt_wait(&b, on ? "^FOTASTATE: 13,51\r\n" : "^FOTASTATE: 40\r\n");
        assert_string_equal(httpd_request(b.httpd, 0).path,
                            on ? "/mt5700full/filelist.xml" : "/mt5700/full/filelist.xml");
        mt_deinit(&b);
    }
}

/* ---- 31 and 40 ---- */

static void test_fotadl_pause(void **state)
{
    struct mt_bench b;

    begin(&b, "fotadl-pause", NULL);
    mt_arm(&b, "download.body@9999=stall:5m");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 30");
    mt_wait_faults(&b);
    mt_ask(&b, "AT^FOTAMODE=0,1,0,0", FINE);
    mt_ask(&b, "AT^FOTADL=2", "+CME ERROR: Operation not supported");
    mt_ask(&b, "AT^FOTAMODE=0,1,0,1", FINE);
    mt_ask(&b, "AT^FOTADL=2", "OK\r\n\r\n^FOTASTATE: 31\r\n");
    mt_ask(&b, "AT^FOTADL=1", "OK\r\n\r\n^FOTASTATE: 30\r\n");
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    mt_deinit(&b);
}

static void test_resume_needs_query(void **state)
{
    struct mt_bench b;

    begin(&b, "resume-needs-query", NULL);
    mt_arm(&b, "download.body@50%=reset_link");
    mt_query(&b);
    mt_wait(&b, "^FOTASTATE: 31\r\n");
    mt_ask(&b, "AT^FOTADL=1", "\r\nERROR\r\n");
    mt_download(&b);
    mt_deinit(&b);
}

static void test_fota40_volatile(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "fota40-volatile" : NULL, NULL);
        mt_download(&b);
        modem_cut(b.rig.modem, CUT_LOST);
        mt_power_on(&b);
        mt_ask(&b, "AT^FOTASTATE?", on ? "^FOTASTATE: 10\r\n" : "^FOTASTATE: 40\r\n");
        mt_deinit(&b);
    }
}

static void test_fwup_deferred(void **state)
{
    struct mt_bench b;

    begin(&b, "fwup-deferred", NULL);
    mt_ask(&b, "ATD10086;", FINE);
    mt_download(&b);
    mt_ask(&b, "AT^FWUP", FINE);
    mt_ask(&b, "AT+CHUP", FINE);
    mt_pass(&b, "1m");
    mt_assert_state(&b, "downloaded");
    mt_upgrade(&b);
    mt_deinit(&b);
}

static void expect_automatic(const char *quirk, const char *mode, const char *const *settings,
                             bool is_automatic)
{
    struct mt_bench b;

    begin(&b, quirk, settings);
    mt_ask(&b, mode, FINE);
    mt_download(&b);
    if (is_automatic) {
        mt_wait_state(&b, "upgrading");
    } else {
        mt_pass(&b, "3s");
        mt_assert_state(&b, "downloaded");
    }
    mt_deinit(&b);
}

static void test_whose_update_mode_counts(void **state)
{
    static const char *const automatic[] = {"update_mode=1", NULL};
    const char *mode = "update-mode-fotamode-only", *package = "update-mode-package-only";

    expect_automatic(NULL, "AT^FOTAMODE=0,1,1,1", NULL, true);
    expect_automatic(NULL, "AT^FOTAMODE=0,1,0,1", automatic, true);
    expect_automatic(mode, "AT^FOTAMODE=0,1,1,1", NULL, true);
    expect_automatic(mode, "AT^FOTAMODE=0,1,0,1", automatic, false);
    expect_automatic(package, "AT^FOTAMODE=0,1,1,1", NULL, false);
    expect_automatic(package, "AT^FOTAMODE=0,1,0,1", automatic, true);
}

static void test_strict_collision_blocks_the_download_too(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "strict-collision" : NULL, NULL);
        mt_ask(&b, "AT^FOTAMODE=0,0,0,1", FINE);
        mt_query(&b);
        mt_wait(&b, "^FOTASTATE: 12,");
        mt_ask(&b, "AT^NDISDUP=1,1", FINE);
        mt_ask(&b, "AT^FOTADL=1",
               on ? "+CME ERROR: FOTA is in collision state" : "OK\r\n\r\n^FOTASTATE: 30");
        mt_deinit(&b);
    }
}

/* ---- what is told after the reboot ---- */

static void expect_report(const char *quirk, const char *fault, const char *words)
{
    struct mt_bench b;

    begin(&b, quirk, NULL);
    if (fault)
        mt_arm(&b, fault);
    mt_download(&b);
    mt_ask(&b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(&b, MODEM_FLASHING);
    rig_heard(&b.rig);
    mt_wait(&b, "^HCSQ");
    if (words ? !says(&b, words) : says(&b, "FOTASTATE"))
        fail_msg("%s: %s", quirk ? quirk : "-", buf_text(&b.rig.heard[0]));
    assert_string_equal(b.rig.modem->firmware, fault ? MT_OLD : MT_NEW);
    mt_wait_state(&b, "idle");
    mt_deinit(&b);
}

static void test_reports_after_the_reboot(void **state)
{
    const char *fault = "mt5700.fota.flash@20%=fail:151";

    expect_report(NULL, NULL, NULL);
    expect_report(NULL, fault, NULL);
    expect_report("fail-70", NULL, NULL);
    expect_report("fail-70", fault, "\r\n^FOTASTATE: 70\r\n");
    expect_report("huawei-80-90", NULL, "\r\n^FOTASTATE: 90\r\n");
    expect_report("huawei-80-90", fault, "\r\n^FOTASTATE: 80,151\r\n");
}

/* ---- the rest ---- */

static void test_creg_sa_1(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        mt_init(&b);
        rig_option(&b.rig, "rat", "nr");
        if (on)
            rig_quirk(&b.rig, "creg-sa-1");
        mt_start(&b);
        mt_ask(&b, "AT+CREG?", on ? "+CREG: 0,1\r\n" : "+CREG: 0,0\r\n");
        mt_deinit(&b);
    }
}

static unsigned count_errors(const char *quirk)
{
    unsigned errors = 0;
    struct mt_bench b;

    mt_init(&b);
    rig_option(&b.rig, "at_latency_min", "0ms");
    rig_option(&b.rig, "at_latency_max", "0ms");
    if (quirk)
        rig_quirk(&b.rig, quirk);
    rig_start(&b.rig);
    mt_wait_power(&b, MODEM_ON);
    for (int i = 0; i < 200; i++) {
        rig_heard(&b.rig);
        mt_say(&b, "AT+CFUN?");
        errors += strstr(rig_heard(&b.rig), "\r\nERROR\r\n") != NULL;
    }
    mt_deinit(&b);
    return errors;
}

static void test_spurious_error(void **state)
{
    unsigned errors = count_errors("spurious-error");

    assert_int_equal(count_errors(NULL), 0);
    assert_true(errors > 5 && errors < 60); /* a tenth of 200 */
}

static bool answers_at(struct mt_bench *b, size_t line)
{
    rig_send_on(&b->rig, line, "AT\r", 3);
    mt_pass(b, "2s");
    return strstr(rig_heard_on(&b->rig, line), "OK") != NULL;
}

static void test_usb5_has_a_fifth_tty_and_diag_and_gps_are_no_at_ports(void **state)
{
    static const char *const names[] = {"at", "serial_c", "diag", "gps", "serial_b"};
    static const bool speaks[] = {true, true, false, false, true};

    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        mt_init(&b);
        if (on)
            rig_quirk(&b.rig, "usb5");
        mt_start(&b);
        assert_int_equal(b.rig.modem->line_count, on ? 5 : 4);
        for (size_t i = 1; i < b.rig.modem->line_count; i++) {
            assert_string_equal(b.rig.modem->lines[i]->name, names[i]);
            assert_int_equal(answers_at(&b, i), speaks[i]);
        }
        mt_deinit(&b);
    }
}

static void test_sslmng_strict(void **state)
{
    for (int on = 0; on < 2; on++) {
        struct mt_bench b;

        begin(&b, on ? "sslmng-strict" : NULL, NULL);
        mt_ask(&b, "AT^SSLMNG=2,0,0,\"ca_cert.pem\",1,1,\"XXXX\"", FINE); /* as S stores it */
        mt_ask(&b, "AT^SSLMNG=2,1,2,\"ca_cert.pem\"",
               on ? "\r\nERROR\r\n" : FINE); /* and loads it */
        mt_ask(&b, "AT^SSLMNG=2,1,0,\"ca_cert.pem\",1,1,\"XXXX\"", FINE);
        mt_ask(&b, "AT^SSLMNG=2,1,2,\"ca_cert.pem\"", FINE);
        mt_deinit(&b);
    }
}

static void publish_answer(struct mt_bench *b, const char *format, const char *url)
{
    const struct httpd_habit habit = {.takes_post = true};
    char answer[400];

    snprintf(answer, sizeof(answer),
             "{\"status\":\"%s\",\"components\":[{\"name\":\"F\",\"url\":\"%s\"}]}", format, url);
    httpd_publish(b->httpd, "/Check.action?latest=true", answer, strlen(answer), &habit);
}

static void test_huawei_hota(void **state)
{
    struct mt_bench b;
    char hota[200];

    mt_init(&b);
    rig_quirk(&b.rig, "huawei-hota");
    snprintf(hota, sizeof(hota), "http://127.0.0.1:%u/Check.action?latest=true",
             httpd_port(b.httpd));
    rig_option(&b.rig, "hota_url", hota);
    mt_publish(&b, MT_NEW, SIZE, NULL);
    publish_answer(&b, "1", "");
    mt_start(&b);
    mt_ask(&b, "AT^FOTACFG=\"cmnet\",,,0", FINE);
    mt_ask(&b, "AT^FOTACFG?", "^FOTACFG: \"cmnet\",,,0\r\n");
    mt_ask(&b, "AT^FOTADET", "OK\r\n\r\n^FOTASTATE: 11\r\n");
    mt_wait(&b, "^FOTASTATE: 14\r\n");
    mt_wait_state(&b, "idle");
    publish_answer(&b, "0", b.url);
    mt_ask(&b, "AT^FOTADET", FINE);
    mt_wait(&b, "^FOTASTATE: 40\r\n");
    assert_string_equal(httpd_request(b.httpd, 1).method, "POST");
    mt_upgrade(&b);
    assert_string_equal(b.rig.modem->firmware, MT_NEW);
    mt_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_wording_quirk_changes_its_line_and_nothing_else),
        cmocka_unit_test(test_each_quirk_of_an_answer),
        cmocka_unit_test(test_fotadlq_total_first),
        cmocka_unit_test(test_fota_silent_idle),
        cmocka_unit_test(test_fota_sticky_error_and_its_code),
        cmocka_unit_test(test_fota_errors_huawei),
        cmocka_unit_test(test_check_source_version),
        cmocka_unit_test(test_pkg_bin_name),
        cmocka_unit_test(test_no_slash_fix),
        cmocka_unit_test(test_fotadl_pause),
        cmocka_unit_test(test_resume_needs_query),
        cmocka_unit_test(test_fota40_volatile),
        cmocka_unit_test(test_fwup_deferred),
        cmocka_unit_test(test_whose_update_mode_counts),
        cmocka_unit_test(test_strict_collision_blocks_the_download_too),
        cmocka_unit_test(test_reports_after_the_reboot),
        cmocka_unit_test(test_creg_sa_1),
        cmocka_unit_test(test_spurious_error),
        cmocka_unit_test(test_usb5_has_a_fifth_tty_and_diag_and_gps_are_no_at_ports),
        cmocka_unit_test(test_sslmng_strict),
        cmocka_unit_test(test_huawei_hota),
    };

    return cmocka_run_group_tests_name("mt5700-quirks", tests, NULL, NULL);
}
