/*
 * MT5700M: the state machine of FOTA 3.0 and its commands (S 4.1.1 and 5; sheet 2 to 4).
 *
 *     10 idle --^FOTAOEMDL--> 11 query --> 12 found --(auto or ^FOTADL=1)--> 30 download --> 40
 * ready
 *                                |-> 13,err -> 10       31 <--link or power--^  |-> 20 -> 10   |
 *                                '-> 14 -> 10           |--^FOTADL=1, ^FOTAOEMDL--^    ^FWUP --> 50
 *
 * What a command does in a state is data: the table `permits` is the one of sheet 3.1. The work of
 * a state stands in a file of its own: mt5700_query.c (11), mt5700_download.c (30), mt5700_flash.c
 * (50).
 *
 * NV: "fota.mode" and "fota.days" are ^FOTAMODE. "fota.phase" is 30, 40 or 50 while something of an
 * upgrade must survive the power; the keys of mt5700_download.c belong to it.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/at/at_exec.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/download.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

struct state_row {
    int code;
    const char *word; /* what scenarios wait for */
};

static const struct state_row states[MT5700_FOTA_COUNT] = {
    [MT5700_IDLE] = {10, "idle"             },
    [MT5700_QUERYING] = {11, "querying"         },
    [MT5700_FOUND] = {12, "found"            },
    [MT5700_QUERY_FAILED] = {13, "query_failed"     },
    [MT5700_UP_TO_DATE] = {14, "up_to_date"       },
    [MT5700_DOWNLOAD_FAILED] = {20, "download_failed"  },
    [MT5700_DOWNLOADING] = {30, "downloading"      },
    [MT5700_SUSPENDED] = {31, "suspended"        },
    [MT5700_DOWNLOADED] = {40, "downloaded"       },
    [MT5700_UPGRADING] = {50, "upgrading"        },
    [MT5700_FAILED_70] = {70, "upgrade_failed"   },
    [MT5700_FAILED_80] = {80, "upgrade_failed"   },
    [MT5700_SUCCEEDED] = {90, "upgrade_succeeded"},
};

/* ---- commands against states, sheet 3.1 ---- */

enum command { OEMDL, DET, DL_1, DL_0, DL_2, FWUP, MODE, COMMAND_COUNT };

enum permit {
    YES,
    ERR, /* ERROR */
    COL, /* FOTA is in collision state */
    RUN, /* the same, or "Previous command is not complete": option query_running_error */
    STI, /* left by itself after a second, hence COL; with fota-sticky-error the way out: YES */
    LAX, /* YES; ERR with fotadl0-strict, since S 4.1.1 names 30, 31 and 40 only */
};

static const enum permit permits[MT5700_FOTA_COUNT][COMMAND_COUNT] = {
  /* ^FOTAOEMDL ^FOTADET ^FOTADL=1 =0 =2 ^FWUP ^FOTAMODE= */
    [MT5700_IDLE] = {YES, YES, ERR, LAX, ERR, ERR, YES},
    [MT5700_QUERYING] = {RUN, RUN, ERR, ERR, ERR, ERR, YES},
    [MT5700_FOUND] = {COL, COL, YES, LAX, ERR, ERR, YES},
    [MT5700_QUERY_FAILED] = {STI, STI, ERR, LAX, ERR, ERR, YES},
    [MT5700_UP_TO_DATE] = {STI, STI, ERR, LAX, ERR, ERR, YES},
    [MT5700_DOWNLOAD_FAILED] = {STI, STI, ERR, LAX, ERR, ERR, YES},
    [MT5700_DOWNLOADING] = {COL, COL, ERR, YES, YES, ERR, YES},
    [MT5700_SUSPENDED] = {YES, COL, YES, YES, ERR, ERR, YES},
    [MT5700_DOWNLOADED] = {COL, COL, ERR, YES, ERR, YES, YES},
    [MT5700_UPGRADING] = {COL, COL, ERR, ERR, ERR, ERR, ERR},
    [MT5700_FAILED_70] = {STI, STI, ERR, LAX, ERR, ERR, YES},
    [MT5700_FAILED_80] = {STI, STI, ERR, LAX, ERR, ERR, YES},
    [MT5700_SUCCEEDED] = {STI, STI, ERR, LAX, ERR, ERR, YES},
};

