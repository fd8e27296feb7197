/*
 * A program that runs beside a sandbox or a recording: the words behind "--" with their
 * placeholders, and the environment that `hayeswire run` gives as well.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct host;
struct stage;

/* A tty that the program may open. path NULL = it is not there (yet). */
struct desk_tty {
    const char *name; /* {tty:NAME} */
    const char *path;
};

struct desk_host_config {
    struct stage *stage;
    char *const *command;        /* NULL-terminated */
    const struct desk_tty *ttys; /* the first is {tty} */
    size_t tty_count;
    const char *url; /* NULL = none */
    const char *dir; /* NULL = none */
    uint64_t seed;
    double time_scale; /* told to the program; 0 = the environment's own stays */
};

/* Return: 0 or the exit status after a message: 2 for a wrong placeholder, 4 for the program. */
int desk_host_check(const char *verb, char *const *command);
/* Return: 0; -EINVAL, -ENOENT, ... with a message. */
int desk_host_start(const struct desk_host_config *config, struct host **host_out,
                    struct buf *error_out);
