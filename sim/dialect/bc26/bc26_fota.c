/*
 * BC26: AT+QFOTADL, the whole upgrade (S2 chapters 3 to 5; sheet 5 and 6).
 *
 *   application: OK -> HTTPSTART -> DOWNLOADING 1..100 -> HTTPEND,0 -> START -> reset
 *   boot ROM:    banner
 *   bootloader:  judge the package -> UPDATING 1..100 -> switch -> reset
 *   boot ROM:    banner
 *   application: RDY -> +CFUN: 1 -> END,<err>
 *
 * NV carries it over the resets: "fota.updating" from the reset on until the bootloader is done,
 * "fota.begun" once it has started (a second start is the forced upgrade after a power loss),
 * "fota.end" the result that the application still has to tell. The download leaves "fota.url",
 * "fota.bytes" and "fota.total" as breakpoint for a resume.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/download.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* Each so many flash pages the breakpoint is stored; no source names the module's own number. */
#define BREAKPOINT_PAGES  4
#define CME_BUSY          2 /* S2 table 2; Q19's list has no such code (sheet 9 row 12) */
#define CME_NOT_ALLOWED   3
#define CME_TEXT_TOO_LONG 24
#define CME_PARAMETERS    50

static void begin_download(struct modem *modem);
static int http_end(struct modem *modem, enum bc26_http_err err);

static uint64_t delay_of(const struct modem *modem, enum bc26_option option)
{
    return (uint64_t)modem_dialect_number(modem, option);
}

static void set_state(struct modem *modem, enum bc26_fota state)
{
    bc26_of(modem)->fota = state;
    trace_addf(modem->bench->trace, TRACE_STATE, modem->name, "fota %s", bc26_fota_state(modem));
}

const char *bc26_fota_state(const struct modem *modem)
{
    static const char *const names[] = {
        [BC26_FOTA_IDLE] = "idle",
        [BC26_FOTA_STARTING] = "starting",
        [BC26_FOTA_DOWNLOADING] = "downloading",
        [BC26_FOTA_DOWNLOADED] = "downloaded",
        [BC26_FOTA_RESETTING] = "resetting",
        [BC26_FOTA_UPDATING] = "updating",
    };

    return names[bc26_of(modem)->fota];
}

static int pass(struct modem *modem, enum bc26_point point, unsigned percent)
{
    struct fault_at at = {.has_percent = true, .percent = percent};
    int r = modem_step(modem, &bc26_points[point], &at, NULL);

    return r < 0 ? r : 0;
}

/* ---- the command ---- */

static int parameter_error(const struct modem *modem, int code)
{
    return modem_quirk(modem, BC26_PARAM_CME) ? AT_CME(code) : AT_ERROR;
}

static bool has_scheme(const struct modem *modem, const char *url, const char *scheme)
{
    size_t len = strlen(scheme);

    return modem_quirk(modem, BC26_URL_CASE_STRICT) ? strncmp(url, scheme, len) == 0
                                                    : strncasecmp(url, scheme, len) == 0;
}

/* S2 3.1: "HTTP://<server>:<port>/<path>", port 1-65535, default 80. */
static bool url_is_valid(const struct modem *modem, const char *url)
{
    const char *host, *end, *colon;
    long long port;
    char digits[8];

    if (has_scheme(modem, url, "HTTP://"))
        host = url + strlen("HTTP://");
    else if (has_scheme(modem, url, "HTTPS://"))
        host = url + strlen("HTTPS://");
    else
        return false;
    end = host + strcspn(host, "/");
    colon = memchr(host, ':', (size_t)(end - host));
    if (end == host || colon == host)
        return false;
    if (!colon)
        return !modem_quirk(modem, BC26_PORT_REQUIRED);
    if (end - colon - 1 >= (long)sizeof(digits))
        return false;
    snprintf(digits, sizeof(digits), "%.*s", (int)(end - colon - 1), colon + 1);
    return text_parse_int(digits, &port) == 0 && port >= 1 && port <= 65535;
}

static bool is_https(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0;
}

/* ---- the words of S2 ---- */

static void say_http_start(struct modem *modem)
{
    if (modem_quirk(modem, BC26_COAP))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"COAPSTART\"");
    else if (modem_quirk(modem, BC26_DOWNLOAD_START_WORDS))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"DOWNLOAD START\"");
    else if (modem_quirk(modem, BC26_HTTPTART_TYPO))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"HTTPTART\"");
    else
        modem_urc_line(modem, "+QIND: \"FOTA\",\"HTTPSTART\"");
}

