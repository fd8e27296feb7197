/*
 * Air720: what goes over HTTP: the query of the service, the package, the report (sheet 5).
 *
 * Query and download are one GET: the service answers with the package itself, with its place
 * (3xx and Location), or with a refusal in JSON, {"code":27,"msg":"..."}. Paths and parameters are
 * those of the vendor's Lua firmware for the same chip (L5); the report's path is ours, since no
 * source names one. A user's URL is fetched as it is, and nothing but a package is understood.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/fota.h"
#include "sim/modem/modem_download.h"
#include "sim/modem/nv.h"

#define STATUS_OK 200

static void begin_transfer(struct modem *modem);

void air720_end_transfer(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    download_free(air720->download);
    air720->download = NULL;
    package_store_free(air720->store);
    air720->store = NULL;
    buf_clear(&air720->reply);
}

/* ---- progress ---- */

/* Up to 99: the last step is said when the package is safe, see commit_package(). */
static int tell_percent(struct modem *modem, unsigned percent)
{
    struct air720 *air720 = air720_of(modem);

    while (air720->percent < percent) {
        int r = air720_pass(modem, AIR720_POINT_DOWNLOAD, ++air720->percent);

        if (r != 0)
            return r < 0 ? r : air720_fail(modem, AIR720_OTHER, STATUS_OK, 0);
        if (air720->percent % 10 == 0 && !modem_quirk(modem, AIR720_IND_ONLY_100))
            air720_say_ind(modem, (int)air720->percent);
    }
    return 0;
}

static void tell_begin(struct modem *modem)
{
    air720_set_fota(modem, AIR720_FOTA_DOWNLOADING);
    if (!modem_quirk(modem, AIR720_IND_ONLY_100) && !modem_quirk(modem, AIR720_IND_SKIP_ZERO))
        air720_say_ind(modem, 0);
}

/* ---- the body ---- */

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    struct air720 *air720 = air720_of(arg);

    air720->total_bytes = total_bytes;
    buf_clear(&air720->reply);
    if (!resumed) {
        package_store_free(air720->store);
        air720->store = NULL;
    }
    return 0;
}

/* A package never begins with a brace, and no refusal is longer than a package's head. */
static bool is_refusal(const struct air720 *air720, const char *bytes)
{
    if (!air720->is_cloud || air720->store)
        return false;
    return air720->reply.len > 0 || bytes[0] == '{';
}

static int take_bytes(struct modem *modem, const void *bytes, size_t len,
                      const struct download_progress *progress)
{
    struct air720 *air720 = air720_of(modem);
    int r;

    if (is_refusal(air720, bytes)) {
        size_t room = AIR720_REPLY_MAX - air720->reply.len;

        buf_add(&air720->reply, bytes, len < room ? len : room);
        return 0;
    }
    if (!air720->store) {
        air720->store = package_store_new(0);
        if (air720->fota !=
            AIR720_FOTA_DOWNLOADING) /* not one that starts again at its first byte */
            tell_begin(modem);
    }
    r = package_store_add(modem, air720->store, bytes, len);
    if (r == MODEM_GONE)
        return r;
    if (r < 0)
        return air720_fail(modem, AIR720_STORE, STATUS_OK, 0);
    if (progress->total_bytes > 0) {
        unsigned percent = (unsigned)(progress->done_bytes * 100 / progress->total_bytes);

        return tell_percent(modem, percent < 100 ? percent : 99);
    }
    return 0;
}

static int on_data(void *arg, const void *bytes, size_t len,
                   const struct download_progress *progress)
{
    struct modem *modem = arg;
    int r;

    modem_enter(modem);
    r = take_bytes(modem, bytes, len, progress);
    modem_leave(modem, r);
    return r;
}

/* ---- the end of a download ---- */

static int on_reboot_due(struct modem *modem, void *arg)
{
    int r = air720_pass(modem, AIR720_POINT_REBOOT, 100);

    return r < 0 ? r : modem_restart(modem);
}

static enum package_verdict judge(struct modem *modem, size_t size_bytes)
{
    struct installer installer;
    enum package_verdict verdict = installer_begin(modem, &installer, size_bytes);

    installer_deinit(&installer);
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "the package is %s",
               package_verdict_text(verdict));
    return verdict;
}

