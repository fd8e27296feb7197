/*
 * BC26: the commands that differ from the 3GPP base, after Q19 (sheet 4).
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/nv.h"

#define CME_NO_SERVICE 30
#define CME_TIMEOUT    31

/* ---- identity ---- */

int bc26_ati(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Quectel_Ltd");
    at_reply_line(reply, "Quectel_%s", modem_dialect_text(line->modem, BC26_OPTION_MODEL));
    at_reply_line(reply, "Revision: %s", line->modem->firmware);
    return AT_OK;
}

int bc26_cgmi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Quectel_Ltd");
    at_reply_line(reply, "Quectel_%s", modem_dialect_text(line->modem, BC26_OPTION_MODEL));
    at_reply_line(reply, "Revision: MTK_2625");
    return AT_OK;
}

int bc26_cgmm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Quectel_%s", modem_dialect_text(line->modem, BC26_OPTION_MODEL));
    return AT_OK;
}

int bc26_cgmr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Revision: %s", line->modem->firmware);
    return AT_OK;
}

int bc26_cgsn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *colon = modem_quirk(line->modem, BC26_CGSN_NOSPACE) ? ":" : ": ";
    const char *imei = modem_text(line->modem, MODEM_OPTION_IMEI);
    struct at_args args;
    long kind = 0;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 3, &kind) < 0))
        return AT_ERROR;
    if (kind == 0)
        at_reply_line(reply, "%s", modem_dialect_text(line->modem, BC26_OPTION_SERIAL));
    else if (kind == 1)
        at_reply_line(reply, "+CGSN%s%s", colon, imei);
    else if (kind == 2)
        at_reply_line(reply, "+CGSN%s%.14s01", colon, imei);
    else
        at_reply_line(reply, "+CGSN%s01", colon);
    return AT_OK;
}

int bc26_gsn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_IMEI));
    return AT_OK;
}

int bc26_cimi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int refused = gpp_need_sim(line);

    if (refused >= 0)
        return refused;
    at_reply_line(reply, "%s%s", modem_quirk(line->modem, BC26_CIMI_PREFIX) ? "+CIMI: " : "",
                  modem_text(line->modem, MODEM_OPTION_IMSI));
    return AT_OK;
}

int bc26_qccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (line->modem->sim.state != SIM_ABSENT)
        at_reply_line(reply, "+QCCID: %s", modem_text(line->modem, MODEM_OPTION_ICCID));
    return AT_OK;
}

int bc26_cbc(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "+CBC: 0,100,3600"); /* 27.007 8.4; supply in mV as Quectel adds it */
    return AT_OK;
}

/* ---- network ---- */

int bc26_cesq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!modem_quirk(line->modem, BC26_CESQ_SEED) || !line->modem->net.radio_on)
        return gpp_cesq(line, req, reply);
    at_reply_line(reply, "+CESQ: 47,6,255,255,0,54"); /* S2 4.1 */
    return AT_OK;
}

/* A command that takes its time: nothing else runs on the line until it ends. */
static int wait(struct line *line, size_t option, modem_timer_fn fn)
{
    struct bc26 *bc26 = bc26_of(line->modem);

    bc26->wait_line = line;
    modem_after(line->modem, &bc26->wait_timer, (uint64_t)modem_dialect_number(line->modem, option),
                fn, NULL);
    return AT_PENDING;
}

static int end_wait(struct modem *modem, int result)
{
    struct line *line = bc26_of(modem)->wait_line;

    bc26_of(modem)->wait_line = NULL;
    modem_cancel(modem, &bc26_of(modem)->wait_timer);
    return line ? line_complete(line, result) : 0;
}

static int on_attach_limit(struct modem *modem, void *arg)
{
    bc26_of(modem)->attaching = false;
    return end_wait(modem, AT_CME(CME_TIMEOUT));
}

static int on_attach_done(struct modem *modem, void *arg)
{
    return end_wait(modem, AT_OK);
}

/* Called under the net's own timer: the answer comes from a timer, with a stack of its own. */
void bc26_end_attach(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (!bc26->attaching || !modem->net.attached)
        return;
    bc26->attaching = false;
    modem_after(modem, &bc26->wait_timer, 0, on_attach_done, NULL);
}

int bc26_cgatt(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    int r;

    if (req->verb == AT_EXEC && modem_quirk(modem, BC26_CGATT_EXEC_ERROR))
        return AT_ERROR;
    r = gpp_cgatt(line, req, reply);
    if (r != AT_OK || req->verb != AT_SET || !modem->net.attach_wanted || modem->net.attached)
        return r;
    bc26_of(modem)->attaching = true;
    return wait(line, BC26_OPTION_ATTACH_LIMIT, on_attach_limit);
}