static void say_downloading(struct modem *modem, unsigned percent)
{
    /* The two variants of sheet 9 row 16 have no percentages. */
    if (!modem_quirk(modem, BC26_COAP) && !modem_quirk(modem, BC26_DOWNLOAD_START_WORDS))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"DOWNLOADING\",%s%u%%",
                       modem_quirk(modem, BC26_2018_SPACING) ? " " : "", percent);
}

static void say_http_end(struct modem *modem, int err)
{
    const char *word = modem_quirk(modem, BC26_COAP)                   ? "COAPEND"
                       : modem_quirk(modem, BC26_DOWNLOAD_START_WORDS) ? "DOWNLOAD"
                                                                       : "HTTPEND";

    modem_urc_line(modem, "+QIND: \"FOTA\",\"%s\",%d", word, err);
}

/* The note of S2 3.1 prints the forced upgrade with spaces; its main text prints none. */
static void say_updating(struct modem *modem, unsigned percent)
{
    bool spaced = bc26_of(modem)->is_forced && !modem_quirk(modem, BC26_FORCED_COMPACT);
    const char *gap = spaced ? " " : "";
    const char *first = spaced || modem_quirk(modem, BC26_2018_SPACING) ? " " : "";

    if (modem_quirk(modem, BC26_PERCENT_PLAIN))
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u", first, percent);
    else if (modem_quirk(modem, BC26_UPDATING_NO_COUNTS))
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u%%", first, percent);
    else
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u%%,%s1,%s1", first, percent, gap,
                       gap);
}

/* ---- the download ---- */

static void forget_breakpoint(struct modem *modem)
{
    nv_unset(modem->nv, "fota.url");
    nv_unset(modem->nv, "fota.bytes");
    nv_unset(modem->nv, "fota.total");
}

static int store_breakpoint(struct modem *modem, uint64_t total_bytes)
{
    struct bc26 *bc26 = bc26_of(modem);

    nv_set_text(modem->nv, "fota.url", bc26->url);
    nv_set_int(modem->nv, "fota.bytes", (long long)package_store_durable_bytes(bc26->store));
    nv_set_int(modem->nv, "fota.total", (long long)total_bytes);
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

static void end_transfer(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    download_free(bc26->download);
    bc26->download = NULL;
    package_store_free(bc26->store);
    bc26->store = NULL;
}

/* Say what the download has reached: each percent, or with the quirk one line for the chunk. */
static int tell_percent(struct modem *modem, unsigned percent)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (modem_quirk(modem, BC26_STEP_CHUNK) && percent > bc26->percent)
        bc26->percent = percent - 1;
    while (bc26->percent < percent) {
        int r = pass(modem, BC26_POINT_DOWNLOAD, ++bc26->percent);

        if (r < 0)
            return r;
        say_downloading(modem, bc26->percent);
    }
    return 0;
}

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    struct modem *modem = arg;
    struct bc26 *bc26 = bc26_of(modem);

    if (resumed)
        return 0;
    package_store_free(bc26->store);
    bc26->store = package_store_new(0);
    bc26->percent = 0;
    return 0;
}

static int take_bytes(struct modem *modem, const void *bytes, size_t len,
                      const struct download_progress *progress)
{
    struct bc26 *bc26 = bc26_of(modem);
    size_t pages = bc26->store->page;
    int r = package_store_add(modem, bc26->store, bytes, len);

    if (r == 0 && bc26->store->page / BREAKPOINT_PAGES != pages / BREAKPOINT_PAGES)
        r = store_breakpoint(modem, progress->total_bytes);
    if (r == 0 && progress->total_bytes > 0)
        r = tell_percent(modem, (unsigned)(progress->done_bytes * 100 / progress->total_bytes));
    if (r < 0 && r != MODEM_GONE)
        r = http_end(modem, BC26_HTTP_FAILED); /* the flash has no room */
    return r;
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

static int on_start_due(struct modem *modem, void *arg);

static int finish_download(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r = package_store_finish(modem, bc26->store);

    if (r == MODEM_GONE)
        return r;
    if (r < 0)
        return http_end(modem, BC26_HTTP_FAILED);
    forget_breakpoint(modem);
    nv_set_int(modem->nv, "fota.size", (long long)bc26->store->size_bytes);
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    r = tell_percent(modem, 100); /* also where the server named no length */
    return r < 0 ? r : http_end(modem, BC26_HTTP_OK);
}

static int http_end(struct modem *modem, enum bc26_http_err err)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r;

    end_transfer(modem);
    net_set_connected(modem, false);
    r = pass(modem, BC26_POINT_HTTPEND, 0);
    if (r < 0)
        return r;
    say_http_end(modem, (int)err);
    if (err == BC26_HTTP_OK) {
        set_state(modem, BC26_FOTA_DOWNLOADED);
        modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_START_DELAY),
                    on_start_due, NULL);
    } else {
        set_state(modem, BC26_FOTA_IDLE);
    }
    return 0;
}

