/* SPDX-License-Identifier: MIT */
#include "harness/token_word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/text.h"

#define SUM_BYTES 4

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

uint32_t token_word_sum(const char *bytes, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

/* ---- letters ---- */

static void add_letters(struct buf *out, const struct buf *bytes)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < bytes->len; i++) {
        bits = bits << 8 | (unsigned char)bytes->data[i];
        for (count += 8; count >= 5; count -= 5)
            buf_add_char(out, letters[bits >> (count - 5) & 31]);
    }
    if (count > 0)
        buf_add_char(out, letters[bits << (5 - count) & 31]);
}

static int read_letters(const char *text, struct buf *bytes_out)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (; *text; text++) {
        const char *letter = strchr(letters, *text);

        if (!letter)
            return -EINVAL;
        bits = bits << 5 | (uint32_t)(letter - letters);
        count += 5;
        if (count >= 8) {
            count -= 8;
            buf_add_char(bytes_out, (char)(bits >> count & 255));
        }
    }
    /* What fills the last letter up is zero; a whole letter of it is one too many. */
    return count < 5 && (bits & ((1u << count) - 1)) == 0 ? 0 : -EINVAL;
}

/* ---- fields ---- */

void token_word_add(struct buf *bytes, const char *text)
{
    buf_add(bytes, text ? text : "", text ? strlen(text) + 1 : 1);
}

void token_word_add_number(struct buf *bytes, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    token_word_add(bytes, digits);
}

size_t token_word_split(const struct buf *bytes, const char **fields, size_t max)
{
    size_t count = 0;

    for (const char *at = bytes->data; at < bytes->data + bytes->len && count < max;
         at += strlen(at) + 1)
        fields[count++] = at;
    return count;
}

int token_word_check(size_t count, size_t wanted, struct buf *error_out)
{
    if (count >= wanted)
        return 0;
    buf_add_text(error_out, "the token is of another version");
    return -EINVAL;
}

/* ---- the whole ---- */

void token_word_make(const char *prefix, struct buf *bytes, struct buf *out)
{
    uint32_t sum = token_word_sum(bytes->data, bytes->len);

    for (unsigned i = 0; i < SUM_BYTES; i++)
        buf_add_char(bytes, (char)(sum >> (8 * i)));
    buf_add_text(out, prefix);
    add_letters(out, bytes);
}

static bool has_sum(struct buf *bytes)
{
    uint32_t sum = 0;

    if (bytes->len < SUM_BYTES)
        return false;
    for (unsigned i = 0; i < SUM_BYTES; i++)
        sum |= (uint32_t)(unsigned char)bytes->data[bytes->len - SUM_BYTES + i] << (8 * i);
    bytes->len -= SUM_BYTES;
    return token_word_sum(bytes->data, bytes->len) == sum && bytes->len > 0 &&
           bytes->data[bytes->len - 1] == '\0';
}

int token_word_read(const char *prefix, const char *text, struct buf *bytes_out,
                    struct buf *error_out)
{
    if (!text_has_prefix(text, prefix)) {
        buf_printf(error_out, "\"%.40s\" is no token: they begin with %s", text, prefix);
        return -EINVAL;
    }
    if (strlen(text) > TOKEN_MAX || read_letters(text + strlen(prefix), bytes_out) < 0 ||
        !has_sum(bytes_out)) {
        buf_add_text(error_out, "the token is damaged: its check sum is wrong; copy it whole");
        return -EINVAL;
    }
    return 0;
}