static int on_scan_done(struct modem *modem, void *arg)
{
    const struct at_req test = {.verb = AT_TEST, .args = ""};
    struct line *line = bc26_of(modem)->wait_line;

    gpp_cops(line, &test, line_reply(line));
    return end_wait(modem, AT_OK);
}

int bc26_cops(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (req->verb != AT_TEST)
        return gpp_cops(line, req, reply);
    if (line->modem->net.connected)
        return AT_CME(CME_NO_SERVICE); /* Q19: only while idle */
    return wait(line, BC26_OPTION_COPS_SCAN, on_scan_done);
}

/* "IPV6 iot": what NV keeps of a context. */
#define CONTEXT_TEXT_MAX (GPP_TYPE_MAX + 1 + GPP_APN_MAX)

static void context_key(long cid, char *key, size_t size_bytes)
{
    snprintf(key, size_bytes, "pdp.%ld", cid);
}

void bc26_load_contexts(struct modem *modem)
{
    char key[16], type[GPP_TYPE_MAX + 1];

    gpp_define_context(modem, 1, nv_text(modem->nv, "pdn.type", "IP"),
                       nv_text(modem->nv, "pdn.apn", ""));
    for (long cid = 2; cid <= GPP_CONTEXT_MAX; cid++) {
        const char *stored, *space;

        context_key(cid, key, sizeof(key));
        stored = nv_text(modem->nv, key, "");
        space = strchr(stored, ' ');
        if (!space)
            continue;
        snprintf(type, sizeof(type), "%.*s", (int)(space - stored), stored);
        gpp_define_context(modem, cid, type, space + 1);
    }
}

static int store_context(struct modem *modem, long cid)
{
    const struct gpp_context *context = gpp_state(modem)->contexts[cid];
    char key[16], text[CONTEXT_TEXT_MAX + 1];

    context_key(cid, key, sizeof(key));
    if (context) {
        snprintf(text, sizeof(text), "%s %s", context->type, context->apn);
        nv_set_text(modem->nv, key, text);
    } else {
        nv_unset(modem->nv, key);
    }
    return modem_commit(modem);
}

int bc26_cgdcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int r = gpp_cgdcont(line, req, reply);
    struct at_args args;
    long cid;

    if (r != AT_OK || req->verb != AT_SET || at_args_parse(req, &args) < 0 ||
        at_args_int(&args, 0, 1, GPP_CONTEXT_MAX, &cid) < 0)
        return r;
    return store_context(line->modem, cid);
}

int bc26_cgact(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int r = gpp_cgact(line, req, reply);

    if (r == AT_OK && req->verb == AT_SET && req->args[0] == '0' &&
        modem_quirk(line->modem, BC26_CGACT_NO_CARRIER))
        return AT_NO_CARRIER;
    return r;
}

int bc26_cgpaddr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long cid = 1;

    if (!modem_quirk(line->modem, BC26_CGPADDR_QUOTED) || !line->modem->net.bearer)
        return gpp_cgpaddr(line, req, reply);
    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, 1, &cid) < 0))
        return AT_ERROR;
    at_reply_line(reply, "+CGPADDR: 1,\"%s\"", modem_text(line->modem, MODEM_OPTION_ADDRESS));
    return AT_OK;
}

static int on_function_0(struct modem *modem, void *arg)
{
    return end_wait(modem, AT_OK);
}

int bc26_cfun(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct at_args args;
    long level, keep;
    int r = AT_OK;

    if (req->verb == AT_READ)
        return gpp_cfun(line, req, reply);
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 7, &level) < 0 ||
        at_args_int_or(&args, 1, 0, 2, 0, &keep) < 0 ||
        (level != 0 && level != 1 && level != 4 && level != 7))
        return AT_ERROR;
    if (keep > 0) { /* Q19: 1 from the next reset on, 2 now and from the next reset on */
        nv_set_int(modem->nv, "cfun", level);
        r = modem_commit(modem);
    }
    if (r != AT_OK || keep == 1)
        return r;
    modem->function = (unsigned)level;
    net_radio(modem, level == 1);
    if (level == 0 && !bc26_of(modem)->ever_registered)
        return wait(line, BC26_OPTION_CFUN0_DELAY, on_function_0);
    return AT_OK;
}

