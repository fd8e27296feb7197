/*
 * One sign for each case that is good, failures in full as soon as they are known: for logs that
 * people read only when something failed.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness/report.h"
#include "harness/selection.h"

#define LINE_WIDTH 60

static void begin(struct report *report)
{
    reporter_pretty.begin(report);
}

static void end_line(struct report *report)
{
    if (report->column > 0)
        putc('\n', report->out);
    report->column = 0;
}

static void print_sign(struct report *report, char sign)
{
    report->told++;
    putc(sign, report->out);
    if (++report->column == LINE_WIDTH) {
        fprintf(report->out, "  %zu of %zu\n", report->told, report->selection->count);
        report->column = 0;
    }
    fflush(report->out);
}

static void tell(struct report *report, const struct trial_case *item)
{
    if (report_is_good(item)) {
        print_sign(report, item->result.verdict.outcome == OUTCOME_PASS ? '.' : 's');
        return;
    }
    end_line(report);
    reporter_pretty.tell(report, item);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    print_sign(report, '-');
}

static void end(struct report *report, const struct run_summary *summary)
{
    end_line(report);
    reporter_pretty.end(report, summary);
}

const struct reporter reporter_dot = {
    .name = "dot",
    .target = REPORT_TO_STDOUT,
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
