/*
 * The BC26's upgrade end to end: real HTTP on loopback, and the power taken away at
 * every write on the way.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/httpd.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/download.h"
#include "sim/modem/line.h"
#include "sim/modem/package.h"
#include "tests/bench-rig.h"
#include "tests/power-sweep.h"
#include "tests/test.h"

#define OLD_VERSION "BC26NBR01A05"
#define NEW_VERSION "BC26NBR01A06"

#define PATIENCE 20

struct fixture {
    struct rig rig;
    struct httpd *httpd;
    char url[128];
};

static void publish(struct fixture *f, const char *from, const char *to, size_t size_bytes,
                    const struct httpd_habit *habit)
{
    static const struct httpd_habit plain;
    struct buf package = {0};

    assert_int_equal(package_make("bc26", from, to, size_bytes, &package, NULL), 0);
    httpd_publish(f->httpd, "/update.bin", package.data, package.len, habit ? habit : &plain);
    buf_deinit(&package);
}

/* A modem with a fixed rate and short times; start() opens it. */
static void fixture_init(struct fixture *f)
{
    struct buf error = {0};

    rig_init(&f->rig, "bc26", NULL);
    assert_int_equal(httpd_new(&f->rig.loop, f->rig.trace, "http", 0, &f->httpd, &error), 0);
    snprintf(f->url, sizeof(f->url), "http://www.quectel.com:100/update.bin");
    assert_int_equal(
        resolver_map(f->rig.bench.resolver, "www.quectel.com:100", httpd_port(f->httpd)), 0);
    rig_quirk(&f->rig, "echo-off-default");
    rig_option(&f->rig, "firmware", OLD_VERSION);
    rig_option(&f->rig, "registration", "100ms");
    rig_option(&f->rig, "attach", "100ms");
    rig_option(&f->rig, "first_byte", "100ms");
    rig_option(&f->rig, "download_rate", "64k");
    rig_option(&f->rig, "update_time", "5s");
}

static void fixture_deinit(struct fixture *f)
{
    httpd_free(f->httpd);
    rig_deinit(&f->rig);
}

static void start(struct fixture *f)
{
    rig_start(&f->rig);
    if (f->rig.modem->lines[0]->autobaud)
        return;
    assert_true(rig_wait(&f->rig, "+IP: ", "30s"));
    rig_heard(&f->rig);
}

static void start_fixed(struct fixture *f)
{
    rig_quirk(&f->rig, "baud-fixed-default");
    start(f);
}

static void say(struct fixture *f, const char *text)
{
    rig_send(&f->rig, text, strlen(text));
}

static void command_upgrade(struct fixture *f)
{
    char command[256];

    snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"\r", f->url);
    say(f, command);
}

/* The limit is modem time, a blink of wall time: a loaded machine gets it several times over. */
static void assert_wait(struct fixture *f, const char *text, const char *within)
{
    bool came = false;

    for (int i = 0; i < PATIENCE && !came; i++)
        came = rig_wait(&f->rig, text, within);
    if (!came) {
        trace_write_transcript(f->rig.trace, stderr);
        fail_msg("the modem did not say %s", text);
    }
}

/* Each text in its order; anything may stand between. */
static void assert_in_order(const char *heard, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(heard, texts[i]);

        if (!found)
            fail_msg("not there, or not in order: %s\nleft: %s", texts[i], heard);
        heard = found + strlen(texts[i]);
    }
}

