/*
 * MT5700M, state 11: what the server offers (S 3.3, sheet 5). Two small files are fetched,
 * full/filelist.xml and full/changelog.xml, and judged when both are there:
 *
 *     a file can not be had, is malformed, or has another digest than the list says   13,51
 *     the server can not be reached at all                                            13,13
 *     the list is empty, or the version is the running one                            14
 *     otherwise                                                                       12
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/modem_download.h"
#include "sim/modem/nv.h"

#define FILE_COUNT 2

enum { FILE_LIST, FILE_LOG };

struct mt5700_query {
    struct download *download;
    unsigned index; /* the file that is being fetched, in the order of the option */
    struct buf files[FILE_COUNT];
    int error; /* the query has failed, which is told at its time */
};

static const char *const file_names[FILE_COUNT] = {"filelist.xml", "changelog.xml"};

static int fetch_next(struct modem *modem);

void mt5700_query_free(struct mt5700_query *query)
{
    if (!query)
        return;
    download_free(query->download);
    for (size_t i = 0; i < FILE_COUNT; i++)
        buf_deinit(&query->files[i]);
    free(query);
}

void mt5700_query_break(struct mt5700_query *query)
{
    if (query && query->download)
        download_break(query->download);
}

/* DOTRACEL's base has no slash at its end, S's has one: exactly one is right (#22). */
char *mt5700_file_url(const struct modem *modem, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    bool needs_slash = len > 0 && folder[len - 1] != '/' &&
                       !modem_quirk(modem, MT5700_NO_SLASH_FIX);

    return xasprintf("%s%sfull/%s", folder, needs_slash ? "/" : "", name);
}

struct download *mt5700_fetch(struct modem *modem, const struct download_options *options,
                              const struct download_sink *sink)
{
    struct download_options complete = *options;

    complete.rate_bytes_per_s = mt5700_amount(modem, MT5700_OPTION_RATE);
    complete.first_byte_us = mt5700_amount(modem, MT5700_OPTION_FIRST_BYTE);
    complete.chunk_bytes = (size_t)mt5700_amount(modem, MT5700_OPTION_CHUNK);
    mt5700_ssl_ready(modem, &complete);
    return modem_download(modem, &complete, sink);
}

/* ---- the end of the query ---- */

static void end_query(struct mt5700 *mt)
{
    mt5700_query_free(mt->query);
    mt->query = NULL;
}

/* Forgets the files of a suspended download, as MU609 says of 13, unless the option keeps them. */
static int fail_query(struct modem *modem, enum mt5700_fota state, int error)
{
    struct mt5700 *mt = mt5700_of(modem);
    bool keeps = mt->is_requery && modem_dialect_number(modem, MT5700_OPTION_FAILED_REQUERY) == 1;
    int r = 0;

    end_query(mt);
    net_set_connected(modem, false);
    if (mt->is_requery && !keeps)
        r = mt5700_drop_download(modem);
    if (r == 0)
        r = mt5700_fail(modem, state, error);
    if (r == 0 && keeps) {
        modem_cancel(modem, &mt->fota_timer);
        mt5700_set_state(modem, MT5700_SUSPENDED);
    }
    return r;
}

static bool is_coarse(const struct modem *modem)
{
    return !modem_quirk(modem, MT5700_FOTA_ERRORS_HUAWEI);
}

/* S 5 knows 13 and 51 only; which of them belongs to which failure is sheet 2.2's. */
static int coarse(int error)
{
    bool is_server = error == MT5700_ERR_NETWORK || error == MT5700_ERR_DNS ||
                     error == MT5700_ERR_CONNECT || error == MT5700_ERR_LINK;

    return is_server ? MT5700_ERR_NETWORK : MT5700_ERR_FILE_LIST;
}

static const struct mt5700_file *find_file(const struct mt5700_filelist *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->files[i].path, name) == 0)
            return &list->files[i];
    }
    return NULL;
}

static const struct mt5700_file *find_package(const struct mt5700_filelist *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->files[i].path, file_names[FILE_LOG]) != 0)
            return &list->files[i];
    }
    return NULL;
}

/* Size and digest of changelog.xml as filelist.xml tells them. */
static bool is_as_listed(const struct mt5700_filelist *list, const struct buf *log)
{
    const struct mt5700_file *file = find_file(list, file_names[FILE_LOG]);
    char md5[MT5700_MD5_LEN + 1];

    if (!file)
        return true;
    mt5700_md5(log->data, log->len, md5);
    return file->size_bytes == log->len && strcmp(file->md5, md5) == 0;
}

