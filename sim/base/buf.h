/*
 * A growing byte buffer. It is always NUL-terminated, so data may be printed when it holds text.
 * Ownership: the struct owns data; buf_take() hands it over. A zeroed struct is an empty buffer.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL while nothing was ever added */
    size_t len;
    size_t cap;
};

void buf_deinit(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_char(struct buf *buf, char c);
void buf_add_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Remove the first len bytes; len must not exceed buf->len. */
void buf_drop_front(struct buf *buf, size_t len);
/* Return: the text, never NULL ("" when empty); valid until the next change. */
const char *buf_text(const struct buf *buf);
/* Return: the bytes, which the caller frees; the buffer is empty afterwards. Never NULL. */
char *buf_take(struct buf *buf);