int mt5700_refusal(const struct modem *modem, int cme)
{
    return modem_quirk(modem, MT5700_FOTA_PLAIN_ERROR) ? AT_ERROR : AT_CME(cme);
}

/* Return: AT_OK, or what the command answers in this state instead. */
static int permit(const struct modem *modem, enum command command)
{
    switch (permits[mt5700_of(modem)->fota][command]) {
    case YES:
        return AT_OK;
    case ERR:
        return AT_ERROR;
    case COL:
        return mt5700_refusal(modem, MT5700_CME_COLLISION);
    case RUN:
        return mt5700_refusal(modem, modem_dialect_number(modem, MT5700_OPTION_QUERY_RUNNING) == 0
                                         ? MT5700_CME_COLLISION
                                         : MT5700_CME_INCOMPLETE);
    case STI:
        return modem_quirk(modem, MT5700_FOTA_STICKY_ERROR)
                   ? AT_OK
                   : mt5700_refusal(modem, MT5700_CME_COLLISION);
    case LAX:
        return modem_quirk(modem, MT5700_FOTADL0_STRICT) ? AT_ERROR : AT_OK;
    }
    return AT_ERROR;
}

int mt5700_may_set_mode(const struct modem *modem)
{
    return permit(modem, MODE);
}

/* ---- states ---- */

const char *mt5700_fota_state(const struct modem *modem)
{
    return states[mt5700_of(modem)->fota].word;
}

void mt5700_set_state(struct modem *modem, enum mt5700_fota state)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (mt->fota == state)
        return;
    mt->fota = state;
    fota_state_changed(modem);
    mt5700_noise(modem);
    if (state == MT5700_DOWNLOADED)
        mt5700_begin_traffic(modem);
}

/* The version as 12 prints it (#31). */
static void add_version(const struct modem *modem, struct buf *out)
{
    const char *version = mt5700_of(modem)->offer.version;
    char cp_version[MT5700_NAME_MAX + 1];

    if (modem_quirk(modem, MT5700_FOTA12_V200)) {
        mt5700_cp_version(version, cp_version, sizeof(cp_version));
        version = cp_version;
    }
    buf_add_text(out, version);
}

/* ",<version>,<size>,<features>" of 12 (sheet 2.1). */
static void add_offer(const struct modem *modem, struct buf *out)
{
    const struct mt5700 *mt = mt5700_of(modem);
    bool is_spaced = modem_quirk(modem, MT5700_FOTA12_SPACED);
    const char *quote = modem_quirk(modem, MT5700_FOTA12_QUOTED) ? "\"" : "";
    const char *gap = is_spaced ? " " : "";
    unsigned long long size = mt->offer.size_bytes;

    if (modem_quirk(modem, MT5700_SIZE_MISMATCH))
        size = (unsigned long long)modem_dialect_number(modem, MT5700_OPTION_ANNOUNCED_SIZE);
    buf_printf(out, ",%s", gap);
    add_version(modem, out);
    buf_printf(out, ",%s%llu,%s%s", gap, size, gap, quote);
    for (size_t i = 0; mt->changelog && i < mt->changelog->feature_count; i++)
        buf_printf(out, "%s%s%s", i > 0 ? ";" : "", i > 0 ? gap : "", mt->changelog->features[i]);
    buf_add_text(out, quote);
}

static bool has_error(const struct modem *modem)
{
    enum mt5700_fota fota = mt5700_of(modem)->fota;

    return fota == MT5700_QUERY_FAILED || fota == MT5700_FAILED_80 ||
           (fota == MT5700_DOWNLOAD_FAILED && modem_quirk(modem, MT5700_FOTA20_CODE));
}

