/*
 * Text that may hold any byte, made fit for a format that may not.
 * Valid UTF-8 stays; a control byte becomes its picture (U+2400...), any other byte \xNN.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct buf;

enum visible_form {
    VISIBLE_TEXT,   /* plain; line feed and tab stay */
    VISIBLE_MARKUP, /* the same, escaped for XML and HTML, in text and in attributes */
    VISIBLE_LINE,   /* plain, and a line feed becomes a blank */
};

void visible_add(struct buf *out, enum visible_form form, const void *bytes, size_t len);
/* Return: how many bytes from the start, at most max, end with a whole character. */
size_t visible_cut(const char *text, size_t len, size_t max);
/* As a JSON string of characters (text_add_json() makes one of bytes); bad bytes are U+FFFD. */
void visible_add_json(struct buf *out, const void *bytes, size_t len);
