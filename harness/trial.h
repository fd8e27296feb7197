/*
 * One scenario, in a process of its own.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct run_options;
struct trial_case;

/* Wall time that the process has after the scenario's limit before the run kills it. */
#define TRIAL_GRACE_US 10000000u

/*
 * In the child: run the scenario, end its hosts, write what is to be kept to item->dir, write the
 * result as JSON to result_fd, exit. SIGTERM (which the run has blocked) ends it without a result.
 */
_Noreturn void trial_main(const struct run_options *options, const struct trial_case *item,
                          int result_fd);
