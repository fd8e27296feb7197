/* SPDX-License-Identifier: MIT */
#include "harness/sweep_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define PLACE_SHOWN_MAX 6 /* of one finding */
#define INDENT          6
#define BAR_WIDTH       30

/* ---- the fault-free runs ---- */

static void begin_record(struct report *report)
{
    reporter_pretty.begin(report);
}

static void tell_record(struct report *report, const struct trial_case *item)
{
    if (report_is_good(item)) {
        report->told++;
        return;
    }
    reporter_pretty.tell(report, item);
}

static void tell_record_not_run(struct report *report, const struct trial_case *item)
{
    report->told++;
}

static void end_record(struct report *report, const struct run_summary *summary)
{
}

const struct reporter reporter_record = {
    .begin = begin_record,
    .tell = tell_record,
    .tell_not_run = tell_record_not_run,
    .end = end_record,
};

/* ---- progress ---- */

static void draw_bar(const struct report *report, const struct sweep_report *sweep)
{
    size_t total = report->selection->count;
    int filled = total > 0 ? (int)(sweep->ended * BAR_WIDTH / total) : 0;

    fprintf(stderr, "\r[%.*s%*s] %zu/%zu", filled, "##############################",
            BAR_WIDTH - filled, "", sweep->ended, total);
    if (sweep->bad > 0)
        fprintf(stderr, "  %zu failed", sweep->bad);
    fflush(stderr);
}

static void clear_bar(const struct sweep_report *sweep)
{
    if (sweep->has_bar)
        fputs("\r\033[K", stderr);
}

static void progress(struct report *report, const struct trial_case *item)
{
    struct sweep_report *sweep = report->arg;

    sweep->ended++;
    sweep->bad += !report_is_good(item);
    if (sweep->has_bar)
        draw_bar(report, sweep);
}

/* ---- findings ---- */

static struct finding *finding_of(struct sweep_report *sweep, const char *message)
{
    for (size_t i = 0; i < sweep->count; i++) {
        if (strcmp(sweep->findings[i].message, message) == 0)
            return &sweep->findings[i];
    }
    sweep->findings = xrealloc(sweep->findings, (sweep->count + 1) * sizeof(struct finding));
    sweep->findings[sweep->count] = (struct finding){.message = xstrdup(message)};
    return &sweep->findings[sweep->count++];
}

/* All faults of a trial, as one text. */
static void add_faults(const struct trial_case *item, struct buf *out)
{
    for (size_t i = 0; i < item->faults.count; i++)
        buf_printf(out, "%s%s", i > 0 ? "  " : "", item->faults.items[i]);
}

static void begin(struct report *report)
{
    struct sweep_report *sweep = report->arg;
    const char *term = getenv("TERM");

    sweep->has_bar = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    reporter_pretty.begin(report);
}

static void tell(struct report *report, const struct trial_case *item)
{
    struct sweep_report *sweep = report->arg;
    struct buf text = {0};
    struct finding *finding;

    report->told++;
    if (report_is_good(item))
        return;
    finding = finding_of(sweep, item->result.verdict.message ? item->result.verdict.message : "?");
    finding->is_failure = item->result.verdict.outcome == OUTCOME_FAIL;
    if (finding->count++ == 0) {
        failure_text(report, item, INDENT, &text);
        finding->text = buf_take(&text);
    } else {
        report->keep_folder = report->options->keep; /* the first of a cause is enough */
    }
    if (finding->places.count < PLACE_SHOWN_MAX) {
        add_faults(item, &text);
        names_add(&finding->places, buf_text(&text));
    }
    buf_deinit(&text);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    report->told++;
}

/* The text of a failure begins with its message, which the finding has told already. */
static const char *behind_message(const struct finding *finding)
{
    const char *text = finding->text + strspn(finding->text, " ");
    size_t len = strlen(finding->message);

    if (strncmp(text, finding->message, len) != 0 || text[len] != '\n')
        return finding->text;
    return text + len + 1;
}

static void print_finding(const struct report *report, const struct finding *finding)
{
    const char *red = report->is_colored ? "\033[1;31m" : "";
    const char *plain = report->is_colored ? "\033[0m" : "";

    printf("%s%s%s  %s   (%zu trial%s)\n", red, finding->is_failure ? "FAIL" : "ERROR", plain,
           finding->message, finding->count, finding->count == 1 ? "" : "s");
    for (size_t i = 0; i < finding->places.count; i++)
        printf("      at    %s\n", finding->places.items[i]);
    if (finding->count > finding->places.count)
        printf("            and %zu more\n", finding->count - finding->places.count);
    fputs(behind_message(finding), stdout);
}

static void add_count(struct buf *out, size_t count, const char *what)
{
    if (count > 0)
        buf_printf(out, ", %zu %s", count, what);
}

static void end(struct report *report, const struct run_summary *summary)
{
    struct sweep_report *sweep = report->arg;
    size_t ran = report->selection->count - summary->not_run;
    double wall_s = (double)summary->wall_us / 1e6;
    struct buf text = {0};

    clear_bar(sweep);
    for (size_t i = 0; i < sweep->count; i++)
        print_finding(report, &sweep->findings[i]);
    buf_printf(&text, "sweep %s: %zu trial%s, %zu passed", sweep->what, report->selection->count,
               report->selection->count == 1 ? "" : "s", summary->passed);
    if (summary->failed > 0)
        buf_printf(&text, ", %zu FAILED (%zu cause%s)", summary->failed, sweep->count,
                   sweep->count == 1 ? "" : "s");
    add_count(&text, summary->skipped, "not reached");
    add_count(&text, summary->invalid, "invalid");
    add_count(&text, summary->no_host, "without host");
    add_count(&text, summary->errors, "errors");
    add_count(&text, summary->not_run, "not run");
    buf_add_text(&text, " in ");
    text_format_span(&text, summary->wall_us);
    if (wall_s > 0)
        buf_printf(&text, " (%.1f trials/s)", (double)ran / wall_s);
    if (summary->is_budget_spent)
        buf_add_text(&text, "   the budget is spent");
    if (summary->interrupted_by)
        buf_printf(&text, "   interrupted by SIG%s", sigabbrev_np(summary->interrupted_by));
    printf("%s   %s\n", text.data, summary->dir ? summary->dir : "");
    fflush(stdout);
    buf_deinit(&text);
}

const struct reporter reporter_sweep = {
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
    .progress = progress,
};

void sweep_report_deinit(struct sweep_report *sweep)
{
    for (size_t i = 0; i < sweep->count; i++) {
        free(sweep->findings[i].message);
        free(sweep->findings[i].text);
        names_deinit(&sweep->findings[i].places);
    }
    free(sweep->findings);
}
