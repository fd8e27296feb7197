/*
 * Air720: identity, the line's rate, clock, power and sleep (sheet 3).
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/at/at_exec.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/nv.h"

/* ---- identity ---- */

/* ATI and AT+VER: one line (sheet 3). */
int air720_version(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", line->modem->firmware);
    return AT_OK;
}

/* Quirk ident-bare: L1's tables print what its examples dress. */
static int identity(struct line *line, const struct at_req *req, struct at_reply *reply,
                    const char *bare_prefix, const char *value)
{
    if (modem_quirk(line->modem, AIR720_IDENT_BARE))
        at_reply_line(reply, "%s%s", bare_prefix, value);
    else
        at_reply_line(reply, "%s: \"%s\"", req->name, value);
    return AT_OK;
}

int air720_cgmi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return identity(line, req, reply, "", "AirM2M");
}

int air720_cgmm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return identity(line, req, reply, "", modem_dialect_text(line->modem, AIR720_OPTION_MODEL));
}

int air720_cgmr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return identity(line, req, reply, "Revision: ", line->modem->firmware);
}

int air720_cgsn(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_IMEI));
    return AT_OK;
}

int air720_ccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int refused = gpp_need_sim(line);

    if (refused >= 0)
        return refused;
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_ICCID));
    return AT_OK;
}

static int named_iccid(struct line *line, struct at_reply *reply, const char *name)
{
    int refused = gpp_need_sim(line);

    if (refused >= 0)
        return refused;
    at_reply_line(reply, "%s: %s", name, modem_text(line->modem, MODEM_OPTION_ICCID));
    return AT_OK;
}

int air720_iccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return named_iccid(line, reply, "+ICCID");
}

/* H1 asks ASR modules so. */
int air720_star_iccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return named_iccid(line, reply, "*ICCID");
}

int air720_star_i(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct modem *modem = line->modem;

    at_reply_line(reply, "Manufacturer: AirM2M");
    at_reply_line(reply, "Model: %s", modem_dialect_text(modem, AIR720_OPTION_MODEL));
    at_reply_line(reply, "Revision: %s", modem->firmware);
    at_reply_line(reply, "HWver: A11");
    at_reply_line(reply, "Buildtime: 2018-11-12");
    at_reply_line(reply, "IMEI: %s", modem_text(modem, MODEM_OPTION_IMEI));
    at_reply_line(reply, "ICCID: %s", modem_text(modem, MODEM_OPTION_ICCID));
    at_reply_line(reply, "IMSI: %s", modem_text(modem, MODEM_OPTION_IMSI));
    return AT_OK;
}

/* ---- rate and profile ---- */

/* L1: AT+IPR=115200;&W fixes it from the next boot on; the rate in use stays. */
int air720_ipr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const long rates[] = {0,     600,   1200,  2400,   4800,   9600,   14400, 19200,
                                 28800, 38400, 57600, 115200, 230400, 460800, 921600};
    struct air720 *air720 = air720_of(line->modem);
    struct at_args args;
    long rate;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+IPR: %ld", air720->ipr);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 921600, &rate) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        if (rates[i] == rate) {
            air720->ipr = rate;
            return AT_OK;
        }
    }
    return AT_CME(AIR720_CME_PARAMETERS);
}

int air720_store(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    nv_set_int(line->modem->nv, "ipr", air720_of(line->modem)->ipr);
    return gpp_save_profile(line, req, reply);
}

int air720_ifc(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long in, out;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+IFC: %lld,%lld", nv_int(line->modem->nv, "ifc.in", 0),
                      nv_int(line->modem->nv, "ifc.out", 0));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 2, &in) < 0 ||
        at_args_int_or(&args, 1, 0, 2, in, &out) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    nv_set_int(line->modem->nv, "ifc.in", in); /* kept by &W (L1), which commits what is pending */
    nv_set_int(line->modem->nv, "ifc.out", out);
    return AT_OK;
}

/* Only 8 data bits, 1 stop bit and no parity; a pty has no other frame. */
int air720_icf(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long format, parity;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+ICF: 3,3");
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 3, 3, &format) < 0 ||
        at_args_int_or(&args, 1, 0, 3, 3, &parity) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    return AT_OK;
}

/* ---- clock ---- */

