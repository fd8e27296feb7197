/*
 * BC26: the download of AT+QFOTADL into flash, with its breakpoint and its retries (sheet 5 and 6).
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "sim/base/trace.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/fota.h"
#include "sim/modem/modem_download.h"
#include "sim/modem/nv.h"

/* Each so many flash pages the breakpoint is stored; no source names the module's own number. */
#define BREAKPOINT_PAGES 4

static void say_downloading(struct modem *modem, unsigned percent)
{
    /* The two variants of sheet 9 row 16 have no percentages. */
    if (!modem_quirk(modem, BC26_COAP) && !modem_quirk(modem, BC26_DOWNLOAD_START_WORDS))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"DOWNLOADING\",%s%u%%",
                       modem_quirk(modem, BC26_2018_SPACING) ? " " : "", percent);
}

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

void bc26_end_transfer(struct modem *modem)
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
        int r = bc26_pass(modem, BC26_POINT_DOWNLOAD, ++bc26->percent);

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
        r = bc26_http_end(modem, BC26_HTTP_FAILED); /* the flash has no room */
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

static int finish_download(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r = package_store_finish(modem, bc26->store);

    if (r == MODEM_GONE)
        return r;
    if (r < 0)
        return bc26_http_end(modem, BC26_HTTP_FAILED);
    forget_breakpoint(modem);
    nv_set_int(modem->nv, "fota.size", (long long)bc26->store->size_bytes);
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    r = tell_percent(modem, 100); /* also where the server named no length */
    return r < 0 ? r : bc26_http_end(modem, BC26_HTTP_OK);
}

static int on_retry_due(struct modem *modem, void *arg);

/* Sheet 5: a broken transfer is resumed with Range a few times; then the result is told. */
static int retry(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->retries >= modem_dialect_number(modem, BC26_OPTION_RETRIES))
        return bc26_http_end(modem, modem->net.bearer ? BC26_HTTP_FAILED : BC26_HTTP_NO_NET);
    bc26->retries++;
    modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_RETRY_DELAY), on_retry_due,
                NULL);
    return 0;
}

static int on_retry_due(struct modem *modem, void *arg)
{
    if (!modem->net.bearer)
        return retry(modem);
    bc26_begin_download(modem);
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
    case DOWNLOAD_TLS:
        break;
    }
    return bc26_http_end(modem, BC26_HTTP_FAILED);
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "download ended: %s",
               download_result_text(result));
    modem_enter(modem);
    modem_leave(modem, take_end(modem, result));
}

static const struct download_sink sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = modem_download_fault,
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

void bc26_begin_download(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    struct download_options options = {
        .url = bc26->url,
        .from_byte = kept_bytes(modem),
        .expected_total = (uint64_t)nv_int(modem->nv, "fota.total", 0),
        .rate_bytes_per_s = bc26_delay(modem, BC26_OPTION_RATE),
        .first_byte_us = bc26_delay(modem, BC26_OPTION_FIRST_BYTE),
        .silence_us = bc26_delay(modem, BC26_OPTION_HTTP_TIMEOUT),
        .max_bytes = (uint64_t)FOTA_SLOT_PAGES * FLASH_PAGE_SIZE,
        .chunk_bytes = (size_t)bc26_delay(modem, BC26_OPTION_CHUNK),
    };

    bc26_end_transfer(modem);
    bc26->store = package_store_new(options.from_byte);
    bc26->percent = options.expected_total > 0
                        ? (unsigned)(options.from_byte * 100 / options.expected_total)
                        : 0;
    bc26_set_fota(modem, BC26_FOTA_DOWNLOADING);
    net_set_connected(modem, true);
    bc26->download = modem_download(modem, &options, &sink);
}
