/*
 * Named options: whatever a sheet leaves open, or a user may want otherwise, is an option with a
 * default and a source, never a number in code. The same rows serve Lua, command line and docs.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

enum option_type { OPTION_TEXT, OPTION_INT, OPTION_DURATION, OPTION_SIZE, OPTION_CHOICE };

/* Positional, full rows. */
struct option_row {
    const char *name;
    enum option_type type;
    const char *initial; /* default, as text */
    const char *range; /* INT: "0..600"; CHOICE: "home|roaming"; TEXT: "1..255" bytes; else NULL */
    const char *doc;   /* one sentence with its source */
};

struct option_value {
    const char *text; /* as written; borrowed from the row or owned (see owned) */
    char *owned;
    long long number; /* INT; DURATION in us; SIZE in bytes; CHOICE the index */
};

/* Fill values[count] with the defaults; a default that its own row refuses is asserted. */
void options_init(struct option_value *values, const struct option_row *rows, size_t count);
void options_deinit(struct option_value *values, size_t count);
/* Return: 0, or -EINVAL with what would be right in error_out ("wants a duration such as 30s"). */
int option_set(struct option_value *value, const struct option_row *row, const char *text,
               struct buf *error_out);
const char *option_type_name(enum option_type type);
