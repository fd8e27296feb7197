/* SPDX-License-Identifier: MIT */
#include "harness/index_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/names.h"
#include "harness/page.h"
#include "harness/report.h"
#include "harness/report_causes.h"
#include "harness/selection.h"
#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define PLAIN_CASES_MAX 2000 /* rows of the plain table; failures come first */
#define CAUSE_TEXT_MAX  20000u

/* Cases as columns: 100,000 of them take about a megabyte. */
struct columns {
    struct buf outcomes, wall, modem, causes, files, lines, titles, faults, pages, file_names,
        title_names;
    struct names file_set, title_set;
};

static void columns_deinit(struct columns *columns)
{
    struct buf *all[] = {&columns->outcomes,   &columns->wall,       &columns->modem,
                         &columns->causes,     &columns->files,      &columns->lines,
                         &columns->titles,     &columns->faults,     &columns->pages,
                         &columns->file_names, &columns->title_names};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_deinit(all[i]);
    names_deinit(&columns->file_set);
    names_deinit(&columns->title_set);
}

/* Neighbours mostly share file and title, so it is looked for from the end. */
static size_t index_of(struct names *set, struct buf *names, const char *text)
{
    for (size_t i = set->count; i > 0; i--) {
        if (strcmp(set->items[i - 1], text) == 0)
            return i - 1;
    }
    names_add(set, text);
    text_add_json(names, text, strlen(text));
    buf_add_char(names, ',');
    return set->count - 1;
}

static char letter_of(const struct trial_case *item)
{
    if (!item->is_done)
        return 'n';
    switch (item->result.verdict.outcome) {
    case OUTCOME_PASS:
        return 'p';
    case OUTCOME_FAIL:
        return 'f';
    case OUTCOME_INVALID:
        return 'i';
    case OUTCOME_ERROR:
        return 'e';
    case OUTCOME_HOST_START:
        return 'h';
    case OUTCOME_SKIP:
        return item->faults.count > 0 ? 'r' : 's'; /* a trial that was not reached */
    }
    return 'e';
}

static bool has_page(const struct report *report, const struct trial_case *item)
{
    char *path = xasprintf("%s/%s.html", report->target ? report->target : ".", item->slug);
    bool is_there = report->target && access(path, R_OK) == 0;

    free(path);
    return is_there;
}