static int on_retry_due(struct modem *modem, void *arg);

/* Sheet 5: a broken transfer is resumed with Range a few times; then the result is told. */
static int retry(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->retries >= modem_dialect_number(modem, BC26_OPTION_RETRIES))
        return http_end(modem, modem->net.bearer ? BC26_HTTP_FAILED : BC26_HTTP_NO_NET);
    bc26->retries++;
    modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_RETRY_DELAY), on_retry_due,
                NULL);
    return 0;
}

static int on_retry_due(struct modem *modem, void *arg)
{
    if (!modem->net.bearer)
        return retry(modem);
    begin_download(modem);
    return 0;
}

static int break_off(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    uint64_t total = (uint64_t)nv_int(modem->nv, "fota.total", 0);
    int r = store_breakpoint(modem, total);

    if (r < 0)
        return r;
    download_free(bc26->download);
    bc26->download = NULL;
    return retry(modem);
}

static int take_end(struct modem *modem, enum download_result result)
{
    switch (result) {
    case DOWNLOAD_OK:
        return finish_download(modem);
    case DOWNLOAD_INCOMPLETE:
        return break_off(modem);
    case DOWNLOAD_BAD_URL:
    case DOWNLOAD_DNS:
    case DOWNLOAD_REFUSED:
    case DOWNLOAD_STATUS:
    case DOWNLOAD_EMPTY:
    case DOWNLOAD_TOO_LARGE:
    case DOWNLOAD_TIMEOUT:
    case DOWNLOAD_BAD_REPLY:
        break;
    }
    return http_end(modem, BC26_HTTP_FAILED);
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "download ended: %s",
               download_result_text(result));
    modem_enter(modem);
    modem_leave(modem, take_end(modem, result));
}

static void on_fault(void *arg, const struct fault_effect *effect)
{
    struct modem *modem = arg;

    modem_enter(modem);
    modem_leave(modem, modem_going(modem, effect));
}

static const struct download_sink sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = on_fault,
};

/* Bytes that an earlier download of this URL left in flash (sheet 6: Range only to resume). */
static size_t kept_bytes(const struct modem *modem)
{
    const struct bc26 *bc26 = bc26_of(modem);

    if (strcmp(modem_dialect_text(modem, BC26_OPTION_RESUME), "on") != 0 ||
        strcmp(nv_text(modem->nv, "fota.url", ""), bc26->url) != 0)
        return 0;
    return (size_t)nv_int(modem->nv, "fota.bytes", 0);
}

static void begin_download(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    struct bench *bench = modem->bench;
    struct download_env env = {
        .loop = bench->loop,
        .clock = bench->clock,
        .trace = bench->trace,
        .who = modem->name,
        .resolver = bench->resolver,
        .plan = modem->plan,
    };
    struct download_options options = {
        .url = bc26->url,
        .from_byte = kept_bytes(modem),
        .expected_total = (uint64_t)nv_int(modem->nv, "fota.total", 0),
        .rate_bytes_per_s = delay_of(modem, BC26_OPTION_RATE),
        .first_byte_us = delay_of(modem, BC26_OPTION_FIRST_BYTE),
        .silence_us = delay_of(modem, BC26_OPTION_HTTP_TIMEOUT),
        .max_bytes = (uint64_t)FOTA_SLOT_PAGES * FLASH_PAGE_SIZE,
        .chunk_bytes = (size_t)delay_of(modem, BC26_OPTION_CHUNK),
    };

    end_transfer(modem);
    bc26->store = package_store_new(options.from_byte);
    bc26->percent = options.expected_total > 0
                        ? (unsigned)(options.from_byte * 100 / options.expected_total)
                        : 0;
    set_state(modem, BC26_FOTA_DOWNLOADING);
    net_set_connected(modem, true);
    bc26->download = download_start(&env, &options, &sink, modem);
}

