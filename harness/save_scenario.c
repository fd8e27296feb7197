/*
 * The record is read once, in order. What was typed becomes terminal:type(), what was answered a
 * modem:script(), an act its call. URCs say where in time the next of these belongs: it waits for
 * the last one before it, and is done at the time of then at the earliest. Of URCs that count
 * something (percentages) only the last is waited for.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness/save_scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/at_log.h"
#include "harness/httpd.h"
#include "harness/lua_text.h"
#include "harness/sandbox.h"
#include "harness/sandbox_acts.h"
#include "harness/save_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

#define PAUSE_MIN_US 100000u
#define REPLY_SIGN   "    < " /* before each line of a reply */

/* ---- texts ---- */

/* The server has another port next time: "$URL" stands for it. */
static char *without_url(struct saver *saver, const char *text)
{
    const char *found = saver->url ? strstr(text, saver->url) : NULL;

    if (!found)
        return xstrdup(text);
    saver->uses_url = true;
    return xasprintf("%.*s$URL%s", (int)(found - text), text, found + strlen(saver->url));
}

static bool has_url(const char *text)
{
    return strstr(text, "$URL") != NULL;
}

/* Nothing is done earlier than it was: what nobody waited for may have mattered as well. */
static void align_time(struct saver *saver)
{
    if (saver->now_us - saver->last_us < PAUSE_MIN_US)
        return;
    saver->last_us = saver->now_us;
    saver->aligns_time = true;
    buf_printf(&saver->body, "  not_before(%.1f)\n", (double)saver->now_us / 1e6);
}

/* ---- replies and URCs ---- */

/* Whether AT was typed again and again, to find the rate or through a start, and then answered. */
static bool is_rousing(const struct saved_modem *place)
{
    return place->run_end > 0 && place->run_end == place->saver->body.len;
}

/* Keep count of a run of AT. */
static void note_run(struct saved_modem *place, bool was_unanswered_at)
{
    if (strcasecmp(place->typed, "AT") != 0) {
        place->run_end = 0;
        return;
    }
    if (!was_unanswered_at)
        place->run_start = place->asked_start;
    place->run_end = was_unanswered_at ? place->saver->body.len : 0;
}

/* Until the first line of the answer is what it was at last. */
static void add_poll(struct saved_modem *place)
{
    struct buf *body = &place->saver->body;
    const char *line = buf_text(&place->reply) + strlen(REPLY_SIGN);

    body->len = place->asked_start;
    buf_printf(body, "  person_%s:poll(%s", place->name, has_url(place->typed) ? "here " : "");
    lua_text_quote(body, place->typed, strlen(place->typed));
    buf_add_text(body, ", ");
    lua_text_quote(body, line, strcspn(line, "\n"));
    buf_add_text(body, ")\n");
}

static void add_script(struct saved_modem *place)
{
    struct buf *body = &place->saver->body;
    bool url = has_url(place->typed);
    /* A reply that holds "]]" needs a longer bracket. */
    const char *level = strstr(place->typed, "]]") || strstr(buf_text(&place->reply), "]]") ? "=="
                                                                                            : "";

    buf_printf(body, "  %s:script%s[%s[\n    > %s\n%s  ]%s]%s\n", place->name, url ? "(here " : " ",
               level, place->typed, buf_text(&place->reply), level, url ? ")" : "");
}

static void flush_reply(struct saved_modem *place)
{
    struct buf *body = &place->saver->body;
    bool is_sure = place->is_plain && place->commands == place->parts;

    if (!place->typed)
        return;
    if (is_sure && is_rousing(place)) {
        body->len = place->run_start;
        buf_printf(body, "  person_%s:rouse()\n", place->name);
        place->saver->last_us = 0; /* that may be over sooner than it was */
    } else if (is_sure && place->is_poll && place->reply.len > 0) {
        add_poll(place);
    } else if (is_sure) {
        add_script(place);
    }
    free(place->asked);
    place->asked = is_sure ? place->typed : NULL;
    place->asked_end = body->len;
    if (!is_sure)
        free(place->typed);
    place->typed = NULL;
    buf_clear(&place->reply);
}

/* A command that is asked again and again, until its answer is another one, is one poll. */
static void note_poll(struct saved_modem *place, const char *typed)
{
    struct buf *body = &place->saver->body;

    place->is_poll = place->asked && place->asked_end == body->len &&
                     strcmp(place->asked, typed) == 0;
    if (place->is_poll)
        body->len = place->asked_start;
}

static void flush_urcs(struct saved_modem *place)
{
    struct buf *body = &place->saver->body;

    for (size_t i = 0; i < place->urcs.count; i++) {
        const char *text = place->urcs.items[i];

        buf_printf(body, "  %s:wait_urc(", place->name);
        lua_text_quote(body, text, strlen(text));
        buf_add_text(body, ", { within = \"30m\" })\n");
    }
    names_deinit(&place->urcs);
}

