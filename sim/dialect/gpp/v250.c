/*
 * ITU-T V.250: the commands of the line itself.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/dialect/gpp/gpp.h"
#include "sim/modem/nv.h"

/* Number of a basic command; none means 0 (V.250 5.3.1). Return: -1 when above max. */
static long number_of(const struct at_req *req, long max)
{
    long value = 0;

    for (size_t i = 0; i < req->args_len && value <= max; i++)
        value = value * 10 + (req->args[i] - '0');
    return value <= max ? value : -1;
}

static int set_flag(const struct at_req *req, bool *flag)
{
    long value = number_of(req, 1);

    if (value < 0)
        return AT_ERROR;
    *flag = value == 1;
    return AT_OK;
}

static int set_number(const struct at_req *req, long max, unsigned *number)
{
    long value = number_of(req, max);

    if (value < 0)
        return AT_ERROR;
    *number = (unsigned)value;
    return AT_OK;
}

int gpp_echo(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_flag(req, &line->settings.echo);
}

int gpp_quiet(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_flag(req, &line->settings.quiet);
}

int gpp_verbose(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_flag(req, &line->settings.verbose);
}

int gpp_select_x(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_number(req, 4, &line->settings.x);
}

int gpp_dcd(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_number(req, 1, &line->settings.c);
}

int gpp_dtr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return set_number(req, 2, &line->settings.d);
}

/* S-registers: number, place, maximum (V.250 6.2 and 6.3). */
int gpp_s_register(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_settings *s = &line->settings;
    unsigned char *chars[] = {[3] = &s->s3, [4] = &s->s4, [5] = &s->s5};
    unsigned *numbers[] = {[0] = &s->s0, [6] = &s->s6, [7] = &s->s7, [8] = &s->s8, [10] = &s->s10};
    long index = strtol(req->name + 1, NULL, 10);
    bool is_char = index >= 3 && index <= 5;
    long value;

    if (!is_char && (index < 0 || index > 10 || !numbers[index]))
        return AT_ERROR;
    if (req->verb == AT_READ) {
        at_reply_line(reply, "%03u", is_char ? *chars[index] : *numbers[index]);
        return AT_OK;
    }
    value = number_of(req, is_char ? 127 : 255);
    if (value < 0)
        return AT_ERROR;
    if (is_char)
        *chars[index] = (unsigned char)value;
    else
        *numbers[index] = (unsigned)value;
    return AT_OK;
}

/* ---- the profile ---- */

/* One row per setting that AT&W keeps; the key stands in the NV file. */
#define PROFILE(X)          \
    X("profile.e", echo)    \
    X("profile.q", quiet)   \
    X("profile.v", verbose) \
    X("profile.x", x)       \
    X("profile.cmee", cmee) \
    X("profile.s0", s0)     \
    X("profile.s3", s3)     \
    X("profile.s4", s4)     \
    X("profile.s5", s5)     \
    X("profile.c", c)       \
    X("profile.d", d)

int gpp_store_profile(struct line *line)
{
    const struct at_settings *s = &line->settings;
    struct nv *nv = line->modem->nv;

#define X(key, field) nv_set_int(nv, key, s->field);
    PROFILE(X)
#undef X
    return modem_commit(line->modem);
}

void gpp_load_profile(struct line *line)
{
    struct at_settings *s = &line->settings;
    struct nv *nv = line->modem->nv;

#define X(key, field) s->field = (__typeof__(s->field))nv_int(nv, key, s->field);
    PROFILE(X)
#undef X
}

int gpp_save_profile(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return number_of(req, 0) < 0 ? AT_ERROR : gpp_store_profile(line);
}

static void to_power_up_settings(struct line *line)
{
    const struct dialect *dialect = line->modem->dialect;
    long rate = line->rate;

    at_settings_init(&line->settings);
    while (!dialect->line_up)
        dialect = dialect->base;
    dialect->line_up(line);
    line->rate = rate; /* the rate in use is not part of the profile until a restart */
}

int gpp_reset_profile(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (number_of(req, 0) < 0)
        return AT_ERROR;
    to_power_up_settings(line); /* V.250 6.1.1: what the user stored comes back */
    return AT_OK;
}

int gpp_factory(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (number_of(req, 0) < 0)
        return AT_ERROR;
    at_settings_init(&line->settings); /* V.250 6.1.2: the maker's, not the user's */
    return AT_OK;
}

int gpp_accept(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return AT_OK;
}

int gpp_no_carrier(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return AT_NO_CARRIER;
}

int gpp_show_profile(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct at_settings *s = &line->settings;

    at_reply_line(reply, "E%d Q%d V%d X%u &C%u &D%u +CMEE: %u", s->echo, s->quiet, s->verbose, s->x,
                  s->c, s->d, s->cmee);
    at_reply_line(reply, "S00:%03u S03:%03u S04:%03u S05:%03u", s->s0, s->s3, s->s4, s->s5);
    return AT_OK;
}

int gpp_identification(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "Hayeswire");
    at_reply_line(reply, "%s", line->modem->dialect->name);
    at_reply_line(reply, "Revision: %s", line->modem->firmware);
    return AT_OK;
}

int gpp_capabilities(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "+GCAP: +CGSM");
    return AT_OK;
}

int gpp_ipr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    long value = line->rate;
    int r;

    if (req->verb == AT_READ) {
        at_reply_line(reply, "+IPR: %ld", line->autobaud ? 0 : line->rate);
        return AT_OK;
    }
    r = gpp_setting(req, reply, 0, 921600, &value);
    if (r == AT_OK) {
        line->autobaud = value == 0;
        line->rate = value;
    }
    return r;
}