static void test_the_guides_example_line_by_line(void **state)
{
    static const char banner[] = "\n\rF1: 0000 0000\n\rV0: 0000 0000 [0001]\n\r00: 0006 000C\n\r"
                                 "01: 0000 0000\n\rU0: 0000 0001 [0000]\n\rT0: 0000 00B4\n\r"
                                 "Leaving the BROM\n\r\n\r";
    struct fixture f;
    struct buf wanted = {0};

    fixture_init(&f);
    rig_quirk(&f.rig, "fota-httptart-typo");
    rig_quirk(&f.rig, "no-ip-urc");
    rig_option(&f.rig, "cpin_delay", "10m"); /* the guide's log ends before it */
    publish(&f, OLD_VERSION, NEW_VERSION, 30000, NULL);
    rig_quirk(&f.rig, "baud-fixed-default");
    rig_option(&f.rig, "network", "home");
    rig_start(&f.rig);
    assert_wait(&f, "+CFUN: 1", "30s");
    modem_enter(f.rig.modem);
    net_radio(f.rig.modem, true); /* not behind +CPIN, which comes late here */
    modem_leave(f.rig.modem, 0);
    while (!f.rig.modem->net.bearer)
        rig_turn(&f.rig);
    rig_heard(&f.rig);
    command_upgrade(&f);
    buf_add_text(&wanted, "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"HTTPTART\"\r\n");
    for (int i = 1; i <= 100; i++)
        buf_printf(&wanted, "\r\n+QIND: \"FOTA\",\"DOWNLOADING\",%d%%\r\n", i);
    buf_add_text(&wanted, "\r\n+QIND: \"FOTA\",\"HTTPEND\",0\r\n\r\n+QIND: \"FOTA\",\"START\"\r\n");
    buf_add_text(&wanted, banner);
    for (int i = 1; i <= 100; i++)
        buf_printf(&wanted, "\r\n+QIND: \"FOTA\",\"UPDATING\",%d%%,1,1\r\n", i);
    buf_add_text(&wanted, banner);
    buf_add_text(&wanted, "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+QIND: \"FOTA\",\"END\",0\r\n");
    assert_wait(&f, "\"END\",0\r\n", "10m");
    assert_string_equal(rig_heard(&f.rig), buf_text(&wanted));
    assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
    rig_expect(&f.rig, "AT+CGMR\r", "\r\nRevision: " NEW_VERSION "\r\n\r\nOK\r\n");
    assert_int_equal(httpd_request_count(f.httpd), 1);
    assert_null(httpd_request(f.httpd, 0).range);
    buf_deinit(&wanted);
    fixture_deinit(&f);
}

static void expect_end(const char *from, const char *to, bool damaged, const char *end)
{
    static const struct httpd_habit plain;
    struct fixture f;
    struct buf package = {0};

    fixture_init(&f);
    start_fixed(&f);
    assert_int_equal(package_make("bc26", from, to, 20000, &package, NULL), 0);
    if (damaged)
        package.data[12345] ^= 1;
    httpd_publish(f.httpd, "/update.bin", package.data, package.len, &plain);
    command_upgrade(&f);
    assert_wait(&f, end, "10m");
    assert_null(strstr(rig_heard(&f.rig), "UPDATING"));
    assert_string_equal(f.rig.modem->firmware, OLD_VERSION);
    assert_string_equal(modem_fota_state(f.rig.modem), "idle");
    buf_deinit(&package);
    fixture_deinit(&f);
}

static void test_a_package_for_another_version_is_refused_with_254(void **state)
{
    expect_end("BC26NBR01A02", NEW_VERSION, false, "\"END\",254");
}

static void test_a_damaged_package_is_refused_with_255(void **state)
{
    expect_end(OLD_VERSION, NEW_VERSION, true, "\"END\",255");
}

static void test_a_vendors_opaque_file_installs_by_its_declared_versions(void **state)
{
    static const struct httpd_habit plain;
    struct fixture f;
    char opaque[9000];

    fixture_init(&f);
    start_fixed(&f);
    memset(opaque, 'q', sizeof(opaque));
    httpd_publish(f.httpd, "/update.bin", opaque, sizeof(opaque), &plain);
    assert_int_equal(package_catalog_add(f.rig.bench.catalog, opaque, sizeof(opaque), "bc26",
                                         OLD_VERSION, NEW_VERSION),
                     0);
    command_upgrade(&f);
    assert_wait(&f, "\"END\",0", "10m");
    assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
    modem_cut(f.rig.modem, CUT_LOST);
    modem_power_on(f.rig.modem);
    assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
    fixture_deinit(&f);
}