/* "yy/MM/dd,hh:mm:ss+zz". Return: seconds since 1970 in local time, or -1. */
static long long parse_time(const char *text, int *zone_out)
{
    struct tm tm = {0};
    char sign;
    int used = 0;

    if (sscanf(text, "%2d/%2d/%2d,%2d:%2d:%2d%c%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &sign, zone_out, &used) != 8 ||
        text[used] != '\0' || (sign != '+' && sign != '-') || tm.tm_mon < 1 || tm.tm_mon > 12 ||
        tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
        return -1;
    if (sign == '-')
        *zone_out = -*zone_out;
    tm.tm_year += 100;
    tm.tm_mon--;
    return timegm(&tm);
}

static long long now_s(const struct modem *modem)
{
    return (long long)(clock_now_us(modem->bench->clock) / 1000000u);
}

/* The RTC keeps what the user set over a restart (sheet 3); else the network's time counts. */
int air720_cclk(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    long long base = nv_int(modem->nv, "rtc.base", -1);
    struct at_args args;
    char text[32];
    int zone;

    if (req->verb == AT_READ) {
        struct tm tm;
        time_t seconds = (time_t)(base + now_s(modem));

        if (base < 0)
            return gpp_cclk(line, req, reply);
        gmtime_r(&seconds, &tm);
        at_reply_line(reply, "+CCLK: \"%02d/%02d/%02d,%02d:%02d:%02d%+03d\"", tm.tm_year % 100,
                      tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                      (int)nv_int(modem->nv, "rtc.zone", 0));
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, text, sizeof(text)) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    base = parse_time(text, &zone);
    if (base < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    nv_set_int(modem->nv, "rtc.base", base - now_s(modem));
    nv_set_int(modem->nv, "rtc.zone", zone);
    return modem_commit(modem);
}

/* ---- power and sleep ---- */

int air720_cfun(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long level, restart;

    if (req->verb == AT_TEST) {
        at_reply_line(reply, "+CFUN: (0,1,4),(0,1)");
        return AT_OK;
    }
    if (req->verb != AT_SET)
        return gpp_cfun(line, req, reply);
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 4, &level) < 0 || level == 2 ||
        level == 3 || at_args_int_or(&args, 1, 0, 1, 0, &restart) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (!restart)
        return gpp_cfun(line, req, reply);
    air720_reset_later(line->modem);
    return AT_OK;
}

static int on_power_off(struct modem *modem, void *arg)
{
    struct fault_effect off = {.action = FAULT_POWER_CUT, .policy = CUT_DONE};

    return modem_going(modem, &off);
}

int air720_cpowd(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct at_args args;
    long mode;

    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 1, &mode) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (mode == 1)
        at_reply_line(reply, "NORMAL POWER DOWN"); /* in place of a final result */
    modem_after(modem, NULL, air720_delay(modem, AIR720_OPTION_POWER_OFF_DELAY), on_power_off,
                NULL);
    return AT_SILENT;
}

int air720_reset(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    air720_reset_later(line->modem);
    return AT_OK;
}

/* L1: back to factory settings. Which firmware runs is no setting. */
int air720_rstset(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const char *const keys[] = {
        "ipr", "ifc.in", "ifc.out", "upgrade.url", "upgrade.auto", "upgrade.key", "upgrade.period"};
    struct modem *modem = line->modem;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        nv_unset(modem->nv, keys[i]);
    at_settings_init(&line->settings);
    air720_of(modem)->ipr = (long)modem_dialect_number(modem, AIR720_OPTION_FACTORY_RATE);
    air720_load_parameters(modem);
    return gpp_store_profile(line); /* commits all of it */
}

int air720_csclk(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int r = gpp_setting(req, reply, 0, 3, &air720_of(line->modem)->sleep_mode);

    air720_stay_awake(line->modem);
    return r;
}

int air720_waketim(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct air720 *air720 = air720_of(line->modem);
    int r;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+WAKETIM:%ld", air720->sleep_idle_s); /* L1 prints no space */
        return AT_OK;
    }
    r = gpp_setting(req, reply, 0, 65, &air720->sleep_idle_s);
    air720_stay_awake(line->modem);
    return r;
}

/* +CMEE=2 texts: sheet 3 lists these beside 27.007's. */
const char *air720_cme_text(int code)
{
    switch (code) {
    case 49:
        return "EXE_NOT_SURPORT";
    case 50:
        return "EXE_FAIL";
    case 51:
        return "NO MEMORY";
    case 52:
        return "OPTION NOT SURPORT";
    case 53:
        return "parameters invalid";
    case 58:
        return "INVALID_COMMAND_LINE";
    case 99:
        return "NOT IMPLEMENTED";
    case 100:
        return "unknown";
    case 151:
        return "timeout";
    default:
        return at_cme_standard_text(code);
    }
}
