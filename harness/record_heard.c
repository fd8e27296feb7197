/*
 * What passes on a port, as entries.
 *
 * Each byte of the modem goes two ways. at_log.h makes lines of it, which become entries at once.
 * And it is kept, as heard, until it is clear where the utterance ends: at the final result of a
 * reply, at the next command, or at a silence. Then the entries are compared with the bytes. If
 * writing the lines as V.250 frames them gives the same bytes, the lines stay. If not (a block of a
 * file, a text of two lines in one frame), one entry with the bytes takes their place. In a reply
 * only bytes that are no text do so: the blanks and blank lines around its lines mean nothing.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "harness/record.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define SILENCE_US                                                                   \
    50000u /* longer than a USB adapter holds bytes back (16 ms), and a half of what \
              hosts wait between lines */
#define PATIENCE_US 1000000u /* for the rest of a line that has begun */
#define HEARD_MAX   65536u   /* bytes; more are put down in parts */

/* ---- entries ---- */

void record_add(struct record_wire *wire, char sign, const char *text, size_t len, uint64_t t_us)
{
    struct recording *recording = &wire->recorder->recording;
    char *copy;

    if (recording->count == RECORD_ENTRY_MAX)
        return;
    copy = xmalloc(len + 1); /* it may hold zero bytes */
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (recording->count == recording->cap) {
        recording->cap = recording->cap ? 2 * recording->cap : 256;
        recording->entries = xrealloc(recording->entries,
                                      recording->cap * sizeof(recording->entries[0]));
    }
    recording->entries[recording->count] = (struct record_entry){
        .t_us = t_us,
        .number = recording->count,
        .port = wire->number,
        .sign = sign,
        .text = copy,
        .len = len,
    };
    recording->count++;
}

static uint64_t now_us(const struct record_wire *wire)
{
    return clock_now_us(&wire->recorder->stage.clock);
}

/* Take back the modem's entries of this port since `from`; record_sort() leaves them out. */
static void drop_entries(struct record_wire *wire, size_t from)
{
    struct recording *recording = &wire->recorder->recording;

    for (size_t i = from; i < recording->count; i++) {
        struct record_entry *entry = &recording->entries[i];

        if (entry->port == wire->number &&
            (entry->sign == RECORD_REPLY || entry->sign == RECORD_URC))
            entry->sign = RECORD_DROPPED;
    }
}

static int compare_entries(const void *a, const void *b)
{
    const struct record_entry *first = a, *second = b;

    if (first->t_us != second->t_us)
        return first->t_us < second->t_us ? -1 : 1;
    return first->number < second->number ? -1 : 1;
}

void record_sort(struct recording *recording)
{
    size_t kept = 0;

    for (size_t i = 0; i < recording->count; i++) {
        if (recording->entries[i].sign == RECORD_DROPPED)
            free(recording->entries[i].text);
        else
            recording->entries[kept++] = recording->entries[i];
    }
    recording->count = kept;
    if (kept > 0)
        qsort(recording->entries, kept, sizeof(recording->entries[0]), compare_entries);
}

/* ---- what was heard ---- */

static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((bytes[i] < ' ' || bytes[i] > '~') && bytes[i] != '\r' && bytes[i] != '\n')
            return false;
    }
    return true;
}

/* Whether the bytes are lines of their own, each "\r\nTEXT\r\n" (V.250 5.7.1). */
static bool is_framed(const char *bytes, size_t len)
{
    while (len > 0) {
        size_t text = 0;

        if (len < 2 || memcmp(bytes, "\r\n", 2) != 0)
            return false;
        bytes += 2;
        len -= 2;
        while (text < len && bytes[text] >= ' ' && bytes[text] <= '~')
            text++;
        if (text == 0 || len < text + 2 || memcmp(bytes + text, "\r\n", 2) != 0)
            return false;
        bytes += text + 2;
        len -= text + 2;
    }
    return true;
}

static void forget(struct record_wire *wire)
{
    buf_clear(&wire->heard);
    wire->was_patient = false;
    clock_cancel(&wire->recorder->stage.clock, &wire->quiet);
}

/* The bytes take the place of the lines. */
static void put_bytes(struct record_wire *wire, const char *bytes, size_t len)
{
    drop_entries(wire, wire->heard_entry);
    record_add(wire, RECORD_BYTES, bytes, len, wire->heard_us);
}

/*
 * How much of what was heard is to be judged when the host ends a command line: neither the echo of
 * that line, nor a line of the modem that has begun, which goes on as a line. What begins without a
 * line end of its own is no such line.
 */
static size_t judged_length(const struct record_wire *wire)
{
    const struct buf *line = &wire->log.line, *typed = &wire->log.typed;
    size_t len = wire->heard.len;

    if (line->len == 0 || line->len > len)
        return len;
    len -= line->len;
    if (line->len <= typed->len && memcmp(line->data, typed->data, line->len) == 0)
        return len;
    if (len >= 2 && is_framed(wire->heard.data, len - 2))
        return len - 2;
    return wire->heard.len;
}

