/*
 * MT5700M: the services that block an upgrade (S 5: voice call, data, dial-up), and the noise of
 * the radio while one runs (S 4.2; sheet 6 and 7). SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/nv.h"

#define FLOW_US       2000000u /* ^DSFLOWRPT comes every two seconds, M */
#define DIAL_FACTORY  "%s,\"IP\",\"\",\"\",\"\",0"
#define CURC_FLOW     22 /* bits of ^CURC=2, BALONG5000 */
#define CURC_CALL     24
#define SESSION_WORDS "\"cmnet\""

/* ---- what blocks an upgrade ---- */

static bool has_session(const struct modem *modem)
{
    const struct mt5700 *mt = mt5700_of(modem);

    for (long cid = 1; cid <= MT5700_CID_MAX; cid++) {
        if (mt->has_session[cid])
            return true;
    }
    return mt->has_auto_session;
}

bool mt5700_is_blocked(const struct modem *modem)
{
    const struct mt5700 *mt = mt5700_of(modem);

    return mt->has_call || mt->traffic_timer || has_session(modem);
}

bool mt5700_curc(const struct modem *modem, unsigned bit)
{
    long mode = mt5700_of(modem)->curc;

    if (mode != 2)
        return mode == 1;
    return strtoull(nv_text(modem->nv, "curc.mask", "0"), NULL, 16) >> bit & 1;
}

/* ---- traffic ---- */

static void say_flow(struct modem *modem, bool is_flowing)
{
    unsigned seconds = mt5700_of(modem)->flow_s;

    if (!mt5700_curc(modem, CURC_FLOW))
        return;
    mt5700_say(modem, "^DSFLOWRPT: %08X,%016X,%016X,%016X,%016X,%016X,%016X", seconds,
               is_flowing ? 1024 : 0, is_flowing ? 65536 : 0, seconds * 1024, seconds * 65536, 0,
               0);
}

static bool is_flowing(const struct modem *modem)
{
    return mt5700_of(modem)->traffic_timer || has_session(modem);
}

static int on_flow(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);

    mt->flow_s += 2;
    say_flow(modem, is_flowing(modem));
    if (is_flowing(modem))
        modem_after(modem, &mt->flow_timer, FLOW_US, on_flow, NULL);
    else
        mt->flow_s = 0;
    return 0;
}

static void watch_flow(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (is_flowing(modem) && !mt->flow_timer)
        modem_after(modem, &mt->flow_timer, FLOW_US, on_flow, NULL);
}

/* A host that listens learns by a last report without traffic that it may try ^FWUP again. */
static int on_traffic_over(struct modem *modem, void *arg)
{
    net_set_connected(modem, false);
    say_flow(modem, false);
    return 0;
}

void mt5700_begin_traffic(struct modem *modem)
{
    uint64_t duration_us = mt5700_amount(modem, MT5700_OPTION_TRAFFIC);

    if (duration_us == 0 || !modem->net.bearer)
        return;
    net_set_connected(modem, true);
    modem_after(modem, &mt5700_of(modem)->traffic_timer, duration_us, on_traffic_over, NULL);
    watch_flow(modem);
}

/* ---- dial-up ---- */

static void say_session(struct modem *modem, long cid, bool is_up)
{
    static const char *const kinds[] = {"IPV4", "IPV6"};

    if (is_up)
        mt5700_say(modem, "^DSAMBR: %ld,1073000,104000," SESSION_WORDS ",6", cid);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (modem_quirk(modem, MT5700_NDISSTAT_NOCID))
            mt5700_say(modem, "^NDISSTAT: %d,,,\"%s\"", is_up, kinds[i]);
        else
            mt5700_say(modem, "^NDISSTAT: %ld,%d,,,\"%s\"", cid, is_up, kinds[i]);
    }
}

static void set_session(struct modem *modem, long cid, bool is_up)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (cid == MT5700_AUTO_CID)
        mt->has_auto_session = is_up;
    else
        mt->has_session[cid] = is_up;
    say_session(modem, cid, is_up);
    watch_flow(modem);
}

static bool is_up(const struct mt5700 *mt, long cid)
{
    return cid == MT5700_AUTO_CID ? mt->has_auto_session : mt->has_session[cid];
}

