/*
 * M531x: the general AT surface (sheet 8), where the two parts differ from each other and from the
 * base.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/dialect/m531x/m531x.h"
#include "sim/modem/nv.h"

#define CME_BAD_ARGS 50 /* sheet 2, plain AT errors */

#define HI2115_RADIO "Hi2115_RF7"

int m531x_ati(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "CMIOT");
    at_reply_line(reply, "%s", modem_dialect_text(line->modem, M531X_OPTION_MODEL));
    at_reply_line(reply, "%s", line->modem->firmware);
    return AT_OK;
}

int m531x_cgmi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "CMIOT");
    return AT_OK;
}

int m531x_cgmm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", modem_dialect_text(line->modem, M531X_OPTION_MODEL));
    return AT_OK;
}

/* The listing of the M5310-A is that of a BC35 on the same chip (sheet 8). */
int m531x_cgmr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *version = line->modem->firmware;

    if (!m531x_is_5310a(line->modem)) {
        at_reply_line(reply, "%s", version);
        return AT_OK;
    }
    at_reply_line(reply, "SSB,%s", version);
    at_reply_line(reply, "SECURITY_A,%s", version);
    at_reply_line(reply, "PROTOCOL_A,%s", version);
    at_reply_line(reply, "APPLICATION_A,%s", version);
    at_reply_line(reply, "SECURITY_B,%s", version);
    at_reply_line(reply, "RADIO,%s", HI2115_RADIO);
    return AT_OK;
}

int m531x_swver(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    at_reply_line(reply, "%s", line->modem->firmware);
    return AT_OK;
}

int m531x_cgsn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *imei = modem_text(line->modem, MODEM_OPTION_IMEI);
    struct at_args args;
    long kind = 0;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &kind) < 0))
        return AT_CME(CME_BAD_ARGS);
    if (kind == 1)
        at_reply_line(reply, "+CGSN: %s", imei);
    else
        at_reply_line(reply, "%s", imei);
    return AT_OK;
}

int m531x_gsn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_IMEI));
    return AT_OK;
}

static int card_number(struct line *line, struct at_reply *reply, bool has_it, const char *name)
{
    int refused = gpp_need_sim(line);

    if (!has_it)
        return line->modem->style.unknown_result;
    if (refused >= 0)
        return refused;
    at_reply_line(reply, "%s: %s", name, modem_text(line->modem, MODEM_OPTION_ICCID));
    return AT_OK;
}

int m531x_iccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return card_number(line, reply, !m531x_is_5310a(line->modem), "+ICCID");
}

int m531x_nccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return card_number(line, reply, m531x_is_5310a(line->modem), "+NCCID");
}

/* QSDK-n, INO: no quotes. */
int m531x_cclk(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char text[64];

    if (gpp_network_time(line->modem, text, sizeof(text)) == 0)
        at_reply_line(reply, "+CCLK: %s", text);
    return AT_OK;
}

static long default_cid(const struct modem *modem)
{
    return m531x_is_5310a(modem) ? 0 : 1; /* DOC-5310 shows cid 0, INO cid 1 */
}

int m531x_cgpaddr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;
    const char *address = modem_text(modem, MODEM_OPTION_ADDRESS);
    long cid = default_cid(modem), wanted;
    struct at_args args;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 10, &wanted) < 0))
        return AT_CME(CME_BAD_ARGS);
    if (req->verb == AT_SET && wanted != cid)
        return AT_OK;
    if (!modem->net.bearer)
        at_reply_line(reply, "+CGPADDR: %ld", cid);
    else if (m531x_is_5310a(modem))
        at_reply_line(reply, "+CGPADDR: %ld,%s", cid, address);
    else
        at_reply_line(reply, "+CGPADDR: %ld,\"%s\"", cid, address);
    return AT_OK;
}

/* ---- M5310-A only ---- */

