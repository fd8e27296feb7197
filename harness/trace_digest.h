/*
 * One number for all that happened in a scenario: equal digests, equal course of things.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct trace;

#define TRACE_DIGEST_MAX 32 /* hexadecimal digits and a NUL */

/*
 * Of all records but their wall times. What the machine chooses anew each time counts as the same:
 * numbers of ptys, ports on 127.0.0.1, pids ("pid 12"), and the scenario's folder (dir, or NULL).
 */
void trace_digest(const struct trace *trace, const char *dir, char digest_out[TRACE_DIGEST_MAX]);
