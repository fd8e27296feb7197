/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/report.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define FAILURE_INDENT  6
#define PLACE_WIDTH_MAX 48 /* longer ones push their line's rest to the right */
#define TITLE_WIDTH_MAX 72

struct word {
    const char *text, *color;
};

/* Never colour alone: the word says it too. */
static struct word word_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_PASS:
        return (struct word){"ok", "\033[32m"};
    case OUTCOME_FAIL:
        return (struct word){"FAIL", "\033[1;31m"};
    case OUTCOME_INVALID:
        return (struct word){"INVALID", "\033[1;31m"};
    case OUTCOME_ERROR:
        return (struct word){"ERROR", "\033[1;31m"};
    case OUTCOME_HOST_START:
        return (struct word){"NO HOST", "\033[1;31m"};
    case OUTCOME_SKIP:
        return (struct word){"skip", "\033[33m"};
    }
    return (struct word){"?", ""};
}

static void begin(struct report *report)
{
    const struct selection *selection = report->selection;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    report->is_colored = isatty(fileno(report->out)) && !(no_color && *no_color) &&
                         !(term && strcmp(term, "dumb") == 0);
    for (size_t i = 0; i < selection->count; i++) {
        struct buf place = {0};
        size_t title = strlen(selection->cases[i].title);

        report_place(&selection->cases[i], &place);
        if (place.len > report->place_width && place.len <= PLACE_WIDTH_MAX)
            report->place_width = place.len;
        if (title > report->title_width && title <= TITLE_WIDTH_MAX)
            report->title_width = title;
        buf_deinit(&place);
    }
}

/* A failure is placed where the scenario waited, anything else where it begins. */
static void add_place(const struct trial_case *item, struct buf *out)
{
    const struct verdict *verdict = &item->result.verdict;
    bool is_good = verdict->outcome == OUTCOME_PASS || verdict->outcome == OUTCOME_SKIP;

    if (verdict->file && verdict->line > 0 && !is_good)
        buf_printf(out, "%s:%d", verdict->file, verdict->line);
    else
        report_place(item, out);
}

static void print_line(const struct report *report, const struct trial_case *item)
{
    const struct trial_result *result = &item->result;
    struct word word = word_of(result->verdict.outcome);
    struct buf place = {0}, time = {0}, title = {0};

    report_title(item, &title);
    add_place(item, &place);
    fprintf(report->out, "%s%-4s%s  %-*s  %-*s", report->is_colored ? word.color : "", word.text,
            report->is_colored ? "\033[0m" : "", (int)report->place_width, place.data,
            (int)report->title_width, title.data);
    if (result->verdict.outcome == OUTCOME_SKIP) {
        fprintf(report->out, "   %s", result->verdict.message ? result->verdict.message : "");
    } else if (result->wall_us > 0) {
        text_format_span(&time, result->wall_us);
        buf_add_text(&time, "   (modem ");
        text_format_span(&time, result->modem_us);
        buf_add_char(&time, ')');
        fprintf(report->out, "   %s", time.data);
    }
    putc('\n', report->out);
    buf_deinit(&place);
    buf_deinit(&time);
    buf_deinit(&title);
}

static void print_transcript(const struct report *report, const struct trial_case *item)
{
    char *path = xasprintf("%s/transcript.txt", item->dir);
    FILE *file = fopen(path, "re");
    char line[4096];
    bool at_start = true;

    while (file && fgets(line, sizeof(line), file)) {
        fprintf(report->out, "%s%s", at_start ? "        " : "", line);
        at_start = strchr(line, '\n') != NULL;
    }
    if (file)
        fclose(file);
    free(path);
}

static void tell(struct report *report, const struct trial_case *item)
{
    bool is_good = report_is_good(item);

    report->told++;
    if (is_good && report->options->quiet)
        return;
    print_line(report, item);
    for (size_t i = 0; i < item->result.notes.count; i++)
        fprintf(report->out, "      note  %s\n", item->result.notes.items[i]);
    if (!is_good) {
        struct buf text = {0};

        failure_text(report, item, FAILURE_INDENT, &text);
        fputs(buf_text(&text), report->out);
        buf_deinit(&text);
    }
    if (report->options->transcript && item->dir)
        print_transcript(report, item);
    fflush(report->out);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    report->told++;
}

static void add_count(struct buf *out, size_t count, const char *what)
{
    if (count > 0)
        buf_printf(out, ", %zu %s", count, what);
}

static void add_seed(const struct report *report, struct buf *out)
{
    const struct selection *selection = report->selection;

    if (report->options->seed_habit != SEED_BY_NAME)
        buf_printf(out, "   seed %" PRIu64, report->options->seed);
    else if (selection->count == 1 && selection->cases[0].line > 0)
        buf_printf(out, "   seed %" PRIu64, selection->cases[0].seed);
    else
        buf_add_text(out, "   seeds by name");
}

/* How many of the cases had their time go the same way as case `first`; 0 = an earlier one did. */
static size_t count_time(const struct selection *selection, size_t first)
{
    const char *time = selection->cases[first].result.time;
    size_t count = 0;

    for (size_t i = 0; i < selection->count && time; i++) {
        const char *other = selection->cases[i].result.time;

        if (!other || strcmp(other, time) != 0)
            continue;
        if (i < first)
            return 0;
        count++;
    }
    return count;
}

/* "virtual (shim)", or with counts when there are several; nothing when real time was asked for. */
static void add_times(const struct report *report, struct buf *out)
{
    const struct selection *selection = report->selection;
    const char *separator = "   ";

    if (report->options->time == VTIME_WISH_REAL)
        return;
    for (size_t i = 0; i < selection->count; i++) {
        size_t count = count_time(selection, i);

        if (count == 0)
            continue;
        buf_printf(out, "%s%s", separator, selection->cases[i].result.time);
        if (count < selection->count)
            buf_printf(out, " %zu", count);
        separator = ", ";
    }
}

static void end(struct report *report, const struct run_summary *summary)
{
    struct buf text = {0};

    buf_printf(&text, "%zu passed, %zu failed, %zu skipped", summary->passed, summary->failed,
               summary->skipped);
    add_count(&text, summary->invalid, "invalid");
    add_count(&text, summary->no_host, "without host");
    add_count(&text, summary->errors, summary->errors == 1 ? "error" : "errors");
    add_count(&text, summary->not_run, "not run");
    buf_add_text(&text, " in ");
    text_format_span(&text, summary->wall_us);
    add_seed(report, &text);
    add_times(report, &text);
    if (summary->dir)
        buf_printf(&text, "   %s", summary->dir);
    if (summary->interrupted_by)
        buf_printf(&text, "   interrupted by SIG%s", sigabbrev_np(summary->interrupted_by));
    fprintf(report->out, "%s\n", text.data);
    fflush(report->out);
    buf_deinit(&text);
}

const struct reporter reporter_pretty = {
    .name = "pretty",
    .target = REPORT_TO_STDOUT,
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
