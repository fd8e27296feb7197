/*
 * Air720: AT+UPGRADE, what it answers, and the automatic query (S0; sheet 4).
 *
 *   AT+UPGRADE or the day is over -> query the service, or GET the user's URL
 *     -> +UPGRADEIND: 0, 10 .. 90 -> the package is in flash and good, NV says so -> 100 -> reset
 *   bootloader: +UPGRADEDL: 10 .. 100 on UART2 -> switch -> reset
 *   application: RDY .. network -> +UPGRADEVER: "<version>" -> report -> +UPGRADEVER: 1 or 0
 *
 * NV carries it over the resets: "fota.size" and "fota.flashing" from the moment the package is
 * good until the switch; "fota.told" is the version that was reported last. A known host takes the
 * power away at +UPGRADEIND: 100 by itself (L7): the package must be safe by then. Everything else
 * of an attempt, its result too, is in RAM and gone with the power (sheet 4).
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

#define PERIOD_MIN_S 60 /* L1 */
#define PERIOD_MAX_S 4294967295L

void air720_load_parameters(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    xstrset(&air720->url, nv_text(modem->nv, "upgrade.url", NULL));
    xstrset(&air720->key, nv_text(modem->nv, "upgrade.key",
                                  modem_dialect_text(modem, AIR720_OPTION_PRODUCT_KEY)));
    air720->is_auto = (long)nv_int(modem->nv, "upgrade.auto", 1);
    air720->period_s = (long)nv_int(
        modem->nv, "upgrade.period",
        (long long)(air720_delay(modem, AIR720_OPTION_AUTO_PERIOD) / 1000000u));
}

/* ---- states and results ---- */

const char *air720_fota_state(const struct modem *modem)
{
    static const char *const names[] = {
        [AIR720_FOTA_IDLE] = "idle",
        [AIR720_FOTA_STARTING] = "starting",
        [AIR720_FOTA_QUERYING] = "querying",
        [AIR720_FOTA_DOWNLOADING] = "downloading",
        [AIR720_FOTA_DOWNLOADED] = "downloaded",
        [AIR720_FOTA_FLASHING] = "flashing",
        [AIR720_FOTA_REPORTING] = "reporting",
    };

    return names[air720_of(modem)->fota];
}

void air720_set_fota(struct modem *modem, enum air720_fota state)
{
    if (air720_of(modem)->fota == state)
        return;
    air720_of(modem)->fota = state;
    fota_state_changed(modem);
}

int air720_pass(struct modem *modem, enum air720_point point, unsigned percent)
{
    struct fault_at at = {.has_percent = true, .percent = percent};

    return modem_step(modem, &air720_points[point], &at, NULL);
}

void air720_say_ind(struct modem *modem, int value)
{
    if (value >= 0 && modem_quirk(modem, AIR720_LEGACY_PROGRESS))
        air720_say(modem, "+UPGRADE: %d", value);
    else
        air720_say(modem, "+UPGRADEIND:%s%d", modem_quirk(modem, AIR720_IND_NOSPACE) ? "" : " ",
                   value);
}

int air720_fail(struct modem *modem, enum air720_error error, long http, int cause)
{
    struct air720 *air720 = air720_of(modem);

    air720_end_transfer(modem);
    air720->result = (struct air720_result){
        .state = 2,
        .error = (int)error,
        .http = http,
        .cause = cause,
    };
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name,
               "upgrade ended: %d, HTTP %ld, cause %d", (int)error, http, cause);
    if (modem_quirk(modem, AIR720_IND_ERROR_URC))
        air720_say_ind(modem, (int)error);
    air720_set_fota(modem, AIR720_FOTA_IDLE);
    return 0;
}

/* ---- the start ---- */

static int on_start_due(struct modem *modem, void *arg)
{
    struct air720 *air720 = air720_of(modem);
    int r = air720_pass(modem, AIR720_POINT_QUERY, 0);

    if (r != 0)
        return r < 0 ? r : air720_fail(modem, AIR720_OTHER, 0, 0);
    /* S0 3.4: the module GETs over plain HTTP, and nothing else. */
    if (!air720->is_cloud && strncasecmp(air720->url, "http://", 7) != 0)
        return air720_fail(modem, AIR720_BAD_URL, 0, 0);
    if (!modem->net.bearer)
        return air720_fail(modem, AIR720_NETWORK, 0, 0);
    air720_fetch(modem);
    return 0;
}