static int store_text(struct line *line, const char *key, const char *value)
{
    nv_set_text(line->modem->nv, key, value);
    return modem_commit(line->modem);
}

int bc26_qgact(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long state, cid;

    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &state) < 0 ||
        at_args_int(&args, 1, 1, GPP_CONTEXT_MAX, &cid) < 0)
        return AT_ERROR;
    if (!line->modem->net.attached)
        return AT_CME(CME_NO_SERVICE);
    at_reply_line(reply, "+QGACT: %ld", cid);
    modem_urc_line(line->modem, "+QGACT: %ld,%ld,1,1", cid, state);
    return AT_OK;
}

int bc26_qcgdefcont(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char type[GPP_TYPE_MAX + 1], apn[GPP_APN_MAX + 1] = "";
    struct at_args args;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+QCGDEFCONT: \"%s\",\"%s\"",
                      nv_text(line->modem->nv, "pdn.type", "IP"),
                      nv_text(line->modem->nv, "pdn.apn", ""));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, type, sizeof(type)) < 0 ||
        (args.count > 1 && args.arg[1].present && at_args_string(&args, 1, apn, sizeof(apn)) < 0))
        return AT_ERROR;
    nv_set_text(line->modem->nv, "pdn.type", type);
    return store_text(line, "pdn.apn", apn); /* Q19: effective after a restart */
}

int bc26_qband(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    char bands[64];
    long count;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+QBAND: %s", nv_text(line->modem->nv, "bands", "5"));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 15, &count) < 0 ||
        args.count != (size_t)count + 1 || req->args_len >= sizeof(bands))
        return AT_ERROR;
    snprintf(bands, sizeof(bands), "%.*s",
             count > 0 ? (int)(req->args + req->args_len - args.arg[1].text) : 1,
             count > 0 ? args.arg[1].text : "5");
    return store_text(line, "bands", bands);
}

int bc26_qeng(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct net *net = &line->modem->net;
    const struct net_signal *s = &net->signal;
    struct at_args args;
    long mode;

    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 0, &mode) < 0)
        return AT_ERROR;
    if (net_registered(net))
        at_reply_line(reply, "+QENG: 0,2506,2,62,\"%X\",%d,%d,%d,%d,5,\"%X\",0,90", net->cell,
                      s->rsrp_dbm, s->rsrq_db, s->rssi_dbm, s->snr_db, net->area);
    return AT_OK;
}

int bc26_qcsearfcn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return AT_OK; /* forgets frequencies that were stored: nothing that a host could see */
}

/* ---- rate and profile ---- */

int bc26_ipr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const long rates[] = {0,     110,   300,   1200,   2400,   4800,   9600,
                                 19200, 38400, 57600, 115200, 230400, 460800, 921600};
    struct bc26 *bc26 = bc26_of(line->modem);
    struct at_args args;
    long rate;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+IPR: %ld", bc26->ipr);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 921600, &rate) < 0)
        return AT_ERROR;
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        if (rates[i] == rate) {
            bc26->ipr = rate; /* Q19: stored by &W, effective after a reset */
            return AT_OK;
        }
    }
    return AT_ERROR;
}

int bc26_store(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    nv_set_int(line->modem->nv, "ipr", bc26_of(line->modem)->ipr);
    return gpp_save_profile(line, req, reply);
}

/* ---- sleep and power ---- */

int bc26_qsclk(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int r = gpp_setting(req, reply, 0, 2, &bc26_of(line->modem)->sleep_mode);

    if (r == AT_OK)
        bc26_stay_awake(line->modem);
    return r;
}

int bc26_qrellock(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    bc26_release_lock(line->modem);
    return AT_OK;
}

/* Q19: =2 resets the values; bits are strings of eight. */
int bc26_cpsms(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct nv *nv = line->modem->nv;
    struct at_args args;
    char tau[9], active[9];
    long mode;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+CPSMS: %lld,,,\"%s\",\"%s\"", nv_int(nv, "psm.mode", 0),
                      nv_text(nv, "psm.t3412", "01000011"), nv_text(nv, "psm.t3324", "01000011"));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 2, &mode) < 0)
        return AT_ERROR;
    if (mode == 2) {
        nv_unset(nv, "psm.t3412");
        nv_unset(nv, "psm.t3324");
    } else {
        if (args.count > 3 && at_args_string(&args, 3, tau, sizeof(tau)) == 0)
            nv_set_text(nv, "psm.t3412", tau);
        if (args.count > 4 && at_args_string(&args, 4, active, sizeof(active)) == 0)
            nv_set_text(nv, "psm.t3324", active);
    }
    nv_set_int(nv, "psm.mode", mode == 1);
    return modem_commit(line->modem);
}

