/*
 * MT5700M, states 30 and 31: the package, into flash.
 *
 * NV keeps "fota.phase" 30 and the offer (url, path, component, version, md5, size, auto) from the
 * first byte on where resume is switched on, and "fota.bytes", whole flash pages, every so many
 * pages: what a power cut leaves to 31. When all bytes are there, size and MD5 are judged by what
 * the flash holds, and phase 40 is committed before it is said.
 * SPDX-License-Identifier: MIT
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/flash.h"
#include "sim/modem/fota.h"
#include "sim/modem/modem_download.h"
#include "sim/modem/nv.h"

#define MD5_TIME_PER (60u << 20) /* bytes that the option md5_time is given for */

static const char *const offer_keys[] = {
    "fota.phase", "fota.url",  "fota.path",  "fota.component", "fota.version",
    "fota.md5",   "fota.size", "fota.bytes", "fota.auto",
};

/* ---- what survives ---- */

static int commit(struct modem *modem)
{
    return modem_commit(modem) == MODEM_GONE ? MODEM_GONE : 0;
}

int mt5700_drop_download(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    bool had = nv_int(modem->nv, "fota.phase", 0) != 0;

    mt->offer = (struct mt5700_offer){0};
    mt->done_bytes = 0;
    if (!had)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(offer_keys); i++)
        nv_unset(modem->nv, offer_keys[i]);
    return commit(modem);
}

static void keep_offer(struct modem *modem, int phase)
{
    const struct mt5700 *mt = mt5700_of(modem);
    const struct mt5700_offer *offer = &mt->offer;

    nv_set_int(modem->nv, "fota.phase", phase);
    nv_set_text(modem->nv, "fota.url", offer->url);
    nv_set_text(modem->nv, "fota.path", offer->path);
    nv_set_text(modem->nv, "fota.component", offer->component);
    nv_set_text(modem->nv, "fota.version", offer->version);
    nv_set_text(modem->nv, "fota.md5", offer->md5);
    nv_set_int(modem->nv, "fota.size", (long long)offer->size_bytes);
    nv_set_int(modem->nv, "fota.auto", offer->is_automatic);
    nv_set_int(modem->nv, "fota.bytes", (long long)mt->done_bytes);
}

static void copy_text(char *out, size_t size_bytes, const char *text)
{
    snprintf(out, size_bytes, "%s", text);
}

bool mt5700_load_offer(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    struct mt5700_offer *offer = &mt->offer;
    const struct nv *nv = modem->nv;

    *offer = (struct mt5700_offer){0};
    mt->done_bytes = 0;
    if (nv_int(nv, "fota.phase", 0) == 0)
        return false;
    copy_text(offer->url, sizeof(offer->url), nv_text(nv, "fota.url", ""));
    copy_text(offer->path, sizeof(offer->path), nv_text(nv, "fota.path", ""));
    copy_text(offer->component, sizeof(offer->component), nv_text(nv, "fota.component", ""));
    copy_text(offer->version, sizeof(offer->version), nv_text(nv, "fota.version", ""));
    copy_text(offer->md5, sizeof(offer->md5), nv_text(nv, "fota.md5", ""));
    offer->size_bytes = (uint64_t)nv_int(nv, "fota.size", 0);
    offer->is_automatic = nv_int(nv, "fota.auto", 0) != 0;
    mt->done_bytes = (uint64_t)nv_int(nv, "fota.bytes", 0);
    return offer->path[0] != '\0';
}

void mt5700_end_transfer(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    download_free(mt->download);
    mt->download = NULL;
    package_store_free(mt->store);
    mt->store = NULL;
}

/* ---- the ends of 30 ---- */

static int fail(struct modem *modem, int error)
{
    int r;

    mt5700_end_transfer(modem);
    net_set_connected(modem, false);
    r = mt5700_drop_download(modem);
    return r < 0 ? r : mt5700_fail(modem, MT5700_DOWNLOAD_FAILED, error);
}

int mt5700_suspend(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r;

    if (mt->store)
        mt->done_bytes = package_store_durable_bytes(mt->store);
    mt5700_end_transfer(modem);
    modem_cancel(modem, &mt->fota_timer);
    net_set_connected(modem, false);
    keep_offer(modem, 30);
    r = commit(modem);
    return r < 0 ? r : mt5700_enter(modem, MT5700_SUSPENDED);
}