/* ---- from the command to the download ---- */

static int net_error(const struct modem *modem)
{
    const struct net *net = &modem->net;
    bool coming = net->registration == NET_SEARCHING ||
                  (net_registered(net) && net->attach_wanted && !net->attached);

    return coming ? BC26_HTTP_ACTIVATING : BC26_HTTP_NO_NET;
}

static int begin_http(struct modem *modem)
{
    say_http_start(modem);
    if (is_https(bc26_of(modem)->url))
        return http_end(modem, BC26_HTTP_FAILED); /* S2 3.1: HTTPS is not supported yet */
    if (!modem->net.bearer)
        return http_end(modem, net_error(modem));
    begin_download(modem);
    return 0;
}

static int on_net_wait_over(struct modem *modem, void *arg)
{
    return begin_http(modem);
}

static int on_http_start_due(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (modem->net.bearer || !modem_quirk(modem, BC26_HTTPSTART_AFTER_NET))
        return begin_http(modem);
    modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_NET_WAIT), on_net_wait_over,
                NULL);
    return 0;
}

void bc26_net_changed(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    bc26->ever_registered |= net_registered(&modem->net);
    bc26_end_attach(modem);
    if (bc26->fota == BC26_FOTA_STARTING && modem->net.bearer &&
        modem_quirk(modem, BC26_HTTPSTART_AFTER_NET))
        modem_after(modem, &bc26->fota_timer, 0, on_net_wait_over, NULL);
    if (bc26->download && !modem->net.bearer)
        download_break(bc26->download);
}

static int refuse_busy(struct modem *modem)
{
    if (modem_quirk(modem, BC26_BUSY_END2)) {
        modem_urc_line(modem, "+QIND: \"FOTA\",\"END\",%d", BC26_ERR_BUSY);
        return AT_OK;
    }
    return AT_CME(modem_quirk(modem, BC26_BUSY_CME3) ? CME_NOT_ALLOWED : CME_BUSY);
}

int bc26_qfotadl(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct bc26 *bc26 = bc26_of(modem);
    char url[BC26_URL_MAX + 1];
    struct at_args args;
    int r;

    if (req->verb == AT_TEST) {
        if (modem_quirk(modem, BC26_TEST_LISTS))
            at_reply_line(reply, "+QFOTADL: <httpURL>");
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count != 1)
        return parameter_error(modem, CME_PARAMETERS);
    r = at_args_string(&args, 0, url, sizeof(url));
    if (r == -EMSGSIZE)
        return parameter_error(modem, CME_TEXT_TOO_LONG);
    if (r < 0 || !url_is_valid(modem, url))
        return parameter_error(modem, CME_PARAMETERS);
    if (is_https(url) && modem_quirk(modem, BC26_HTTPS_ERROR))
        return AT_ERROR;
    if (bc26->fota != BC26_FOTA_IDLE)
        return refuse_busy(modem);
    memcpy(bc26->url, url, sizeof(url));
    bc26->retries = 0;
    set_state(modem, BC26_FOTA_STARTING);
    modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_HTTPSTART_DELAY),
                on_http_start_due, NULL);
    return AT_OK;
}

/* ---- the reset into the bootloader ---- */

static int on_reset_due(struct modem *modem, void *arg)
{
    nv_set_int(modem->nv, "fota.updating", 1);
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    return modem_restart(modem);
}

static int on_start_due(struct modem *modem, void *arg)
{
    int r = pass(modem, BC26_POINT_START, 0);

    if (r < 0)
        return r;
    modem_urc_line(modem, "+QIND: \"FOTA\",\"START\"");
    set_state(modem, BC26_FOTA_RESETTING);
    modem_after(modem, &bc26_of(modem)->fota_timer, delay_of(modem, BC26_OPTION_RESET_DELAY),
                on_reset_due, NULL);
    return 0;
}

/* ---- the bootloader ---- */

static void drop_installer(struct bc26 *bc26)
{
    if (bc26->installer)
        installer_deinit(bc26->installer);
    free(bc26->installer);
    bc26->installer = NULL;
}

/* The bootloader is done: what the application will tell goes to NV, in one step with the switch.
 */
