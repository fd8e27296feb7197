/*
 * 27.007: who and what the modem is, the SIM card, the time, errors and functionality.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <time.h>

#include "sim/base/clock.h"
#include "sim/dialect/gpp/gpp.h"

#define CME_NOT_ALLOWED 3
#define CME_NO_SIM      10
#define CME_SIM_PIN     11
#define CME_SIM_PUK     12

int gpp_setting(const struct at_req *req, struct at_reply *reply, long min, long max, long *value)
{
    struct at_args args;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "%s: %ld", req->name, *value);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_int(&args, 0, min, max, value) < 0)
        return AT_ERROR;
    return AT_OK;
}

int gpp_need_sim(const struct line *line)
{
    switch (line->modem->sim.state) {
    case SIM_READY:
        return -1;
    case SIM_PIN:
        return AT_CME(CME_SIM_PIN);
    case SIM_PUK:
        return AT_CME(CME_SIM_PUK);
    case SIM_ABSENT:
        return AT_CME(CME_NO_SIM);
    }
    return AT_ERROR;
}

int gpp_manufacturer(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Hayeswire");
    return AT_OK;
}

int gpp_model(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", line->modem->dialect->name);
    return AT_OK;
}

int gpp_revision(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "%s", line->modem->firmware);
    return AT_OK;
}

int gpp_serial(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *imei = modem_text(line->modem, MODEM_OPTION_IMEI);
    struct at_args args;
    long kind = 0;

    if (req->verb == AT_SET &&
        (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 3, &kind) < 0))
        return AT_ERROR;
    if (kind == 0)
        at_reply_line(reply, "%s", imei);
    else if (kind == 1)
        at_reply_line(reply, "+CGSN: %s", imei);
    else if (kind == 2)
        at_reply_line(reply, "+CGSN: %.14s01", imei); /* IMEISV: the check digit gives way */
    else
        at_reply_line(reply, "+CGSN: 01");
    return AT_OK;
}

int gpp_cimi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    int refused = gpp_need_sim(line);

    if (refused >= 0)
        return refused;
    at_reply_line(reply, "%s", modem_text(line->modem, MODEM_OPTION_IMSI));
    return AT_OK;
}

int gpp_cpin(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *state = sim_card_state_text(&line->modem->sim);
    struct at_args args;
    char pin[16];
    int r;

    if (!state)
        return AT_CME(CME_NO_SIM);
    if (req->verb != AT_SET) {
        at_reply_line(reply, "+CPIN: %s", state);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count < 1)
        return AT_ERROR;
    snprintf(pin, sizeof(pin), "%.*s", (int)args.arg[0].len, args.arg[0].text);
    r = sim_card_enter_pin(line->modem, pin);
    return r == 0 ? AT_OK : AT_CME(r);
}

int gpp_cmee(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    long value = (long)line->settings.cmee;
    int r = gpp_setting(req, reply, 0, 2, &value);

    line->settings.cmee = (unsigned)value;
    return r;
}

int gpp_network_time(const struct modem *modem, char *text, size_t size_bytes)
{
    struct tm tm = {0};
    int zone;
    time_t seconds;

    if (!net_registered(&modem->net) ||
        sscanf(modem_text(modem, MODEM_OPTION_NETWORK_TIME), "%d/%d/%d,%d:%d:%d%d", &tm.tm_year,
               &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &zone) != 7)
        return -1;
    tm.tm_year += 100;
    tm.tm_mon -= 1;
    seconds = timegm(&tm) + (time_t)(clock_now_us(modem->bench->clock) / 1000000u);
    gmtime_r(&seconds, &tm);
    snprintf(text, size_bytes, "%02d/%02d/%02d,%02d:%02d:%02d%+03d", tm.tm_year % 100,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, zone);
    return 0;
}

int gpp_cclk(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char text[64];

    if (gpp_network_time(line->modem, text, sizeof(text)) == 0)
        at_reply_line(reply, "+CCLK: \"%s\"", text);
    return AT_OK;
}

int gpp_ctzr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return gpp_setting(req, reply, 0, 1, &gpp_of(line)->ctzr_n);
}

int gpp_cfun(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct at_args args;
    long level, restart;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+CFUN: %u", modem->function);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || at_args_int(&args, 0, 0, 7, &level) < 0 ||
        at_args_int_or(&args, 1, 0, 1, 0, &restart) < 0 ||
        (level != 0 && level != 1 && level != 4 && level != 7))
        return AT_ERROR;
    if (restart)
        return modem_restart(modem);
    modem->function = (unsigned)level;
    net_radio(modem, level == 1);
    return AT_OK;
}

/* 27.007 8.37: every command there is, the dialect's before its base's. */
int gpp_clac(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct dialect *top = line->modem->dialect;

    for (const struct dialect *d = top; d; d = d->base) {
        for (size_t i = 0; i < d->cmd_count; i++) {
            /* A row that an overlay hides is listed once, by the overlay. */
            if (dialect_command(top, d->cmds[i].name) == &d->cmds[i])
                at_reply_line(reply, "AT%s", d->cmds[i].name);
        }
    }
    return AT_OK;
}