void mt5700_state_words(const struct modem *modem, struct buf *out)
{
    const struct mt5700 *mt = mt5700_of(modem);

    buf_printf(out, "^FOTASTATE: %d", states[mt->fota].code);
    if (mt->fota == MT5700_FOUND)
        add_offer(modem, out);
    else if (has_error(modem))
        buf_printf(out, ",%d", mt->error);
}

static int pass_state(struct modem *modem)
{
    char code[8];
    struct fault_at at = {.text = code};
    int r;

    at.text_len = (size_t)snprintf(code, sizeof(code), "%d", states[mt5700_of(modem)->fota].code);
    r = mt5700_pass(modem, MT5700_POINT_STATE, &at);
    return r < 0 ? r : 0;
}

int mt5700_enter(struct modem *modem, enum mt5700_fota state)
{
    struct buf words = {0};
    int r;

    mt5700_set_state(modem, state);
    r = pass_state(modem);
    if (r < 0)
        return r;
    mt5700_state_words(modem, &words);
    mt5700_say(modem, "%s", buf_text(&words));
    buf_deinit(&words);
    return 0;
}

/* With 13 and 20 "the module restores idle", MU609. */
static int on_error_over(struct modem *modem, void *arg)
{
    mt5700_set_state(modem, MT5700_IDLE);
    return 0;
}

static bool is_silent(const struct modem *modem, enum mt5700_fota state)
{
    return modem_quirk(modem, MT5700_FOTA_SILENT_IDLE) &&
           (state == MT5700_QUERY_FAILED || state == MT5700_UP_TO_DATE);
}

int mt5700_fail(struct modem *modem, enum mt5700_fota state, int error)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r = 0;

    mt->error = error;
    if (is_silent(modem, state)) {
        mt5700_set_state(modem, MT5700_IDLE);
        return 0;
    }
    r = mt5700_enter(modem, state);
    if (r < 0 || modem_quirk(modem, MT5700_FOTA_STICKY_ERROR))
        return r;
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_ERR_DWELL),
                on_error_over, NULL);
    return 0;
}

/* ---- ^FOTASTATE? ---- */

int mt5700_fotastate(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct mt5700 *mt = mt5700_of(line->modem);
    bool is_failure = mt->fota == MT5700_QUERY_FAILED || mt->fota == MT5700_DOWNLOAD_FAILED ||
                      mt->fota == MT5700_FAILED_80;

    if (is_failure && modem_quirk(line->modem, MT5700_FOTASTATE_QUERY_EXTRAS))
        at_reply_line(reply, "^FOTASTATE: %d,%d", states[mt->fota].code, mt->error);
    else
        at_reply_line(reply, "^FOTASTATE: %d", states[mt->fota].code);
    return AT_OK;
}

/* ---- ^FOTAOEMDL and ^FOTADET ---- */

static int on_query_due(struct modem *modem, void *arg)
{
    mt5700_query_begin(modem);
    return 0;
}

/* Unless a data service is in the way (MU609, only with strict-collision). */
static int refuse_service(const struct modem *modem)
{
    bool is_refused = modem_quirk(modem, MT5700_STRICT_COLLISION) && mt5700_is_blocked(modem);

    return is_refused ? mt5700_refusal(modem, MT5700_CME_COLLISION) : AT_OK;
}

/* S's typesetting has a blank behind the opening quote: it is no part of the URL. */
static int read_url(const struct at_req *req, char *url_out)
{
    char text[MT5700_URL_MAX + 1];
    struct at_args args;

    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_string(&args, 0, text, sizeof(text)) < 0)
        return -1;
    snprintf(url_out, MT5700_URL_MAX + 1, "%s", text + strspn(text, " "));
    if (strncasecmp(url_out, "http://", 7) == 0)
        return url_out[7] ? 0 : -1;
    return strncasecmp(url_out, "https://", 8) == 0 && url_out[8] ? 0 : -1;
}

static int may_query(struct line *line, enum command command)
{
    int r = gpp_need_sim(line);

    if (r >= 0)
        return r;
    r = permit(line->modem, command);
    return r == AT_OK ? refuse_service(line->modem) : r;
}

