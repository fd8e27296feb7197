/* SPDX-License-Identifier: MIT */
#include "harness/case_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/page.h"
#include "harness/recording.h"
#include "harness/report.h"
#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define PLAIN_MAX   100000u /* bytes of the plain transcript */
#define SOURCE_MAX  (256u << 10)
#define BYTES_MAX   4096u /* of one event */
#define SPEAKER_MAX 64
#define KEEP_HEAD   2000u  /* events kept of a trace that is too long: the first ones, */
#define KEEP_AROUND 250u   /* those before and behind each fault and step, */
#define KEEP_TAIL   20000u /* and the last ones */

/* ---- the events, as columns: that packs best ---- */

struct columns {
    struct buf t, w, kinds, speakers, texts, sizes, gaps, names;
    const char *who[SPEAKER_MAX];
    size_t who_count, count;
    uint64_t last_t, last_w;
};

static void columns_deinit(struct columns *columns)
{
    struct buf *all[] = {&columns->t,     &columns->w,     &columns->kinds, &columns->speakers,
                         &columns->texts, &columns->sizes, &columns->gaps,  &columns->names};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_deinit(all[i]);
}

static size_t speaker_of(struct columns *columns, const char *who)
{
    size_t i = 0;

    while (i < columns->who_count && strcmp(columns->who[i], who) != 0)
        i++;
    if (i == columns->who_count && i < SPEAKER_MAX) {
        columns->who[columns->who_count++] = who;
        text_add_json(&columns->names, who, strlen(who));
        buf_add_char(&columns->names, ',');
    }
    return i < SPEAKER_MAX ? i : SPEAKER_MAX - 1;
}

static void add_event(struct columns *columns, const struct trace_record *record, size_t left_out)
{
    size_t len = record->len < BYTES_MAX ? record->len : BYTES_MAX;

    buf_printf(&columns->t, "%" PRId64 ",", (int64_t)(record->t_us - columns->last_t));
    buf_printf(&columns->w, "%" PRId64 ",", (int64_t)(record->wall_us - columns->last_w));
    columns->last_t = record->t_us;
    columns->last_w = record->wall_us;
    buf_add_char(&columns->kinds, (char)('a' + record->kind));
    buf_printf(&columns->speakers, "%zu,", speaker_of(columns, record->who));
    text_add_json(&columns->texts, record->data, len);
    buf_add_char(&columns->texts, ',');
    if (len < record->len)
        buf_printf(&columns->sizes, "\"%zu\":%zu,", columns->count, record->len);
    if (left_out > 0)
        buf_printf(&columns->gaps, "\"%zu\":%zu,", columns->count, left_out);
    columns->count++;
}

static void add_column(struct buf *out, const char *key, char open, struct buf *column, char end)
{
    buf_printf(out, "\"%s\":%c", key, open);
    buf_add(out, buf_text(column), column->len);
    if (column->len > 0 && end != '"')
        page_close(out, end);
    else
        buf_add_char(out, end);
    buf_add_char(out, ',');
}

/* kept: which ones; NULL = all. */
static void add_events(struct buf *out, const struct recording *recording, const bool *kept)
{
    struct columns columns = {0};
    size_t left_out = 0;

    for (size_t i = 0; recording && i < recording->count; i++) {
        if (kept && !kept[i]) {
            left_out++;
            continue;
        }
        add_event(&columns, &recording->records[i], left_out);
        left_out = 0;
    }
    buf_add_char(out, '{');
    add_column(out, "t", '[', &columns.t, ']');
    add_column(out, "w", '[', &columns.w, ']');
    add_column(out, "k", '"', &columns.kinds, '"');
    add_column(out, "p", '[', &columns.speakers, ']');
    add_column(out, "d", '[', &columns.texts, ']');
    add_column(out, "x", '{', &columns.sizes, '}');
    add_column(out, "g", '{', &columns.gaps, '}');
    add_column(out, "who", '[', &columns.names, ']');
    page_close(out, '}');
    columns_deinit(&columns);
}

/* What stays of a trace that is too long for a page. */
static bool *choose_events(const struct recording *recording)
{
    bool *kept = xcalloc(recording->count + 1, sizeof(*kept));

    for (size_t i = 0; i < recording->count; i++) {
        enum trace_kind kind = recording->records[i].kind;

        if (i < KEEP_HEAD || i + KEEP_TAIL >= recording->count)
            kept[i] = true;
        if (kind == TRACE_FAULT || kind == TRACE_STATE || kind == TRACE_POWER) {
            size_t from = i > KEEP_AROUND ? i - KEEP_AROUND : 0;

            for (size_t j = from; j < recording->count && j < i + KEEP_AROUND; j++)
                kept[j] = true;
        }
    }
    return kept;
}

/* ---- what else the viewer shows ---- */

static void add_rows(struct buf *out, const struct verdict *verdict)
{
    buf_add_text(out, "\"rows\":[");
    for (size_t i = 0; i < verdict->row_count; i++) {
        buf_add_char(out, '[');
        text_add_json(out, verdict->rows[i].label, strlen(verdict->rows[i].label));
        buf_add_char(out, ',');
        text_add_json(out, verdict->rows[i].text, strlen(verdict->rows[i].text));
        buf_add_text(out, "],");
    }
    page_close(out, ']');
    buf_add_char(out, ',');
}

static void add_notes(struct buf *out, const struct names *notes)
{
    buf_add_text(out, "\"notes\":[");
    for (size_t i = 0; i < notes->count; i++) {
        text_add_json(out, notes->items[i], strlen(notes->items[i]));
        buf_add_char(out, ',');
    }
    page_close(out, ']');
    buf_add_char(out, ',');
}

