/*
 * GitHub's Actions: annotations as workflow commands, and a summary in Markdown. Only ten
 * annotations of a step are shown, so the ten most different causes have one each; a summary above
 * one mebibyte is thrown away whole, so it is cut before.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report.h"
#include "harness/report_causes.h"
#include "harness/selection.h"
#include "harness/visible.h"
#include "sim/base/buf.h"

#define ANNOTATION_MAX 10
#define SUMMARY_MAX    1000000u /* bytes; the limit is 1024 k */
#define DETAIL_MAX     60000u   /* bytes of one failure's text in the summary */
#define ENDING_MAX     100u     /* bytes of the sentence about what was left out */

/* Values of properties need ':' and ',' escaped besides. */
static void add_escaped(struct buf *out, const char *text, bool is_property)
{
    struct buf visible = {0};

    visible_add(&visible, VISIBLE_TEXT, text, strlen(text));
    for (const char *p = buf_text(&visible); *p; p++) {
        if (*p == '%' || *p == '\r' || *p == '\n' || (is_property && (*p == ':' || *p == ',')))
            buf_printf(out, "%%%02X", (unsigned char)*p);
        else
            buf_add_char(out, *p);
    }
    buf_deinit(&visible);
}

static void annotate(const struct report *report, const struct report_cause *cause)
{
    const struct trial_case *item = cause->first;
    const struct verdict *verdict = &item->result.verdict;
    bool waited = verdict->file && verdict->line > 0;
    struct buf text = {0}, title = {0};

    buf_add_text(&text, "::error file=");
    add_escaped(&text, waited ? verdict->file : item->path, true);
    buf_printf(&text, ",line=%d,title=", waited ? verdict->line : item->line > 0 ? item->line : 1);
    report_title(item, &title);
    add_escaped(&text, title.data, true);
    buf_deinit(&title);
    buf_add_text(&text, "::");
    add_escaped(&text, verdict->message ? verdict->message : outcome_name(verdict->outcome), false);
    if (cause->count > 1)
        buf_printf(&text, "%%0Aand %zu more, same cause", cause->count - 1);
    if (item->again) {
        buf_add_text(&text, "%0Aagain: ");
        add_escaped(&text, item->again, false);
    }
    fprintf(report->out, "%s\n", text.data);
    buf_deinit(&text);
}

static void annotate_all(const struct report *report, const struct report_causes *causes)
{
    size_t left_out = 0;

    for (size_t i = 0; i < causes->count; i++) {
        if (i < ANNOTATION_MAX)
            annotate(report, &causes->items[i]);
        else
            left_out += causes->items[i].count;
    }
    if (left_out > 0)
        fprintf(report->out, "::notice title=hayeswire::%zu more failures, of %zu other causes\n",
                left_out, causes->count - ANNOTATION_MAX);
    fflush(report->out);
}

/* ---- the summary ---- */

/* A cell may hold no pipe and no markup of its own. */
static void add_cell(struct buf *out, const char *text)
{
    struct buf visible = {0};

    visible_add(&visible, VISIBLE_LINE, text, strlen(text));
    for (const char *p = buf_text(&visible); *p; p++) {
        if (strchr("|\\`*_<>[]#&", *p))
            buf_printf(out, "&#%d;", *p);
        else
            buf_add_char(out, *p);
    }
    buf_deinit(&visible);
}

static void add_cause(const struct report *report, const struct report_cause *cause,
                      struct buf *out)
{
    const struct trial_case *item = cause->first;
    struct buf place = {0}, text = {0};

    report_place(item, &place);
    failure_text(report, item, 0, &text);
    buf_add_text(out, "<details><summary>");
    add_cell(out, outcome_name(item->result.verdict.outcome));
    buf_add_text(out, " ");
    add_cell(out, place.data);
    buf_add_text(out, " ");
    add_cell(out, item->title);
    if (cause->count > 1)
        buf_printf(out, " (%zu times)", cause->count);
    buf_add_text(out, "</summary>\n\n<pre>");
    visible_add(out, VISIBLE_MARKUP, buf_text(&text),
                visible_cut(buf_text(&text), text.len, DETAIL_MAX));
    buf_add_text(out, "</pre>\n</details>\n\n");
    buf_deinit(&place);
    buf_deinit(&text);
}

static void add_summary(const struct report *report, const struct run_summary *summary,
                        const struct report_causes *causes, size_t room, struct buf *out)
{
    size_t bad = summary->errors + summary->invalid + summary->no_host;

    buf_printf(out,
               "### Hayeswire\n\n| passed | failed | skipped | broken | not run | seconds |\n"
               "|--:|--:|--:|--:|--:|--:|\n| %zu | %zu | %zu | %zu | %zu | %.1f |\n\n",
               summary->passed, summary->failed, summary->skipped, bad, summary->not_run,
               (double)summary->wall_us / 1e6);
    for (size_t i = 0; i < causes->count; i++) {
        struct buf part = {0};

        add_cause(report, &causes->items[i], &part);
        if (out->len + part.len + ENDING_MAX > room) {
            buf_printf(out, "%zu more causes are left out here.\n", causes->count - i);
            i = causes->count;
        } else {
            buf_add(out, part.data, part.len);
        }
        buf_deinit(&part);
    }
}

static void write_summary(struct report *report, const struct run_summary *summary,
                          const struct report_causes *causes)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    FILE *file = path && *path ? fopen(path, "ae") : NULL;
    struct buf text = {0};
    long before;

    if (!path || !*path)
        return;
    if (!file) {
        report_fail(report, path, -errno);
        return;
    }
    /* Other commands of the step may have written to it. */
    before = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    if (before >= 0 && (size_t)before < SUMMARY_MAX / 2) {
        add_summary(report, summary, causes, SUMMARY_MAX - (size_t)before, &text);
        fwrite(text.data, 1, text.len, file);
    }
    if (fclose(file) != 0)
        report_fail(report, path, -EIO);
    buf_deinit(&text);
}

static void end(struct report *report, const struct run_summary *summary)
{
    struct report_causes causes;

    report_causes_make(report->selection, &causes);
    report_causes_spread(&causes, ANNOTATION_MAX);
    annotate_all(report, &causes);
    write_summary(report, summary, &causes);
    report_causes_deinit(&causes);
}

const struct reporter reporter_github = {
    .name = "github",
    .target = REPORT_TO_TALK,
    .end = end,
};
