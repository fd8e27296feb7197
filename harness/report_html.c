/*
 * HTML: a page for each case of a run, and an index of them. Of a sweep, only those trials have a
 * page that were kept: the first of each cause.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/case_page.h"
#include "harness/index_page.h"
#include "harness/recording.h"
#include "harness/report.h"
#include "sim/base/mem.h"

#define PAGE_SUFFIX ".html"

/* In a folder that had another run before, its page of this name is not ours. */
static void forget_page(const struct report *report, const struct trial_case *item)
{
    char *path = xasprintf("%s/%s" PAGE_SUFFIX, report->target, item->slug);

    unlink(path);
    free(path);
}

static void tell(struct report *report, const struct trial_case *item)
{
    struct recording own, own_reference;
    const struct recording *recording = report_recording(report, item, &own);
    const struct recording *reference = report_reference(report, item, &own_reference);
    char *path;
    FILE *file = NULL;

    forget_page(report, item);
    if (recording || (!report_is_good(item) && !item->plan && item->faults.count == 0))
        file = report_open_case(report, item, PAGE_SUFFIX, &path);
    if (file) {
        case_page_write(report, item, recording, reference, file);
        report_close_case(report, file, path);
    }
    recording_deinit(&own);
    recording_deinit(&own_reference);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    forget_page(report, item);
}

static void end(struct report *report, const struct run_summary *summary)
{
    char *path = xasprintf("%s/index.html", report->target);
    FILE *file = fopen(path, "we");

    if (!file) {
        report_fail(report, path, -errno);
        free(path);
        return;
    }
    index_page_write(report, summary, file);
    report_close_case(report, file, path);
}

const struct reporter reporter_html = {
    .name = "html",
    .target = REPORT_TO_FOLDER,
    .needs_trace = true,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
