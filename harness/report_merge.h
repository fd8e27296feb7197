/*
 * hayeswire report merge: the shards of a sweep as one.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct recording;
struct report_choices;
struct report_input;

/* argv[0] is "merge". Return: the exit status. */
int report_merge(int argc, char **argv, void (*print_help)(void));

/* ---- report_cmd.c ---- */

/* Tell all cases to the reporters. Return: 0, or -errno after a message. */
int report_input_tell(const struct report_input *input, const struct report_choices *choices,
                      const struct recording *reference);