/* The link is lost: S 5 has 31 where resume is switched on, and 20 otherwise. */
static int lose_link(struct modem *modem)
{
    return mt5700_mode(modem, 3) ? mt5700_suspend(modem) : fail(modem, MT5700_ERR_LINK);
}

/* ---- 40 ---- */

static void digest_flash(struct modem *modem, uint64_t size_bytes, char hex_out[MT5700_MD5_LEN + 1])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char page[FLASH_PAGE_SIZE], digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;

    EVP_DigestInit_ex(context, EVP_md5(), NULL);
    for (uint64_t at = 0; at < size_bytes; at += sizeof(page)) {
        size_t len = size_bytes - at < sizeof(page) ? (size_t)(size_bytes - at) : sizeof(page);

        flash_read(modem_flash(modem), FOTA_PACKAGE, (size_t)at, page, len);
        EVP_DigestUpdate(context, page, len);
    }
    EVP_DigestFinal_ex(context, digest, &digest_len);
    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < MT5700_MD5_LEN / 2; i++)
        snprintf(hex_out + 2 * i, 3, "%02x", digest[i]);
}

static int on_auto_upgrade(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);

    /* S 5: what blocks it has to be ended by the host, which then triggers it by ^FWUP. */
    if (mt->fota != MT5700_DOWNLOADED || mt5700_is_blocked(modem))
        return 0;
    return mt5700_upgrade_soon(modem);
}

/* S 4.1.1: "^FWUP may be left out where <update_mode> is 1"; whose that is, is open (#13). */
static bool is_automatic(const struct modem *modem)
{
    bool by_mode = mt5700_mode(modem, 2), by_package = mt5700_of(modem)->offer.is_automatic;

    if (modem_quirk(modem, MT5700_UPDATE_MODE_FOTAMODE_ONLY))
        return by_mode;
    if (modem_quirk(modem, MT5700_UPDATE_MODE_PACKAGE_ONLY))
        return by_package;
    return by_mode || by_package;
}

static int on_checked(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    char md5[MT5700_MD5_LEN + 1];
    int r = mt5700_pass(modem, MT5700_POINT_CHECK, NULL);

    if (r < 0)
        return r;
    digest_flash(modem, mt->offer.size_bytes, md5);
    if (r > 0 || strcmp(md5, mt->offer.md5) != 0)
        return fail(modem, MT5700_ERR_MD5);
    keep_offer(modem, 40);
    r = commit(modem);
    if (r == 0)
        r = mt5700_enter(modem, MT5700_DOWNLOADED);
    if (r == 0 && is_automatic(modem))
        modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_AUTO_DELAY),
                    on_auto_upgrade, NULL);
    return r;
}

static int finish(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    uint64_t size_bytes = mt->offer.size_bytes;
    int r = package_store_finish(modem, mt->store);

    if (r == MODEM_GONE)
        return r;
    mt->done_bytes = mt->store->size_bytes;
    mt5700_end_transfer(modem);
    net_set_connected(modem, false);
    if (r < 0)
        return fail(modem, MT5700_ERR_SYSTEM);
    if (mt->done_bytes != size_bytes)
        return fail(modem, MT5700_ERR_MD5); /* sheet 2.2: wrong size or MD5 */
    modem_after(modem, &mt->fota_timer,
                mt5700_amount(modem, MT5700_OPTION_MD5_TIME) * size_bytes / MD5_TIME_PER,
                on_checked, NULL);
    return 0;
}

/* ---- bytes ---- */

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    struct mt5700 *mt = mt5700_of(arg);

    if (resumed)
        return 0;
    package_store_free(mt->store); /* the server gives the file from its start */
    mt->store = package_store_new(0);
    mt->done_bytes = 0;
    return 0;
}

static int pass_percent(struct modem *modem, uint64_t done_bytes)
{
    uint64_t total = mt5700_of(modem)->offer.size_bytes;
    struct fault_at at = {.has_percent = total > 0,
                          .percent = total > 0 ? (unsigned)(done_bytes * 100 / total) : 0,
                          .has_amount = true,
                          .amount = done_bytes};

    return mt5700_pass(modem, MT5700_POINT_DOWNLOAD, &at);
}

