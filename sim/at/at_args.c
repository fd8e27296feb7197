/*
 * Parameters of a set command. Everything is borrowed from the request, nothing is allocated.
 * SPDX-License-Identifier: MIT
 */
#include "sim/at/at_args.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "sim/at/at_cmd.h"

struct cursor {
    const char *at;
    const char *end;
};

static void skip_spaces(struct cursor *cursor)
{
    while (cursor->at < cursor->end && *cursor->at == ' ')
        cursor->at++;
}

/* The cursor stands behind the opening quote. */
static int read_quoted(struct cursor *cursor, struct at_arg *arg)
{
    const char *close = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));

    if (!close)
        return -EINVAL;
    *arg = (struct at_arg){
        .text = cursor->at,
        .len = (size_t)(close - cursor->at),
        .quoted = true,
        .present = true,
    };
    cursor->at = close + 1;
    return 0;
}

/* Spaces around a value do not count (V.250 5.4.1); what is empty then was omitted. */
static int read_plain(struct cursor *cursor, struct at_arg *arg)
{
    const char *start = cursor->at;
    const char *last = start;

    for (; cursor->at < cursor->end && *cursor->at != ','; cursor->at++) {
        if (*cursor->at == '"')
            return -EINVAL;
        if (*cursor->at != ' ')
            last = cursor->at + 1;
    }
    *arg = (struct at_arg){
        .text = start,
        .len = (size_t)(last - start),
        .quoted = false,
        .present = last > start,
    };
    return 0;
}

/* Read one parameter and the spaces behind it. */
static int read_arg(struct cursor *cursor, struct at_arg *arg)
{
    int rc;

    skip_spaces(cursor);
    if (cursor->at < cursor->end && *cursor->at == '"') {
        cursor->at++;
        rc = read_quoted(cursor, arg);
    } else {
        rc = read_plain(cursor, arg);
    }
    if (rc == 0)
        skip_spaces(cursor);
    return rc;
}

int at_args_parse(const struct at_req *req, struct at_args *args_out)
{
    struct cursor cursor = {.at = req->args, .end = req->args + req->args_len};

    args_out->count = 0;
    skip_spaces(&cursor);
    if (cursor.at == cursor.end)
        return 0;
    for (;;) {
        if (args_out->count == AT_ARGS_MAX)
            return -EINVAL;
        if (read_arg(&cursor, &args_out->arg[args_out->count]) < 0)
            return -EINVAL;
        args_out->count++;
        if (cursor.at == cursor.end)
            return 0;
        if (*cursor.at != ',')
            return -EINVAL;
        cursor.at++;
    }
}

/* Return: the parameter, or NULL when it was omitted or the list ended before. */
static const struct at_arg *get(const struct at_args *args, size_t index)
{
    if (index >= args->count || !args->arg[index].present)
        return NULL;
    return &args->arg[index];
}

/* Digits with an optional minus; counts downwards, since LONG_MIN has no positive twin. */
static int parse_long(const char *text, size_t len, long *value_out)
{
    bool is_negative = len > 0 && text[0] == '-';
    size_t i = is_negative ? 1 : 0;
    long value = 0;

    if (i == len)
        return -EINVAL;
    for (; i < len; i++) {
        int digit = text[i] - '0';

        if (digit < 0 || digit > 9)
            return -EINVAL;
        if (value < (LONG_MIN + digit) / 10)
            return -EINVAL;
        value = value * 10 - digit;
    }
    if (!is_negative && value == LONG_MIN)
        return -EINVAL;
    *value_out = is_negative ? value : -value;
    return 0;
}

int at_args_int(const struct at_args *args, size_t index, long min, long max, long *value_out)
{
    const struct at_arg *arg = get(args, index);
    long value;

    assert(min <= max);
    if (!arg)
        return -ENOENT;
    if (arg->quoted || parse_long(arg->text, arg->len, &value) < 0)
        return -EINVAL;
    if (value < min || value > max)
        return -EINVAL;
    *value_out = value;
    return 0;
}

int at_args_int_or(const struct at_args *args, size_t index, long min, long max, long fallback,
                   long *value_out)
{
    int rc = at_args_int(args, index, min, max, value_out);

    if (rc != -ENOENT)
        return rc;
    *value_out = fallback;
    return 0;
}

int at_args_string(const struct at_args *args, size_t index, char *text_out, size_t size_bytes)
{
    const struct at_arg *arg = get(args, index);

    assert(size_bytes > 0);
    if (!arg)
        return -ENOENT;
    if (!arg->quoted)
        return -EINVAL;
    if (arg->len > size_bytes - 1)
        return -EMSGSIZE;
    memcpy(text_out, arg->text, arg->len);
    text_out[arg->len] = '\0';
    return 0;
}
