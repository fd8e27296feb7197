/*
 * JUnit XML, for which there is no standard, only readers. Some ignore the attributes of a failure,
 * so its body says everything that a person needs; control bytes are pictures, for XML 1.0 knows no
 * way to write them.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <string.h>

#include "harness/recording.h"
#include "harness/report.h"
#include "harness/selection.h"
#include "harness/visible.h"
#include "sim/base/buf.h"

#define CASE_MAX 65536u /* bytes of one case's text; readers choke on more */

struct totals {
    size_t tests, failures, errors, skipped;
    uint64_t wall_us;
};

static void add_attribute(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, " %s=\"", name);
    visible_add(out, VISIBLE_MARKUP, text, strlen(text));
    buf_add_char(out, '"');
}

static void count(struct totals *totals, const struct trial_case *item)
{
    totals->tests++;
    totals->wall_us += item->result.wall_us;
    if (!item->is_done || item->result.verdict.outcome == OUTCOME_SKIP)
        totals->skipped++;
    else if (item->result.verdict.outcome == OUTCOME_FAIL)
        totals->failures++;
    else if (item->result.verdict.outcome != OUTCOME_PASS)
        totals->errors++;
}

static void add_totals(struct buf *out, const struct totals *totals)
{
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\"",
               totals->tests, totals->failures, totals->errors, totals->skipped,
               (double)totals->wall_us / 1e6);
}

/* The same text as on the terminal, and as much of the transcript as is left. */
static void add_failure_text(const struct report *report, const struct trial_case *item,
                             struct buf *out)
{
    struct recording own;
    const struct recording *recording = report_recording(report, item, &own);
    struct buf text = {0};
    size_t len;

    failure_text(report, item, 0, &text);
    len = visible_cut(buf_text(&text), text.len, CASE_MAX / 2);
    visible_add(out, VISIBLE_MARKUP, buf_text(&text), len);
    buf_deinit(&text);
    if (recording) {
        recording_transcript(recording, CASE_MAX - len, &text);
        buf_add_text(out, "\ntranscript\n");
        visible_add(out, VISIBLE_MARKUP, buf_text(&text), text.len);
        buf_deinit(&text);
    }
    recording_deinit(&own);
}

static void add_problem(const struct report *report, const struct trial_case *item, struct buf *out)
{
    const struct verdict *verdict = &item->result.verdict;
    const char *element = verdict->outcome == OUTCOME_FAIL ? "failure" : "error";

    buf_printf(out, "      <%s", element);
    add_attribute(out, "type", outcome_name(verdict->outcome));
    add_attribute(out, "message", verdict->message ? verdict->message : "");
    buf_add_char(out, '>');
    add_failure_text(report, item, out);
    buf_printf(out, "</%s>\n", element);
}

static void add_skip(const struct trial_case *item, struct buf *out)
{
    const char *reason = item->is_done ? item->result.verdict.message
                                       : "not run: the run was stopped before";

    buf_add_text(out, "      <skipped");
    add_attribute(out, "message", reason ? reason : "");
    buf_add_text(out, "/>\n");
}

/* Attachments are a convention of several readers: a line of its own for each file. */
static void add_output(const struct trial_case *item, struct buf *out)
{
    static const char *const files[] = {"report.html", "trace.jsonl"};
    const struct names *notes = &item->result.notes;

    if (notes->count == 0 && !item->is_kept)
        return;
    buf_add_text(out, "      <system-out>");
    for (size_t i = 0; i < notes->count; i++) {
        visible_add(out, VISIBLE_MARKUP, notes->items[i], strlen(notes->items[i]));
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; item->is_kept && item->dir && i < sizeof(files) / sizeof(files[0]); i++) {
        buf_add_text(out, "[[ATTACHMENT|");
        visible_add(out, VISIBLE_MARKUP, item->dir, strlen(item->dir));
        buf_printf(out, "/%s]]\n", files[i]);
    }
    buf_add_text(out, "</system-out>\n");
}

static void add_case(const struct report *report, const struct trial_case *item, struct buf *out)
{
    enum outcome outcome = item->result.verdict.outcome;
    struct buf title = {0};

    report_title(item, &title);
    buf_add_text(out, "    <testcase");
    add_attribute(out, "name", title.data);
    add_attribute(out, "classname", item->path);
    add_attribute(out, "file", item->path);
    buf_printf(out, " line=\"%d\" time=\"%.6f\">\n", item->line,
               (double)item->result.wall_us / 1e6);
    if (!item->is_done || outcome == OUTCOME_SKIP)
        add_skip(item, out);
    else if (outcome != OUTCOME_PASS)
        add_problem(report, item, out);
    add_output(item, out);
    buf_add_text(out, "    </testcase>\n");
    buf_deinit(&title);
}

/* Return: the first case of the next file. */
static size_t suite_end(const struct selection *selection, size_t first)
{
    size_t end = first + 1;

    while (end < selection->count &&
           strcmp(selection->cases[end].path, selection->cases[first].path) == 0)
        end++;
    return end;
}

static void write_suite(const struct report *report, size_t first, size_t past)
{
    const struct trial_case *cases = report->selection->cases;
    struct totals totals = {0};
    struct buf text = {0};

    for (size_t i = first; i < past; i++)
        count(&totals, &cases[i]);
    buf_add_text(&text, "  <testsuite");
    add_attribute(&text, "name", cases[first].path);
    add_totals(&text, &totals);
    buf_add_text(&text, ">\n");
    for (size_t i = first; i < past; i++)
        add_case(report, &cases[i], &text);
    buf_add_text(&text, "  </testsuite>\n");
    fwrite(text.data, 1, text.len, report->out);
    buf_deinit(&text);
}

static void end(struct report *report, const struct run_summary *summary)
{
    const struct selection *selection = report->selection;
    struct totals totals = {0};
    struct buf text = {0};

    for (size_t i = 0; i < selection->count; i++)
        count(&totals, &selection->cases[i]);
    add_totals(&text, &totals);
    fprintf(report->out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hayeswire\"%s>\n",
            text.data);
    for (size_t i = 0; i < selection->count; i = suite_end(selection, i))
        write_suite(report, i, suite_end(selection, i));
    fputs("</testsuites>\n", report->out);
    fflush(report->out);
    buf_deinit(&text);
}

const struct reporter reporter_junit = {
    .name = "junit",
    .target = REPORT_TO_FILE,
    .end = end,
};
