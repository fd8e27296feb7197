/*
 * 27.007 chapters 7, 8 and 10: signal, registration, attach, bearers.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/dialect/gpp/gpp.h"

/* 27.007 10.1.22 and 7.3 <AcT>: 9 = E-UTRAN (NB-S1 mode). */
#define ACCESS_NB_IOT 9

int gpp_csq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net *net = &line->modem->net;

    if (net->radio_on && net->world != NET_WORLD_NONE)
        at_reply_line(reply, "+CSQ: %d,%d", net->signal.rssi_csq, net->signal.ber);
    else
        at_reply_line(reply, "+CSQ: 99,99");
    return AT_OK;
}

int gpp_cesq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net_signal *signal = &line->modem->net.signal;
    int rxlev = signal->rssi_dbm + 111; /* 27.007 8.69 */

    if (line->modem->net.radio_on && line->modem->net.world != NET_WORLD_NONE)
        at_reply_line(reply, "+CESQ: %d,99,255,255,%d,%d",
                      rxlev < 0    ? 0
                      : rxlev > 63 ? 63
                                   : rxlev,
                      signal->rsrq_index, signal->rsrp_index);
    else
        at_reply_line(reply, "+CESQ: 99,99,255,255,255,255");
    return AT_OK;
}

static int access_of(const struct modem *modem)
{
    return gpp_state(modem)->access ? gpp_state(modem)->access : ACCESS_NB_IOT;
}

void gpp_add_registration(const struct modem *modem, long n, struct buf *out)
{
    const struct net *net = &modem->net;

    buf_printf(out, "%d", net->registration);
    if (n >= 2 && net_registered(net) && gpp_state(modem)->has_lower_hex)
        buf_printf(out, ",\"%04x\",\"%08x\",%d", net->area, net->cell, access_of(modem));
    else if (n >= 2 && net_registered(net))
        buf_printf(out, ",\"%04X\",\"%08X\",%d", net->area, net->cell, access_of(modem));
    else if (n == 3 && net->registration == NET_DENIED)
        buf_add_text(out, ",,,,0,15"); /* EMM cause 15: no suitable cells in the tracking area */
    if (n >= 4 && net_registered(net))
        buf_add_text(out, ",,,\"00000000\",\"00111000\"");
}

static int registration(struct line *line, const struct at_req *req, struct at_reply *reply,
                        long max, long *n)
{
    struct buf text = {0};

    if (req->verb != AT_READ)
        return gpp_setting(req, reply, 0, max, n);
    gpp_add_registration(line->modem, *n, &text);
    at_reply_line(reply, "%s: %ld,%s", req->name, *n, buf_text(&text));
    buf_deinit(&text);
    return AT_OK;
}

int gpp_cereg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return registration(line, req, reply, 5, &gpp_of(line)->cereg_n);
}

int gpp_creg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);

    return registration(line, req, reply, 2,
                        strcmp(req->name, "+CREG") == 0 ? &gpp->creg_n : &gpp->cgreg_n);
}

int gpp_cscon(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);

    if (req->verb != AT_READ)
        return gpp_setting(req, reply, 0, 1, &gpp->cscon_n);
    at_reply_line(reply, "+CSCON: %ld,%d", gpp->cscon_n, line->modem->net.connected);
    return AT_OK;
}

/* 27.007 7.3; the numeric name (format 2) is the only one that every network has. */
int gpp_cops(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct gpp_state *gpp = gpp_of(line);
    const char *plmn = modem_text(modem, MODEM_OPTION_OPERATOR);
    struct at_args args;
    char wanted[8];
    long mode, format;

    if (req->verb == AT_READ) {
        if (net_registered(&modem->net))
            at_reply_line(reply, "+COPS: %ld,2,\"%s\",%d", gpp->cops_mode, plmn, access_of(modem));
        else
            at_reply_line(reply, "+COPS: %ld", gpp->cops_mode);
        return AT_OK;
    }
    if (req->verb == AT_TEST) {
        if (modem->net.world == NET_WORLD_NONE)
            at_reply_line(reply, "+COPS: ,,(0-3),(2)");
        else
            at_reply_line(reply, "+COPS: (2,,,\"%s\",%d),,(0-3),(2)", plmn, access_of(modem));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 3, &mode) < 0 ||
        at_args_int_or(&args, 1, 2, 2, 2, &format) < 0)
        return AT_ERROR;
    if (mode == 3) /* sets the format only */
        return AT_OK;
    if (mode == 1 &&
        (at_args_string(&args, 2, wanted, sizeof(wanted)) < 0 || strcmp(wanted, plmn) != 0))
        return AT_CME(30); /* no network service */
    gpp->cops_mode = mode;
    net_radio(modem, false);
    if (mode != 2)
        net_radio(modem, true);
    return AT_OK;
}