/* The file that waited, which may be a helper of the scenario's. A trace by itself has none. */
static void add_source(struct buf *out, const struct trial_case *item)
{
    const struct verdict *verdict = &item->result.verdict;
    const char *path = verdict->file ? verdict->file : item->path;
    struct buf source = {0};

    if (!item->is_done || text_read_file(path, SOURCE_MAX, &source) < 0) {
        buf_add_text(out, "\"source\":null,");
    } else {
        buf_add_text(out, "\"source\":{");
        page_add_text(out, "file", path);
        page_add_number(out, "line", (uint64_t)(verdict->file ? verdict->line : item->line));
        buf_add_text(out, "\"text\":");
        text_add_json(out, buf_text(&source), source.len);
        buf_add_text(out, "},");
    }
    buf_deinit(&source);
}

static void add_kinds(struct buf *out)
{
    buf_add_text(out, "\"kinds\":[");
    for (int kind = 0; kind < TRACE_KIND_COUNT; kind++)
        buf_printf(out, "\"%s\",", trace_kind_name((enum trace_kind)kind));
    page_close(out, ']');
    buf_add_char(out, ',');
}

/* A trace by itself has none. */
static const char *result_word(const struct trial_case *item)
{
    return item->is_done ? outcome_name(item->result.verdict.outcome) : "trace";
}

static void add_data(struct buf *out, const struct trial_case *item,
                     const struct recording *recording, const struct recording *reference,
                     const bool *kept)
{
    const struct verdict *verdict = &item->result.verdict;

    buf_add_text(out, "{\"v\":1,\"version\":\"" HAYESWIRE_VERSION "\",");
    page_add_text(out, "title", item->title);
    page_add_text(out, "file", item->path);
    page_add_number(out, "line", (uint64_t)item->line);
    page_add_text(out, "outcome", result_word(item));
    page_add_text(out, "message", verdict->message);
    page_add_text(out, "at_file", verdict->file);
    page_add_number(out, "at_line", (uint64_t)verdict->line);
    page_add_number(out, "seed", item->seed);
    page_add_number(out, "wall_us", item->result.wall_us);
    page_add_number(out, "modem_us", item->result.modem_us);
    page_add_text(out, "again", item->again);
    page_add_number(out, "dropped", recording ? recording->dropped : 0);
    add_rows(out, verdict);
    add_notes(out, &item->result.notes);
    add_source(out, item);
    add_kinds(out);
    buf_add_text(out, "\"events\":");
    add_events(out, recording, kept);
    buf_add_text(out, ",\"reference\":");
    if (reference)
        add_events(out, reference, NULL);
    else
        buf_add_text(out, "null");
    buf_add_char(out, '}');
}

/* ---- the plain part ---- */

static void add_markup(struct buf *out, const char *text)
{
    visible_add(out, VISIBLE_MARKUP, text, strlen(text));
}

static void add_plain(struct buf *out, const struct report *report, const struct trial_case *item,
                      const struct recording *recording)
{
    struct buf text = {0};

    buf_add_text(out, "<h1>");
    add_markup(out, result_word(item));
    buf_add_text(out, " · ");
    add_markup(out, item->title);
    buf_add_text(out, "</h1>\n<p>");
    report_place(item, &text);
    add_markup(out, text.data);
    buf_printf(out, " · seed %" PRIu64 "</p>\n", item->seed);
    buf_clear(&text);
    failure_text(report, item, 0, &text);
    buf_add_text(out, "<pre>");
    add_markup(out, buf_text(&text));
    buf_add_text(out, "</pre>\n");
    if (recording) {
        buf_clear(&text);
        recording_transcript(recording, PLAIN_MAX, &text);
        buf_add_text(out, "<details open><summary>Transcript: &gt; host to modem, &lt; modem to "
                          "host, ! URC, * fault, # simulator, | output of the host</summary>\n"
                          "<pre>");
        visible_add(out, VISIBLE_MARKUP, buf_text(&text), text.len);
        buf_add_text(out, "</pre></details>\n");
    }
    buf_deinit(&text);
}

void case_page_write(const struct report *report, const struct trial_case *item,
                     const struct recording *recording, const struct recording *reference,
                     FILE *file)
{
    struct buf plain = {0}, data = {0}, packed = {0};
    struct page page = {&page_viewer, item->title, &plain, &data};
    bool *kept;

    add_plain(&plain, report, item, recording);
    add_data(&data, item, recording, reference, NULL);
    page_pack(&data, &packed);
    if (packed.len > PAGE_DATA_MAX && recording) {
        kept = choose_events(recording);
        buf_clear(&data);
        buf_clear(&packed);
        add_data(&data, item, recording, reference, kept);
        page_pack(&data, &packed);
        free(kept);
    }
    page_write(&page, &packed, file);
    buf_deinit(&plain);
    buf_deinit(&data);
    buf_deinit(&packed);
}

void case_page_write_kept(struct report *report, const struct trial_case *item)
{
    struct recording own, own_reference;
    const struct recording *recording = report_recording(report, item, &own);
    const struct recording *reference = report_reference(report, item, &own_reference);
    char *path = xasprintf("%s/report.html", item->dir);
    FILE *file = fopen(path, "we");

    if (file) {
        case_page_write(report, item, recording, reference, file);
        report_close_case(report, file, path);
    } else {
        report_fail(report, path, -errno);
        free(path);
    }
    recording_deinit(&own);
    recording_deinit(&own_reference);
}
