/*
 * All of a run as one stream of JSON lines: a header, for each case its result and the records of
 * its trace ("c" is the number of the case), an end mark. The other forms can be made from it, so
 * that what a failure is compared with, the commands and URCs of the fault-free run, is there too.
 * The lines are described in harness/report.schema.json.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <string.h>

#include "harness/recording.h"
#include "harness/report.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"

static void begin(struct report *report)
{
    const struct run_options *options = report->options;

    fprintf(report->out, "{\"v\":1,\"k\":\"run\",\"version\":\"%s\",\"cases\":%zu",
            HAYESWIRE_VERSION, report->selection->count);
    if (options->plan_name)
        fprintf(report->out, ",\"plan\":\"%s\"", options->plan_name);
    if (options->shard_count > 0)
        fprintf(report->out, ",\"shard\":%u,\"shards\":%u", options->shard, options->shard_count);
    fputs("}\n", report->out);
    fflush(report->out);
}

/* mark: what tells these records from the case's own. */
static void write_records(struct report *report, const struct recording *recording,
                          const char *mark)
{
    struct buf line = {0};

    for (size_t i = 0; i < recording->count; i++) {
        buf_clear(&line);
        trace_format_json(&recording->records[i], &line);
        fprintf(report->out, "{\"c\":%zu,%s%s\n", report->told, mark, line.data + 1);
    }
    buf_deinit(&line);
}

static void tell(struct report *report, const struct trial_case *item)
{
    struct recording own, own_reference = {0};
    const struct recording *recording = report_recording(report, item, &own), *reference = NULL;
    struct buf line = {0};

    report->told++;
    trial_case_encode(item, &line);
    /* {"v":1,... becomes {"k":"case","c":N,"v":1,... */
    fprintf(report->out, "{\"k\":\"case\",\"c\":%zu,%s", report->told, line.data + 1);
    if (recording) {
        write_records(report, recording, "");
        reference = report_is_good(item) ? NULL : report_reference(report, item, &own_reference);
    }
    if (reference)
        write_records(report, reference, "\"r\":1,");
    fflush(report->out);
    buf_deinit(&line);
    recording_deinit(&own);
    recording_deinit(&own_reference);
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    report->told++;
}

static void end(struct report *report, const struct run_summary *summary)
{
    fprintf(report->out,
            "{\"k\":\"end\",\"passed\":%zu,\"failed\":%zu,\"invalid\":%zu,\"errors\":%zu,"
            "\"no_host\":%zu,\"skipped\":%zu,\"not_run\":%zu,\"wall_us\":%" PRIu64 "}\n",
            summary->passed, summary->failed, summary->invalid, summary->errors, summary->no_host,
            summary->skipped, summary->not_run, summary->wall_us);
    fflush(report->out);
}

const struct reporter reporter_jsonl = {
    .name = "jsonl",
    .target = REPORT_TO_FILE,
    .needs_trace = true,
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};
