/*
 * TAP version 14, which readers of version 13 understand too: the plan first, a YAML block under
 * each failure, nothing else on stdout.
 *
 * The scenarios of a file are a subtest, and so are the trials of one scenario of a sweep. When
 * there is but one file, its scenarios are what the whole is about, and stand at the top.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/text.h"

#define BLOCK_INDENT   4
#define SUBTEST_INDENT 4
#define PROVE_KNOWS_14 3.48 /* the version of Test::Harness that reads "TAP version 14" */

/* ---- subtests ---- */

static bool is_trial(const struct trial_case *item)
{
    return item->faults.count > 0 || item->plan;
}

static bool share_group(const struct trial_case *a, const struct trial_case *b)
{
    return strcmp(a->path, b->path) == 0 &&
           (!is_trial(a) || (a->line == b->line && strcmp(a->title, b->title) == 0));
}

/* Return: the case behind the last one of the group that begins at `first`. */
static size_t group_end(const struct selection *selection, size_t first)
{
    size_t end = first + 1;

    while (end < selection->count && share_group(&selection->cases[first], &selection->cases[end]))
        end++;
    return end;
}

static bool is_subtest(const struct selection *selection, size_t first, size_t end)
{
    bool is_whole = end - first == selection->count;

    return end - first > 1 && (!is_whole || is_trial(&selection->cases[first]));
}

static size_t count_points(const struct selection *selection)
{
    size_t count = 0;

    for (size_t first = 0; first < selection->count;) {
        size_t end = group_end(selection, first);

        count += is_subtest(selection, first, end) ? 1 : end - first;
        first = end;
    }
    return count;
}

/* ---- the lines ---- */

/*
 * What is written is the same in both. Perl's prove sets HARNESS_VERSION, and before its 3.48 it
 * takes the number 14 for an error.
 */
static bool reader_wants_13(void)
{
    const char *version = getenv("HARNESS_VERSION");

    return version && strtod(version, NULL) < PROVE_KNOWS_14;
}

static void print_head(struct report *report, int version)
{
    fprintf(report->out, "TAP version %d\n1..%zu\n", version, count_points(report->selection));
    fflush(report->out);
}

static void begin(struct report *report)
{
    print_head(report, reader_wants_13() ? 13 : 14);
}

static void begin_13(struct report *report)
{
    print_head(report, 13);
}

/* '#' would begin a directive, and a backslash escapes it. */
static void add_description(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '#' || *p == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *p == '\n' ? ' ' : *p);
    }
}

static void add_point(struct buf *out, size_t number, bool is_ok, const char *description)
{
    buf_printf(out, "%s %zu - ", is_ok ? "ok" : "not ok", number);
    add_description(out, description);
}

static void add_skip(struct buf *out, const char *reason)
{
    buf_add_text(out, " # SKIP ");
    for (const char *p = reason ? reason : ""; *p; p++)
        buf_add_char(out, *p == '\n' ? ' ' : *p);
}

/* JSON strings are YAML strings. */
static void add_field(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "  %s: ", name);
    text_add_json(out, text, strlen(text));
    buf_add_char(out, '\n');
}