static void settle_unasked(struct record_wire *wire)
{
    size_t len = judged_length(wire);

    if (wire->log.echoed > 0 || is_framed(wire->heard.data, len))
        return;
    put_bytes(wire, wire->heard.data, len);
    if (len == wire->heard.len)
        buf_clear(&wire->log.line);
}

/* A reply is complete but for its final result, which comes next. */
static void settle_reply(struct record_wire *wire, const char *final)
{
    const char *bytes = wire->heard.data, *command = wire->log.command;
    size_t len = wire->heard.len, head = command ? strlen(command) : 0, tail = strlen(final);

    if (is_text(bytes, len))
        return;
    if (head > 0 && len > head && memcmp(bytes, command, head) == 0) {
        bytes += head + 1; /* the echo, and its S3 */
        len -= head + 1;
    }
    while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    len = len > tail ? len - tail : 0;
    if (len >= 2 && memcmp(bytes + len - 2, "\r\n", 2) == 0)
        len -= 2; /* the head of the result's frame */
    put_bytes(wire, bytes, len);
}

void record_heard_settle(struct record_wire *wire)
{
    if (wire->heard.len > 0 && !wire->log.is_open)
        settle_unasked(wire);
    else if (!is_text(wire->heard.data, wire->heard.len))
        put_bytes(wire, wire->heard.data, wire->heard.len); /* of a reply without an end */
    forget(wire);
}

static void on_quiet(void *arg)
{
    struct record_wire *wire = arg;
    struct clock *clock = &wire->recorder->stage.clock;

    if (wire->log.is_open || wire->log.typed.len > 0)
        return; /* the result, or the end of the command, settles it */
    if (wire->log.line.len > 0 && !wire->was_patient) {
        wire->was_patient = true;
        clock_after(clock, &wire->quiet, PATIENCE_US, on_quiet, wire);
        return;
    }
    if (!is_framed(wire->heard.data, wire->heard.len)) {
        put_bytes(wire, wire->heard.data, wire->heard.len);
        buf_clear(&wire->log.line);
    }
    forget(wire);
}

/* ---- at_log's words ---- */

static void on_typed(void *arg, const char *text, size_t len)
{
    struct record_wire *wire = arg;

    record_add(wire, RECORD_TYPED, text, len, now_us(wire));
}

static void on_reply(void *arg, const char *text, bool is_final)
{
    struct record_wire *wire = arg;

    if (is_final)
        settle_reply(wire, text);
    record_add(wire, RECORD_REPLY, text, strlen(text), now_us(wire));
    if (!is_final)
        return;
    forget(wire);
    wire->skips_lf = true;
}

static void on_unasked(void *arg, const char *text, size_t len)
{
    struct record_wire *wire = arg;

    record_add(wire, RECORD_URC, text, len, now_us(wire));
}

static void on_prompt(void *arg)
{
    struct record_wire *wire = arg;

    record_add(wire, RECORD_REPLY, "> ", 2, now_us(wire));
    forget(wire);
}

void record_heard_init(struct record_wire *wire)
{
    wire->log = (struct at_log){
        .on_typed = on_typed,
        .on_reply = on_reply,
        .on_unasked = on_unasked,
        .on_prompt = on_prompt,
        .arg = wire,
    };
}

/* "+QIND: 1" is no answer to a command that does not hold its name. */
static bool is_foreign(const struct record_entry *entry, const char *command)
{
    size_t head = strcspn(entry->text, ":");
    char *name = xstrndup(entry->text, head);
    bool is_foreign = strchr("+*^%", entry->text[0]) && entry->text[head] == ':' &&
                      !strcasestr(command, name);

    free(name);
    return is_foreign;
}

/*
 * A command without a final result, as one that was sent while the modem booted: what seemed to
 * answer it came by itself.
 */
static void take_back_reply(struct record_wire *wire)
{
    struct recording *recording = &wire->recorder->recording;

    for (size_t i = recording->count; i-- > 0;) {
        struct record_entry *entry = &recording->entries[i];

        if (entry->port == wire->number && entry->sign == RECORD_TYPED)
            return;
        if (entry->port == wire->number && entry->sign == RECORD_REPLY &&
            is_foreign(entry, wire->log.command))
            entry->sign = RECORD_URC;
    }
}

void record_heard_host(struct record_wire *wire, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool ends_line = bytes[i] == '\r' && wire->log.typed.len > 0 && !wire->log.wants_data;

        if (ends_line)
            record_heard_settle(wire);
        if (ends_line && wire->log.is_open)
            take_back_reply(wire);
        at_log_host(&wire->log, bytes + i, 1);
    }
}

void record_heard_modem(struct record_wire *wire, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool skips = wire->skips_lf && bytes[i] == '\n';

        wire->skips_lf = false;
        if (skips)
            continue;
        if (wire->heard.len == 0) {
            wire->heard_us = now_us(wire);
            wire->heard_entry = wire->recorder->recording.count;
        }
        buf_add_char(&wire->heard, bytes[i]);
        at_log_modem(&wire->log, bytes + i, 1);
        if (wire->heard.len >= HEARD_MAX)
            record_heard_settle(wire);
    }
    if (wire->heard.len > 0)
        clock_after(&wire->recorder->stage.clock, &wire->quiet, SILENCE_US, on_quiet, wire);
}
