/*
 * Reading the parameters of a set command: 1,"a;b",,3. Commas separate, quotes hold anything but a
 * quote, omitted parameters are told apart from empty strings.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct at_req;

#define AT_ARGS_MAX 32

struct at_arg {
    const char *text; /* without its quotes; borrowed from the request; not NUL-terminated */
    size_t len;
    bool quoted;
    bool present; /* false when omitted, as the middle one of "1,,2" */
};

struct at_args {
    struct at_arg arg[AT_ARGS_MAX];
    size_t count;
};

/* Return: 0, or -EINVAL for a bad quote, rubbish after a quote, or over AT_ARGS_MAX parameters. */
int at_args_parse(const struct at_req *req, struct at_args *args_out);
/* Unquoted decimal within min..max. Return: 0; -EINVAL not a number or out of range; -ENOENT
 * omitted. */
int at_args_int(const struct at_args *args, size_t index, long min, long max, long *value_out);
/* The same, but an omitted parameter gives fallback. Return: 0 or -EINVAL. */
int at_args_int_or(const struct at_args *args, size_t index, long min, long max, long fallback,
                   long *value_out);
/*
 * Quoted string copied with a NUL into text_out.
 * Return: 0; -EINVAL not quoted; -ENOENT omitted; -EMSGSIZE longer than size - 1 bytes.
 */
int at_args_string(const struct at_args *args, size_t index, char *text_out, size_t size_bytes);
