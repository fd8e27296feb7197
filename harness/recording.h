/*
 * A trace read back from its file, plain or compressed.
 * Ownership: recording_deinit() frees all. A zeroed struct is an empty recording.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/trace.h"

#define RECORDING_BYTES_MAX (768u << 20) /* of a file, uncompressed */

struct buf;

struct recording {
    char *title;      /* NULL = the file named none */
    uint64_t dropped; /* records that the trace did not hold any more */
    struct trace_record *records;
    size_t count, cap;
    bool is_complete; /* the end mark is there */
};

/* Return: 0; or a negative errno with a message that names the file (and the line). */
int recording_load(const char *path, struct recording *recording_out, struct buf *error_out);
/*
 * The course of a fault-free run: commands and URCs, a line each, "TIME\tKIND WHO\tTEXT"
 * (difference.c writes it). Results as above.
 */
int recording_load_course(const char *path, struct recording *recording_out, struct buf *error_out);
/* Add what one line of JSON says. Return: 0, or -EINVAL: it is no record, header or end mark. */
int recording_add_line(struct recording *recording, const char *line, size_t len);
void recording_deinit(struct recording *recording);

/* As trace_is_news(): whether record `index` says more than its neighbours. */
bool recording_is_news(const struct recording *recording, size_t index);
/* The transcript, for people: at most about max_bytes, the middle left out if need be. */
void recording_transcript(const struct recording *recording, size_t max_bytes, struct buf *out);

/* A whole file, uncompressed if it was. Return: 0, -errno, or -EFBIG. */
int recording_read_file(const char *path, size_t max_bytes, struct buf *out);
