/*
 * MT5700M: the radio network, by its kind (option rat). Literals: sheet 6.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/nv.h"

#define ACCESS_LTE     7  /* S 4.1.1 */
#define ACCESS_COPS_NR 12 /* CONSOLE, S 4.2 */
#define ACCESS_NR      11 /* CONSOLE, +C5GREG */
#define CURC_RSSI      1
#define CURC_SRVST     3
#define MODE_FACTORY   4 /* ^SETMODE: NCM for Linux */
#define MODE_MBIM      7 /* not supported (sheet 8.2) */
#define NR_PCI         0x114
#define LTE_PCI        0x58

bool mt5700_is_nr(const struct modem *modem)
{
    return modem_dialect_number(modem, MT5700_OPTION_RAT) == 1;
}

/* ---- registration ---- */

int mt5700_cops(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;

    if (req->verb != AT_READ)
        return gpp_cops(line, req, reply);
    if (!net_registered(&modem->net))
        mt5700_reply(line, reply, "+COPS: %ld", gpp_of(line)->cops_mode);
    else
        mt5700_reply(line, reply, "+COPS: %ld,0,\"%s\",%d", gpp_of(line)->cops_mode,
                     modem_dialect_text(modem, MT5700_OPTION_OPERATOR_NAME),
                     mt5700_is_nr(modem) ? ACCESS_COPS_NR : ACCESS_LTE);
    return AT_OK;
}

/* A registration command: what it prints depends on the kind of network. */
struct registration {
    const char *name;
    long *n;
    long max;
    bool has_cell; /* area, cell and access from mode 2 on */
    int stat;
};

static void add_registration(const struct modem *modem, const struct registration *reg,
                             struct buf *out)
{
    bool is_nr = strcmp(reg->name, "+C5GREG") == 0;

    buf_printf(out, "%d", reg->stat);
    if (*reg->n < 2 || !reg->has_cell || !net_registered(&modem->net))
        return;
    if (is_nr)
        buf_printf(out, ",\"%s\",\"%s\",%d,1,\"01\"",
                   modem_dialect_text(modem, MT5700_OPTION_NR_AREA),
                   modem_dialect_text(modem, MT5700_OPTION_NR_CELL), ACCESS_NR);
    else
        buf_printf(out, ",\"%s\",\"%s\",%d", modem_dialect_text(modem, MT5700_OPTION_LTE_AREA),
                   modem_dialect_text(modem, MT5700_OPTION_LTE_CELL), ACCESS_LTE);
}

static int serve(struct line *line, const struct at_req *req, struct at_reply *reply,
                 const struct registration *reg)
{
    struct buf text = {0};

    if (req->verb != AT_READ)
        return gpp_setting(req, reply, 0, reg->max, reg->n);
    add_registration(line->modem, reg, &text);
    at_reply_line(reply, "%s: %ld,%s", reg->name, *reg->n, buf_text(&text));
    buf_deinit(&text);
    return AT_OK;
}

/* #26: a unit on SA says 0,0, so that hosts that look only there fail. */
static struct registration creg_of(const struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    bool is_hidden = mt5700_is_nr(modem) && !modem_quirk(modem, MT5700_CREG_SA_1);

    return (struct registration){"+CREG", &mt->gpp.creg_n, 2, !mt5700_is_nr(modem),
                                 is_hidden ? 0 : (int)modem->net.registration};
}

static struct registration cereg_of(const struct modem *modem)
{
    bool is_short = mt5700_is_nr(modem) || modem_quirk(modem, MT5700_CEREG_SHORT); /* #25 */

    return (struct registration){"+CEREG", &mt5700_of(modem)->gpp.cereg_n, 5, !is_short,
                                 (int)modem->net.registration};
}

static struct registration c5greg_of(const struct modem *modem)
{
    bool is_nr = mt5700_is_nr(modem);

    return (struct registration){"+C5GREG", &mt5700_of(modem)->c5greg_n, 5, is_nr,
                                 is_nr ? (int)modem->net.registration : 0};
}

int mt5700_creg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct registration reg = creg_of(line->modem);

    return serve(line, req, reply, &reg);
}