static void test_power_loss_while_updating_forces_the_upgrade_at_the_next_boot(void **state)
{
    static const char *const order[] = {
        "Leaving the BROM",
        "\r\n+QIND: \"FOTA\",\"START\"\r\n",
        "\r\n+QIND: \"FOTA\",\"UPDATING\", 1%, 1, 1\r\n",
        "\r\n+QIND: \"FOTA\",\"UPDATING\", 100%, 1, 1\r\n",
        "Leaving the BROM",
        "RDY",
        "+CFUN: 1",
        "\"END\",0",
    };
    struct fixture f;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 30000, NULL);
    start_fixed(&f);
    assert_int_equal(modem_fault(f.rig.modem, "bc26.fota.update@37%=power_cut", NULL), 0);
    command_upgrade(&f);
    assert_wait(&f, "\"UPDATING\",36%,1,1", "10m");
    assert_false(rig_wait(&f.rig, "\"UPDATING\",37%", "1m"));
    assert_int_equal(f.rig.modem->power, MODEM_OFF);
    assert_null(fault_plan_unfired(f.rig.modem->plan));
    rig_heard(&f.rig);
    modem_power_on(f.rig.modem);
    assert_string_equal(f.rig.modem->firmware, OLD_VERSION);
    assert_wait(&f, "\"END\",0", "10m");
    assert_in_order(rig_heard(&f.rig), order, ARRAY_LEN(order));
    assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
    fixture_deinit(&f);
}

static void test_a_download_that_was_cut_is_resumed_with_range(void **state)
{
    struct fixture f;
    const char *range;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 60000, NULL);
    start_fixed(&f);
    assert_int_equal(modem_fault(f.rig.modem, "bc26.fota.download@60%=power_cut", NULL), 0);
    command_upgrade(&f);
    assert_wait(&f, "\"DOWNLOADING\",59%", "10m");
    assert_false(rig_wait(&f.rig, "\"DOWNLOADING\",60%", "1m"));
    modem_power_on(f.rig.modem);
    rig_heard(&f.rig);
    assert_wait(&f, "+IP: ", "1m");
    assert_string_equal(modem_fota_state(f.rig.modem),
                        "idle"); /* nothing is printed, nothing runs */
    assert_null(strstr(rig_heard(&f.rig), "FOTA"));
    command_upgrade(&f);
    assert_wait(&f, "\"END\",0", "10m");
    assert_int_equal(httpd_request_count(f.httpd), 2);
    range = httpd_request(f.httpd, 1).range;
    assert_non_null(range);
    assert_string_equal(range, "bytes=32768-"); /* 36000 bytes, stored each four pages */
    assert_int_equal(httpd_request(f.httpd, 1).status, 206);
    assert_null(strstr(rig_heard(&f.rig), "\"DOWNLOADING\",54%"));
    assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
    fixture_deinit(&f);
}

static void test_a_broken_connection_is_resumed_and_the_bearer_lost_for_good_gives_13(void **state)
{
    const struct httpd_habit breaks = {.cut_after_bytes = 20000, .cut_times = 1};
    struct fixture f;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 60000, &breaks);
    start_fixed(&f);
    command_upgrade(&f);
    assert_wait(&f, "\"HTTPEND\",0", "10m");
    assert_int_equal(httpd_request_count(f.httpd), 2);
    assert_wait(&f, "\"END\",0", "10m");
    assert_wait(&f, "+IP: ", "1m");
    publish(&f, NEW_VERSION, OLD_VERSION, 60000, NULL); /* and a downgrade, S2 chapter 1 */
    command_upgrade(&f);
    assert_wait(&f, "\"DOWNLOADING\",30%", "10m");
    assert_int_equal(modem_set_network(f.rig.modem, "none"), 0);
    assert_wait(&f, "\"HTTPEND\",13", "10m");
    assert_string_equal(modem_fota_state(f.rig.modem), "idle");
    fixture_deinit(&f);
}

static void expect_http_end(const struct httpd_habit *habit, size_t size_bytes, const char *end)
{
    struct fixture f;

    fixture_init(&f);
    if (size_bytes > 0)
        publish(&f, OLD_VERSION, NEW_VERSION, size_bytes, habit);
    else
        httpd_publish(f.httpd, "/update.bin", "", 0, habit);
    start_fixed(&f);
    command_upgrade(&f);
    assert_wait(&f, end, "10m");
    if (strcmp(end, "\"HTTPEND\",12") == 0)
        assert_null(strstr(rig_heard(&f.rig), "DOWNLOADING"));
    fixture_deinit(&f);
}

static void test_each_kind_of_server_failure_is_12(void **state)
{
    const struct httpd_habit not_found = {.status = 404};
    const struct httpd_habit moved = {.status = 302, .location = "/elsewhere.bin"};
    const struct httpd_habit broken = {.status = 500};
    const struct httpd_habit silent = {.silent = true};
    const struct httpd_habit plain = {0};

    expect_http_end(&not_found, 5000, "\"HTTPEND\",12");
    expect_http_end(&moved, 5000, "\"HTTPEND\",12");
    expect_http_end(&broken, 5000, "\"HTTPEND\",12");
    expect_http_end(&silent, 5000, "\"HTTPEND\",12");
    expect_http_end(&plain, 0, "\"HTTPEND\",12");
}

