/* SPDX-License-Identifier: MIT */
#include "sim/base/trace.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define SMALL_TEXT 256 /* formatted without a buffer on the heap, as nearly all are */

struct listener {
    trace_listener_fn fn;
    void *arg;
};

struct trace {
    const struct clock *clock;
    struct trace_record *records; /* records[i] has sequence number first + i */
    size_t count, cap;
    uint64_t first;
    size_t bytes;
    struct listener listeners[TRACE_LISTENER_MAX];
    size_t listener_count;
};

static const char *const kind_names[] = {
#define X(id, name, sign) name,
    TRACE_KINDS(X)
#undef X
};

static const char kind_signs[] = {
#define X(id, name, sign) sign,
    TRACE_KINDS(X)
#undef X
};

static_assert(ARRAY_LEN(kind_names) == TRACE_KIND_COUNT, "a name per kind");

struct trace *trace_new(const struct clock *clock)
{
    struct trace *trace = xcalloc(1, sizeof(*trace));

    trace->clock = clock;
    return trace;
}

static void drop(struct trace *trace, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        trace->bytes -= trace->records[i].len;
        free(trace->records[i].data);
    }
    trace->count -= count;
    trace->first += count;
    if (trace->count > 0)
        memmove(trace->records, trace->records + count, trace->count * sizeof(struct trace_record));
}

void trace_free(struct trace *trace)
{
    if (!trace)
        return;
    drop(trace, trace->count);
    free(trace->records);
    free(trace);
}

static void make_room(struct trace *trace, size_t len)
{
    if (trace->count >= TRACE_RECORD_MAX || trace->bytes + len > TRACE_BYTES_MAX)
        drop(trace, trace->count / 2);
    if (trace->count < trace->cap)
        return;
    trace->cap = trace->cap ? trace->cap * 2 : 64;
    trace->records = xrealloc(trace->records, trace->cap * sizeof(struct trace_record));
}

void trace_add(struct trace *trace, enum trace_kind kind, const char *who, const void *data,
               size_t len)
{
    struct trace_record *record;
    size_t who_size = strlen(who) + 1;
    char *text = xmalloc(len + 1 + who_size); /* data and its NUL, then who */

    assert(kind < TRACE_KIND_COUNT && who);
    if (len)
        memcpy(text, data, len);
    text[len] = '\0';
    memcpy(text + len + 1, who, who_size);
    make_room(trace, len);
    record = &trace->records[trace->count];
    *record = (struct trace_record){
        .seq = trace->first + trace->count,
        .t_us = clock_now_us(trace->clock),
        .wall_us = clock_wall_us(trace->clock),
        .kind = kind,
        .who = text + len + 1,
        .data = text,
        .len = len,
    };
    trace->count++;
    trace->bytes += len;
    for (size_t i = 0; i < trace->listener_count; i++)
        trace->listeners[i].fn(trace->listeners[i].arg, record);
}

void trace_addf(struct trace *trace, enum trace_kind kind, const char *who, const char *format, ...)
{
    char small[SMALL_TEXT];
    struct buf text = {0};
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    assert(len >= 0);
    if ((size_t)len < sizeof(small)) {
        trace_add(trace, kind, who, small, (size_t)len);
        return;
    }
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    trace_add(trace, kind, who, buf_text(&text), text.len);
    buf_deinit(&text);
}

uint64_t trace_first(const struct trace *trace)
{
    return trace->first;
}

uint64_t trace_next(const struct trace *trace)
{
    return trace->first + trace->count;
}

const struct trace_record *trace_get(const struct trace *trace, uint64_t seq)
{
    if (seq < trace->first || seq >= trace->first + trace->count)
        return NULL;
    return &trace->records[seq - trace->first];
}

void trace_listen(struct trace *trace, trace_listener_fn fn, void *arg)
{
    assert(trace->listener_count < TRACE_LISTENER_MAX);
    trace->listeners[trace->listener_count++] = (struct listener){fn, arg};
}

void trace_unlisten(struct trace *trace, trace_listener_fn fn, void *arg)
{
    for (size_t i = 0; i < trace->listener_count; i++) {
        if (trace->listeners[i].fn == fn && trace->listeners[i].arg == arg) {
            trace->listeners[i] = trace->listeners[--trace->listener_count];
            return;
        }
    }
}

/* As many steps as a curve needs, however small the chunks. */
#define PROGRESS_STEPS      50
#define PROGRESS_STEP_BYTES 4096 /* where nobody knows the total */