static void begin(struct modem *modem, bool is_cloud, uint64_t delay_us)
{
    struct air720 *air720 = air720_of(modem);

    air720->is_cloud = is_cloud;
    air720->result = (struct air720_result){.state = 1};
    air720->percent = 0;
    air720->retries = air720->redirects = 0;
    air720_set_fota(modem, AIR720_FOTA_STARTING);
    modem_after(modem, &air720->fota_timer, delay_us, on_start_due, NULL);
}

/* ---- the automatic query: once networked, and then each day ---- */

static int on_auto_due(struct modem *modem, void *arg);

static void arm_auto(struct modem *modem, uint64_t delay_us)
{
    struct air720 *air720 = air720_of(modem);

    if (modem_quirk(modem, AIR720_AUTO_RANDOM)) /* L2: at a random time within the period */
        delay_us = rng_below(&modem->rng, (uint64_t)air720->period_s * 1000) * 1000;
    modem_after(modem, &air720->auto_timer, delay_us, on_auto_due, NULL);
}

static int on_auto_due(struct modem *modem, void *arg)
{
    struct air720 *air720 = air720_of(modem);

    arm_auto(modem, (uint64_t)air720->period_s * 1000000u);
    air720->auto_due = !modem->net.bearer;
    if (!air720->auto_due && air720->fota == AIR720_FOTA_IDLE)
        begin(modem, true, 0);
    return 0;
}

void air720_arm_auto(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    if (!air720->is_auto)
        return;
    if (air720->auto_due || !air720->auto_timer)
        arm_auto(modem, air720_delay(modem, AIR720_OPTION_AUTO_FIRST));
    air720->auto_due = false;
}

/* ---- AT+UPGRADE="TAG",VALUE[,DO-NOT-SAVE] ---- */

struct parameter {
    const char *tag;
    bool is_new; /* later than V422, S0's version (L1) */
    int (*set)(struct modem *modem, const struct at_args *args, bool saves);
    void (*show)(const struct modem *modem, struct at_reply *reply);
};

/* A value may come without its quotes, unless the quirk is strict. Return: 0 or -EINVAL. */
static int take_text(const struct modem *modem, const struct at_args *args, char *text_out,
                     size_t size_bytes)
{
    const struct at_arg *arg = &args->arg[1];

    if (!arg->present || (!arg->quoted && modem_quirk(modem, AIR720_STRICT_ARGS)) ||
        arg->len >= size_bytes)
        return -EINVAL;
    memcpy(text_out, arg->text, arg->len);
    text_out[arg->len] = '\0';
    return 0;
}

static int save_text(struct modem *modem, const char *key, const char *value, bool saves)
{
    if (!saves)
        return AT_OK;
    nv_set_text(modem->nv, key, value);
    return modem_commit(modem);
}

static int save_int(struct modem *modem, const char *key, long value, bool saves)
{
    if (!saves)
        return AT_OK;
    nv_set_int(modem->nv, key, value);
    return modem_commit(modem);
}