int mt5700_cgreg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct registration reg = {"+CGREG", &mt5700_of(line->modem)->cgreg_n, 2, false,
                               (int)line->modem->net.registration};

    return serve(line, req, reply, &reg);
}

int mt5700_cereg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct registration reg = cereg_of(line->modem);

    return serve(line, req, reply, &reg);
}

int mt5700_c5greg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct registration reg = c5greg_of(line->modem);

    return serve(line, req, reply, &reg);
}

int mt5700_cireg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (req->verb == AT_READ) {
        at_reply_line(reply, "+CIREG: %ld,%d", mt5700_of(line->modem)->cireg_n,
                      net_registered(&line->modem->net));
        return AT_OK;
    }
    return gpp_setting(req, reply, 0, 2, &mt5700_of(line->modem)->cireg_n);
}

static void say_registration(struct modem *modem, const struct registration *reg)
{
    struct buf text = {0};

    if (*reg->n > 0) {
        add_registration(modem, reg, &text);
        modem_urc_line(modem, "%s: %s", reg->name, buf_text(&text));
    }
    buf_deinit(&text);
}

void mt5700_registration_urcs(struct modem *modem)
{
    bool is_listed = modem_quirk(modem, MT5700_BOOT_URCS); /* the list has its own */
    struct registration all[] = {creg_of(modem), cereg_of(modem), c5greg_of(modem)};
    struct buf text = {0};

    if (mt5700_curc(modem, CURC_SRVST) && !is_listed)
        modem_urc_line(modem, "^SRVST: %d", net_registered(&modem->net) ? 2 : 0);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        bool is_other = i == 2 && !mt5700_is_nr(modem);

        if (!is_other)
            say_registration(modem, &all[i]);
    }
    mt5700_hcsq_text(modem, &text);
    if (mt5700_curc(modem, CURC_RSSI) && !is_listed)
        modem_urc_line(modem, "%s", buf_text(&text));
    buf_deinit(&text);
}

/* ---- signal ---- */

/* On NR a real unit leaves it empty; hosts that expect numbers stumble (#27). */
int mt5700_csq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net *net = &line->modem->net;

    if (mt5700_is_nr(line->modem))
        at_reply_line(reply, "+CSQ:");
    else if (net->radio_on && net->world != NET_WORLD_NONE)
        mt5700_reply(line, reply, "+CSQ: %d,%d", net->signal.rssi_csq, net->signal.rsrq_index);
    else
        at_reply_line(reply, "+CSQ: 99,99");
    return AT_OK;
}

int mt5700_cesq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net *net = &line->modem->net;

    if (net->radio_on && net->world != NET_WORLD_NONE)
        mt5700_reply(line, reply, "+CESQ: 99,99,255,255,%d,%d,255,255,255", net->signal.rsrq_index,
                     net->signal.rsrp_index);
    else
        mt5700_reply(line, reply, "+CESQ: 99,99,255,255,255,255,255,255,255");
    return AT_OK;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* Coding: sheet 6, FAN and HWRIL. */
void mt5700_hcsq_text(const struct modem *modem, struct buf *out)
{
    const struct net_signal *s = &modem->net.signal;
    int rsrp = clamp(s->rsrp_dbm + 141, 0, 97), rsrq = clamp((s->rsrq_db + 20) * 2, 0, 34);
    int sinr = clamp((s->snr_db * 10 + 202) / 2, 0, 251);

    if (!net_registered(&modem->net))
        buf_add_text(out, "^HCSQ: \"NOSERVICE\"");
    else if (mt5700_is_nr(modem))
        buf_printf(out, "^HCSQ: \"NR\",%d,%d,%d", rsrp, sinr, rsrq);
    else
        buf_printf(out, "^HCSQ: \"LTE\",%d,%d,%d,%d", clamp(s->rssi_dbm + 121, 0, 96), rsrp, sinr,
                   rsrq);
}

int mt5700_hcsq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct buf text = {0};

    mt5700_hcsq_text(line->modem, &text);
    at_reply_line(reply, "%s", buf_text(&text));
    buf_deinit(&text);
    return AT_OK;
}

/* ---- ^CERSSI: 21 fields, of which 18 to 20 are known (CONSOLE); 255 = unknown, as in ^HCSQ ----
 */