/* The demo of S 4.2 shows 11 and no OK before it. */
static bool says_urc_first(const struct modem *modem)
{
    return modem_quirk(modem, MT5700_URC_BEFORE_OK) ||
           modem_quirk(modem, MT5700_OEMDL_URC_BEFORE_OK);
}

static void say_in_reply(struct line *line, struct at_reply *reply, const char *words)
{
    trace_add(line->modem->bench->trace, TRACE_URC, line->who, words, strlen(words));
    mt5700_reply(line, reply, "%s", words);
}

int mt5700_fotaoemdl(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct mt5700 *mt = mt5700_of(modem);
    char url[MT5700_URL_MAX + 1];
    int r = may_query(line, OEMDL);

    if (r != AT_OK)
        return r;
    if (read_url(req, url) < 0)
        return mt5700_refusal(modem, MT5700_CME_NOT_SUPPORTED);
    memcpy(mt->url, url, sizeof(url));
    mt->is_requery = mt->fota == MT5700_SUSPENDED;
    mt5700_set_state(modem, MT5700_QUERYING);
    if (says_urc_first(modem)) {
        r = pass_state(modem);
        if (r < 0)
            return r;
        say_in_reply(line, reply, "^FOTASTATE: 11");
        modem_after(modem, &mt->fota_timer, 0, on_query_due, mt);
        mt->since_us = clock_now_us(modem->bench->clock);
        return AT_OK;
    }
    mt->since_us = 0; /* 11 is not said yet */
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_OEMDL_TO_11),
                on_query_due, NULL);
    return AT_OK;
}

int mt5700_fotadet(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int r;

    if (!modem_quirk(line->modem, MT5700_HUAWEI_HOTA))
        return AT_ERROR;
    r = may_query(line, DET);
    return r == AT_OK ? mt5700_hota_begin(line->modem) : r;
}

int mt5700_fotacfg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!modem_quirk(line->modem, MT5700_HUAWEI_HOTA))
        return AT_ERROR;
    return mt5700_stored(line, req, reply);
}

/* ---- ^FOTADL ---- */

static int cancel(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r;

    modem_cancel(modem, &mt->fota_timer);
    mt5700_end_transfer(modem);
    net_set_connected(modem, false);
    r = mt5700_drop_download(modem);
    if (r < 0)
        return r;
    if (modem_quirk(modem, MT5700_FOTADL0_URC) && mt->fota != MT5700_IDLE)
        return mt5700_enter(modem, MT5700_IDLE);
    mt5700_set_state(modem, MT5700_IDLE);
    return AT_OK;
}

static int start_or_resume(struct line *line)
{
    struct modem *modem = line->modem;
    bool is_suspended = mt5700_of(modem)->fota == MT5700_SUSPENDED;
    int r = gpp_need_sim(line);

    if (r >= 0)
        return r;
    r = refuse_service(modem);
    if (r != AT_OK)
        return r;
    if (!is_suspended)
        return mt5700_download_begin(modem);
    if (modem_quirk(modem, MT5700_RESUME_NEEDS_QUERY))
        return AT_ERROR;
    return mt5700_download_resume(modem);
}

static int pause_download(struct modem *modem)
{
    if (!mt5700_mode(modem, 3)) /* ME909U: only where a download can be resumed */
        return mt5700_refusal(modem, MT5700_CME_NOT_SUPPORTED);
    return mt5700_suspend(modem);
}

int mt5700_fotadl(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    bool can_pause = modem_quirk(modem, MT5700_FOTADL_PAUSE);
    struct at_args args;
    long action;
    int r;

    if (req->verb == AT_TEST) {
        at_reply_line(reply, "^FOTADL: (0-%d)", can_pause ? 2 : 1);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_int(&args, 0, 0, can_pause ? 2 : 1, &action) < 0)
        return AT_ERROR;
    r = permit(modem, action == 0 ? DL_0 : action == 1 ? DL_1 : DL_2);
    if (r != AT_OK)
        return r;
    return action == 0   ? cancel(modem)
           : action == 1 ? start_or_resume(line)
                         : pause_download(modem);
}

