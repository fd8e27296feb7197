/*
 * The dialects that a user may name, generated from the list in sim/dialect/meson.build.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct dialect;

/* Return: the dialect, or NULL. */
const struct dialect *dialect_find(const char *name);
/* Return: the index-th dialect, or NULL past the end. */
const struct dialect *dialect_at(size_t index);
