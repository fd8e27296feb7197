/*
 * The record of everything that happened. Append-only. Expectations, reports and golden tests read
 * it and nothing else, so that what a failure shows is what the verdict was made from.
 *
 * A record is addressed by its sequence number, which never changes. At TRACE_RECORD_MAX records or
 * TRACE_BYTES_MAX bytes the older half is dropped and counted; readers see trace_first() move.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf;
struct clock;

#define TRACE_RECORD_MAX   400000u
#define TRACE_BYTES_MAX    (64u << 20)
#define TRACE_LISTENER_MAX 4

/*
 * kind, its short name in JSON lines, its sign in transcripts.
 * RX and TX are bytes as they passed the port; CMD is one parsed command of a line ("AT+CSQ" for
 * each part of a ';' chain); URC is the text of one unsolicited result, which is in a TX too.
 * PROGRESS is how far something has come that takes its time: "download 4096/65536".
 */
#define TRACE_KINDS(X)             \
    X(RX, "rx", '>')               \
    X(TX, "tx", '<')               \
    X(CMD, "cmd", '#')             \
    X(URC, "urc", '!')             \
    X(UNHANDLED, "unhandled", '#') \
    X(POWER, "power", '#')         \
    X(STATE, "state", '#')         \
    X(NOTE, "note", '#')           \
    X(PROGRESS, "progress", '#')   \
    X(FAULT, "fault", '*')         \
    X(HTTP, "http", '#')           \
    X(CLOUD, "cloud", '#')         \
    X(HOST, "host", '#')           \
    X(STDOUT, "stdout", '|')       \
    X(STDERR, "stderr", '|')

enum trace_kind {
#define X(id, name, sign) TRACE_##id,
    TRACE_KINDS(X)
#undef X
        TRACE_KIND_COUNT
};

struct trace_record {
    uint64_t seq;
    uint64_t t_us;    /* modem time */
    uint64_t wall_us; /* wall time since the start */
    enum trace_kind kind;
    char *who;  /* "m0", "m0.uart2", "host", "http", "scenario"; lives in data's memory */
    char *data; /* NUL-terminated for convenience; may hold any byte */
    size_t len;
};

typedef void (*trace_listener_fn)(void *arg, const struct trace_record *record);

struct trace;

/* The clock is borrowed. */
struct trace *trace_new(const struct clock *clock);
void trace_free(struct trace *trace);

void trace_add(struct trace *trace, enum trace_kind kind, const char *who, const void *data,
               size_t len);
void trace_addf(struct trace *trace, enum trace_kind kind, const char *who, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * PROGRESS, where `what` goes from before to now of total (0 = nobody knows) and a step that is
 * worth a record lies between the two.
 */
void trace_add_progress(struct trace *trace, const char *who, const char *what, uint64_t before,
                        uint64_t now, uint64_t total);

/* Sequence number of the oldest record kept, and of the next to come. */
uint64_t trace_first(const struct trace *trace);
uint64_t trace_next(const struct trace *trace);
/* Return: the record, borrowed until the next trace_add; NULL when dropped or not there yet. */
const struct trace_record *trace_get(const struct trace *trace, uint64_t seq);

/* fn is called for each new record, from within trace_add: it may mark and wake, nothing else. */
void trace_listen(struct trace *trace, trace_listener_fn fn, void *arg);
void trace_unlisten(struct trace *trace, trace_listener_fn fn, void *arg);

const char *trace_kind_name(enum trace_kind kind);
char trace_kind_sign(enum trace_kind kind);
/* Return: 0 and the kind, or -ENOENT. */
int trace_kind_parse(const char *name, enum trace_kind *kind_out);

/*
 * Whether a record says something that its neighbours do not say already. A command stands in the
 * bytes that were received, and bytes that are nothing but URCs stand in the URCs' own records:
 * transcripts for people leave those out. Progress is for curves, not for lines of text.
 */
bool trace_is_news(const struct trace *trace, const struct trace_record *record);
/* "+00:44.980  >  AT+QFOTADL?\r", without line end: the one form for logs, reports and goldens. */
void trace_format(const struct trace_record *record, struct buf *out);
/* {"t":44980000,"w":912345,"p":"m0","k":"rx","d":"AT\r"}, without line end. */
void trace_format_json(const struct trace_record *record, struct buf *out);
/* Header line, one line a record, and an end mark. Return: 0 or -errno. */
int trace_write_jsonl(const struct trace *trace, const char *title, FILE *file);
int trace_write_transcript(const struct trace *trace, FILE *file);