int bc26_cedrxs(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct nv *nv = line->modem->nv;
    struct at_args args;
    char value[5];
    long mode;

    if (req->verb == AT_READ) {
        if (nv_int(nv, "edrx.mode", 0))
            at_reply_line(reply, "+CEDRXS: 5,\"%s\"", nv_text(nv, "edrx.value", "0101"));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 3, &mode) < 0)
        return AT_ERROR;
    if (args.count > 2 && at_args_string(&args, 2, value, sizeof(value)) == 0)
        nv_set_text(nv, "edrx.value", value);
    nv_set_int(nv, "edrx.mode", mode == 1 || mode == 2);
    return modem_commit(line->modem);
}

int bc26_cedrxrdp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct nv *nv = line->modem->nv;
    const char *value = nv_text(nv, "edrx.value", "0101");

    if (nv_int(nv, "edrx.mode", 0))
        at_reply_line(reply, "+CEDRXRDP: 5,\"%s\",\"%s\",\"0011\"", value, value);
    else
        at_reply_line(reply, "+CEDRXRDP: 0"); /* 27.007 7.41: no eDRX in this cell */
    return AT_OK;
}

int bc26_qnbiotevent(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct bc26 *bc26 = bc26_of(line->modem);
    struct at_args args;
    long kind;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+QNBIOTEVENT: %ld,1", bc26->event_n);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &bc26->event_n) < 0 ||
        at_args_int_or(&args, 1, 1, 1, 1, &kind) < 0)
        return AT_ERROR;
    return AT_OK;
}

int bc26_qatwakeup(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return gpp_setting(req, reply, 0, 1, &bc26_of(line->modem)->atwakeup_n);
}

static int on_power_off(struct modem *modem, void *arg)
{
    struct fault_effect off = {.action = FAULT_POWER_CUT, .policy = CUT_DONE};

    return modem_going(modem, &off);
}

int bc26_qpowd(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long mode;

    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 2, &mode) < 0)
        return AT_ERROR;
    modem_after(line->modem, NULL,
                (uint64_t)modem_dialect_number(line->modem, BC26_OPTION_POWER_OFF_DELAY),
                on_power_off, NULL);
    return AT_OK;
}

static int on_reset(struct modem *modem, void *arg)
{
    return modem_restart(modem);
}

/* Sheet 2: no OK, the module resets at once; with the quirk the OK is sent first. */
int bc26_qrst(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long mode;

    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 1, 1, &mode) < 0)
        return AT_ERROR;
    modem_after(line->modem, NULL, 0, on_reset, NULL);
    return modem_quirk(line->modem, BC26_QRST_OK) ? AT_OK : AT_SILENT;
}

/* ---- names of older firmware (quirk legacy-cmd-names) ---- */

int bc26_qreset(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!modem_quirk(line->modem, BC26_LEGACY_NAMES))
        return AT_ERROR;
    modem_after(line->modem, NULL, 0, on_reset, NULL);
    return AT_OK; /* Q1 */
}

static int lock_sleep(struct line *line, const struct at_req *req)
{
    bool locks = req->args_len == 4 && strncasecmp(req->args, "LOCK", 4) == 0;
    bool unlocks = req->args_len == 6 && strncasecmp(req->args, "UNLOCK", 6) == 0;

    if (!modem_quirk(line->modem, BC26_LEGACY_NAMES) || (!locks && !unlocks))
        return AT_ERROR;
    bc26_of(line->modem)->sleep_mode = locks ? 0 : 1;
    bc26_stay_awake(line->modem);
    return AT_OK;
}

int bc26_qsm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return lock_sleep(line, req);
}

int bc26_sm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return lock_sleep(line, req);
}

/*
 * +CMEE=2 texts. The sheet knows only the descriptions of the codes that the base does not have;
 * their spelling as an error text is an inference (sheet 4, last lines).
 */
const char *bc26_cme_text(int code)
{
    switch (code) {
    case 2:
        return "FOTA is busy"; /* S2 table 2 */
    case 765:
        return "invalid input value";
    case 766:
        return "unsupported value or mode";
    case 767:
        return "operation failed";
    case 840:
        return "no service";
    default:
        return at_cme_standard_text(code);
    }
}