static void take_offer(struct modem *modem, const struct mt5700_filelist *list,
                       const struct mt5700_file *package, const struct mt5700_changelog *log,
                       struct mt5700_offer *offer_out)
{
    struct mt5700_offer *offer = offer_out;

    *offer = (struct mt5700_offer){.size_bytes = package->size_bytes,
                                   .is_automatic = log->is_automatic};
    memcpy(offer->url, mt5700_of(modem)->url, sizeof(offer->url));
    memcpy(offer->component, list->component, sizeof(offer->component));
    memcpy(offer->version, log->version, sizeof(offer->version));
    memcpy(offer->md5, package->md5, sizeof(offer->md5));
    if (modem_quirk(modem, MT5700_PKG_BIN_NAME))
        memcpy(offer->path, "FIRMWARE1.BIN", sizeof("FIRMWARE1.BIN"));
    else
        memcpy(offer->path, package->path, sizeof(offer->path));
}

static int on_found_over(struct modem *modem, void *arg)
{
    return mt5700_download_begin(modem);
}

/* 12 is said; whether the download begins by itself is ^FOTAMODE's second field. */
static int found(struct modem *modem, const struct mt5700_offer *offer)
{
    struct mt5700 *mt = mt5700_of(modem);
    bool is_same = mt->is_requery && strcmp(offer->version, mt->offer.version) == 0 &&
                   strcmp(offer->md5, mt->offer.md5) == 0 &&
                   offer->size_bytes == mt->offer.size_bytes;
    int r = 0;

    end_query(mt);
    if (!is_same) {
        r = mt5700_drop_download(modem);
        mt->is_requery = false;
        mt->offer = *offer;
    } else {
        memcpy(mt->offer.url, offer->url, sizeof(offer->url));
    }
    if (r == 0)
        r = mt5700_enter(modem, MT5700_FOUND);
    if (r == 0 && mt5700_mode(modem, 1))
        modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_DWELL_12),
                    on_found_over, NULL);
    return r;
}

/* quirk check-source-version: 14, or 20,110 where 20 has a code (sheet 5.1). */
static int refuse_source(struct modem *modem)
{
    if (modem_quirk(modem, MT5700_FOTA20_CODE))
        return fail_query(modem, MT5700_DOWNLOAD_FAILED, MT5700_ERR_SOURCE);
    return fail_query(modem, MT5700_UP_TO_DATE, 0);
}

static int judge(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    struct buf *files = mt->query->files;
    const struct mt5700_file *package;
    struct mt5700_filelist list;
    struct mt5700_offer offer;

    free(mt->changelog);
    mt->changelog = xcalloc(1, sizeof(*mt->changelog));
    if (mt5700_read_filelist(files[FILE_LIST].data, files[FILE_LIST].len, &list) < 0 ||
        mt5700_read_changelog(files[FILE_LOG].data, files[FILE_LOG].len, mt->changelog) < 0)
        return fail_query(modem, MT5700_QUERY_FAILED, MT5700_ERR_FILE_LIST);
    if (!is_as_listed(&list, &files[FILE_LOG]))
        return fail_query(modem, MT5700_QUERY_FAILED,
                          is_coarse(modem) ? MT5700_ERR_FILE_LIST : MT5700_ERR_MD5);
    if (list.count == 0 || strcmp(mt->changelog->version, modem->firmware) == 0)
        return fail_query(modem, MT5700_UP_TO_DATE, 0);
    package = find_package(&list);
    if (!package)
        return fail_query(modem, MT5700_QUERY_FAILED, MT5700_ERR_FILE_LIST);
    if (modem_quirk(modem, MT5700_CHECK_SOURCE_VERSION) && mt->changelog->source_version[0] &&
        strcmp(mt->changelog->source_version, modem->firmware) != 0)
        return refuse_source(modem);
    take_offer(modem, &list, package, mt->changelog, &offer);
    return found(modem, &offer);
}

/* 11 lasts at least query_time: what came of it is told only then. */
static int on_verdict_due(struct modem *modem, void *arg)
{
    struct mt5700_query *query = mt5700_of(modem)->query;

    if (query->error)
        return fail_query(modem, MT5700_QUERY_FAILED, query->error);
    return judge(modem);
}

