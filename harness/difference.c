/*
 * The course of a run, and where another run leaves it.
 *
 * A course has a line per command and URC: time, sort, speaker, text. Two runs are compared speaker
 * by speaker and sort by sort, and what is said several times in a row counts once, so that a poll
 * more or less is no difference. Numbers of ports on this machine are masked.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/trial_plan.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

#define COURSE_MAX      (16u << 20) /* bytes of a course's file */
#define COURSE_TEXT_MAX 160         /* bytes of one text that count */
#define SPEAKER_MAX     32          /* pairs of speaker and sort; further ones are not compared */

static const char local_host[] = "127.0.0.1:";

static void add_normal(struct buf *out, const struct trace_record *record)
{
    size_t len = record->len < COURSE_TEXT_MAX ? record->len : COURSE_TEXT_MAX;
    struct buf visible = {0};
    const char *text, *host;

    text_add_visible(&visible, record->data, len);
    text = buf_text(&visible);
    host = strstr(text, local_host);
    if (!host) {
        buf_add_text(out, text);
    } else {
        host += strlen(local_host);
        buf_add(out, text, (size_t)(host - text));
        while (isdigit((unsigned char)*host))
            host++;
        buf_printf(out, "PORT%s", host);
    }
    buf_deinit(&visible);
}

static bool counts(const struct trace_record *record)
{
    return record->kind == TRACE_CMD || record->kind == TRACE_URC;
}

int course_write(const struct trace *trace, const char *path)
{
    FILE *file = fopen(path, "we");
    struct buf line = {0};

    if (!file)
        return -errno;
    for (uint64_t seq = trace_first(trace); seq < trace_next(trace); seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        if (!counts(record))
            continue;
        buf_clear(&line);
        buf_printf(&line, "%llu\t%s %s\t", (unsigned long long)record->t_us,
                   trace_kind_name(record->kind), record->who);
        add_normal(&line, record);
        fprintf(file, "%s\n", line.data);
    }
    buf_deinit(&line);
    return fclose(file) < 0 ? -errno : 0;
}

/* ---- reading ---- */

/* One speaker's place in the file: a line is "TIME\tSPEAKER\tTEXT". */
struct cursor {
    char *speaker;
    const char *at; /* the line that is looked at next */
    char *last;     /* what the trial said last; repeating it is no difference */
};

struct reader {
    char *course; /* lines, their ends replaced by NUL */
    size_t len;
    struct cursor cursors[SPEAKER_MAX];
    size_t count;
};

static bool is_of(const char *line, const char *speaker, const char **text_out)
{
    const char *tab = strchr(line, '\t');
    size_t len = strlen(speaker);

    if (!tab || strncmp(tab + 1, speaker, len) != 0 || tab[1 + len] != '\t')
        return false;
    *text_out = tab + len + 2;
    return true;
}

/* The speaker's next line of the course that is no repetition. Return: its text, or NULL. */
static const char *next_text(const struct reader *reader, struct cursor *cursor)
{
    const char *end = reader->course + reader->len;

    while (cursor->at < end) {
        const char *line = cursor->at, *text;

        cursor->at += strlen(line) + 1;
        if (is_of(line, cursor->speaker, &text) &&
            !(cursor->last && strcmp(cursor->last, text) == 0))
            return text;
    }
    return NULL;
}

static struct cursor *cursor_of(struct reader *reader, const char *speaker)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (strcmp(reader->cursors[i].speaker, speaker) == 0)
            return &reader->cursors[i];
    }
    if (reader->count == SPEAKER_MAX)
        return NULL;
    reader->cursors[reader->count] = (struct cursor){
        .speaker = xstrdup(speaker),
        .at = reader->course,
    };
    return &reader->cursors[reader->count++];
}

static void tell(const struct trace_record *record, const char *text, const char *there,
                 struct buf *out)
{
    buf_add_char(out, '+');
    text_format_clock(out, record->t_us);
    buf_printf(out, " %s %s", record->who, text);
    if (there)
        buf_printf(out, "   (there: %s)", there);
    else
        buf_add_text(out, "   (there: nothing more)");
}

/* Return: whether the record leaves the course; then out tells how. */
static bool leaves(struct reader *reader, const struct trace_record *record, struct buf *out)
{
    char *speaker = xasprintf("%s %s", trace_kind_name(record->kind), record->who);
    struct cursor *cursor = cursor_of(reader, speaker);
    struct buf text = {0};
    bool differs = false;
    const char *there;

    add_normal(&text, record);
    if (cursor && !(cursor->last && strcmp(cursor->last, buf_text(&text)) == 0)) {
        there = next_text(reader, cursor);
        differs = !there || strcmp(there, buf_text(&text)) != 0;
        if (differs)
            tell(record, buf_text(&text), there, out);
        xstrset(&cursor->last, buf_text(&text));
    }
    buf_deinit(&text);
    free(speaker);
    return differs;
}

/* The trial went as the course did, but ended before it: what would have come first? */
static void tell_missing(struct reader *reader, struct buf *out)
{
    unsigned long long first_us = 0;
    const char *first = NULL;

    for (size_t i = 0; i < reader->count; i++) {
        const char *text = next_text(reader, &reader->cursors[i]), *line = text;
        unsigned long long t_us;

        if (!text)
            continue;
        while (line > reader->course && line[-1] != '\0')
            line--;
        t_us = strtoull(line, NULL, 10);
        if (!first || t_us < first_us) {
            first = text;
            first_us = t_us;
        }
    }
    if (!first)
        return;
    buf_printf(out, "nothing more   (there: %s at +", first);
    text_format_clock(out, first_us);
    buf_add_char(out, ')');
}

void course_difference(const struct trace *trace, const char *path, struct buf *out)
{
    struct buf course = {0};
    struct reader reader = {0};
    bool differs = false;

    if (text_read_file(path, COURSE_MAX, &course) < 0) {
        buf_deinit(&course);
        return;
    }
    for (size_t i = 0; i < course.len; i++) {
        if (course.data[i] == '\n')
            course.data[i] = '\0';
    }
    reader.course = course.data;
    reader.len = course.len;
    for (uint64_t seq = trace_first(trace); seq < trace_next(trace) && !differs; seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        differs = counts(record) && leaves(&reader, record, out);
    }
    if (!differs)
        tell_missing(&reader, out);
    for (size_t i = 0; i < reader.count; i++) {
        free(reader.cursors[i].speaker);
        free(reader.cursors[i].last);
    }
    buf_deinit(&course);
}