/* Empty lines too have their indent: some readers of YAML end the block where it is missing. */
static void add_block(struct buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        buf_printf(out, "%*s%.*s\n", BLOCK_INDENT, "", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void add_diagnostics(struct buf *out, const struct report *report,
                            const struct trial_case *item)
{
    const struct verdict *verdict = &item->result.verdict;
    struct buf text = {0};

    buf_add_text(out, "  ---\n");
    add_field(out, "message", verdict->message ? verdict->message : "");
    add_field(out, "severity", verdict->outcome == OUTCOME_FAIL ? "fail" : "error");
    add_field(out, "outcome", outcome_name(verdict->outcome));
    if (verdict->file) {
        add_field(out, "file", verdict->file);
        buf_printf(out, "  line: %d\n", verdict->line);
    }
    buf_printf(out, "  seed: %" PRIu64 "\n  duration_ms: %" PRIu64 "\n", item->seed,
               item->result.wall_us / 1000);
    failure_text(report, item, 0, &text);
    buf_add_text(out, "  text: |\n");
    add_block(out, buf_text(&text));
    buf_add_text(out, "  ...\n");
    buf_deinit(&text);
}

static void add_comments(struct buf *out, const char *lead, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        buf_printf(out, "# %s%.*s\n", lead, (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void add_transcript(struct buf *out, const struct trial_case *item)
{
    struct buf path = {0}, text = {0};

    buf_printf(&path, "%s/transcript.txt", item->dir);
    if (text_read_file(path.data, 64u << 20, &text) == 0)
        add_comments(out, "", buf_text(&text));
    buf_deinit(&path);
    buf_deinit(&text);
}

static void print_lines(FILE *out, const struct buf *text, int indent)
{
    for (const char *p = buf_text(text); *p;) {
        size_t len = strcspn(p, "\n");

        fprintf(out, "%*s%.*s\n", len > 0 ? indent : 0, "", (int)len, p);
        p += len + (p[len] == '\n');
    }
    fflush(out);
}

/* ---- a case at its place ---- */

static bool is_in_subtest(const struct report *report)
{
    return is_subtest(report->selection, report->group.first, report->group.end);
}

static void add_group_name(struct buf *out, const struct trial_case *item)
{
    if (is_trial(item)) {
        report_place(item, out);
        buf_printf(out, " %s", item->title);
    } else {
        buf_add_text(out, item->path);
    }
}

static void enter_group(struct report *report, const struct trial_case *item)
{
    struct buf text = {0};

    report->group.first = report->told;
    report->group.end = group_end(report->selection, report->told);
    report->group.is_good = true;
    if (!is_in_subtest(report))
        return;
    buf_add_text(&text, "# Subtest: ");
    add_group_name(&text, item);
    buf_add_char(&text, '\n');
    print_lines(report->out, &text, 0);
    buf_clear(&text);
    buf_printf(&text, "1..%zu\n", report->group.end - report->group.first);
    print_lines(report->out, &text, SUBTEST_INDENT);
    buf_deinit(&text);
}

static void leave_group(struct report *report, const struct trial_case *item)
{
    struct buf text = {0}, name = {0};

    if (!is_in_subtest(report))
        return;
    add_group_name(&name, item);
    add_point(&text, ++report->group.points, report->group.is_good, name.data);
    buf_add_char(&text, '\n');
    print_lines(report->out, &text, 0);
    buf_deinit(&text);
    buf_deinit(&name);
}

/* skip: why it was left out, or NULL. What follows the point is in `rest`. */
static void print_case(struct report *report, const struct trial_case *item, bool is_ok,
                       const char *skip, const struct buf *rest)
{
    struct buf text = {0}, description = {0};
    bool is_nested;

    if (report->told == report->group.end)
        enter_group(report, item);
    is_nested = is_in_subtest(report);
    report_place(item, &description);
    buf_add_char(&description, ' ');
    report_title(item, &description);
    add_point(&text, is_nested ? report->told - report->group.first + 1 : ++report->group.points,
              is_ok, description.data);
    if (skip)
        add_skip(&text, skip);
    buf_add_char(&text, '\n');
    buf_add(&text, buf_text(rest), rest->len);
    print_lines(report->out, &text, is_nested ? SUBTEST_INDENT : 0);
    report->group.is_good = report->group.is_good && is_ok;
    if (++report->told == report->group.end)
        leave_group(report, item);
    buf_deinit(&text);
    buf_deinit(&description);
}

static void tell(struct report *report, const struct trial_case *item)
{
    const struct trial_result *result = &item->result;
    bool is_skip = result->verdict.outcome == OUTCOME_SKIP, is_good = report_is_good(item);
    const char *reason = result->verdict.message ? result->verdict.message : "";
    struct buf rest = {0};

    if (!is_good)
        add_diagnostics(&rest, report, item);
    for (size_t i = 0; i < result->notes.count; i++)
        add_comments(&rest, "note: ", result->notes.items[i]);
    if (report->options->transcript && item->dir)
        add_transcript(&rest, item);
    print_case(report, item, is_good, is_skip ? reason : NULL, &rest);
    buf_deinit(&rest);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    struct buf rest = {0};

    print_case(report, item, true, "not run: the run was stopped before", &rest);
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

/* For files that an older prove reads later. */
const struct reporter reporter_tap13 = {
    .name = "tap13",
    .target = REPORT_TO_STDOUT,
    .begin = begin_13,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
