/*
 * Unsolicited results of a line: the gate that keeps them out of replies, and the faults that make
 * them come at the wrong moment all the same.
 *
 * A URC that a fault holds back (for a collision, or for a while) waits in one place of its own. It
 * is said at its moment, or when its patience is over, or when the next one is held.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/line_private.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"

/* How long a held URC waits for the reply that it is to meet: not as long as modules wait for their
   host, who would else never be in time. */
#define PATIENCE_US 20000000u

void line_drop_urcs(struct line *line)
{
    while (line->urcs) {
        struct urc *urc = line->urcs;

        line->urcs = urc->next;
        urc_free(urc);
    }
    line->urc_count = 0;
    modem_cancel(line->modem, &line->held_timer);
    buf_clear(&line->held);
}

/* ---- URCs and their gate ---- */

void urc_free(struct urc *urc)
{
    free(urc->text);
    free(urc);
}

void line_queue_urc(struct line *line, const struct urc *urc)
{
    struct urc **end = &line->urcs;
    struct urc *copy;

    if (line->urc_count >= URC_PENDING_MAX) {
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                   "%d URCs wait already: one more is dropped", URC_PENDING_MAX);
        return;
    }
    copy = xcalloc(1, sizeof(*copy));
    *copy = (struct urc){.kind = urc->kind, .a = urc->a, .b = urc->b, .text = xstrdup(urc->text)};
    while (*end)
        end = &(*end)->next;
    *end = copy;
    line->urc_count++;
}

void line_urc_text(struct line *line, const char *text)
{
    struct urc urc = {.kind = URC_TEXT};

    urc.text = xstrndup(text, URC_TEXT_MAX);
    line_queue_urc(line, &urc);
    free(urc.text);
}

static enum line_voice voice(struct line *line)
{
    const struct dialect *dialect = line->modem->dialect;

    if (line->is_deaf)
        return LINE_LOSES;
    while (dialect && !dialect->line_voice)
        dialect = dialect->base;
    return dialect ? dialect->line_voice(line) : LINE_SPEAKS;
}

static bool gate_is_open(const struct line *line)
{
    return line->urcs && !at_exec_open(line->exec) && !line->reply_timer;
}

/* ---- said, and held back ---- */

static void utter(struct line *line, const char *words, size_t len, struct buf *out)
{
    trace_add(line->modem->bench->trace, TRACE_URC, line->who, words, len);
    at_format_line(out, words, len, &line->settings);
}

static void release(struct line *line, struct buf *out)
{
    struct buf words = line->held;

    line->held = (struct buf){0};
    modem_cancel(line->modem, &line->held_timer);
    if (words.len > 0)
        utter(line, words.data, words.len, out);
    buf_deinit(&words);
}

static int on_held_over(struct modem *modem, void *arg)
{
    struct line *line = arg;

    release(line, &line->out);
    return 0;
}

static void hold(struct line *line, const struct buf *words, enum line_moment moment,
                 uint64_t patience_us)
{
    release(line, &line->out);
    buf_add(&line->held, words->data, words->len);
    line->held_for = moment;
    modem_after(line->modem, &line->held_timer, patience_us, on_held_over, line);
}

static void say_split(struct line *line, const struct buf *words)
{
    size_t before = line->out.len;

    utter(line, words->data, words->len, &line->out);
    line->split_at = before + (line->out.len - before) / 2;
}

static void collide(struct line *line, const struct buf *words, enum fault_collision how)
{
    switch (how) {
    case COLLIDE_BEFORE:
        hold(line, words, LINE_AT_COMMAND, PATIENCE_US);
        break;
    case COLLIDE_INSIDE:
        hold(line, words, LINE_IN_REPLY, PATIENCE_US);
        break;
    case COLLIDE_BEHIND:
        hold(line, words, LINE_BEHIND_REPLY, PATIENCE_US);
        break;
    case COLLIDE_SPLIT:
        say_split(line, words);
        break;
    }
}

void line_collide_before(struct line *line)
{
    if (line->held.len > 0 && line->held_for == LINE_AT_COMMAND)
        release(line, &line->out);
}

/* Where the final result of a reply of several lines begins; 0 = it has one line only. */
static size_t final_result(const struct line *line, const struct buf *reply)
{
    const char frame[] = {(char)line->settings.s3, (char)line->settings.s4, (char)line->settings.s3,
                          (char)line->settings.s4};

    for (size_t i = reply->len; i >= sizeof(frame); i--) {
        if (memcmp(reply->data + i - sizeof(frame), frame, sizeof(frame)) == 0)
            return i - sizeof(frame) / 2;
    }
    return 0;
}

void line_collide_reply(struct line *line, struct buf *reply)
{
    struct buf rest = {0};
    size_t at;

    if (line->held.len == 0)
        return;
    if (line->held_for == LINE_BEHIND_REPLY) {
        release(line, reply);
        return;
    }
    at = line->held_for == LINE_IN_REPLY ? final_result(line, reply) : 0;
    if (at == 0)
        return;
    buf_add(&rest, reply->data + at, reply->len - at);
    reply->len = at;
    release(line, reply);
    buf_add(reply, rest.data, rest.len);
    buf_deinit(&rest);
}

static void say_struck(struct line *line, const struct buf *words,
                       const struct fault_effect *effect)
{
    switch ((int)effect->action) {
    case FAULT_DELAY:
        hold(line, words, LINE_AT_NONE, effect->duration_us);
        break;
    case FAULT_COLLIDE:
        collide(line, words, (enum fault_collision)effect->code);
        break;
    case FAULT_DUP:
        utter(line, words->data, words->len, &line->out);
        utter(line, words->data, words->len, &line->out);
        break;
    default: /* lost, or its power was */
        break;
    }
}

static void say(struct line *line, const struct urc *urc, struct buf *words)
{
    struct modem *modem = line->modem;
    struct fault_effect effect;
    struct fault_at at;

    if (urc->text)
        buf_add_text(words, urc->text);
    else
        MODEM_HOOK(modem, urc_text, line, urc, words);
    if (words->len == 0)
        return;
    at = (struct fault_at){.text = words->data, .text_len = words->len};
    effect = modem_pass(modem, &fault_points[FAULT_POINT_URC], &at);
    if (effect.action == FAULT_NONE)
        utter(line, words->data, words->len, &line->out);
    else
        say_struck(line, words, &effect);
}

void line_open_gate(struct line *line)
{
    struct buf words = {0};

    while (gate_is_open(line) && !line->modem->going) {
        enum line_voice can = voice(line);
        struct urc *urc = line->urcs;

        if (can == LINE_HOLDS)
            break;
        line->urcs = urc->next;
        line->urc_count--;
        if (can == LINE_SPEAKS)
            say(line, urc, &words);
        buf_clear(&words);
        urc_free(urc);
    }
    buf_deinit(&words);
}

/* ---- below the AT engine ---- */

int line_say_boot(struct line *line, const char *words, const struct buf *framed, long rate)
{
    struct fault_at at = {.text = words, .text_len = strlen(words)};
    struct fault_effect effect = modem_pass(line->modem, &fault_points[FAULT_POINT_BOOT_LINE], &at);
    unsigned times = effect.action == FAULT_DUP ? 2 : effect.action == FAULT_LOST ? 0 : 1;

    for (unsigned i = 0; i < times && !line->modem->going; i++) {
        trace_add(line->modem->bench->trace, TRACE_URC, line->who, words, at.text_len);
        line_write_raw(line, framed->data, framed->len, rate);
    }
    return line->modem->going ? MODEM_GONE : 0;
}