static void test_a_chunked_answer_without_length_is_taken(void **state)
{
    const struct httpd_habit chunked = {.chunked = true};

    expect_http_end(&chunked, 30000, "\"END\",0");
}

static void test_end_is_hidden_in_autobaud_until_the_version_is_asked(void **state)
{
    struct fixture f;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 30000, NULL);
    start(&f);
    while (!f.rig.modem->net.bearer)
        rig_turn(&f.rig);
    say(&f, "AT\rAT\rAT\r");
    command_upgrade(&f);
    assert_wait(&f, "\"UPDATING\",100%,1,1", "10m"); /* the bootloader has its own rate */
    rig_heard(&f.rig);
    while (f.rig.modem->power != MODEM_ON || !f.rig.modem->net.bearer)
        rig_turn(&f.rig);
    assert_null(strstr(rig_heard(&f.rig), "RDY"));
    say(&f, "AT\rAT\r");
    assert_string_equal(rig_heard(&f.rig), "");
    say(&f, "AT\rATI\r");
    assert_non_null(strstr(rig_heard(&f.rig), "Revision: " NEW_VERSION));
    fixture_deinit(&f);
}

static void test_a_second_command_while_it_runs_is_busy(void **state)
{
    struct fixture f;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 30000, NULL);
    rig_quirk(&f.rig, "fota-busy-end2");
    start_fixed(&f);
    command_upgrade(&f);
    rig_heard(&f.rig);
    command_upgrade(&f);
    assert_non_null(strstr(rig_heard(&f.rig), "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"END\",2\r\n"));
    assert_wait(&f, "\"END\",0", "10m");
    fixture_deinit(&f);
}

/* ---- documented variants ---- */

/* What a quirk changes between command and END: one text that must come, one that must not. */
struct quirk_row {
    const char *quirk;
    const char *must;
    const char *must_not;
};

static const struct quirk_row quirk_rows[] = {
    {"fota-httptart-typo",        "\"FOTA\",\"HTTPTART\"",                         "HTTPSTART"         },
    {"fota-2018-spacing",         "\"DOWNLOADING\", 1%\r\n",                       "\"DOWNLOADING\",1%"},
    {"fota-updating-no-counts",   "\"UPDATING\",1%\r\n",                           "1%,1,1"            },
    {"fota-percent-plain",        "\"UPDATING\",1\r\n",                            "\"UPDATING\",1%"   },
    {"fota-boot-eol-lfcr",        "\n\r+QIND: \"FOTA\",\"UPDATING\",1%,1,1\n\r",   "1,1\r\n"           },
    {"fota-boot-no-lead-crlf",    "1%,1,1\r\n+QIND: \"FOTA\",\"UPDATING\",2%",
     "\r\n\r\n+QIND: \"FOTA\",\"UPDATING\",2%"                                                         },
    {"fota-no-banner",            "\"UPDATING\",100%",                             "BROM"              },
    {"fota-step-chunk",           "\"DOWNLOADING\",100%",                          "\"DOWNLOADING\",1%"},
    {"fota-end-no-reboot-lines",  "100%,1,1\r\n\r\n+QIND: \"FOTA\",\"END\",0\r\n", "RDY"               },
    {"fota-download-start-words", "\"DOWNLOAD\",0",                                "HTTP"              },
    {"fota-coap",                 "\"COAPEND\",0",                                 "HTTP"              },
};

static void test_each_wording_quirk_changes_its_line_and_nothing_else(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(quirk_rows); i++) {
        const struct quirk_row *row = &quirk_rows[i];
        struct fixture f;
        const char *heard;

        fixture_init(&f);
        publish(&f, OLD_VERSION, NEW_VERSION, 20000, NULL);
        rig_quirk(&f.rig, row->quirk);
        start_fixed(&f);
        command_upgrade(&f);
        assert_wait(&f, "\"END\",0", "10m");
        assert_wait(&f, "\r\n", "1s");
        heard = rig_heard(&f.rig);
        if (!strstr(heard, row->must) || strstr(heard, row->must_not))
            fail_msg("%s: %s", row->quirk, heard);
        assert_string_equal(f.rig.modem->firmware, NEW_VERSION);
        fixture_deinit(&f);
    }
}

