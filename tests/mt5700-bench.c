/* SPDX-License-Identifier: MIT */
#include "tests/mt5700-bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/package.h"
#include "tests/test.h"

#define PATIENCE "10m"

void mt_init(struct mt_bench *bench)
{
    mt_init_with(bench, &(struct httpd_options){0});
}

void mt_init_with(struct mt_bench *bench, const struct httpd_options *options)
{
    struct buf error = {0};
    char *url;

    rig_init(&bench->rig, "mt5700", NULL);
    if (httpd_new_with(&bench->rig.loop, bench->rig.trace, "http", options, &bench->httpd, &error) <
        0)
        fail_msg("%s", buf_text(&error));
    url = httpd_url(bench->httpd, MT_FOLDER);
    snprintf(bench->url, sizeof(bench->url), "%s", url);
    free(url);
    rig_option(&bench->rig, "firmware", MT_OLD);
    rig_option(&bench->rig, "attachment", "uart");
    rig_option(&bench->rig, "signal_noise", "off");
    rig_option(&bench->rig, "reboot_to_at", "500ms");
    rig_option(&bench->rig, "registration", "100ms");
    rig_option(&bench->rig, "attach", "100ms");
    rig_option(&bench->rig, "flash_time", "1s");
    rig_option(&bench->rig, "judge_time", "200ms");
    rig_option(&bench->rig, "loader_delay", "100ms");
    rig_option(&bench->rig, "query_time", "200ms");
    rig_option(&bench->rig, "t50_to_usb_loss", "200ms");
    rig_option(&bench->rig, "download_rate", "200k");
    rig_option(&bench->rig, "breakpoint_pages", "4");
}

void mt_deinit(struct mt_bench *bench)
{
    httpd_free(bench->httpd);
    rig_deinit(&bench->rig);
}

static void publish_file(void *arg, const char *name, const void *bytes, size_t len)
{
    struct httpd *httpd = arg;
    char *path = xasprintf("%s%s", MT_FOLDER, name);

    httpd_publish(httpd, path, bytes, len, NULL);
    free(path);
}

static void publish(struct mt_bench *bench, const struct dialect_package *package,
                    const char *const *settings)
{
    struct buf error = {0};
    size_t count = 0;

    while (settings && settings[count])
        count++;
    if (dialect_package_files(bench->rig.modem->dialect, package, settings, count, publish_file,
                              bench->httpd, &error) < 0)
        fail_msg("%s", buf_text(&error));
}

void mt_publish(struct mt_bench *bench, const char *to, size_t size_bytes,
                const char *const *settings)
{
    mt_publish_for(bench, "mt5700", to, size_bytes, settings);
}

void mt_publish_for(struct mt_bench *bench, const char *dialect, const char *to, size_t size_bytes,
                    const char *const *settings)
{
    struct buf package = {0};

    assert_int_equal(package_make(dialect, "", to, size_bytes, &package, NULL), 0);
    publish(bench, &(struct dialect_package){package.data, package.len, "", to}, settings);
    buf_deinit(&package);
}

void mt_publish_bytes(struct mt_bench *bench, const void *bytes, size_t len,
                      const char *const *settings)
{
    publish(bench, &(struct dialect_package){bytes, len, "", MT_NEW}, settings);
}

void mt_habit(struct mt_bench *bench, const char *name, const char *text,
              const struct httpd_habit *habit)
{
    char *path = xasprintf("%sfull/%s", MT_FOLDER, name);

    httpd_publish(bench->httpd, path, text ? text : "", text ? strlen(text) : 0, habit);
    free(path);
}

static void stuck(struct mt_bench *bench, const char *what)
{
    trace_write_transcript(bench->rig.trace, stderr);
    fail_msg("it did not come: %s", what);
}

void mt_say(struct mt_bench *bench, const char *command)
{
    char line[1200];
    int len = snprintf(line, sizeof(line), "%s\r", command);

    assert_true(len < (int)sizeof(line));
    rig_send(&bench->rig, line, (size_t)len);
}

void mt_wait(struct mt_bench *bench, const char *text)
{
    if (!rig_wait(&bench->rig, text, PATIENCE))
        stuck(bench, text);
}

void mt_ask(struct mt_bench *bench, const char *command, const char *wanted)
{
    rig_heard(&bench->rig);
    mt_say(bench, command);
    mt_wait(bench, wanted);
}