static void flush_all(struct saver *saver)
{
    for (size_t i = 0; i < saver->sandbox->count; i++) {
        flush_reply(&saver->modems[i]);
        flush_urcs(&saver->modems[i]);
    }
}

/* Whether two texts differ by nothing but numbers. */
static bool counts_on(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strspn(a, "0123456789");
            b += strspn(b, "0123456789");
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return *a == *b;
}

/* A time of the day in an URC is another one next time; what stands before it is the same. */
static char *same_each_time(const char *text)
{
    struct buf timeless = {0};
    char *result;

    lua_text_timeless(&timeless, text);
    result = xstrndup(text, strcmp(text, buf_text(&timeless)) == 0
                                ? strlen(text)
                                : (size_t)(strstr(buf_text(&timeless), "%d") - timeless.data));
    buf_deinit(&timeless);
    return result;
}

static void note_urc(struct saved_modem *place, const char *text)
{
    struct names *urcs = &place->urcs;
    char *same = same_each_time(text);

    if (urcs->count > 0 && counts_on(urcs->items[urcs->count - 1], same))
        xstrset(&urcs->items[urcs->count - 1], same);
    else if (same[0])
        names_add(urcs, same);
    free(same);
}

/* ---- the dialogue ---- */

static unsigned count_parts(const char *text)
{
    unsigned parts = 1;
    bool quoted = false;

    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (*text == ';' && !quoted && text[1])
            parts++;
    }
    return parts;
}

static void on_typed(void *arg, const char *text, size_t len)
{
    struct saved_modem *place = arg;
    struct saver *saver = place->saver;
    struct buf *body = &saver->body;
    char *shown = without_url(saver, text);
    bool is_line = len > 0 && (unsigned char)text[len - 1] >= ' ', repeats;
    bool was_unanswered_at = place->was_typed_at && place->typed && place->commands == 0 &&
                             strcasecmp(place->typed, "AT") == 0;

    flush_all(saver);
    note_poll(place, shown);
    if (place->restarted)
        buf_printf(body, "  %s:wait_power(\"on\", { within = \"30m\" })\n", place->name);
    place->restarted = false;
    if (!place->is_poll)
        align_time(saver);
    place->asked_start = body->len;
    repeats = strcasecmp(text, "A/") == 0;
    buf_printf(body, "  person_%s:%s(%s", place->name, is_line && !repeats ? "type" : "send",
               has_url(shown) ? "here " : "");
    lua_text_quote(body, shown, strlen(shown));
    buf_add_text(body, ")\n");
    place->was_typed_at = true;
    place->is_plain = is_line && !repeats && strncasecmp(text, "AT", 2) == 0;
    place->typed = shown;
    place->commands = 0;
    place->parts = count_parts(text);
    note_run(place, was_unanswered_at);
}

static void on_reply(void *arg, const char *text, bool is_final)
{
    struct saved_modem *place = arg;
    char *shown = without_url(place->saver, text);

    buf_add_text(&place->reply, REPLY_SIGN);
    lua_text_timeless(&place->reply, shown);
    buf_add_char(&place->reply, '\n');
    free(shown);
    if (is_final)
        flush_reply(place);
}

static void on_unasked(void *arg, const char *text, size_t len)
{
    /* The record has its URCs; the rest (a boot ROM, noise) is not what anybody waits for. */
}

/* ---- acts ---- */

/* A fault that never struck would fail the scenario. */
static bool has_fired(const struct saver *saver, const struct modem *modem, const char *fault)
{
    const struct trace *trace = saver->sandbox->stage.bench.trace;

    for (uint64_t seq = trace_first(trace); seq < trace_next(trace); seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        if (record->kind == TRACE_FAULT && strcmp(record->who, modem->name) == 0 &&
            text_has_prefix(record->data, fault))
            return true;
    }
    return false;
}

static void add_argument(struct saved_modem *place, const char *act, const char *argument)
{
    struct buf *body = &place->saver->body;

    buf_printf(body, "  %s:%s", place->name, act);
    if (strcmp(act, "signal") == 0) {
        buf_printf(body, "(%s)\n", argument);
    } else if (argument[0]) {
        buf_add_char(body, '(');
        lua_text_quote(body, argument, strlen(argument));
        buf_add_text(body, ")\n");
    } else {
        buf_add_text(body, "()\n");
    }
}

/* What a loss of power does depends on how far the upgrade had come by then. */
static void await_fota(struct saved_modem *place)
{
    if (!place->fota || strcmp(place->fota, "idle") == 0)
        return;
    buf_printf(&place->saver->body, "  %s:wait_fota(\"%s\", { within = \"30m\" })\n", place->name,
               place->fota);
    xstrset(&place->fota, NULL);
}

