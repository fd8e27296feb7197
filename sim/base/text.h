/*
 * Small text helpers: quantities with units, times for people, spelling help, visible bytes.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * "500ms", "30s", "2m", "1.5s", "24h", "250us" to microseconds.
 * A number without unit is refused, since half of all readers would guess it wrong.
 * Return: 0, or -EINVAL.
 */
int text_parse_duration(const char *text, uint64_t *us_out);
/* "300k", "1M", "4096" (binary multiples) to bytes. Return: 0, or -EINVAL. */
int text_parse_size(const char *text, uint64_t *bytes_out);
/* Decimal integer filling the whole text. Return: 0, or -EINVAL. */
int text_parse_int(const char *text, long long *value_out);

/* 44180000 -> "00:44.180" (hours in front from one hour on). */
void text_format_clock(struct buf *out, uint64_t t_us);
/* 242000000 -> "4 m 02 s", 210000 -> "0.21 s". */
void text_format_span(struct buf *out, uint64_t span_us);

/* Append bytes so that a person sees each: \r \n \t \\ \xNN; printable ASCII stays. */
void text_add_visible(struct buf *out, const void *bytes, size_t len);
/* Append bytes as a JSON string with quotes. Each byte is one character U+0000..U+00FF. */
void text_add_json(struct buf *out, const void *bytes, size_t len);

/*
 * The candidate nearest to word, for "did you mean".
 * Return: one of candidates, or NULL when none is near enough to help.
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);
/* Damerau-Levenshtein distance (adjacent swaps count one), case-insensitive. */
size_t text_distance(const char *a, const char *b);

bool text_has_prefix(const char *text, const char *prefix);
/* Read a whole file of at most max_bytes. Return: 0, -errno, or -EFBIG. */
int text_read_file(const char *path, size_t max_bytes, struct buf *out);