static uint64_t progress_step(uint64_t done, uint64_t total)
{
    return total > 0 ? done * PROGRESS_STEPS / total : done / PROGRESS_STEP_BYTES;
}

void trace_add_progress(struct trace *trace, const char *who, const char *what, uint64_t before,
                        uint64_t now, uint64_t total)
{
    if (before > 0 && progress_step(before, total) == progress_step(now, total))
        return;
    if (total > 0)
        trace_addf(trace, TRACE_PROGRESS, who, "%s %" PRIu64 "/%" PRIu64, what, now, total);
    else
        trace_addf(trace, TRACE_PROGRESS, who, "%s %" PRIu64, what, now);
}

const char *trace_kind_name(enum trace_kind kind)
{
    return kind_names[kind];
}

char trace_kind_sign(enum trace_kind kind)
{
    return kind_signs[kind];
}

int trace_kind_parse(const char *name, enum trace_kind *kind_out)
{
    for (size_t i = 0; i < TRACE_KIND_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *kind_out = (enum trace_kind)i;
            return 0;
        }
    }
    return -ENOENT;
}

static size_t without_line_end(const char *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    return len;
}

/* Whether the bytes sent are the URCs recorded right before, in their frames, and nothing else. */
static bool says_only_urcs(const struct trace *trace, const struct trace_record *sent)
{
    size_t len = without_line_end(sent->data, sent->len);
    const struct trace_record *urc = trace_get(trace, sent->seq - 1);

    while (len > 0 && urc && urc->kind == TRACE_URC && strcmp(urc->who, sent->who) == 0 &&
           len >= urc->len && memcmp(sent->data + len - urc->len, urc->data, urc->len) == 0) {
        len = without_line_end(sent->data, len - urc->len);
        urc = urc->seq > trace->first ? trace_get(trace, urc->seq - 1) : NULL;
    }
    return len == 0 && sent->len > 0;
}

bool trace_is_news(const struct trace *trace, const struct trace_record *record)
{
    if (record->kind == TRACE_CMD || record->kind == TRACE_PROGRESS)
        return false;
    return record->kind != TRACE_TX || !says_only_urcs(trace, record);
}

void trace_format(const struct trace_record *record, struct buf *out)
{
    buf_add_char(out, '+');
    text_format_clock(out, record->t_us);
    buf_printf(out, "  %c  ", kind_signs[record->kind]);
    if (kind_signs[record->kind] == '#')
        buf_printf(out, "%s %s: ", record->who, kind_names[record->kind]);
    text_add_visible(out, record->data, record->len);
}

void trace_format_json(const struct trace_record *record, struct buf *out)
{
    buf_printf(out, "{\"t\":%" PRIu64 ",\"w\":%" PRIu64 ",\"p\":", record->t_us, record->wall_us);
    text_add_json(out, record->who, strlen(record->who));
    buf_printf(out, ",\"k\":\"%s\",\"d\":", kind_names[record->kind]);
    text_add_json(out, record->data, record->len);
    buf_add_char(out, '}');
}

typedef void (*format_fn)(const struct trace_record *record, struct buf *out);

static void write_records(const struct trace *trace, format_fn format, bool only_news, FILE *file)
{
    struct buf line = {0};

    for (size_t i = 0; i < trace->count; i++) {
        if (only_news && !trace_is_news(trace, &trace->records[i]))
            continue;
        buf_clear(&line);
        format(&trace->records[i], &line);
        buf_add_char(&line, '\n');
        fwrite(line.data, 1, line.len, file);
    }
    buf_deinit(&line);
}

static int finish(FILE *file)
{
    if (fflush(file) != 0 || ferror(file))
        return errno ? -errno : -EIO;
    return 0;
}

int trace_write_jsonl(const struct trace *trace, const char *title, FILE *file)
{
    struct buf name = {0};

    text_add_json(&name, title, strlen(title));
    fprintf(file, "{\"v\":1,\"k\":\"header\",\"title\":%s,\"dropped\":%" PRIu64 "}\n", name.data,
            trace->first);
    write_records(trace, trace_format_json, false, file);
    fprintf(file, "{\"k\":\"end\",\"records\":%zu}\n", trace->count);
    buf_deinit(&name);
    return finish(file);
}

int trace_write_transcript(const struct trace *trace, FILE *file)
{
    if (trace->first > 0)
        fprintf(file, "(%" PRIu64 " older records dropped)\n", trace->first);
    write_records(trace, trace_format, true, file);
    return finish(file);
}