int m531x_nuestats(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net *net = &line->modem->net;

    if (!m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    /* HI-LOG: units of a tenth of a dBm; what the simulated cell does not have is the log's. */
    at_reply_line(reply, "Signal power:%d", net->signal.rsrp_dbm * 10);
    at_reply_line(reply, "Total power:%d", net->signal.rssi_dbm * 10);
    at_reply_line(reply, "TX power:230");
    at_reply_line(reply, "TX time:1144");
    at_reply_line(reply, "RX time:76193");
    at_reply_line(reply, "Cell ID:%u", net->cell);
    at_reply_line(reply, "ECL:0");
    at_reply_line(reply, "SNR:%d", net->signal.snr_db * 10);
    at_reply_line(reply, "EARFCN:2509");
    at_reply_line(reply, "PCI:226");
    at_reply_line(reply, "RSRQ:%d", net->signal.rsrq_db * 10);
    at_reply_line(reply, "OPERATOR MODE:4");
    return AT_OK;
}

int m531x_nband(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    at_reply_line(reply, "+NBAND:5,8,3,28,20,1"); /* HI-LOG */
    return AT_OK;
}

/* A setting whose text is kept as it was typed. */
static int kept_text(struct line *line, const struct at_req *req, struct at_reply *reply,
                     const char *key, const char *initial)
{
    char text[128];

    if (req->verb == AT_READ) {
        at_reply_line(reply, "%s: %s", req->name, nv_text(line->modem->nv, key, initial));
        return AT_OK;
    }
    if (req->args_len == 0 || req->args_len >= sizeof(text))
        return AT_CME(CME_BAD_ARGS);
    snprintf(text, sizeof(text), "%.*s", (int)req->args_len, req->args);
    nv_set_text(line->modem->nv, key, text);
    return modem_commit(line->modem);
}

int m531x_cgdcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *plmn = modem_text(line->modem, MODEM_OPTION_OPERATOR);
    char initial[64];

    snprintf(initial, sizeof(initial), "%ld,\"IP\",\"nbiot.MNC0%s.MCC%.3s.GPRS\",,0,0",
             default_cid(line->modem), plmn + 3, plmn);
    return kept_text(line, req, reply, "cgdcont", initial);
}

/* QSDK-n: takes effect at the next restart; 0.0.0.0 for OneNET. */
int m531x_ncdp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    return kept_text(line, req, reply, "ncdp", "0.0.0.0,5683");
}

static int set_rate(struct line *line, long rate)
{
    nv_set_int(line->modem->nv, "baud", rate);
    return modem_commit(line->modem);
}

/* <baud>,<timeout>,<store>,<sync mode>,<stop bits>,<parity>,<flow>: the new rate follows the OK. */
static int on_new_rate(struct modem *modem, void *arg)
{
    for (size_t i = 0; i < modem->line_count; i++)
        modem->lines[i]->rate = (long)nv_int(modem->nv, "baud", 0);
    return 0;
}

int m531x_natspeed(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const long rates[] = {4800, 9600, 57600, 115200, 230400, 460800};
    struct at_args args;
    long rate;
    int r;

    if (!m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 460800, &rate) < 0)
        return AT_CME(CME_BAD_ARGS);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (rates[i] != rate)
            continue;
        r = set_rate(line, rate);
        if (r == AT_OK)
            modem_after(line->modem, NULL, 0, on_new_rate, NULL);
        return r;
    }
    return AT_CME(CME_BAD_ARGS);
}

/* ---- M5311 only ---- */

int m531x_iprcfg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    return kept_text(line, req, reply, "iprcfg",
                     "1,2,1"); /* RTT's values; no source explains them */
}

int m531x_cmsysctrl(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    return kept_text(line, req, reply, "cmsysctrl", "0,2"); /* M53: the LED */
}

/* ---- both ---- */

int m531x_cpsms(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return kept_text(line, req, reply, "cpsms", "0");
}

int m531x_cedrxs(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return kept_text(line, req, reply, "cedrxs", "0,5");
}
