/* SPDX-License-Identifier: MIT */
#include "tests/air720-bench.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/download.h"
#include "sim/modem/package.h"
#include "tests/test.h"

void bench_init(struct air720_bench *bench)
{
    static const char *const options[][2] = {
        {"firmware",      OLD_VERSION},
        {"factory_rate",  "115200"   },
        {"registration",  "100ms"    },
        {"attach",        "100ms"    },
        {"auto_first",    "1000h"    },
        {"first_byte",    "100ms"    },
        {"download_rate", "64k"      },
        {"flash_time",    "5s"       },
        {"cpin_delay",    "100ms"    },
        {"version_delay", "100ms"    },
        {"sms_delay",     "100ms"    },
    };
    struct buf error = {0};

    memset(bench, 0, sizeof(*bench));
    rig_init(&bench->rig, "air720", NULL);
    assert_int_equal(
        httpd_new(&bench->rig.loop, bench->rig.trace, "http", 0, &bench->httpd, &error), 0);
    assert_int_equal(luat_new(&bench->rig.bench, &bench->luat, &error), 0);
    assert_int_equal(luat_add_project(bench->luat, LUAT_PROJECT), 0);
    assert_int_equal(
        luat_add_device(bench->luat, modem_text(bench->rig.modem, MODEM_OPTION_IMEI), NULL), 0);
    snprintf(bench->url, sizeof(bench->url), "http://127.0.0.1:%u/update.bin",
             httpd_port(bench->httpd));
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        rig_option(&bench->rig, options[i][0], options[i][1]);
}

void bench_deinit(struct air720_bench *bench)
{
    httpd_free(bench->httpd);
    luat_free(bench->luat);
    buf_deinit(&bench->heard);
    rig_deinit(&bench->rig);
}

void bench_start(struct air720_bench *bench)
{
    rig_start(&bench->rig);
    assert_true(bench_wait_rest(bench, "1m"));
    bench_wait(bench, 0, "SMS READY", "10s");
    bench_say(bench, "ATE0");
}

void bench_publish(struct air720_bench *bench, const char *from, const char *to, size_t size_bytes,
                   bool damaged, const struct httpd_habit *habit)
{
    struct buf package = {0};

    assert_int_equal(package_make("air720", from, to, size_bytes, &package, NULL), 0);
    if (damaged)
        package.data[size_bytes / 2] ^= 1;
    httpd_publish(bench->httpd, "/update.bin", package.data, package.len, habit);
    buf_deinit(&package);
}

void bench_release(struct air720_bench *bench)
{
    struct luat_release release = {.version = NEW_VERSION, .url = bench->url};

    assert_int_equal(luat_add_release(bench->luat, &release), 0);
}

const char *bench_say(struct air720_bench *bench, const char *command)
{
    char line[AT_LINE_MAX];

    rig_heard(&bench->rig);
    snprintf(line, sizeof(line), "%s\r", command);
    rig_send(&bench->rig, line, strlen(line));
    buf_clear(&bench->heard);
    buf_add_text(&bench->heard, rig_heard(&bench->rig));
    return buf_text(&bench->heard);
}

void bench_upgrade_from_url(struct air720_bench *bench)
{
    char command[256];

    snprintf(command, sizeof(command), "AT+UPGRADE=\"URL\",\"%s\"", bench->url);
    bench_say(bench, command);
    bench_say(bench, "AT+UPGRADE");
}

void bench_upgrade_from_service(struct air720_bench *bench)
{
    bench_say(bench, "AT+UPGRADE");
}

void bench_wait(struct air720_bench *bench, size_t line, const char *text, const char *within)
{
    if (!rig_wait_on(&bench->rig, line, text, within)) {
        trace_write_transcript(bench->rig.trace, stderr);
        fail_msg("the modem did not say %s", text);
    }
}

static void on_nothing(void *arg)
{
}

static bool is_at_rest(const struct modem *modem)
{
    return modem->power == MODEM_OFF || (modem->power == MODEM_ON && modem->net.bearer &&
                                         strcmp(modem_fota_state(modem), "idle") == 0);
}

bool bench_wait_rest(struct air720_bench *bench, const char *within)
{
    struct timer limit = {0};
    uint64_t limit_us;

    assert_int_equal(text_parse_duration(within, &limit_us), 0);
    clock_after(&bench->rig.clock, &limit, limit_us, on_nothing, NULL);
    while (!is_at_rest(bench->rig.modem) && timer_is_armed(&limit)) {
        rig_turn(&bench->rig);
        rig_listen(&bench->rig);
    }
    clock_cancel(&bench->rig.clock, &limit);
    return is_at_rest(bench->rig.modem);
}

void bench_expect_result(struct air720_bench *bench, const char *result)
{
    char wanted[80];

    snprintf(wanted, sizeof(wanted), "\r\n+UPGRADE: %s\r\n\r\nOK\r\n", result);
    assert_string_equal(bench_say(bench, "AT+UPGRADE?"), wanted);
}

size_t bench_report_count(const struct air720_bench *bench)
{
    size_t count = 0;

    for (size_t i = 0; i < luat_visit_count(bench->luat); i++)
        count += luat_visit(bench->luat, i).is_report;
    return count;
}