#define CERSSI_UNKNOWN_BEFORE 17
#define CURC_CERSSI           48 /* bit of ^CURC=2, BALONG5000 */

static int on_cerssi(struct modem *modem, void *arg)
{
    const struct net_signal *s = &modem->net.signal;
    bool is_known = mt5700_is_nr(modem) && net_registered(&modem->net);
    struct buf text = {0};

    buf_add_text(&text, "^CERSSI: ");
    for (int i = 0; i < CERSSI_UNKNOWN_BEFORE; i++)
        buf_add_text(&text, "255,");
    buf_printf(&text, "%d,%d,%d,255", is_known ? s->rsrp_dbm : 255, is_known ? s->rsrq_db : 255,
               is_known ? s->snr_db : 255);
    if (mt5700_curc(modem, CURC_CERSSI))
        modem_urc_line(modem, "%s", text.data);
    buf_deinit(&text);
    modem_after(modem, &mt5700_of(modem)->cerssi_timer,
                mt5700_amount(modem, MT5700_OPTION_CERSSI_PERIOD), on_cerssi, NULL);
    return 0;
}

/* <n>,<m>: n 0 = off (M); volatile. */
int mt5700_cerssi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct modem_timer **timer = &mt5700_of(modem)->cerssi_timer;
    struct at_args args;
    long mode;
    int r;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 9, &mode) < 0))
        return AT_ERROR;
    r = mt5700_stored(line, req, reply);
    if (req->verb != AT_SET || r != AT_OK)
        return r;
    modem_cancel(modem, timer);
    if (mode > 0)
        modem_after(modem, timer, mt5700_amount(modem, MT5700_OPTION_CERSSI_PERIOD), on_cerssi,
                    NULL);
    return AT_OK;
}

int mt5700_monsc(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;
    const struct net_signal *s = &modem->net.signal;
    const char *plmn = modem_text(modem, MODEM_OPTION_OPERATOR);
    const char *cell = modem_dialect_text(modem, MT5700_OPTION_NR_CELL);

    if (!net_registered(&modem->net))
        at_reply_line(reply, "^MONSC: NONE");
    else if (mt5700_is_nr(modem))
        at_reply_line(reply, "^MONSC: NR,%.3s,%s,524910,1,%s,%X,%s,%d,%d,%d", plmn, plmn + 3,
                      cell + strspn(cell, "0"), NR_PCI,
                      modem_dialect_text(modem, MT5700_OPTION_NR_AREA), s->rsrp_dbm, s->rsrq_db,
                      s->snr_db);
    else
        at_reply_line(reply, "^MONSC: LTE,%.3s,%s,1650,%s,%X,%s,%d,%d,%d", plmn, plmn + 3,
                      modem_dialect_text(modem, MT5700_OPTION_LTE_CELL), LTE_PCI,
                      modem_dialect_text(modem, MT5700_OPTION_LTE_AREA), s->rsrp_dbm, s->rsrq_db,
                      s->rssi_dbm);
    return AT_OK;
}

int mt5700_sysinfoex(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;
    int sim = modem->sim.state == SIM_READY ? 1 : 0;
    int roams = modem->net.registration == NET_ROAMING;

    if (!net_registered(&modem->net))
        at_reply_line(reply, "^SYSINFOEX: 0,0,0,%d,,0,\"NO SERVICE\",0,\"NO SERVICE\"", sim);
    else if (mt5700_is_nr(modem))
        at_reply_line(reply, "^SYSINFOEX: 2,2,%d,%d,,11,\"NR-5GC\",111,\"NR-5GC\"", roams, sim);
    else
        at_reply_line(reply, "^SYSINFOEX: 2,2,%d,%d,,6,\"LTE\",101,\"LTE\"", roams, sim);
    return AT_OK;
}

int mt5700_simsq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    switch (line->modem->sim.state) {
    case SIM_READY:
        at_reply_line(reply, "^SIMSQ: 1,11"); /* CONSOLE, while registered */
        return AT_OK;
    case SIM_PIN:
    case SIM_PUK:
        at_reply_line(reply, "^SIMSQ: 1,2");
        return AT_OK;
    case SIM_ABSENT:
        at_reply_line(reply, "^SIMSQ: 1,0");
        return AT_OK;
    }
    return AT_ERROR;
}