/* ---- ^FOTADLQ ---- */

static uint64_t downloaded(const struct mt5700 *mt)
{
    bool has_download = mt->fota == MT5700_DOWNLOADING || mt->fota == MT5700_SUSPENDED;

    if (mt->fota == MT5700_DOWNLOADED || mt->fota == MT5700_UPGRADING)
        return mt->offer.size_bytes;
    return has_download ? mt->done_bytes : 0;
}

static int on_progress_read(struct modem *modem, void *arg)
{
    const struct mt5700 *mt = mt5700_of(modem);
    struct line *line = arg;
    bool has_total = mt->fota >= MT5700_DOWNLOADING && mt->fota <= MT5700_UPGRADING;
    unsigned long long first = downloaded(mt), second = has_total ? mt->offer.size_bytes : 0;
    const char *name = mt->offer.component[0] ? mt->offer.component : "FIRMWARE1";

    if (modem_quirk(modem, MT5700_FOTADLQ_TOTAL_FIRST)) {
        unsigned long long swap = first;

        first = second;
        second = swap;
    }
    if (modem_quirk(modem, MT5700_FOTADLQ_TABLE_FORM)) {
        mt5700_reply(line, line_reply(line), "^FOTADLQ: 1,\"FIRMWARM1\",%llu,%llu", first, second);
        return line_complete(line, AT_SILENT);
    }
    mt5700_reply(line, line_reply(line), "^FOTADLQ: 0,\"%s\",%llu,%llu", name, first, second);
    return line_complete(line, AT_OK);
}

int mt5700_fotadlq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    modem_after(line->modem, NULL, mt5700_amount(line->modem, MT5700_OPTION_DLQ_DELAY),
                on_progress_read, line);
    return AT_PENDING;
}

/* ---- ^FWUP ---- */

int mt5700_fwup(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    int r = permit(modem, FWUP);

    if (r != AT_OK)
        return r;
    if (mt5700_is_blocked(modem)) /* S 5: the host has to trigger it again (sheet 4.6) */
        return modem_quirk(modem, MT5700_FWUP_DEFERRED)
                   ? AT_OK
                   : mt5700_refusal(modem, MT5700_CME_COLLISION);
    if (modem_quirk(modem, MT5700_URC_BEFORE_OK)) {
        mt5700_set_state(modem, MT5700_UPGRADING);
        r = pass_state(modem);
        if (r < 0)
            return r;
        say_in_reply(line, reply, "^FOTASTATE: 50");
    }
    return mt5700_upgrade_soon(modem);
}

/* ---- power and network ---- */

void mt5700_fota_power_up(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    long long phase = nv_int(modem->nv, "fota.phase", 0);
    bool has_offer = mt5700_load_offer(modem);

    mt->fota = MT5700_IDLE;
    if (phase == 30 && has_offer && mt5700_mode(modem, 3))
        mt->fota = MT5700_SUSPENDED; /* S 5 */
    else if (phase == 40 && has_offer && !modem_quirk(modem, MT5700_FOTA40_VOLATILE))
        mt->fota = MT5700_DOWNLOADED;
    else if (phase == 50)
        mt->fota = MT5700_UPGRADING;
    if (mt->fota != MT5700_IDLE)
        trace_addf(modem->bench->trace, TRACE_STATE, modem->name, "fota %s", states[mt->fota].word);
    mt5700_arm_period(modem);
}

/* The bearer is gone, by the network or by +CFUN: at once 31, or 20 without resume. */
static int on_bearer_lost(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (modem->net.bearer)
        return 0;
    if (mt->download)
        download_break(mt->download);
    if (mt->hota)
        download_break(mt->hota);
    mt5700_query_break(mt->query);
    return 0;
}

void mt5700_fota_net_changed(struct modem *modem)
{
    const struct mt5700 *mt = mt5700_of(modem);

    if ((mt->download || mt->query || mt->hota) && !modem->net.bearer)
        modem_after(modem, NULL, 0, on_bearer_lost, NULL);
}
