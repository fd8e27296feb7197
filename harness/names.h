/*
 * A growing list of texts: names of files, candidates for "did you mean", folders to search.
 * A zeroed struct is an empty list. names_deinit() frees the texts.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct names {
    char **items;
    size_t count, cap;
};

void names_deinit(struct names *names);
void names_add(struct names *names, const char *text); /* copied */
/* "NAME=value", for an environment. */
void names_add_variable(struct names *names, const char *name, const char *value);
/* "air720.uart2" has the variable HAYESWIRE_TTY_AIR720_UART2. */
void names_add_tty_variable(struct names *names, const char *who, const char *tty);
/* As execve wants it, with a NULL at the end. The texts are borrowed; the caller frees the array.
 */
const char **names_list(const struct names *names);
void names_sort(struct names *names);
/* Append the entries of a folder for which want says so (NULL: all but hidden ones). */
void names_add_folder(struct names *names, const char *dir,
                      bool (*want)(const char *dir, const char *name));
bool names_hold(const struct names *names, const char *text);
/* Return: the nearest of the names, or NULL; borrowed. */
const char *names_nearest(const struct names *names, const char *word);
/* Append `; did you mean PREFIXname?` when there is a near one. */
void names_suggest(const struct names *names, const char *word, const char *prefix,
                   struct buf *out);
