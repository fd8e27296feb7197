/*
 * TAP version 14, which readers of version 13 understand too: the plan first, a YAML block under
 * each failure, nothing else on stdout.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/report.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/text.h"

#define BLOCK_INDENT 4

static void begin(struct report *report)
{
    fprintf(report->out, "TAP version 14\n1..%zu\n", report->selection->count);
    fflush(report->out);
}

/* '#' would begin a directive, and a backslash escapes it. */
static void print_description(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '#' || *p == '\\')
            putc('\\', out);
        putc(*p == '\n' ? ' ' : *p, out);
    }
}

static void print_point(struct report *report, const struct trial_case *item, bool is_ok)
{
    struct buf place = {0};

    report_place(item, &place);
    buf_add_char(&place, ' ');
    report_title(item, &place);
    fprintf(report->out, "%s %zu - ", is_ok ? "ok" : "not ok", ++report->told);
    print_description(report->out, place.data);
    buf_deinit(&place);
}

static void print_skip(FILE *out, const char *reason)
{
    fputs(" # SKIP ", out);
    for (const char *p = reason ? reason : ""; *p; p++)
        putc(*p == '\n' ? ' ' : *p, out);
    putc('\n', out);
}

/* JSON strings are YAML strings. */
static void print_field(FILE *out, const char *name, const char *text)
{
    struct buf quoted = {0};

    text_add_json(&quoted, text, strlen(text));
    fprintf(out, "  %s: %s\n", name, quoted.data);
    buf_deinit(&quoted);
}

static void print_diagnostics(const struct report *report, const struct trial_case *item)
{
    const struct verdict *verdict = &item->result.verdict;
    struct buf text = {0};

    failure_text(report, item, BLOCK_INDENT, &text);
    fputs("  ---\n", report->out);
    print_field(report->out, "message", verdict->message ? verdict->message : "");
    print_field(report->out, "severity", verdict->outcome == OUTCOME_FAIL ? "fail" : "error");
    print_field(report->out, "outcome", outcome_name(verdict->outcome));
    if (verdict->file) {
        print_field(report->out, "file", verdict->file);
        fprintf(report->out, "  line: %d\n", verdict->line);
    }
    fprintf(report->out, "  seed: %" PRIu64 "\n  duration_ms: %" PRIu64 "\n", item->seed,
            item->result.wall_us / 1000);
    fprintf(report->out, "  text: |2\n%s  ...\n", buf_text(&text));
    buf_deinit(&text);
}

static void print_transcript(FILE *out, const struct trial_case *item)
{
    struct buf path = {0}, text = {0};

    buf_printf(&path, "%s/transcript.txt", item->dir);
    if (text_read_file(path.data, 64u << 20, &text) == 0) {
        for (char *p = text.data; p && *p;) {
            size_t len = strcspn(p, "\n");

            fprintf(out, "# %.*s\n", (int)len, p);
            p += len + (p[len] == '\n');
        }
    }
    buf_deinit(&path);
    buf_deinit(&text);
}

static void tell(struct report *report, const struct trial_case *item)
{
    const struct trial_result *result = &item->result;
    bool is_good = result->verdict.outcome == OUTCOME_PASS;

    print_point(report, item, is_good || result->verdict.outcome == OUTCOME_SKIP);
    if (result->verdict.outcome == OUTCOME_SKIP) {
        print_skip(report->out, result->verdict.message);
    } else {
        putc('\n', report->out);
        if (!is_good)
            print_diagnostics(report, item);
    }
    for (size_t i = 0; i < result->notes.count; i++)
        fprintf(report->out, "# note: %s\n", result->notes.items[i]);
    if (report->options->transcript && item->dir)
        print_transcript(report->out, item);
    fflush(report->out);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    print_point(report, item, true);
    print_skip(report->out, "not run: the run was stopped before");
}

static void end(struct report *report, const struct run_summary *summary)
{
    if (summary->first_error) {
        fputs("Bail out! ", report->out);
        for (const char *p = summary->first_error; *p && *p != '\n'; p++)
            putc(*p, report->out);
        putc('\n', report->out);
    } else if (summary->interrupted_by) {
        fprintf(report->out, "Bail out! interrupted by SIG%s\n",
                sigabbrev_np(summary->interrupted_by));
    }
    fflush(report->out);
}

const struct reporter reporter_tap = {
    .name = "tap",
    .target = REPORT_TO_STDOUT,
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
