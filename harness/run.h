/*
 * hayeswire run: scenarios, each in a child process, several at a time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "run". Return: the exit status. */
int run_command(int argc, char **argv);

struct run_options;
struct run_summary;

/* The exit status that a summary means. */
int run_exit_status(const struct run_options *options, const struct run_summary *summary);