static void verdict_soon(struct modem *modem, int error)
{
    struct mt5700 *mt = mt5700_of(modem);
    uint64_t now_us = clock_now_us(modem->bench->clock);
    uint64_t due_us = mt->since_us + mt5700_amount(modem, MT5700_OPTION_QUERY_FLOOR);

    mt->query->error = error && is_coarse(modem) ? coarse(error) : error;
    modem_after(modem, &mt->fota_timer, due_us > now_us ? due_us - now_us : 0, on_verdict_due,
                NULL);
}

/* ---- fetching ---- */

static unsigned file_of(const struct modem *modem, unsigned index)
{
    bool is_log_first = modem_dialect_number(modem, MT5700_OPTION_QUERY_ORDER) == 1;

    return is_log_first ? 1 - index : index;
}

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    return 0;
}

static int on_data(void *arg, const void *bytes, size_t len,
                   const struct download_progress *progress)
{
    struct modem *modem = arg;
    struct mt5700_query *query = mt5700_of(modem)->query;

    buf_add(&query->files[file_of(modem, query->index)], bytes, len);
    return 0;
}

static int error_of(enum download_result result)
{
    switch (result) {
    case DOWNLOAD_OK:
        return 0;
    case DOWNLOAD_DNS:
        return MT5700_ERR_DNS;
    case DOWNLOAD_REFUSED:
        return MT5700_ERR_CONNECT;
    case DOWNLOAD_TIMEOUT:
    case DOWNLOAD_INCOMPLETE:
        return MT5700_ERR_LINK;
    case DOWNLOAD_TLS:
        return MT5700_ERR_TLS;
    case DOWNLOAD_BAD_REPLY:
        return MT5700_ERR_HTTP;
    case DOWNLOAD_BAD_URL:
    case DOWNLOAD_STATUS:
    case DOWNLOAD_EMPTY:
    case DOWNLOAD_TOO_LARGE:
        break;
    }
    return MT5700_ERR_FILE_LIST;
}

static int take_end(struct modem *modem, enum download_result result)
{
    struct mt5700_query *query = mt5700_of(modem)->query;
    int error = error_of(result);

    download_free(query->download);
    query->download = NULL;
    if (error == 0 && ++query->index < FILE_COUNT)
        return fetch_next(modem);
    verdict_soon(modem, error);
    return 0;
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

static int fetch_next(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    const char *name = file_names[file_of(modem, mt->query->index)];
    struct fault_at at = {.text = name, .text_len = strlen(name)};
    char *url = mt5700_file_url(modem, mt->url, name);
    struct download_options options = {
        .url = url,
        .silence_us = mt5700_amount(modem, MT5700_OPTION_CONNECT_TIMEOUT),
        .max_bytes = MT5700_XML_MAX,
        .body_point = &mt5700_points[MT5700_POINT_QUERY_BODY],
    };
    int r = mt5700_pass(modem, MT5700_POINT_QUERY, &at);

    if (r == 0)
        mt->query->download = mt5700_fetch(modem, &options, &sink);
    else if (r > 0)
        verdict_soon(modem, MT5700_ERR_FILE_LIST);
    free(url);
    return r < 0 ? r : 0;
}

/* What stands between the module and the server before a byte is sent. Return: 0 or the error. */
static int obstacle(const struct modem *modem)
{
    struct download_options options = {0};

    if (!modem->net.bearer)
        return MT5700_ERR_NETWORK;
    if (strncasecmp(mt5700_of(modem)->url, "https://", 8) != 0)
        return 0;
    if (!modem_quirk(modem, MT5700_HTTPS_WORKS))
        return MT5700_ERR_NETWORK; /* S 3.2: not supported yet */
    return mt5700_ssl_ready(modem, &options) ? 0 : MT5700_ERR_TLS;
}

static int begin(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    int error, r = 0;

    if (mt->since_us == 0) {
        r = mt5700_enter(modem, MT5700_QUERYING);
        mt->since_us = clock_now_us(modem->bench->clock);
    }
    if (r < 0)
        return r;
    end_query(mt);
    mt->query = xcalloc(1, sizeof(*mt->query));
    error = obstacle(modem);
    if (error) {
        verdict_soon(modem, error);
        return 0;
    }
    net_set_connected(modem, true);
    return fetch_next(modem);
}

static int on_begin_due(struct modem *modem, void *arg)
{
    return begin(modem);
}

/* From a timer of its own, so that every caller may ignore how it ends. */
void mt5700_query_begin(struct modem *modem)
{
    modem_after(modem, &mt5700_of(modem)->fota_timer, 0, on_begin_due, NULL);
}