static void on_nothing(void *arg)
{
}

void mt_pass(struct mt_bench *bench, const char *duration)
{
    struct timer limit = {0};
    uint64_t duration_us;

    assert_int_equal(text_parse_duration(duration, &duration_us), 0);
    clock_after(&bench->rig.clock, &limit, duration_us, on_nothing, NULL);
    while (timer_is_armed(&limit)) {
        rig_turn(&bench->rig);
        rig_listen(&bench->rig);
    }
}

typedef bool (*holds_fn)(const struct modem *modem, const void *what);

/* Serve the loop until it holds; the limit's timer also keeps a quiet loop from blocking. */
static void wait_until(struct mt_bench *bench, holds_fn holds, const void *what, const char *name)
{
    struct timer limit = {0};
    uint64_t limit_us;

    assert_int_equal(text_parse_duration(PATIENCE, &limit_us), 0);
    clock_after(&bench->rig.clock, &limit, limit_us, on_nothing, NULL);
    while (!holds(bench->rig.modem, what)) {
        if (!timer_is_armed(&limit))
            stuck(bench, name);
        rig_turn(&bench->rig);
        rig_listen(&bench->rig);
    }
    clock_cancel(&bench->rig.clock, &limit);
}

static bool has_power(const struct modem *modem, const void *power)
{
    return modem->power == *(const enum modem_power *)power;
}

static bool is_in_state(const struct modem *modem, const void *state)
{
    return strcmp(modem_fota_state(modem), state) == 0;
}

static bool has_bearer(const struct modem *modem, const void *unused)
{
    return modem->net.bearer;
}

static bool has_no_fault_left(const struct modem *modem, const void *unused)
{
    return !fault_plan_unfired(modem->plan);
}

bool mt_has_bearer_within(struct mt_bench *bench, const char *duration)
{
    struct modem *modem = bench->rig.modem;
    struct timer limit = {0};
    uint64_t limit_us;

    assert_int_equal(text_parse_duration(duration, &limit_us), 0);
    clock_after(&bench->rig.clock, &limit, limit_us, on_nothing, NULL);
    while (!modem->net.bearer && modem->power != MODEM_OFF && timer_is_armed(&limit)) {
        rig_turn(&bench->rig);
        rig_listen(&bench->rig);
    }
    clock_cancel(&bench->rig.clock, &limit);
    return modem->net.bearer;
}

void mt_wait_power(struct mt_bench *bench, enum modem_power power)
{
    wait_until(bench, has_power, &power, modem_power_name(power));
}

void mt_wait_state(struct mt_bench *bench, const char *state)
{
    wait_until(bench, is_in_state, state, state);
}

void mt_wait_bearer(struct mt_bench *bench)
{
    wait_until(bench, has_bearer, NULL, "the bearer");
}

void mt_wait_faults(struct mt_bench *bench)
{
    wait_until(bench, has_no_fault_left, NULL, "the fault");
}

void mt_assert_state(struct mt_bench *bench, const char *state)
{
    assert_string_equal(modem_fota_state(bench->rig.modem), state);
}

void mt_arm(struct mt_bench *bench, const char *fault)
{
    struct buf error = {0};

    if (modem_fault(bench->rig.modem, fault, &error) < 0)
        fail_msg("%s", buf_text(&error));
}

static void wait_ready(struct mt_bench *bench)
{
    mt_wait_bearer(bench);
    mt_ask(bench, "ATE0", "\r\nOK\r\n");
    rig_heard(&bench->rig);
}

void mt_start(struct mt_bench *bench)
{
    rig_start(&bench->rig);
    wait_ready(bench);
}

void mt_power_on(struct mt_bench *bench)
{
    modem_power_on(bench->rig.modem);
    wait_ready(bench);
}

void mt_query(struct mt_bench *bench)
{
    char command[200];

    snprintf(command, sizeof(command), "AT^FOTAOEMDL=\"%s\"", bench->url);
    mt_ask(bench, command, "\r\nOK\r\n");
}

void mt_download(struct mt_bench *bench)
{
    mt_query(bench);
    mt_wait(bench, "^FOTASTATE: 40\r\n");
}

void mt_upgrade(struct mt_bench *bench)
{
    mt_ask(bench, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(bench, MODEM_FLASHING);
    mt_wait_power(bench, MODEM_ON);
    wait_ready(bench);
}
