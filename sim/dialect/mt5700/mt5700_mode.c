/*
 * MT5700M: ^FOTAMODE, and the periodic query that it may switch on (MU609; sheet 4.1).
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/nv.h"

#define MODE_FACTORY "0,1,0,1" /* S 4.2, with the days behind it */
#define DAYS_FACTORY 7
#define DAY_US       UINT64_C(86400000000)

bool mt5700_mode(const struct modem *modem, unsigned field)
{
    const char *mode = nv_text(modem->nv, "fota.mode", MODE_FACTORY);

    return strlen(mode) > 2 * field && mode[2 * field] == '1';
}

static int on_period(struct modem *modem, void *arg);

void mt5700_arm_period(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    uint64_t days = (uint64_t)nv_int(modem->nv, "fota.days", DAYS_FACTORY);

    modem_cancel(modem, &mt->period_timer);
    if (mt5700_mode(modem, 0))
        modem_after(modem, &mt->period_timer, days * DAY_US, on_period, NULL);
}

static int on_period(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    const char *url = modem_dialect_text(modem, MT5700_OPTION_PERIODIC_URL);

    mt5700_arm_period(modem);
    if (mt->fota != MT5700_IDLE || mt5700_is_blocked(modem))
        return 0; /* MU609: skipped until the next time */
    if (modem_quirk(modem, MT5700_HUAWEI_HOTA))
        return mt5700_hota_begin(modem);
    if (url[0])
        snprintf(mt->url, sizeof(mt->url), "%s", url);
    if (!mt->url[0])
        return 0;
    mt->is_requery = false;
    mt->since_us = 0; /* 11 has to be said */
    mt5700_query_begin(modem);
    return 0;
}

/* "0,1,0,1" and the days behind it, which are 0 when not given. */
static int parse_mode(const struct at_req *req, char *mode_out, long *days_out)
{
    struct at_args args;
    long flag;

    if (at_args_parse(req, &args) < 0 || args.count < 4 || args.count > 5)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        if (at_args_int(&args, i, 0, 1, &flag) < 0)
            return -1;
        mode_out[2 * i] = (char)('0' + flag);
        mode_out[2 * i + 1] = i < 3 ? ',' : '\0';
    }
    *days_out = 0;
    return args.count == 5 ? at_args_int(&args, 4, 1, 30, days_out) : 0;
}

static void show_mode(const struct modem *modem, struct at_reply *reply)
{
    const char *mode = nv_text(modem->nv, "fota.mode", MODE_FACTORY);
    bool is_short = modem_quirk(modem, MT5700_FOTAMODE_4) ||
                    nv_int(modem->nv, "fota.fields", 5) == 4;

    if (is_short)
        at_reply_line(reply, "^FOTAMODE: %s", mode);
    else
        at_reply_line(reply, "^FOTAMODE: %s,%lld", mode,
                      nv_int(modem->nv, "fota.days", DAYS_FACTORY));
}

int mt5700_fotamode(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    char mode[MT5700_MODE_MAX];
    long days;
    int r;

    if (req->verb == AT_READ) {
        show_mode(modem, reply);
        return AT_OK;
    }
    r = mt5700_may_set_mode(modem);
    if (r != AT_OK)
        return r;
    if (parse_mode(req, mode, &days) < 0)
        return mt5700_refusal(modem, MT5700_CME_NOT_SUPPORTED);
    nv_set_text(modem->nv, "fota.mode", mode);
    nv_set_int(modem->nv, "fota.fields", days > 0 ? 5 : 4); /* it is read as it was set, #17 */
    if (days > 0)
        nv_set_int(modem->nv, "fota.days", days);
    mt5700_arm_period(modem);
    return modem_commit(modem);
}
