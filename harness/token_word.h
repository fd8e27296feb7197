/*
 * The letters of tokens: base32 (lower case, no padding) of fields that NUL bytes separate, and of
 * a check sum over them, so that a token which lost a letter on its way is told from one of another
 * version. A prefix says what it is a token of.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

#define TOKEN_MAX 8192 /* letters */

/* Add a field to the bytes of a token; NULL is "". */
void token_word_add(struct buf *bytes, const char *text);
void token_word_add_number(struct buf *bytes, uint64_t number);
/* FNV-1a, 32 bits. */
uint32_t token_word_sum(const char *bytes, size_t len);
/* Append the token; the check sum is appended to bytes. */
void token_word_make(const char *prefix, struct buf *bytes, struct buf *out);
/* Return: 0 and the bytes without the check sum; or -EINVAL with a message. */
int token_word_read(const char *prefix, const char *text, struct buf *bytes_out,
                    struct buf *error_out);
/* The fields in order; borrowed from the bytes. Return: how many. */
size_t token_word_split(const struct buf *bytes, const char **fields, size_t max);
/* Return: 0, or -EINVAL with a message when there are too few. */
int token_word_check(size_t count, size_t wanted, struct buf *error_out);
