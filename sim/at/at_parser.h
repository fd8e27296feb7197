/*
 * Bytes to events, after V.250 5.2: the prefix in either case, A/, line editing by S5, the
 * terminator S3. Knows no command. No I/O; the same events however the bytes are chunked.
 *
 *     while (len > 0) {
 *         size_t used = at_parser_feed(parser, bytes, len, &event, echo);
 *         bytes += used; len -= used;
 *         if (event.type != AT_EVENT_NONE) ... serve it before the rest is fed ...
 *     }
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sim/at/at_cmd.h"

enum at_event_type {
    AT_EVENT_NONE,   /* all bytes consumed, nothing complete yet */
    AT_EVENT_LINE,   /* a command line: text is what stood between "AT" and S3 */
    AT_EVENT_REPEAT, /* "A/", V.250 5.2.4: at once, without terminator */
    AT_EVENT_DATA,   /* data after at_parser_expect_data */
    AT_EVENT_JUNK,   /* a terminated line without AT prefix; text is what it was (bounded) */
};

struct at_event {
    enum at_event_type type;
    const char *text; /* borrowed until the next feed */
    size_t len;
    bool too_long;  /* LINE: over AT_LINE_MAX, text is its beginning. DATA: over AT_DATA_MAX */
    bool cancelled; /* DATA: ended by ESC */
};

struct at_parser; /* about 100 bytes and a buffer that grows to what was typed */

/* settings is borrowed and read at each byte (S3, S4, S5, E may change at any time). */
struct at_parser *at_parser_new(const struct at_settings *settings);
void at_parser_free(struct at_parser *parser);
/* Forget a half line, as at power-up. */
void at_parser_reset(struct at_parser *parser);

/*
 * Consume bytes up to and including the one that completes an event.
 * What the modem echoes for them (V.250 6.2.4) is appended to echo when E is on; a LF that follows
 * S3 is neither echoed nor part of the next line. echo may be NULL.
 * Return: number of bytes consumed, at least 1 when len > 0.
 */
size_t at_parser_feed(struct at_parser *parser, const void *bytes, size_t len,
                      struct at_event *event_out, struct buf *echo);

/* The next bytes are data up to Ctrl-Z (0x1A) or ESC (0x1B), 27.005 3.5.1; not echoed. */
void at_parser_expect_data(struct at_parser *parser);
bool at_parser_expects_data(const struct at_parser *parser);
/* Whether a command line is half typed. */
bool at_parser_in_line(const struct at_parser *parser);
