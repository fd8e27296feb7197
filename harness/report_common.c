/* What the reporters share. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/recording.h"
#include "harness/report.h"
#include "harness/selection.h"
#include "harness/trial_plan.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

void report_place(const struct trial_case *item, struct buf *out)
{
    buf_add_text(out, item->path);
    if (item->line > 0)
        buf_printf(out, ":%d", item->line);
}

void report_title(const struct trial_case *item, struct buf *out)
{
    buf_add_text(out, item->title);
    for (size_t i = 0; i < item->faults.count; i++)
        buf_printf(out, "  %s", item->faults.items[i]);
}

bool report_is_good(const struct trial_case *item)
{
    enum outcome outcome = item->result.verdict.outcome;

    return outcome == OUTCOME_PASS || outcome == OUTCOME_SKIP;
}

void report_count(struct run_summary *summary, const struct trial_case *item)
{
    switch (item->result.verdict.outcome) {
    case OUTCOME_PASS:
        summary->passed++;
        break;
    case OUTCOME_FAIL:
        summary->failed++;
        break;
    case OUTCOME_INVALID:
        summary->invalid++;
        break;
    case OUTCOME_ERROR:
        summary->errors++;
        if (!summary->first_error)
            summary->first_error = item->result.verdict.message;
        break;
    case OUTCOME_HOST_START:
        summary->no_host++;
        break;
    case OUTCOME_SKIP:
        summary->skipped++;
        break;
    }
}

static const struct recording *load(const struct trial_case *item, struct recording *own_out)
{
    struct buf error = {0};
    char *path;
    int r;

    if (!item->dir)
        return NULL;
    path = xasprintf("%s/trace.jsonl", item->dir);
    r = recording_load(path, own_out, &error);
    if (r < 0 && r != -ENOENT)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    free(path);
    buf_deinit(&error);
    return r < 0 ? NULL : own_out;
}

const struct recording *report_recording(const struct report *report, const struct trial_case *item,
                                         struct recording *own_out)
{
    *own_out = (struct recording){0};
    /* Of trials that fail alike, the first is enough. */
    if (item->plan && !report->keep_folder)
        return NULL;
    if (report->recordings) {
        size_t index = (size_t)(item - report->selection->cases);

        return report->recordings[index].count > 0 ? &report->recordings[index] : NULL;
    }
    return load(item, own_out);
}

/* A sweep has one course for all trials; a failure of a run has its own (reference.c). */
static char *course_path(const struct trial_case *item)
{
    if (item->plan && item->plan->mode == TRIAL_STRIKE)
        return xstrdup(item->plan->reference);
    return item->dir ? xasprintf("%s/" FAULT_FREE_FILE, item->dir) : NULL;
}

const struct recording *report_reference(const struct report *report, const struct trial_case *item,
                                         struct recording *own_out)
{
    struct buf error = {0};
    char *path;
    int r;

    *own_out = (struct recording){0};
    if (report->reference)
        return report->reference;
    if (report->references) {
        const struct recording *given = &report->references[item - report->selection->cases];

        if (given->count > 0)
            return given;
    }
    path = course_path(item);
    r = path ? recording_load_course(path, own_out, &error) : -ENOENT;
    if (r < 0 && r != -ENOENT)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    free(path);
    buf_deinit(&error);
    return r < 0 ? NULL : own_out;
}

void report_fail(struct report *report, const char *path, int error)
{
    if (report->error == 0)
        fprintf(stderr, "hayeswire: %s: %s\n", path, strerror(-error));
    if (report->error == 0)
        report->error = error;
}

FILE *report_open_case(struct report *report, const struct trial_case *item, const char *suffix,
                       char **path_out)
{
    FILE *file;

    *path_out = xasprintf("%s/%s%s", report->target, item->slug, suffix);
    file = fopen(*path_out, "we");
    if (!file) {
        report_fail(report, *path_out, -errno);
        free(*path_out);
        *path_out = NULL;
    }
    return file;
}

void report_close_case(struct report *report, FILE *file, char *path)
{
    bool is_bad = ferror(file) != 0;

    if (fclose(file) != 0 || is_bad)
        report_fail(report, path, -EIO);
    free(path);
}