static void test_a_forced_upgrade_may_print_without_spaces(void **state)
{
    struct fixture f;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 20000, NULL);
    rig_quirk(&f.rig, "fota-forced-compact");
    start_fixed(&f);
    assert_int_equal(modem_fault(f.rig.modem, "bc26.fota.update@10%=power_cut", NULL), 0);
    command_upgrade(&f);
    assert_false(rig_wait(&f.rig, "\"END\"", "10m"));
    rig_heard(&f.rig);
    modem_power_on(f.rig.modem);
    assert_wait(&f, "\"UPDATING\",1%,1,1", "10m");
    assert_wait(&f, "\"END\",0", "10m");
    fixture_deinit(&f);
}

/* ---- the sweep: power taken away everywhere ---- */

static void assert_safe(struct fixture *f, const char *fault)
{
    const char *version = f->rig.modem->firmware;

    if (strcmp(version, OLD_VERSION) != 0 && strcmp(version, NEW_VERSION) != 0)
        fail_msg("%s: the firmware is \"%s\"", fault, version);
}

/* A patient host: after each boot it looks at the version and asks again for what is missing. */
static void bring_to_new_version(struct fixture *f, const char *fault)
{
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
        if (f->rig.modem->power == MODEM_OFF)
            modem_power_on(f->rig.modem);
        assert_safe(f, fault);
        /* A boot ends in +IP, whether or not a forced upgrade comes before it. */
        if (!f->rig.modem->net.bearer && !rig_wait(&f->rig, "+IP: ", "5m"))
            continue;
        assert_safe(f, fault);
        if (strcmp(f->rig.modem->firmware, NEW_VERSION) == 0)
            return;
        rig_heard(&f->rig);
        command_upgrade(f);
        rig_wait(&f->rig, "+IP: ", "5m");
    }
    trace_write_transcript(f->rig.trace, stderr);
    fail_msg("%s: the new version never ran", fault);
}

/* Return: whether the fault fired. */
static bool trial(const char *fault)
{
    struct fixture f;
    struct buf error = {0};
    bool fired;

    fixture_init(&f);
    publish(&f, OLD_VERSION, NEW_VERSION, 20000, NULL);
    start_fixed(&f);
    if (modem_fault(f.rig.modem, fault, &error) < 0)
        fail_msg("%s", buf_text(&error));
    command_upgrade(&f);
    rig_wait(&f.rig, "+IP: ", "5m");
    fired = !fault_plan_unfired(f.rig.modem->plan);
    bring_to_new_version(&f, fault);
    fixture_deinit(&f);
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
    power_sweep(trial, "bc26.fota.httpend", "=power_cut");
    power_sweep(trial, "bc26.fota.start", "=power_cut");
    power_sweep(trial, "bc26.fota.switch", "=reset");
    power_sweep(trial, "bc26.fota.end", "=power_cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_guides_example_line_by_line),
        cmocka_unit_test(test_a_package_for_another_version_is_refused_with_254),
        cmocka_unit_test(test_a_damaged_package_is_refused_with_255),
        cmocka_unit_test(test_a_vendors_opaque_file_installs_by_its_declared_versions),
        cmocka_unit_test(test_power_loss_while_updating_forces_the_upgrade_at_the_next_boot),
        cmocka_unit_test(test_a_download_that_was_cut_is_resumed_with_range),
        cmocka_unit_test(test_a_broken_connection_is_resumed_and_the_bearer_lost_for_good_gives_13),
        cmocka_unit_test(test_each_kind_of_server_failure_is_12),
        cmocka_unit_test(test_a_chunked_answer_without_length_is_taken),
        cmocka_unit_test(test_end_is_hidden_in_autobaud_until_the_version_is_asked),
        cmocka_unit_test(test_a_second_command_while_it_runs_is_busy),
        cmocka_unit_test(test_each_wording_quirk_changes_its_line_and_nothing_else),
        cmocka_unit_test(test_a_forced_upgrade_may_print_without_spaces),
        cmocka_unit_test(test_power_cut_at_every_flash_write),
        cmocka_unit_test(test_power_cut_at_every_commit_of_settings),
        cmocka_unit_test(test_power_cut_and_reset_at_every_step),
    };

    return cmocka_run_group_tests_name("bc26-fota", tests, NULL, NULL);
}
