/*
 * What a run left behind, read back: its folder, one case's folder or trace, or a stream of JSON
 * lines, compressed or not.
 * Ownership: report_input_deinit() frees all. A zeroed struct is an empty input.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/recording.h"
#include "harness/report.h"
#include "harness/selection.h"

struct report_input {
    struct selection selection;
    struct recording *recordings; /* one for each case */
    struct recording *references; /* the same of the fault-free runs; empty where there is none */
    size_t recording_cap;
    uint64_t wall_us; /* of the run; 0 = unknown */
    size_t not_run;
    /* Of a stream: */
    bool is_stream, is_complete;
    char *plan; /* which trials were to be made; NULL = it was no sweep */
    unsigned shard, shard_count;
};

/* Append what is at path. Return: 0, or -errno with a message. */
int report_input_load(struct report_input *input, const char *path, struct buf *error_out);
void report_input_deinit(struct report_input *input);
void report_input_summarize(const struct report_input *input, struct run_summary *summary_out);
/* A place for one more case, with its empty recording. */
struct trial_case *report_input_add(struct report_input *input);