static int leave_loader(struct modem *modem, enum bc26_err err)
{
    nv_unset(modem->nv, "fota.updating");
    nv_unset(modem->nv, "fota.begun");
    if (err == BC26_ERR_OK && modem_quirk(modem, BC26_END_NO_REBOOT_LINES)) {
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"END\",%d", err);
        nv_set_int(modem->nv, "fota.silent_boot", 1);
    } else {
        nv_set_int(modem->nv, "fota.end", err);
    }
    if (modem->going || modem_commit(modem) < 0)
        return MODEM_GONE;
    set_state(modem, BC26_FOTA_IDLE);
    return 0;
}

static int finish_update(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r = pass(modem, BC26_POINT_SWITCH, 100);

    if (r < 0)
        return r;
    installer_finish(modem, bc26->installer);
    r = leave_loader(modem, BC26_ERR_OK);
    return r < 0 ? r : modem_restart(modem);
}

static int on_update_tick(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);
    struct installer *installer = bc26->installer;
    int r = 0;

    bc26->percent++;
    while (r == 0 && installer->page * 100 < installer->page_count * bc26->percent)
        r = installer_step(modem, installer);
    if (r == MODEM_GONE)
        return r;
    if (r < 0) { /* the disk below the flash refuses: the module can only report failure */
        r = leave_loader(modem, BC26_ERR_UNKNOWN);
        return r < 0 ? r : modem_restart(modem);
    }
    r = pass(modem, BC26_POINT_UPDATE, bc26->percent);
    if (r < 0)
        return r;
    say_updating(modem, bc26->percent);
    if (modem->going)
        return MODEM_GONE;
    if (bc26->percent == 100)
        return finish_update(modem);
    modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_UPDATE_TIME) / 100,
                on_update_tick, NULL);
    return 0;
}

static enum bc26_err error_of(enum package_verdict verdict)
{
    switch (verdict) {
    case PACKAGE_GOOD:
        return BC26_ERR_OK;
    case PACKAGE_OTHER_BASE:
    case PACKAGE_OTHER_DIALECT:
        return BC26_ERR_MISMATCH;
    case PACKAGE_UNKNOWN:
    case PACKAGE_TRUNCATED:
    case PACKAGE_DAMAGED:
        return BC26_ERR_INVALID;
    }
    return BC26_ERR_UNKNOWN;
}

static int begin_update(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    enum package_verdict verdict;

    bc26->installer = xcalloc(1, sizeof(*bc26->installer));
    verdict = installer_begin(modem, bc26->installer, (size_t)nv_int(modem->nv, "fota.size", 0));
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "bootloader: the package is %s",
               package_verdict_text(verdict));
    if (verdict != PACKAGE_GOOD) {
        modem_set_power(modem, MODEM_BOOTING);
        return leave_loader(modem, error_of(verdict)); /* the application boots, and tells */
    }
    bc26->percent = 0;
    modem_after(modem, &bc26->fota_timer, delay_of(modem, BC26_OPTION_UPDATE_TIME) / 100,
                on_update_tick, NULL);
    return BOOT_STEP_WAITS;
}

int bc26_loader(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (!nv_int(modem->nv, "fota.updating", 0))
        return 0;
    modem_set_power(modem, MODEM_FLASHING);
    set_state(modem, BC26_FOTA_UPDATING);
    bc26->is_forced = nv_int(modem->nv, "fota.begun", 0) != 0;
    if (bc26->is_forced) {
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"START\"");
    } else {
        nv_set_int(modem->nv, "fota.begun", 1);
        if (modem_commit(modem) < 0)
            return MODEM_GONE;
    }
    return modem->going ? MODEM_GONE : begin_update(modem);
}

int bc26_report_end(struct modem *modem)
{
    long long err = nv_int(modem->nv, "fota.end", -1);
    int r;

    if (err < 0 && !nv_int(modem->nv, "fota.silent_boot", 0))
        return 0;
    r = pass(modem, BC26_POINT_END, 0);
    if (r < 0)
        return r;
    if (err >= 0)
        modem_urc_line(modem, "+QIND: \"FOTA\",\"END\",%lld", err);
    nv_unset(modem->nv, "fota.end");
    nv_unset(modem->nv, "fota.silent_boot");
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

void bc26_fota_power_down(struct modem *modem)
{
    end_transfer(modem);
    drop_installer(bc26_of(modem));
}
