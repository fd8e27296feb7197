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
    printf("TAP version 14\n1..%zu\n", report->selection->count);
    fflush(stdout);
}

/* '#' would begin a directive, and a backslash escapes it. */
static void print_description(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '#' || *p == '\\')
            putchar('\\');
        putchar(*p == '\n' ? ' ' : *p);
    }
}

static void print_point(struct report *report, const struct trial_case *item, bool is_ok)
{
    struct buf place = {0};

    report_place(item, &place);
    printf("%s %zu - ", is_ok ? "ok" : "not ok", ++report->told);
    print_description(place.data);
    putchar(' ');
    print_description(item->title);
    buf_deinit(&place);
}

static void print_skip(const char *reason)
{
    fputs(" # SKIP ", stdout);
    for (const char *p = reason ? reason : ""; *p; p++)
        putchar(*p == '\n' ? ' ' : *p);
    putchar('\n');
}

/* JSON strings are YAML strings. */
static void print_field(const char *name, const char *text)
{
    struct buf quoted = {0};

    text_add_json(&quoted, text, strlen(text));
    printf("  %s: %s\n", name, quoted.data);
    buf_deinit(&quoted);
}

static void print_diagnostics(const struct report *report, const struct trial_case *item)
{
    const struct verdict *verdict = &item->result.verdict;
    struct buf text = {0};

    failure_text(report, item, BLOCK_INDENT, &text);
    puts("  ---");
    print_field("message", verdict->message ? verdict->message : "");
    print_field("severity", verdict->outcome == OUTCOME_FAIL ? "fail" : "error");
    print_field("outcome", outcome_name(verdict->outcome));
    if (verdict->file) {
        print_field("file", verdict->file);
        printf("  line: %d\n", verdict->line);
    }
    printf("  seed: %" PRIu64 "\n  duration_ms: %" PRIu64 "\n", item->seed,
           item->result.wall_us / 1000);
    printf("  text: |2\n%s  ...\n", buf_text(&text));
    buf_deinit(&text);
}

static void print_transcript(const struct trial_case *item)
{
    struct buf path = {0}, text = {0};

    buf_printf(&path, "%s/transcript.txt", item->dir);
    if (text_read_file(path.data, 64u << 20, &text) == 0) {
        for (char *p = text.data; p && *p;) {
            size_t len = strcspn(p, "\n");

            printf("# %.*s\n", (int)len, p);
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
        print_skip(result->verdict.message);
    } else {
        putchar('\n');
        if (!is_good)
            print_diagnostics(report, item);
    }
    for (size_t i = 0; i < result->notes.count; i++)
        printf("# note: %s\n", result->notes.items[i]);
    if (report->options->transcript && item->dir)
        print_transcript(item);
    fflush(stdout);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    print_point(report, item, true);
    print_skip("not run: the run was stopped before");
}

static void end(struct report *report, const struct run_summary *summary)
{
    if (summary->first_error) {
        fputs("Bail out! ", stdout);
        for (const char *p = summary->first_error; *p && *p != '\n'; p++)
            putchar(*p);
        putchar('\n');
    } else if (summary->interrupted_by) {
        printf("Bail out! interrupted by SIG%s\n", sigabbrev_np(summary->interrupted_by));
    }
    fflush(stdout);
}

const struct reporter reporter_tap = {
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