static int set_url(struct modem *modem, const struct at_args *args, bool saves)
{
    struct air720 *air720 = air720_of(modem);
    char url[AIR720_URL_MAX + 1];
    int r;

    if (take_text(modem, args, url, sizeof(url)) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    xstrset(&air720->url, url);
    r = save_text(modem, "upgrade.url", url, saves);
    if (r == AT_OK && modem_quirk(modem, AIR720_URL_AUTOSTARTS) && air720->fota == AIR720_FOTA_IDLE)
        begin(modem, false, air720_delay(modem, AIR720_OPTION_URL_START_DELAY));
    return r;
}

static int set_auto(struct modem *modem, const struct at_args *args, bool saves)
{
    struct air720 *air720 = air720_of(modem);

    if (at_args_int(args, 1, 0, 1, &air720->is_auto) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (!air720->is_auto)
        modem_cancel(modem, &air720->auto_timer);
    else if (modem->net.bearer)
        air720_arm_auto(modem);
    return save_int(modem, "upgrade.auto", air720->is_auto, saves);
}

static int set_key(struct modem *modem, const struct at_args *args, bool saves)
{
    char key[AIR720_KEY_MAX + 1];

    if (take_text(modem, args, key, sizeof(key)) < 0 || key[0] == '\0')
        return AT_CME(AIR720_CME_PARAMETERS);
    xstrset(&air720_of(modem)->key, key);
    return save_text(modem, "upgrade.key", key, saves);
}

static int set_period(struct modem *modem, const struct at_args *args, bool saves)
{
    struct air720 *air720 = air720_of(modem);

    if (at_args_int(args, 1, PERIOD_MIN_S, PERIOD_MAX_S, &air720->period_s) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    if (air720->auto_timer)
        arm_auto(modem, (uint64_t)air720->period_s * 1000000u);
    return save_int(modem, "upgrade.period", air720->period_s, saves);
}

static void show_url(const struct modem *modem, struct at_reply *reply)
{
    const struct air720 *air720 = air720_of(modem);

    at_reply_line(reply, "+UPGRADE:\"URL\",\"%s\"", air720->url ? air720->url : "");
}

static void show_auto(const struct modem *modem, struct at_reply *reply)
{
    at_reply_line(reply, "+UPGRADE:\"AUTO\",%ld", air720_of(modem)->is_auto);
}

static void show_key(const struct modem *modem, struct at_reply *reply)
{
    at_reply_line(reply, "+UPGRADE:\"KEY\",\"%s\"", air720_of(modem)->key);
}

static void show_period(const struct modem *modem, struct at_reply *reply)
{
    at_reply_line(reply, "+UPGRADE:\"PERIOD\",%ld", air720_of(modem)->period_s);
}

static const struct parameter parameters[] = {
    {"URL",    false, set_url,    show_url   }, /* S0 3.1 */
    {"AUTO",   false, set_auto,   show_auto  }, /* S0 3.1 */
    {"KEY",    true,  set_key,    show_key   }, /* L7, L2 */
    {"PERIOD", true,  set_period, show_period}, /* L1 */
};

static const struct parameter *find_parameter(const struct modem *modem, const struct at_arg *tag)
{
    if (!tag->quoted && modem_quirk(modem, AIR720_STRICT_ARGS))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
        const struct parameter *parameter = &parameters[i];

        if (tag->len == strlen(parameter->tag) &&
            strncasecmp(tag->text, parameter->tag, tag->len) == 0 &&
            !(parameter->is_new && modem_quirk(modem, AIR720_TAGS_V422)))
            return parameter;
    }
    return NULL;
}

static bool has_blank(const struct at_req *req)
{
    bool is_quoted = false;

    for (size_t i = 0; i < req->args_len; i++) {
        if (req->args[i] == '"')
            is_quoted = !is_quoted;
        else if (req->args[i] == ' ' && !is_quoted)
            return true;
    }
    return false;
}

static int set_parameter(struct modem *modem, const struct at_req *req, struct at_reply *reply)
{
    const struct parameter *parameter;
    struct at_args args;
    long not_saved;

    if (at_args_parse(req, &args) < 0 || args.count < 1 || args.count > 3 ||
        (modem_quirk(modem, AIR720_STRICT_ARGS) && has_blank(req)))
        return AT_CME(AIR720_CME_PARAMETERS);
    parameter = find_parameter(modem, &args.arg[0]);
    if (!parameter || (args.count != 2 && modem_quirk(modem, AIR720_TAGS_V422)))
        return AT_CME(AIR720_CME_PARAMETERS);
    if (args.count == 1) {
        parameter->show(modem, reply);
        return AT_OK;
    }
    if (at_args_int_or(&args, 2, 0, 1, 0, &not_saved) < 0)
        return AT_CME(AIR720_CME_PARAMETERS);
    return parameter->set(modem, &args, not_saved == 0);
}

/* ---- AT+UPGRADE? ---- */

static void show_result(struct modem *modem, struct at_reply *reply)
{
    const struct air720 *air720 = air720_of(modem);
    const struct air720_result *result = &air720->result;

    if (result->state == 1 && modem_quirk(modem, AIR720_QUERY_PERCENT))
        at_reply_line(reply, "+UPGRADE: 1,%u", air720->percent > 0 ? air720->percent : 1);
    else if (result->state == 2 && result->error != 0 && modem_quirk(modem, AIR720_QUERY_BROKEN))
        at_reply_line(reply, "+UPGRADE: 0"); /* L4 says "wrong" and not how */
    else if (result->state == 2)
        at_reply_line(reply, "+UPGRADE: 2,%d,%ld,%d", result->error, result->http, result->cause);
    else
        at_reply_line(reply, "+UPGRADE: %d", result->state);
}

int air720_upgrade(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct air720 *air720 = air720_of(modem);

    if (req->verb == AT_SET)
        return set_parameter(modem, req, reply);
    if (req->verb == AT_READ) {
        show_result(modem, reply);
        return AT_OK;
    }
    if (air720->fota != AIR720_FOTA_IDLE)
        return modem_quirk(modem, AIR720_SECOND_OK) ? AT_OK : AT_CME(AIR720_CME_NOT_ALLOWED);
    begin(modem, air720->url == NULL, air720_delay(modem, AIR720_OPTION_START_DELAY));
    return AT_OK;
}