int gpp_cgatt(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    long wanted = modem->net.attached;

    if (req->verb == AT_READ || req->verb == AT_EXEC) {
        at_reply_line(reply, "+CGATT: %d", modem->net.attached);
        return AT_OK;
    }
    if (gpp_setting(req, reply, 0, 1, &wanted) != AT_OK)
        return AT_ERROR;
    net_attach(modem, wanted == 1);
    return AT_OK;
}

/* ---- contexts ---- */

void gpp_define_context(struct modem *modem, long cid, const char *type, const char *apn)
{
    struct gpp_context **slot = &gpp_state(modem)->contexts[cid];

    if (!*slot)
        *slot = xcalloc(1, sizeof(**slot));
    snprintf((*slot)->type, sizeof((*slot)->type), "%s", type);
    snprintf((*slot)->apn, sizeof((*slot)->apn), "%s", apn);
}

static bool is_pdp_type(const char *type)
{
    return strcmp(type, "IP") == 0 || strcmp(type, "IPV6") == 0 || strcmp(type, "IPV4V6") == 0 ||
           strcmp(type, "Non-IP") == 0;
}

int gpp_cgdcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);
    char type[GPP_TYPE_MAX + 1], apn[GPP_APN_MAX + 1] = "";
    struct at_args args;
    long cid;

    if (req->verb == AT_READ) {
        for (cid = 1; cid <= GPP_CONTEXT_MAX; cid++) {
            if (gpp->contexts[cid])
                at_reply_line(reply, "+CGDCONT: %ld,\"%s\",\"%s\",\"\",0,0,0,,,,,,0,,0", cid,
                              gpp->contexts[cid]->type, gpp->contexts[cid]->apn);
        }
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, GPP_CONTEXT_MAX, &cid) < 0)
        return AT_ERROR;
    if (args.count == 1) { /* 27.007 10.1.1: alone, the cid becomes undefined */
        free(gpp->contexts[cid]);
        gpp->contexts[cid] = NULL;
        return AT_OK;
    }
    if (at_args_string(&args, 1, type, sizeof(type)) < 0 || !is_pdp_type(type))
        return AT_ERROR;
    if (args.count > 2 && args.arg[2].present && at_args_string(&args, 2, apn, sizeof(apn)) < 0)
        return AT_ERROR;
    gpp_define_context(line->modem, cid, type, apn);
    return AT_OK;
}

/* The default bearer is cid 1 and comes with the attach (27.007 10.1.0). */
static bool context_is_active(const struct modem *modem, long cid)
{
    const struct gpp_context *context = gpp_state(modem)->contexts[cid];

    return cid == 1 ? modem->net.bearer : context && context->active;
}

int gpp_cgact(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);
    struct at_args args;
    long state, cid;

    if (req->verb == AT_READ) {
        for (cid = 1; cid <= GPP_CONTEXT_MAX; cid++) {
            if (gpp->contexts[cid])
                at_reply_line(reply, "+CGACT: %ld,%d", cid, context_is_active(line->modem, cid));
        }
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &state) < 0 ||
        at_args_int_or(&args, 1, 1, GPP_CONTEXT_MAX, 1, &cid) < 0 || !gpp->contexts[cid])
        return AT_ERROR;
    if (!line->modem->net.attached && state == 1)
        return AT_CME(30); /* no network service */
    gpp->contexts[cid]->active = state == 1;
    if (cid == 1)
        line->modem->net.bearer = state == 1;
    return AT_OK;
}

int gpp_cgpaddr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long cid = 1;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, GPP_CONTEXT_MAX, &cid) < 0))
        return AT_ERROR;
    if (context_is_active(line->modem, cid))
        at_reply_line(reply, "+CGPADDR: %ld,%s", cid,
                      modem_text(line->modem, MODEM_OPTION_ADDRESS));
    else
        at_reply_line(reply, "+CGPADDR: %ld", cid);
    return AT_OK;
}

/* ---- URCs ---- */

static void registration_urc(const struct modem *modem, const char *name, long n, struct buf *out)
{
    if (n == 0)
        return;
    buf_printf(out, "%s: ", name);
    gpp_add_registration(modem, n, out);
}

void gpp_urc_text(struct line *line, const struct urc *urc, struct buf *out)
{
    const struct gpp_state *gpp = gpp_of(line);
    const struct sim_card *card = &line->modem->sim;

    switch (urc->kind) {
    case URC_REGISTRATION:
        registration_urc(line->modem, "+CEREG", gpp->cereg_n, out);
        break;
    case URC_CONNECTION:
        if (gpp->cscon_n)
            buf_printf(out, "+CSCON: %ld", urc->a);
        break;
    case URC_SIM:
        buf_printf(out, "+CPIN: %s",
                   sim_card_state_text(card) ? sim_card_state_text(card) : "NOT READY");
        break;
    case URC_FUNCTION:
        buf_printf(out, "+CFUN: %ld", urc->a);
        break;
    case URC_TIME_ZONE:
        if (gpp->ctzr_n)
            buf_printf(out, "+CTZV: %ld", urc->a);
        break;
    case URC_TEXT:
    case URC_ADDRESS:
    case URC_VENDOR:
        break;
    }
}
