/*
 * MT5700M, profile huawei-hota: the query of Huawei's own update servers, from which this family
 * comes (sheet 5.3). A POST with a few rules; the answer is JSON: status "0" and components, whose
 * url is the folder above full/, or status "1" for nothing new. Then it goes on as with ^FOTAOEMDL.
 * SPDX-License-Identifier: MIT
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/modem_download.h"

/* ---- question and answer ---- */

static char *question(const struct modem *modem)
{
    char cp_version[MT5700_NAME_MAX + 1];
    json_t *rules;
    char *text;

    mt5700_cp_version(modem->firmware, cp_version, sizeof(cp_version));
    rules = json_pack("{s:{s:s,s:s,s:s,s:s}}", "rules", "DeviceName", "MT5700M-CN", "C_version",
                      modem->firmware, "Firmware", cp_version, "deviceId",
                      modem_text(modem, MODEM_OPTION_IMEI));
    text = json_dumps(rules, JSON_COMPACT);
    json_decref(rules);
    return text;
}

/* Return: 1 and the folder; 0 nothing new; -1 malformed. */
static int read_answer(const struct buf *answer, char *url_out, size_t size_bytes)
{
    json_t *root = json_loadb(buf_text(answer), answer->len, 0, NULL);
    const char *status = json_string_value(json_object_get(root, "status"));
    json_t *first = json_array_get(json_object_get(root, "components"), 0);
    const char *url = json_string_value(json_object_get(first, "url"));
    int r = -1;

    if (status && strcmp(status, "1") == 0) {
        r = 0;
    } else if (status && strcmp(status, "0") == 0 && url && strlen(url) < size_bytes) {
        snprintf(url_out, size_bytes, "%s", url);
        r = 1;
    }
    json_decref(root);
    return r;
}

/* ---- the exchange ---- */

static int conclude(struct modem *modem, enum download_result result)
{
    struct mt5700 *mt = mt5700_of(modem);
    struct buf answer = mt->hota_answer;
    int r = -1;

    mt->hota_answer = (struct buf){0};
    download_free(mt->hota);
    mt->hota = NULL;
    if (result == DOWNLOAD_OK)
        r = read_answer(&answer, mt->url, sizeof(mt->url));
    buf_deinit(&answer);
    if (r > 0) {
        mt5700_query_begin(modem);
        return 0;
    }
    net_set_connected(modem, false);
    if (r == 0)
        return mt5700_fail(modem, MT5700_UP_TO_DATE, 0);
    return mt5700_fail(modem, MT5700_QUERY_FAILED, MT5700_ERR_NETWORK);
}

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    return 0;
}

static int on_data(void *arg, const void *bytes, size_t len,
                   const struct download_progress *progress)
{
    buf_add(&mt5700_of(arg)->hota_answer, bytes, len);
    return 0;
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct modem *modem = arg;

    modem_enter(modem);
    modem_leave(modem, conclude(modem, result));
}

static const struct download_sink sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = modem_download_fault,
};

static int on_ask_due(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    char *post = question(modem);
    struct download_options options = {
        .url = modem_dialect_text(modem, MT5700_OPTION_HOTA_URL),
        .post = post,
        .silence_us = mt5700_amount(modem, MT5700_OPTION_CONNECT_TIMEOUT),
        .max_bytes = MT5700_XML_MAX,
        .body_point = &mt5700_points[MT5700_POINT_QUERY_BODY],
    };
    int r = mt5700_enter(modem, MT5700_QUERYING);

    mt->since_us = clock_now_us(modem->bench->clock);
    if (r == 0) {
        net_set_connected(modem, true);
        mt->hota = mt5700_fetch(modem, &options, &sink);
    }
    free(post);
    return r;
}

int mt5700_hota_begin(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    mt->is_requery = false;
    mt5700_set_state(modem, MT5700_QUERYING);
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_OEMDL_TO_11), on_ask_due,
                NULL);
    return AT_OK;
}