static void add_case(struct columns *columns, const struct report *report,
                     const struct trial_case *item, const struct report_causes *causes,
                     size_t index)
{
    struct buf faults = {0};

    buf_add_char(&columns->outcomes, letter_of(item));
    buf_printf(&columns->wall, "%" PRIu64 ",", item->result.wall_us / 1000);
    buf_printf(&columns->modem, "%" PRIu64 ",", item->result.modem_us / 1000);
    buf_printf(&columns->causes, "%d,", report_causes_find(causes, item));
    buf_printf(&columns->files, "%zu,",
               index_of(&columns->file_set, &columns->file_names, item->path));
    buf_printf(&columns->lines, "%d,", item->line);
    buf_printf(&columns->titles, "%zu,",
               index_of(&columns->title_set, &columns->title_names, item->title));
    for (size_t i = 0; i < item->faults.count; i++)
        buf_printf(&faults, "%s%s", i ? "  " : "", item->faults.items[i]);
    text_add_json(&columns->faults, buf_text(&faults), faults.len);
    buf_add_char(&columns->faults, ',');
    if (has_page(report, item)) {
        buf_printf(&columns->pages, "\"%zu\":", index);
        text_add_json(&columns->pages, item->slug, strlen(item->slug));
        buf_add_char(&columns->pages, ',');
    }
    buf_deinit(&faults);
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

static void add_cases(struct buf *out, const struct report *report,
                      const struct report_causes *causes)
{
    struct columns columns = {0};

    for (size_t i = 0; i < report->selection->count; i++)
        add_case(&columns, report, &report->selection->cases[i], causes, i);
    buf_add_text(out, "\"cases\":{");
    add_column(out, "o", '"', &columns.outcomes, '"');
    add_column(out, "w", '[', &columns.wall, ']');
    add_column(out, "m", '[', &columns.modem, ']');
    add_column(out, "c", '[', &columns.causes, ']');
    add_column(out, "f", '[', &columns.files, ']');
    add_column(out, "l", '[', &columns.lines, ']');
    add_column(out, "n", '[', &columns.titles, ']');
    add_column(out, "x", '[', &columns.faults, ']');
    add_column(out, "p", '{', &columns.pages, '}');
    add_column(out, "files", '[', &columns.file_names, ']');
    add_column(out, "titles", '[', &columns.title_names, ']');
    page_close(out, '}');
    buf_add_char(out, ',');
    columns_deinit(&columns);
}

static void add_causes(struct buf *out, const struct report *report,
                       const struct report_causes *causes)
{
    buf_add_text(out, "\"causes\":[");
    for (size_t i = 0; i < causes->count; i++) {
        const struct report_cause *cause = &causes->items[i];
        struct buf text = {0};

        failure_text(report, cause->first, 0, &text);
        buf_add_char(out, '{');
        page_add_text(out, "message", cause->first->result.verdict.message);
        page_add_number(out, "count", cause->count);
        page_add_number(out, "first", (uint64_t)(cause->first - report->selection->cases));
        page_add_text(out, "again", cause->first->again);
        buf_add_text(out, "\"text\":");
        text_add_json(out, buf_text(&text), visible_cut(buf_text(&text), text.len, CAUSE_TEXT_MAX));
        buf_add_text(out, "},");
        buf_deinit(&text);
    }
    page_close(out, ']');
    buf_add_char(out, ',');
}

static void add_data(struct buf *out, const struct report *report,
                     const struct run_summary *summary, const struct report_causes *causes)
{
    buf_add_text(out, "{\"v\":1,\"version\":\"" HAYESWIRE_VERSION "\",");
    page_add_number(out, "wall_us", summary->wall_us);
    page_add_number(out, "interrupted", (uint64_t)summary->interrupted_by);
    add_cases(out, report, causes);
    add_causes(out, report, causes);
    page_close(out, '}');
}

/* ---- the plain part ---- */

static void add_markup(struct buf *out, const char *text)
{
    visible_add(out, VISIBLE_MARKUP, text, strlen(text));
}

static void add_row(struct buf *out, const struct report *report, const struct trial_case *item)
{
    struct buf place = {0};

    report_place(item, &place);
    buf_add_text(out, "<tr><td>");
    add_markup(out, item->is_done ? outcome_name(item->result.verdict.outcome) : "not run");
    buf_add_text(out, "</td><td>");
    if (has_page(report, item)) {
        buf_add_text(out, "<a href=\"");
        add_markup(out, item->slug);
        buf_add_text(out, ".html\">");
        add_markup(out, item->title);
        buf_add_text(out, "</a>");
    } else {
        add_markup(out, item->title);
    }
    for (size_t i = 0; i < item->faults.count; i++) {
        buf_add_char(out, ' ');
        add_markup(out, item->faults.items[i]);
    }
    buf_add_text(out, "</td><td>");
    add_markup(out, place.data);
    buf_add_text(out, "</td></tr>\n");
    buf_deinit(&place);
}

static void add_plain(struct buf *out, const struct report *report,
                      const struct run_summary *summary)
{
    const struct selection *selection = report->selection;
    size_t shown = 0;

    buf_printf(out,
               "<h1>Hayeswire</h1>\n<p>%zu passed, %zu failed, %zu skipped, %zu not run, %zu "
               "otherwise</p>\n<table>\n",
               summary->passed, summary->failed, summary->skipped, summary->not_run,
               summary->invalid + summary->errors + summary->no_host);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < selection->count && shown < PLAIN_CASES_MAX; i++) {
            const struct trial_case *item = &selection->cases[i];

            if ((item->is_done && !report_is_good(item)) != (pass == 0))
                continue;
            add_row(out, report, item);
            shown++;
        }
    }
    buf_add_text(out, "</table>\n");
    if (shown < selection->count)
        buf_printf(out, "<p>and %zu more</p>\n", selection->count - shown);
}

void index_page_write(const struct report *report, const struct run_summary *summary, FILE *file)
{
    struct report_causes causes;
    struct buf plain = {0}, data = {0};
    struct page page = {&page_index, "Hayeswire", &plain, &data};

    report_causes_make(report->selection, &causes);
    add_plain(&plain, report, summary);
    add_data(&data, report, summary, &causes);
    page_write(&page, NULL, file);
    report_causes_deinit(&causes);
    buf_deinit(&plain);
    buf_deinit(&data);
}
