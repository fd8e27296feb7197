/*
 * One output stream of a host: from its pipe, by lines, into the trace and raw into a file.
 * Only for host.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/host.h"
#include "sim/base/buf.h"
#include "sim/base/trace.h"

struct event;

struct host_output {
    struct trace *trace; /* borrowed */
    char who[HOST_WHO_MAX + 1];
    enum trace_kind kind;
    int fd; /* -1 at its end */
    struct event *readable;
    FILE *file; /* NULL = nowhere */
    uint64_t file_bytes;
    struct buf line;
    bool cut;   /* the rest of this line is thrown away */
    char *last; /* the last line that held anything */
};

/* fd is owned from now on. The struct must not move. */
void host_output_init(struct host_output *output, const struct host_config *config,
                      enum trace_kind kind, int fd);
/* What is left of an unfinished line is recorded. */
void host_output_deinit(struct host_output *output);
/* Read what is there now, without waiting for more. */
void host_output_drain(struct host_output *output);
