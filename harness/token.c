/* SPDX-License-Identifier: MIT */
#include "harness/token.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run_options.h"
#include "harness/trial_case.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define TOKEN_PREFIX "hw1" /* with the version of the fields */
#define FIELD_COUNT  10    /* in front of the faults */
#define SUM_BYTES    4

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

/* FNV-1a, 32 bits. */
static uint32_t sum_of(const char *bytes, size_t len)
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
    return 0;
}

/* ---- fields ---- */

static void add_field(struct buf *out, const char *text)
{
    buf_add(out, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_number(struct buf *out, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    add_field(out, digits);
}

void token_encode(const struct token *token, struct buf *out)
{
    struct buf bytes = {0};
    uint32_t sum;

    add_field(&bytes, token->path);
    add_number(&bytes, token->index);
    add_number(&bytes, sum_of(token->title, strlen(token->title)));
    add_number(&bytes, token->seed);
    add_field(&bytes, token->time);
    add_field(&bytes, token->dialect);
    add_number(&bytes, (uint64_t)token->plan.mode);
    add_field(&bytes, token->plan.modem);
    add_number(&bytes, token->plan.is_honest);
    add_number(&bytes, token->plan.limit_us / 1000000);
    for (size_t i = 0; i < token->plan.faults.count; i++)
        add_field(&bytes, token->plan.faults.items[i]);
    sum = sum_of(bytes.data, bytes.len);
    for (unsigned i = 0; i < SUM_BYTES; i++)
        buf_add_char(&bytes, (char)(sum >> (8 * i)));
    buf_add_text(out, TOKEN_PREFIX);
    add_letters(out, &bytes);
    buf_deinit(&bytes);
}

void token_of_case(const struct run_options *options, const struct trial_case *item,
                   struct buf *out)
{
    struct token token = {
        .path = item->path,
        .index = item->index,
        .title = item->title,
        .seed = item->seed,
        .time = (char *)options->time_text,
        .dialect = (char *)options->dialect,
    };

    if (item->plan)
        token.plan = *item->plan;
    token_encode(&token, out);
}

static bool has_sum(struct buf *bytes)
{
    uint32_t sum = 0;

    if (bytes->len < SUM_BYTES)
        return false;
    for (unsigned i = 0; i < SUM_BYTES; i++)
        sum |= (uint32_t)(unsigned char)bytes->data[bytes->len - SUM_BYTES + i] << (8 * i);
    bytes->len -= SUM_BYTES;
    return sum_of(bytes->data, bytes->len) == sum && bytes->len > 0 &&
           bytes->data[bytes->len - 1] == '\0';
}

/* The fields in order; borrowed from the bytes. Return: how many. */
static size_t split(const struct buf *bytes, const char **fields, size_t max)
{
    size_t count = 0;

    for (const char *at = bytes->data; at < bytes->data + bytes->len && count < max;
         at += strlen(at) + 1)
        fields[count++] = at;
    return count;
}

static void fill(struct token *token, const char *const *fields, size_t count)
{
    *token = (struct token){
        .path = xstrdup(fields[0]),
        .index = strtoull(fields[1], NULL, 10),
        .title = xstrdup(fields[2]),
        .seed = strtoull(fields[3], NULL, 10),
        .time = xstrdup(fields[4]),
        .dialect = xstrdup(fields[5]),
        .plan =
            {
                   .mode = strtoul(fields[6], NULL, 10) == TRIAL_STRIKE ? TRIAL_STRIKE : TRIAL_BODY,
                   .modem = fields[7][0] ? xstrdup(fields[7]) : NULL,
                   .is_honest = fields[8][0] == '1',
                   .limit_us = strtoull(fields[9], NULL, 10) * 1000000,
                   },
    };
    for (size_t i = FIELD_COUNT; i < count; i++)
        names_add(&token->plan.faults, fields[i]);
}

int token_decode(const char *text, struct token *token_out, struct buf *error_out)
{
    const char *fields[FIELD_COUNT + 64];
    struct buf bytes = {0};
    size_t count;
    int r = -EINVAL;

    if (!text_has_prefix(text, TOKEN_PREFIX)) {
        buf_printf(error_out, "\"%.40s\" is no token: they begin with " TOKEN_PREFIX, text);
        return r;
    }
    if (strlen(text) > TOKEN_MAX || read_letters(text + strlen(TOKEN_PREFIX), &bytes) < 0 ||
        !has_sum(&bytes)) {
        buf_add_text(error_out, "the token is damaged: its check sum is wrong; copy it whole");
        goto out;
    }
    count = split(&bytes, fields, ARRAY_LEN(fields));
    if (count < FIELD_COUNT) {
        buf_add_text(error_out, "the token is of another version");
        goto out;
    }
    fill(token_out, fields, count);
    r = 0;
out:
    buf_deinit(&bytes);
    return r;
}

bool token_fits_title(const struct token *token, const char *title)
{
    return strtoull(token->title, NULL, 10) == sum_of(title, strlen(title));
}

void token_deinit(struct token *token)
{
    free(token->path);
    free(token->title);
    free(token->time);
    free(token->dialect);
    trial_plan_deinit(&token->plan);
}
