/*
 * hayeswire run: scenarios, each in a child process, several at a time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "run". Return: the exit status. */
int run_command(int argc, char **argv);
