/*
 * The record as it grows, a line each with its time and direction, for a person who looks on.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct trace;

struct event_log {
    const struct trace *trace; /* borrowed */
    FILE *file;                /* borrowed; NULL = nowhere */
    uint64_t next;             /* record to be written next */
    const char *line_end;      /* "\r\n" on a terminal in raw mode */
};

/* Write what came since the last call. */
void event_log_follow(struct event_log *log);
