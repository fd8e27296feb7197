/*
 * Options of a verb: one table serves the parser, the help text and the nearest spelling.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define OPTS_MAX 40

/* Positional, full rows. */
struct opt_row {
    int key;          /* the short letter, or a number above 255 for a long name only */
    const char *name; /* without its dashes */
    const char *arg;  /* what it wants, "DUR"; NULL = nothing */
    const char *doc;
};

struct opts {
    const char *verb; /* "run" */
    const struct opt_row *rows;
    size_t count;
};

/*
 * Parse the next option of argv[1..]; words that are none are moved to the end (getopt_long).
 * Return: its key, its argument in value_out; 0 at the end (rest_out = index of the first word);
 * '?' after a message for a wrong one.
 */
int opts_next(const struct opts *opts, int argc, char **argv, const char **value_out,
              int *rest_out);
/*
 * Cut argv at "--". Return: how many words precede it; command_out = what follows, NULL-terminated,
 * or NULL without "--".
 */
int opts_split(int argc, char **argv, char *const **command_out);
/* "  -d, --dialect NAME    doc", a line each. */
void opts_print(const struct opts *opts, FILE *file);
/* One line on stderr: `hayeswire VERB: ...`. Return: 2, the exit status of wrong usage. */
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
