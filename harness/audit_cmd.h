/*
 * `hayeswire audit`, and `hayeswire replay` of a token that an audit printed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Return: the exit status. */
int audit_command(int argc, char **argv);
/* at: where the token stands in argv. Return: the exit status. */
int audit_replay(int argc, char **argv, int at);