/* From its commit on the package will be installed, whatever becomes of the power. */
static int commit_package(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    int r = tell_percent(modem, 99);

    if (r < 0 || air720->fota != AIR720_FOTA_DOWNLOADING)
        return r;
    r = air720_pass(modem, AIR720_POINT_DOWNLOAD, 100);
    if (r != 0)
        return r < 0 ? r : air720_fail(modem, AIR720_OTHER, STATUS_OK, 0);
    nv_set_int(modem->nv, "fota.size", (long long)air720->store->size_bytes);
    nv_set_int(modem->nv, "fota.flashing", 1);
    r = modem_commit(modem);
    if (r != 0)
        return r < 0 ? r : air720_fail(modem, AIR720_STORE, STATUS_OK, 0);
    air720->percent = 100;
    air720_say_ind(modem, 100);
    air720_end_transfer(modem);
    air720->result = (struct air720_result){.state = 2, .http = STATUS_OK};
    air720_set_fota(modem, AIR720_FOTA_DOWNLOADED);
    modem_after(modem, &air720->fota_timer, air720_delay(modem, AIR720_OPTION_REBOOT_DELAY),
                on_reboot_due, NULL);
    return 0;
}

static int keep_package(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    int r = air720->store ? package_store_finish(modem, air720->store) : 0;

    if (r == MODEM_GONE)
        return r;
    if (r == 0)
        r = air720_pass(modem, AIR720_POINT_STORE, 0);
    if (r == MODEM_GONE)
        return r;
    if (r != 0)
        return air720_fail(modem, AIR720_STORE, STATUS_OK, 0);
    if (!air720->store || judge(modem, air720->store->size_bytes) != PACKAGE_GOOD)
        return air720_fail(modem, AIR720_FIRMWARE, STATUS_OK, 0);
    return commit_package(modem);
}

/* ---- the service's refusal ---- */

static bool is_known_cause(const struct modem *modem, long long cause)
{
    static const int seed[] = {3, 17, 25, 26, 27}; /* S0 3.1 */
    static const int newer[] = {21, 40, 43, 44};   /* L2 */

    for (size_t i = 0; i < ARRAY_LEN(seed); i++) {
        if (seed[i] == cause)
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
        if (newer[i] == cause)
            return modem_quirk(modem, AIR720_CLOUD_CODES_NEW);
    }
    return false;
}

/* A refusal that the firmware does not know is none of the guide's errors: "other". */
static int take_refusal(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    json_t *root = json_loadb(buf_text(&air720->reply), air720->reply.len, 0, NULL);
    long long cause = json_integer_value(json_object_get(root, "code"));

    json_decref(root);
    if (is_known_cause(modem, cause))
        return air720_fail(modem, AIR720_FIRMWARE, STATUS_OK, (int)cause);
    return air720_fail(modem, AIR720_OTHER, STATUS_OK, 0);
}

/* ---- redirections and retries ---- */

static int on_transfer_due(struct modem *modem, void *arg)
{
    if (!modem->net.bearer)
        return air720_fail(modem, AIR720_NETWORK, 0, 0);
    begin_transfer(modem);
    return 0;
}

/* L5: the service may point elsewhere; a user's URL is fetched there or nowhere (S0 3.4). */
static int take_status(struct modem *modem, long status)
{
    struct air720 *air720 = air720_of(modem);
    const char *location = download_location(air720->download);

    if (!air720->is_cloud || status < 300 || status > 399 || !location ||
        air720->redirects >= modem_dialect_number(modem, AIR720_OPTION_REDIRECTS))
        return air720_fail(modem, AIR720_HTTP, status, 0);
    air720->redirects++;
    xstrset(&air720->target, location);
    air720_end_transfer(modem);
    modem_after(modem, &air720->fota_timer, air720_delay(modem, AIR720_OPTION_REDIRECT_DELAY),
                on_transfer_due, NULL);
    return 0;
}

static int on_retry_due(struct modem *modem, void *arg);

/* L5: up to 30 times, from where it broke. */
static int retry(struct modem *modem, long status)
{
    struct air720 *air720 = air720_of(modem);

    download_free(air720->download);
    air720->download = NULL;
    if (air720->retries >= modem_dialect_number(modem, AIR720_OPTION_RETRIES))
        return air720_fail(modem, AIR720_NETWORK, status, 0);
    air720->retries++;
    modem_after(modem, &air720->fota_timer, air720_delay(modem, AIR720_OPTION_RETRY_DELAY),
                on_retry_due, NULL);
    return 0;
}

static int on_retry_due(struct modem *modem, void *arg)
{
    if (!modem->net.bearer)
        return retry(modem, 0);
    begin_transfer(modem);
    return 0;
}

