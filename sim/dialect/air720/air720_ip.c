/*
 * Air720: the bearer commands that hosts send before they use TCP (sheet 3). The upgrade needs none
 * of them. There is no TCP service behind: +CIPSTART ends in CONNECT FAIL.
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/base/mem.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/nv.h"

/* ---- +SAPBR ---- */

static int sapbr_parameter(struct modem *modem, const struct at_args *args)
{
    struct air720 *air720 = air720_of(modem);
    char tag[16], value[GPP_APN_MAX + 1];

    if (at_args_string(args, 2, tag, sizeof(tag)) < 0 ||
        at_args_string(args, 3, value, sizeof(value)) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (strcasecmp(tag, "APN") == 0)
        memcpy(air720->bearer_apn, value, sizeof(value));
    else if (strcasecmp(tag, "CONTYPE") != 0 && strcasecmp(tag, "USER") != 0 &&
             strcasecmp(tag, "PWD") != 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    return AT_OK;
}

int air720_sapbr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct air720 *air720 = air720_of(modem);
    struct at_args args;
    long act, cid;

    if (req->verb == AT_TEST) {
        at_reply_line(reply, "+SAPBR: (0-4),(1-3),\"ConParamTag\",\"ConParamValue\"");
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 4, &act) < 0 ||
        at_args_int(&args, 1, 1, 3, &cid) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    switch (act) {
    case 0:
        air720->sapbr_open = false;
        return AT_OK;
    case 1:
        if (!modem->net.bearer)
            return AT_CME(AIR720_CME_EXE_FAIL);
        air720->sapbr_open = true;
        return AT_OK;
    case 2: /* L1: status 1 connected, 3 closed */
        at_reply_line(reply, "+SAPBR: %ld,%d,\"%s\"", cid, air720->sapbr_open ? 1 : 3,
                      air720->sapbr_open ? modem_text(modem, MODEM_OPTION_ADDRESS) : "0.0.0.0");
        return AT_OK;
    case 3:
        return sapbr_parameter(modem, &args);
    default:
        at_reply_line(reply, "+SAPBR: CONTYPE: GPRS");
        at_reply_line(reply, "+SAPBR: APN: %s", air720->bearer_apn);
        return AT_OK;
    }
}

/* ---- the order +CSTT, +CIICR, +CIFSR (L1) ---- */

int air720_cstt(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct air720 *air720 = air720_of(line->modem);
    char apn[GPP_APN_MAX + 1] = "";
    struct at_args args;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+CSTT: \"%s\",\"\",\"\"", air720->bearer_apn);
        return AT_OK;
    }
    if (air720->ip != AIR720_IP_INITIAL)
        return AT_CME(AIR720_CME_NOT_ALLOWED);
    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, apn, sizeof(apn)) < 0))
        return AT_CME(AIR720_CME_PARAMETERS);
    memcpy(air720->bearer_apn, apn, sizeof(apn));
    air720->ip = AIR720_IP_START;
    return AT_OK;
}

static int on_ciicr_due(struct modem *modem, void *arg)
{
    struct air720 *air720 = air720_of(modem);
    struct line *line = air720->wait_line;

    air720->wait_line = NULL;
    if (modem->net.bearer)
        air720->ip = AIR720_IP_GPRSACT;
    return line_complete(line, modem->net.bearer ? AT_OK : AT_CME(AIR720_CME_EXE_FAIL));
}

int air720_ciicr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct air720 *air720 = air720_of(modem);

    if (air720->ip != AIR720_IP_START || air720->wait_line)
        return AT_CME(AIR720_CME_NOT_ALLOWED);
    if (modem->net.bearer) {
        air720->ip = AIR720_IP_GPRSACT;
        return AT_OK;
    }
    air720->wait_line = line;
    modem_after(modem, &air720->wait_timer, air720_delay(modem, AIR720_OPTION_ATTACH_WAIT),
                on_ciicr_due, NULL);
    return AT_PENDING;
}

/* L6 and L8 read the address alone: no OK follows it. */
int air720_cifsr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct air720 *air720 = air720_of(line->modem);

    if (air720->ip != AIR720_IP_GPRSACT && air720->ip != AIR720_IP_STATUS)
        return AT_CME(AIR720_CME_NOT_ALLOWED);
    air720->ip = AIR720_IP_STATUS;
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_ADDRESS));
    return AT_SILENT;
}

int air720_cipshut(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    air720_of(line->modem)->ip = AIR720_IP_INITIAL;
    at_reply_line(reply, "SHUT OK"); /* in place of OK */
    return AT_SILENT;
}

/* L1: OK comes first. */
int air720_cipstatus(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const char *const states[] = {
        [AIR720_IP_INITIAL] = "STATE: IP INITIAL",
        [AIR720_IP_START] = "STATE: IP START",
        [AIR720_IP_GPRSACT] = "STATE: IP GPRSACT",
        [AIR720_IP_STATUS] = "STATE: IP STATUS",
    };

    line_urc_text(line, states[air720_of(line->modem)->ip]);
    return AT_OK;
}

int air720_cipmux(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return gpp_setting(req, reply, 0, 1, &air720_of(line->modem)->cip_mux);
}

int air720_cipqsend(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return gpp_setting(req, reply, 0, 1, &air720_of(line->modem)->cip_qsend);
}

int air720_ciphead(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return gpp_setting(req, reply, 0, 1, &air720_of(line->modem)->cip_head);
}

int air720_cipstart(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (air720_of(line->modem)->ip != AIR720_IP_STATUS)
        return AT_CME(AIR720_CME_NOT_ALLOWED);
    line_urc_text(line, air720_of(line->modem)->cip_mux ? "0, CONNECT FAIL" : "CONNECT FAIL");
    return AT_OK;
}

/* ---- names ---- */

int air720_cdnscfg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    char first[16], second[16] = "0.0.0.0";
    struct in_addr address;
    struct at_args args;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "PrimaryDns: %s", nv_text(modem->nv, "dns.1", "114.114.114.114"));
        at_reply_line(reply, "SecondaryDns: %s", nv_text(modem->nv, "dns.2", "0.0.0.0"));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, first, sizeof(first)) < 0 ||
        (args.count > 1 && at_args_string(&args, 1, second, sizeof(second)) < 0) ||
        inet_pton(AF_INET, first, &address) != 1 || inet_pton(AF_INET, second, &address) != 1)
        return AT_CME(AIR720_CME_PARAMETERS);
    nv_set_text(modem->nv, "dns.1", first);
    nv_set_text(modem->nv, "dns.2", second);
    return modem_commit(modem);
}

/* L6 reads "+CIPPING:1,"ip",t,ttl"; nothing outside is ever asked, the radio alone answers. */
int air720_cipping(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    char host[64];

    if (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, host, sizeof(host)) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (!line->modem->net.bearer)
        return AT_CME(AIR720_CME_EXE_FAIL);
    at_reply_line(reply, "+CIPPING:1,\"%s\",40,128", host);
    return AT_OK;
}
