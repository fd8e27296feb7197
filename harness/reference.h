/*
 * The fault-free run of a scenario that failed with faults: where did the two part?
 *
 * The process that may make it is forked off first of all, while there are no devices yet, and then
 * waits to be asked.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct buf;
struct run_options;
struct trace;
struct trial_case;

struct reference {
    pid_t pid; /* 0 = there is none */
    int fd;    /* a limit asks for the run; the end of file dismisses the process */
    char *dir; /* its folder */
};

/* Only before anything of the trial is set up. Where it fails there is no comparison later. */
void reference_prepare(struct reference *reference, const struct run_options *options,
                       const struct trial_case *item);
/*
 * Make the run, for at most limit_us of wall time, and append where the record in trace first
 * differs from it; nothing if nowhere.
 */
void reference_difference(struct reference *reference, uint64_t limit_us, const struct trace *trace,
                          struct buf *out);
void reference_dismiss(struct reference *reference);