static int take_end(struct modem *modem, enum download_result result, long status)
{
    struct air720 *air720 = air720_of(modem);

    switch (result) {
    case DOWNLOAD_OK:
        return air720->reply.len > 0 ? take_refusal(modem) : keep_package(modem);
    case DOWNLOAD_BAD_URL:
        return air720_fail(modem, AIR720_BAD_URL, 0, 0);
    case DOWNLOAD_DNS:
    case DOWNLOAD_REFUSED:
    case DOWNLOAD_TLS:
        return air720_fail(modem, AIR720_SERVER, 0, 0);
    case DOWNLOAD_STATUS:
        return take_status(modem, status);
    case DOWNLOAD_EMPTY:
        return air720_fail(modem, AIR720_FIRMWARE, status, 0);
    case DOWNLOAD_TOO_LARGE:
        return air720_fail(modem, AIR720_STORE, status, 0);
    case DOWNLOAD_INCOMPLETE:
    case DOWNLOAD_TIMEOUT:
        return retry(modem, status);
    case DOWNLOAD_BAD_REPLY:
        return air720_fail(modem, AIR720_HTTP, 0, 0);
    }
    return 0;
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    modem_enter(modem);
    modem_leave(modem, take_end(modem, result, status));
}

static const struct download_sink package_sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = modem_download_fault,
};

/* ---- requests ---- */

static void start(struct modem *modem, const struct download_sink *sink, uint64_t from_byte)
{
    static const char *const headers[] = {"Connection: short"}; /* L5 */
    struct air720 *air720 = air720_of(modem);
    struct download_options options = {
        .url = air720->target,
        .from_byte = from_byte,
        .expected_total = from_byte > 0 ? air720->total_bytes : 0,
        .rate_bytes_per_s = air720_delay(modem, AIR720_OPTION_RATE),
        .first_byte_us = air720_delay(modem, AIR720_OPTION_FIRST_BYTE),
        .silence_us = air720_delay(modem, AIR720_OPTION_HTTP_TIMEOUT),
        .max_bytes = air720_delay(modem, AIR720_OPTION_STORE_SIZE),
        .chunk_bytes = (size_t)air720_delay(modem, AIR720_OPTION_CHUNK),
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
    };

    air720->download = modem_download(modem, &options, sink);
}

/* What is in flash from a connection that broke is not fetched again. */
static void begin_transfer(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    size_t kept = air720->store ? package_store_durable_bytes(air720->store) : 0;

    download_free(air720->download);
    if (kept > 0) {
        package_store_free(air720->store);
        air720->store = package_store_new(kept);
    }
    start(modem, &package_sink, kept);
}

static void add_escaped(struct buf *url, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~", *text))
            buf_add_char(url, *text);
        else
            buf_printf(url, "%%%02X", (unsigned char)*text);
    }
}

static void add_parameter(struct buf *url, const char *name, const char *value)
{
    buf_printf(url, "%c%s=", strchr(buf_text(url), '?') ? '&' : '?', name);
    add_escaped(url, value);
}

/* "AirM2M_720_V422_LTE_AT" -> "422": the digits that a known host takes too (L7). */
static void add_version(struct buf *url, const char *firmware)
{
    const char *at = strstr(firmware, "_V");
    char *digits;

    if (!at)
        return;
    digits = xstrndup(at + 2, strspn(at + 2, "0123456789"));
    add_parameter(url, "version", digits);
    free(digits);
}

static void aim_at_service(struct modem *modem, const char *path, bool is_query)
{
    struct air720 *air720 = air720_of(modem);
    struct buf url = {0};

    buf_printf(&url, "http://%s%s", modem_dialect_text(modem, AIR720_OPTION_CLOUD), path);
    if (is_query)
        add_parameter(&url, "project_key", air720->key);
    add_parameter(&url, "imei", modem_text(modem, MODEM_OPTION_IMEI));
    add_parameter(&url, "firmware_name", modem->firmware);
    add_version(&url, modem->firmware);
    xstrset(&air720->target, buf_text(&url));
    buf_deinit(&url);
}

void air720_fetch(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    air720_end_transfer(modem);
    air720->total_bytes = 0;
    if (air720->is_cloud) {
        aim_at_service(modem, "/api/site/firmware_upgrade", true);
        air720_set_fota(modem, AIR720_FOTA_QUERYING);
    } else {
        xstrset(&air720->target, air720->url);
    }
    begin_transfer(modem);
}

/* ---- the report ---- */

static int ignore_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    return 0;
}

static int ignore_data(void *arg, const void *bytes, size_t len,
                       const struct download_progress *progress)
{
    return 0;
}

/* The status alone says whether the service knows it now; its body may well be empty. */
static void on_reported(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    modem_enter(modem);
    air720_end_transfer(modem);
    modem_leave(
        modem, air720_report_ended(modem, status == STATUS_OK &&
                                              (result == DOWNLOAD_OK || result == DOWNLOAD_EMPTY)));
}

static const struct download_sink report_sink = {
    .begin = ignore_begin,
    .data = ignore_data,
    .ended = on_reported,
    .fault = modem_download_fault,
};

void air720_report(struct modem *modem)
{
    aim_at_service(modem, "/api/site/firmware_report", false);
    start(modem, &report_sink, 0);
}
