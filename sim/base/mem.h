/*
 * Allocation that cannot fail, and two helpers that every file wants.
 * A test program that runs out of memory has nothing better to do than stop, so these abort.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

void *xmalloc(size_t size_bytes);
void *xcalloc(size_t count, size_t size_bytes);
void *xrealloc(void *old, size_t size_bytes);
/* Return: a copy that the caller frees; NULL gives NULL. */
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
/* Replace *slot by a copy of text (which may be NULL); the old string is freed. */
void xstrset(char **slot, const char *text);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