/* "NAME ACT ARGUMENT", see sandbox_acts.h. */
static void note_act(struct saver *saver, struct saved_modem *place, const char *text)
{
    size_t len = strcspn(text, " ");
    char *act = xstrndup(text, len);
    const char *argument = text + len + (text[len] == ' ');

    flush_all(saver);
    if (strcmp(act, "power_cut") == 0 || strcmp(act, "reset") == 0)
        await_fota(place);
    align_time(saver);
    if (strcmp(act, "fault") == 0 && !has_fired(saver, place->modem, argument))
        buf_printf(&saver->body, "  -- A fault was armed that never struck: %s\n", argument);
    else
        add_argument(place, act, argument);
    if (strcmp(act, "power_on") == 0 || strcmp(act, "reset") == 0)
        place->restarted = true;
    if (strcmp(act, "power_cut") == 0 || place->restarted)
        at_log_restart(&place->log);
    free(act);
}

static void take_act(struct saver *saver, const char *text)
{
    for (size_t i = 0; i < saver->sandbox->count; i++) {
        struct saved_modem *place = &saver->modems[i];
        size_t len = strlen(place->modem->name);

        if (strncmp(text, place->modem->name, len) == 0 && text[len] == ' ') {
            note_act(saver, place, text + len + 1);
            return;
        }
    }
}

/* ---- the record ---- */

static void take_record(struct saver *saver, const struct trace_record *record)
{
    saver->now_us = record->t_us;
    if (record->kind == TRACE_NOTE && strcmp(record->who, SANDBOX_WHO) == 0)
        take_act(saver, record->data);
    for (size_t i = 0; i < saver->sandbox->count; i++) {
        struct saved_modem *place = &saver->modems[i];

        if (record->kind == TRACE_STATE && strcmp(record->who, place->modem->name) == 0 &&
            text_has_prefix(record->data, "fota "))
            xstrset(&place->fota, record->data + strlen("fota "));
        if (strcmp(record->who, place->modem->lines[0]->who) != 0)
            continue;
        if (record->kind == TRACE_RX)
            at_log_host(&place->log, record->data, record->len);
        else if (record->kind == TRACE_TX)
            at_log_modem(&place->log, record->data, record->len);
        else if (record->kind == TRACE_CMD)
            place->commands++;
        if (record->kind != TRACE_URC)
            continue;
        at_log_urc(&place->log, record->data);
        note_urc(place, record->data);
    }
}

static void init(struct saver *saver, const struct sandbox *sandbox)
{
    *saver = (struct saver){.sandbox = sandbox};
    if (sandbox->httpd)
        saver->url = xasprintf("http://127.0.0.1:%u", httpd_port(sandbox->httpd));
    for (size_t i = 0; i < sandbox->count; i++) {
        struct saved_modem *place = &saver->modems[i];
        struct buf name = {0};

        lua_text_name(&name, sandbox->modems[i].modem->name);
        place->saver = saver;
        place->modem = sandbox->modems[i].modem;
        place->name = buf_take(&name);
        place->log = (struct at_log){
            .on_typed = on_typed,
            .on_reply = on_reply,
            .on_unasked = on_unasked,
            .arg = place,
        };
    }
}

static void deinit(struct saver *saver)
{
    for (size_t i = 0; i < saver->sandbox->count; i++) {
        struct saved_modem *place = &saver->modems[i];

        at_log_deinit(&place->log);
        names_deinit(&place->urcs);
        buf_deinit(&place->reply);
        free(place->fota);
        free(place->typed);
        free(place->asked);
        free(place->name);
    }
    buf_deinit(&saver->body);
    free(saver->url);
}

int save_scenario(const struct sandbox *sandbox, const char *path, struct buf *error_out)
{
    const struct trace *trace = sandbox->stage.bench.trace;
    struct saver saver;
    struct buf text = {0};
    FILE *file;
    int r = 0;

    init(&saver, sandbox);
    for (uint64_t seq = trace_first(trace); seq < trace_next(trace); seq++)
        take_record(&saver, trace_get(trace, seq));
    flush_all(&saver);
    saved_add_head(&saver, &text);
    buf_add(&text, buf_text(&saver.body), saver.body.len);
    saved_add_end(&saver, &text);
    file = fopen(path, "we");
    if (!file || fwrite(text.data, 1, text.len, file) != text.len)
        r = -errno;
    if (file && fclose(file) != 0)
        r = -errno;
    if (r < 0)
        buf_printf(error_out, "%s: %s", path, strerror(-r));
    buf_deinit(&text);
    deinit(&saver);
    return r;
}