int mt5700_ndisdup(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    const struct mt5700 *mt = mt5700_of(modem);
    struct at_args args;
    long cid, action;

    if (req->verb != AT_SET)
        return AT_OK; /* BALONG5000: the read form has no lines */
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, MT5700_CID_MAX, &cid) < 0 ||
        at_args_int(&args, 1, 0, 2, &action) < 0)
        return AT_ERROR;
    if (action == 0) {
        if (!is_up(mt, cid))
            return AT_OWN(MT5700_INVALID);
        set_session(modem, cid, false);
        return AT_OK;
    }
    if (!modem->net.bearer)
        return AT_OWN(MT5700_NO_SERVICE);
    if (action == 1 && is_up(mt, cid))
        return AT_OWN(MT5700_DUPLICATED);
    if (!is_up(mt, cid))
        set_session(modem, cid, true);
    return AT_OK;
}

int mt5700_ndisstatqry(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;
    const struct mt5700 *mt = mt5700_of(modem);
    bool has_any = false;

    for (long cid = 1; cid <= MT5700_CID_MAX; cid++) {
        if (cid != 1 && !is_up(mt, cid))
            continue;
        if (cid == 1 && !is_up(mt, 1) && has_session(modem))
            continue;
        has_any = is_up(mt, cid);
        if (modem_quirk(modem, MT5700_NDISSTAT_NOCID))
            at_reply_line(reply, "^NDISSTATQRY: %d,,,\"IPV4\",0,,,\"IPV6\"", has_any);
        else
            at_reply_line(reply, "^NDISSTATQRY: %ld,%d,,,\"IPV4\",0,,,\"IPV6\"", cid, has_any);
    }
    return AT_OK;
}

int mt5700_dconnstat(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct mt5700 *mt = mt5700_of(line->modem);

    for (long cid = 1; cid <= 11; cid++)
        at_reply_line(reply, "^DCONNSTAT: %ld,%s,%d,0,0", cid, is_up(mt, cid) ? SESSION_WORDS : "",
                      is_up(mt, cid));
    return AT_OK;
}

int mt5700_dsflowqry(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    unsigned seconds = mt5700_of(line->modem)->flow_s;

    at_reply_line(reply, "^DSFLOWQRY: %08X,%016X,%016X,%08X,%016X,%016X", seconds, seconds * 1024,
                  seconds * 65536, seconds, seconds * 1024, seconds * 65536);
    return AT_OK;
}

/* "0,1,"IP",..." or "1,1,..." as stored; the first number switches it. */
static bool dials_by_itself(const struct modem *modem)
{
    const char *stored = nv_text(modem->nv, "autodial", "");

    if (stored[0])
        return stored[0] == '1';
    return modem_dialect_number(modem, MT5700_OPTION_AUTODIAL) == 1;
}

static void apply_autodial(struct modem *modem)
{
    bool wanted = dials_by_itself(modem) && modem->net.bearer;

    if (wanted != mt5700_of(modem)->has_auto_session)
        set_session(modem, MT5700_AUTO_CID, wanted);
}

int mt5700_setautodial(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    const char *stored = nv_text(modem->nv, "autodial", "");
    char text[NV_VALUE_MAX];
    struct at_args args;
    long on;
    int r;

    if (req->verb == AT_READ) {
        if (stored[0])
            at_reply_line(reply, "^SETAUTODIAL:%s", stored);
        else
            at_reply_line(reply, "^SETAUTODIAL:" DIAL_FACTORY,
                          dials_by_itself(modem) ? "1,1" : "0,1");
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &on) < 0 ||
        req->args_len >= sizeof(text))
        return AT_ERROR;
    if (args.count == 1)
        snprintf(text, sizeof(text), DIAL_FACTORY, on ? "1,1" : "0,1");
    else
        snprintf(text, sizeof(text), "%.*s", (int)req->args_len, req->args);
    nv_set_text(modem->nv, "autodial", text);
    r = modem_commit(modem);
    if (r == AT_OK)
        apply_autodial(modem);
    return r;
}

/* ---- calls ---- */

int mt5700_dial(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct mt5700 *mt = mt5700_of(modem);

    /* Only with ';' it is a voice call (27.007 6.2); there is no data call on this line. */
    if (!memchr(req->text, ';', req->text_len) || req->args_len == 0 ||
        !net_registered(&modem->net) || mt->has_call)
        return AT_NO_CARRIER;
    mt->has_call = true;
    if (mt5700_curc(modem, CURC_CALL)) {
        modem_urc_line(modem, "^ORIG:1,0");
        modem_urc_line(modem, "^CONF:1");
        modem_urc_line(modem, "^CONN:1,0");
    }
    return AT_OK;
}

