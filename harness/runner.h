/*
 * The children of a run: start, watch, collect, and tell the reporter in the order of selection.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/report.h"

struct run_options;
struct selection;

/*
 * Run the cases that are not done yet.
 * Return: 0 with the summary (its texts are borrowed from the selection and dir), or -errno after
 * a message.
 */
int runner_run(const struct run_options *options, struct selection *selection, const char *dir,
               struct run_summary *summary_out);