int mt5700_nwtime(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char text[64];

    if (gpp_network_time(line->modem, text, sizeof(text)) < 0)
        snprintf(text, sizeof(text), "90/01/06,08:00:00+32"); /* before the network told it */
    at_reply_line(reply, "^NWTIME: %s,00", text);
    return AT_OK;
}

/* ---- contexts ---- */

int mt5700_cgdcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct gpp_state *gpp = gpp_of(line);

    if (req->verb != AT_READ)
        return gpp_cgdcont(line, req, reply);
    for (long cid = 0; cid <= GPP_CONTEXT_MAX; cid++) {
        if (gpp->contexts[cid])
            at_reply_line(reply, "+CGDCONT: %ld,\"%s\",\"%s\",\"\",0,0,0,0,0,0,1,,,,,,0,,0,0,0,0",
                          cid, gpp->contexts[cid]->type, gpp->contexts[cid]->apn);
    }
    return AT_OK;
}

static bool is_active(const struct modem *modem, long cid)
{
    const struct mt5700 *mt = mt5700_of(modem);

    if (cid == 1)
        return modem->net.bearer;
    if (cid <= MT5700_CID_MAX && mt->has_session[cid])
        return true;
    return cid <= GPP_CONTEXT_MAX && mt->gpp.contexts[cid] && mt->gpp.contexts[cid]->active;
}

/* A real unit lists 21 to 31 as well, which +CGDCONT does not have (CONSOLE). */
int mt5700_cgact(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (req->verb != AT_READ)
        return gpp_cgact(line, req, reply);
    for (long cid = 1; cid <= 31; cid++) {
        bool is_defined = cid <= GPP_CONTEXT_MAX && gpp_of(line)->contexts[cid];

        if (is_defined || is_active(line->modem, cid) || cid > MT5700_CID_MAX)
            at_reply_line(reply, "+CGACT: %ld,%d", cid, is_active(line->modem, cid));
    }
    return AT_OK;
}

int mt5700_cgpaddr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long cid = 1;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, GPP_CONTEXT_MAX, &cid) < 0))
        return AT_ERROR;
    if (cid == 1 && line->modem->net.bearer)
        at_reply_line(reply, "+CGPADDR: 1,\"%s\"", modem_text(line->modem, MODEM_OPTION_ADDRESS));
    return AT_OK;
}

/* Addresses are hexadecimal, their bytes reversed: 10.1.42.244 is F42A010A. */
int mt5700_dhcp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    unsigned a, b, c, d;

    if (!line->modem->net.bearer ||
        sscanf(modem_text(line->modem, MODEM_OPTION_ADDRESS), "%u.%u.%u.%u", &a, &b, &c, &d) != 4)
        return AT_ERROR;
    at_reply_line(reply,
                  "^DHCP: %02X%02X%02X%02X,000000FF,0100000A,0100000A,07A5C478,0726B3DD, "
                  "8374976512, 5046796288",
                  d & 255, c & 255, b & 255, a & 255);
    return AT_OK;
}

/* ---- functionality and resets ---- */

int mt5700_cfun(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct at_args args;
    long level, restart;

    if (req->verb == AT_READ)
        return gpp_cfun(line, req, reply);
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 7, &level) < 0 ||
        at_args_int_or(&args, 1, 0, 1, 0, &restart) < 0 ||
        (level != 0 && level != 1 && level != 4 && level != 7))
        return AT_ERROR;
    if (restart)
        return mt5700_reset_soon(modem);
    modem->function = (unsigned)level;
    net_radio(modem, level == 1);
    return AT_OK;
}

int mt5700_reset(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return mt5700_reset_soon(line->modem);
}

int mt5700_setmode(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct at_args args;
    long mode;
    int r;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "%lld", nv_int(modem->nv, "usb.mode", MODE_FACTORY));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_int(&args, 0, 0, 8, &mode) < 0 || mode == MODE_MBIM)
        return AT_ERROR;
    nv_set_int(modem->nv, "usb.mode", mode);
    r = modem_commit(modem);
    return r == AT_OK ? mt5700_reset_soon(modem) : r;
}