static void end_call(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (!mt->has_call)
        return;
    mt->has_call = false;
    if (mt5700_curc(modem, CURC_CALL))
        modem_urc_line(modem, "^CEND:1,10,67,16");
}

int mt5700_hang_up(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    end_call(line->modem);
    return AT_OK;
}

int mt5700_clcc(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (mt5700_of(line->modem)->has_call)
        at_reply_line(reply, "+CLCC: 1,0,0,0,0,\"\",129");
    return AT_OK;
}

/* ---- ^CURC ---- */

int mt5700_curc_command(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct mt5700 *mt = mt5700_of(modem);
    struct at_args args;
    char mask[17] = "";
    long mode;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "^CURC: %ld", mt->curc);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count > 2 || at_args_int(&args, 0, 0, 2, &mode) < 0)
        return AT_ERROR;
    if (args.count == 2) {
        if (args.arg[1].len == 0 || args.arg[1].len > 16)
            return AT_ERROR;
        snprintf(mask, sizeof(mask), "%.*s", (int)args.arg[1].len, args.arg[1].text);
        if (mask[strspn(mask, "0123456789abcdefABCDEF")])
            return AT_ERROR;
        nv_set_text(modem->nv, "curc.mask", mask);
    }
    mt->curc = mode;
    return AT_OK;
}

/* ---- noise ---- */

/* The index-th pair of the option; past the end it begins again. Without pairs: the radio's own. */
static void noise_pair(struct modem *modem, int *first_out, int *second_out)
{
    const char *text = modem_dialect_text(modem, MT5700_OPTION_NOISE_VALUES), *at = text;
    struct mt5700 *mt = mt5700_of(modem);
    int first, second, used;

    *first_out = modem->net.signal.rssi_csq;
    *second_out = modem->net.signal.rsrq_index;
    for (unsigned i = 0; i <= mt->noise_index; i++) {
        used = 0;
        if (sscanf(at, " %d,%d%n", &first, &second, &used) != 2 || used == 0) {
            if (at == text)
                return;
            mt->noise_index = 0;
            sscanf(text, " %d,%d", &first, &second);
            break;
        }
        at += used;
    }
    *first_out = first;
    *second_out = second;
    mt->noise_index++;
}

static int on_noise(struct modem *modem, void *arg)
{
    int first, second;

    noise_pair(modem, &first, &second);
    mt5700_say(modem, "+CSQ: %d,%d", first, second);
    mt5700_say(modem, "+CESQ: 99,99,255,255,%d,%d,255,255,255", second, first);
    mt5700_noise(modem);
    return 0;
}

void mt5700_noise(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    uint64_t least = mt5700_amount(modem, MT5700_OPTION_NOISE_MIN);
    uint64_t most = mt5700_amount(modem, MT5700_OPTION_NOISE_MAX);

    if (modem_dialect_number(modem, MT5700_OPTION_NOISE) != 0 || mt->fota == MT5700_IDLE) {
        modem_cancel(modem, &mt->noise_timer);
        mt->noise_index = 0;
        return;
    }
    if (!mt->noise_timer)
        modem_after(modem, &mt->noise_timer,
                    least + (most > least ? rng_below(&modem->rng, most - least) : 0), on_noise,
                    NULL);
}

/* ---- power and network ---- */

void mt5700_service_power_up(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    mt->has_call = mt->has_auto_session = false;
    memset(mt->has_session, 0, sizeof(mt->has_session));
    mt->curc = 1; /* BALONG5000: on */
    mt->flow_s = mt->noise_index = 0;
}

static int on_bearer(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (!modem->net.bearer) {
        modem_cancel(modem, &mt->traffic_timer);
        for (long cid = 1; cid <= MT5700_CID_MAX; cid++) {
            if (mt->has_session[cid])
                set_session(modem, cid, false);
        }
    }
    if (!net_registered(&modem->net))
        end_call(modem);
    apply_autodial(modem);
    return 0;
}

void mt5700_service_net_changed(struct modem *modem)
{
    modem_after(modem, NULL, 0, on_bearer, NULL);
}
