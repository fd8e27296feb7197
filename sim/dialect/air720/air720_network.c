/*
 * Air720: registration, operator and contexts as the family's manual prints them (sheet 3).
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/dialect/air720/air720.h"

#define ACCESS_E_UTRAN 7

struct operator_name {
    const char *plmn, *full, *brief;
};

/* Names of format 0 and 1; L1 shows China Unicom's. */
static const struct operator_name operators[] = {
    {"46000", "CHINA MOBILE", "CMCC"  },
    {"46001", "CHN-UNICOM",   "UNICOM"},
    {"46011", "CHN-CT",       "CT"    },
};

/* +CGREG has the modes 0 to 5; only 2 shows more than 0 and 1 (L1). */
int air720_creg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);
    bool is_packet = strcmp(req->name, "+CGREG") == 0;
    long *n = is_packet ? &gpp->cgreg_n : &gpp->creg_n;
    struct buf text = {0};

    if (req->verb == AT_TEST) {
        at_reply_line(reply, is_packet ? "+CGREG:(0,1,2,3,4,5)" : "+CREG:(0,1,2,3)");
        return AT_OK;
    }
    if (req->verb == AT_SET) {
        return gpp_setting(req, reply, 0, is_packet ? 5 : 3, n) == AT_OK
                   ? AT_OK
                   : AT_CME(AIR720_CME_PARAMETERS);
    }
    gpp_add_registration(line->modem, *n, &text);
    at_reply_line(reply, "%s: %ld,%s", req->name, *n, buf_text(&text));
    buf_deinit(&text);
    return AT_OK;
}

static const char *operator_text(const char *plmn, long format)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (format != 2 && strcmp(operators[i].plmn, plmn) == 0)
            return format == 0 ? operators[i].full : operators[i].brief;
    }
    return plmn;
}

int air720_cops(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);
    const char *plmn = modem_text(line->modem, MODEM_OPTION_OPERATOR);
    long *format = &air720_of(line->modem)->cops_format;
    struct at_args args;
    long mode;

    if (req->verb == AT_READ) {
        if (net_registered(&line->modem->net))
            at_reply_line(reply, "+COPS: %ld,%ld,\"%s\",%d", gpp->cops_mode, *format,
                          operator_text(plmn, *format), ACCESS_E_UTRAN);
        else
            at_reply_line(reply, "+COPS: %ld", gpp->cops_mode);
        return AT_OK;
    }
    if (req->verb == AT_SET && at_args_parse(req, &args) == 0 &&
        at_args_int(&args, 0, 3, 3, &mode) == 0) {
        return at_args_int_or(&args, 1, 0, 2, 2, format) < 0 ? AT_CME(AIR720_CME_PARAMETERS)
                                                             : AT_OK;
    }
    return gpp_cops(line, req, reply);
}

/* L1: the address stands in it once there is one. */
int air720_cgdcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct gpp_state *gpp = gpp_of(line);
    const struct modem *modem = line->modem;

    if (req->verb != AT_READ)
        return gpp_cgdcont(line, req, reply);
    for (long cid = 1; cid <= GPP_CONTEXT_MAX; cid++) {
        const struct gpp_context *context = gpp->contexts[cid];
        bool has_address = cid == 1 && modem->net.bearer;

        if (context)
            at_reply_line(reply, "+CGDCONT: %ld,\"%s\",\"%s\",\"%s\",0,0", cid, context->type,
                          context->apn, has_address ? modem_text(modem, MODEM_OPTION_ADDRESS) : "");
    }
    return AT_OK;
}

int air720_cgpaddr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long cid = 1;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, GPP_CONTEXT_MAX, &cid) < 0))
        return AT_CME(AIR720_CME_PARAMETERS);
    if (cid == 1 && line->modem->net.bearer)
        at_reply_line(reply, "+CGPADDR: 1,\"%s\"", modem_text(line->modem, MODEM_OPTION_ADDRESS));
    else
        at_reply_line(reply, "+CGPADDR: %ld", cid);
    return AT_OK;
}
