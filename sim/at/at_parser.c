/*
 * The bytes of a command line, one at a time.
 *
 * There are three states. Hunting: what comes before a prefix is ignored (V.250 5.2.1), but kept so
 * that a line without any prefix can be reported as junk; the prefix is seen as a 'T' or '/' whose
 * predecessor, after editing, is an 'A'. Body: from the prefix to S3. Data: from the prompt to
 * Ctrl-Z or ESC. One buffer serves all three, since only one of them is ever under way.
 *
 * Every decision depends on one byte, the state and the settings, never on how bytes were chunked.
 * SPDX-License-Identifier: MIT
 */
#include "sim/at/at_parser.h"

#include <stdint.h>
#include <stdlib.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* A buffer that grew larger than this is not kept for the next line: idle modems stay small. */
#define PARSER_KEEP_BYTES 512

#define DATA_END    0x1A /* Ctrl-Z */
#define DATA_CANCEL 0x1B /* ESC */

enum parser_state {
    PARSER_HUNT,
    PARSER_BODY,
    PARSER_DATA,
};

struct at_parser {
    const struct at_settings *settings;
    struct buf text;
    size_t excess;      /* bytes that came after the buffer's bound was reached */
    unsigned char last; /* newest byte of the text, even of the excess; 0 when unknown or none */
    enum parser_state state;
    bool is_stale; /* the text belongs to an event that was reported */
    bool skip_lf;  /* the byte before was a line terminator other than LF */
};

struct at_parser *at_parser_new(const struct at_settings *settings)
{
    struct at_parser *parser = xcalloc(1, sizeof(*parser));

    parser->settings = settings;
    return parser;
}

void at_parser_free(struct at_parser *parser)
{
    if (!parser)
        return;
    buf_deinit(&parser->text);
    free(parser);
}

/* The text is left alone until the next feed: a power cut may come while an event is served. */
void at_parser_reset(struct at_parser *parser)
{
    parser->state = PARSER_HUNT;
    parser->is_stale = true;
    parser->skip_lf = false;
}

void at_parser_expect_data(struct at_parser *parser)
{
    parser->state = PARSER_DATA;
    parser->is_stale = true;
}

bool at_parser_expects_data(const struct at_parser *parser)
{
    return parser->state == PARSER_DATA;
}

bool at_parser_in_line(const struct at_parser *parser)
{
    return parser->state == PARSER_BODY;
}

static void clear_text(struct at_parser *parser)
{
    if (parser->text.cap > PARSER_KEEP_BYTES)
        buf_deinit(&parser->text);
    else
        buf_clear(&parser->text);
    parser->excess = 0;
    parser->last = 0;
    parser->is_stale = false;
}

static void store(struct at_parser *parser, unsigned char byte)
{
    size_t max = parser->state == PARSER_DATA ? AT_DATA_MAX : AT_LINE_MAX;

    parser->last = byte;
    if (parser->text.len < max)
        buf_add_char(&parser->text, (char)byte);
    else if (parser->excess < SIZE_MAX)
        parser->excess++;
}

/* Take back the newest byte. Return: whether there was one. */
static bool unstore(struct at_parser *parser)
{
    struct buf *text = &parser->text;

    if (text->len == 0)
        return false;
    if (parser->excess > 0)
        parser->excess--;
    else
        text->data[--text->len] = '\0';
    parser->last = 0;
    if (parser->excess == 0 && text->len > 0)
        parser->last = (unsigned char)text->data[text->len - 1];
    return true;
}

static void echo_bytes(const struct at_parser *parser, struct buf *echo, const void *bytes,
                       size_t len)
{
    if (echo && parser->settings->echo)
        buf_add(echo, bytes, len);
}

static void report(struct at_parser *parser, enum at_event_type type, struct at_event *event_out)
{
    *event_out = (struct at_event){
        .type = type,
        .text = buf_text(&parser->text),
        .len = parser->text.len,
        .too_long = parser->excess > 0,
    };
    parser->state = PARSER_HUNT;
    parser->is_stale = true;
}

/* Return: whether the terminator completed an event; an empty line without prefix is nothing. */
static bool end_line(struct at_parser *parser, struct at_event *event_out)
{
    if (parser->state == PARSER_BODY) {
        report(parser, AT_EVENT_LINE, event_out);
        return true;
    }
    if (parser->text.len == 0)
        return false;
    report(parser, AT_EVENT_JUNK, event_out);
    return true;
}

/* V.250 6.2.3: the deleted character is overwritten by a space on the typist's screen. */
static void edit(struct at_parser *parser, unsigned char s5, struct buf *echo)
{
    const unsigned char rubout[] = {s5, ' ', s5};

    if (unstore(parser))
        echo_bytes(parser, echo, rubout, sizeof(rubout));
}

/* Look for the prefix. Return: whether A/ completed an event. */
static bool hunt(struct at_parser *parser, unsigned char byte, struct at_event *event_out)
{
    bool has_a = parser->last == 'A' || parser->last == 'a';

    if (has_a && (byte == 'T' || byte == 't')) {
        clear_text(parser);
        parser->state = PARSER_BODY;
        return false;
    }
    if (has_a && byte == '/') {
        clear_text(parser);
        report(parser, AT_EVENT_REPEAT, event_out);
        return true;
    }
    store(parser, byte);
    return false;
}

static bool take_data(struct at_parser *parser, unsigned char byte, struct at_event *event_out)
{
    if (byte != DATA_END && byte != DATA_CANCEL) {
        store(parser, byte);
        return false;
    }
    report(parser, AT_EVENT_DATA, event_out);
    event_out->cancelled = byte == DATA_CANCEL;
    return true;
}

/* The order of the checks is that of V.250 5.2.2: S3, then S5, then everything else. */
static bool take_command(struct at_parser *parser, unsigned char byte, struct at_event *event_out,
                         struct buf *echo)
{
    if (byte == parser->settings->s3) {
        echo_bytes(parser, echo, &byte, 1);
        if (parser->settings->echo_lf)
            echo_bytes(parser, echo, &parser->settings->s4, 1);
        parser->skip_lf = byte != '\n';
        return end_line(parser, event_out);
    }
    if (byte == parser->settings->s5) {
        edit(parser, byte, echo);
        return false;
    }
    echo_bytes(parser, echo, &byte, 1);
    if (byte < 0x20)
        return false;
    if (parser->state == PARSER_HUNT)
        return hunt(parser, byte, event_out);
    store(parser, byte);
    return false;
}

size_t at_parser_feed(struct at_parser *parser, const void *bytes, size_t len,
                      struct at_event *event_out, struct buf *echo)
{
    const unsigned char *byte = bytes;

    *event_out = (struct at_event){.type = AT_EVENT_NONE, .text = ""};
    if (len > 0 && parser->is_stale)
        clear_text(parser);
    for (size_t i = 0; i < len; i++) {
        bool skips = parser->skip_lf && byte[i] == '\n';
        bool is_complete;

        parser->skip_lf = false;
        if (skips)
            continue;
        if (parser->state == PARSER_DATA)
            is_complete = take_data(parser, byte[i], event_out);
        else
            is_complete = take_command(parser, byte[i], event_out, echo);
        if (is_complete)
            return i + 1;
    }
    return len;
}