static int store_breakpoint(struct modem *modem, size_t pages_before)
{
    struct mt5700 *mt = mt5700_of(modem);
    size_t step = (size_t)modem_dialect_number(modem, MT5700_OPTION_BREAKPOINT);

    if (!mt5700_mode(modem, 3) || mt->store->page / step == pages_before / step)
        return 0;
    nv_set_int(modem->nv, "fota.bytes", (long long)package_store_durable_bytes(mt->store));
    return commit(modem);
}

static int take_bytes(struct modem *modem, const void *bytes, size_t len)
{
    struct mt5700 *mt = mt5700_of(modem);
    size_t pages = mt->store->page;
    int r = package_store_add(modem, mt->store, bytes, len);

    if (r == MODEM_GONE)
        return r;
    if (r < 0)
        return fail(modem, MT5700_ERR_SYSTEM); /* S 5: storage */
    mt->done_bytes = mt->store->size_bytes;
    r = store_breakpoint(modem, pages);
    if (r == 0)
        r = pass_percent(modem, mt->done_bytes);
    return r > 0 ? fail(modem, MT5700_ERR_SYSTEM) : r;
}

static int on_data(void *arg, const void *bytes, size_t len,
                   const struct download_progress *progress)
{
    struct modem *modem = arg;
    struct download *download = mt5700_of(modem)->download;
    int r;

    modem_enter(modem);
    r = take_bytes(modem, bytes, len);
    modem_leave(modem, r);
    /* It may be gone, by a cut or by the end of 30. */
    return mt5700_of(modem)->download == download ? r : -1;
}

static int take_end(struct modem *modem, enum download_result result)
{
    switch (result) {
    case DOWNLOAD_OK:
        return finish(modem);
    case DOWNLOAD_INCOMPLETE:
    case DOWNLOAD_TIMEOUT:
    case DOWNLOAD_DNS:
    case DOWNLOAD_REFUSED:
        return lose_link(modem);
    case DOWNLOAD_STATUS:
    case DOWNLOAD_BAD_REPLY:
        return fail(modem, MT5700_ERR_HTTP);
    case DOWNLOAD_TLS:
        return fail(modem, MT5700_ERR_TLS);
    case DOWNLOAD_BAD_URL:
    case DOWNLOAD_EMPTY:
        return fail(modem, MT5700_ERR_FILE_LIST);
    case DOWNLOAD_TOO_LARGE:
        return fail(modem, MT5700_ERR_SYSTEM);
    }
    return fail(modem, MT5700_ERR_SYSTEM);
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    modem_enter(modem);
    modem_leave(modem, take_end(modem, result));
}

static const struct download_sink sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = modem_download_fault,
};

/* ---- the beginning of 30 ---- */

static void fetch(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    char *url = mt5700_file_url(modem, mt->offer.url, mt->offer.path);
    struct download_options options = {
        .url = url,
        .from_byte = mt->done_bytes,
        .expected_total = mt->offer.size_bytes,
        .silence_us = mt5700_amount(modem, MT5700_OPTION_STALL),
        .max_bytes = flash_slot_size_bytes(modem_flash(modem), FOTA_PACKAGE),
    };

    mt5700_end_transfer(modem);
    mt->store = package_store_new((size_t)mt->done_bytes);
    net_set_connected(modem, true);
    mt->download = mt5700_fetch(modem, &options, &sink);
    free(url);
}

static int on_no_bearer(struct modem *modem, void *arg)
{
    return lose_link(modem);
}

static int begin(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r = 0;

    modem_cancel(modem, &mt->fota_timer);
    if (mt5700_mode(modem, 3)) {
        keep_offer(modem, 30);
        r = commit(modem);
    }
    if (r == 0)
        r = mt5700_enter(modem, MT5700_DOWNLOADING);
    if (r < 0)
        return r;
    if (modem->net.bearer)
        fetch(modem);
    else
        modem_after(modem, &mt->fota_timer, 0, on_no_bearer, NULL);
    return 0;
}

int mt5700_download_begin(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (!mt->is_requery)
        mt->done_bytes = 0;
    mt->is_requery = false;
    return begin(modem);
}

int mt5700_download_resume(struct modem *modem)
{
    return begin(modem);
}
