/* SPDX-License-Identifier: MIT */
/* What each example host needs besides its module: a voice, and the names of its seeded bugs. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* A line on stderr, behind the name of the program. */
void host_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Return: the index of a name, or -1. */
int host_name_index(const char *const *names, size_t count, const char *name);
/* All names, each behind a blank. */
void host_print_names(const char *const *names, size_t count, FILE *file);
