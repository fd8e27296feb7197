/* SPDX-License-Identifier: MIT */
#include "sim/at/at_split.h"

#include <string.h>

/* V.250 knows only '+'; the others are what makers chose for their own commands. */
static const char extended_marks[] = "+^*$%#";
/* '&' is V.250 5.3.1; '\' belongs to the flow control commands of older modems. */
static const char basic_marks[] = "&\\";

/* Locale must not matter, and the ctype functions are undefined for negative chars. */
static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static char to_upper(int c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool is_letter(int c)
{
    return to_upper(c) >= 'A' && to_upper(c) <= 'Z' && c > 0;
}

/* V.250 5.4.1. */
static bool is_name_char(int c)
{
    return is_letter(c) || is_digit(c) || (c > 0 && strchr("!%-./:_", c));
}

/* Return: the byte at the position, or -1 at the end. */
static int peek(const struct at_split *split)
{
    return split->pos < split->len ? (unsigned char)split->text[split->pos] : -1;
}

static void skip_spaces(struct at_split *split)
{
    while (peek(split) == ' ')
        split->pos++;
}

/* Whether a command may end here; the position is moved over spaces. */
static bool at_part_end(struct at_split *split)
{
    skip_spaces(split);
    return peek(split) == -1 || peek(split) == ';';
}

/* Move to the ';' that ends this command, or to the end of the line. */
static void skip_to_part_end(struct at_split *split)
{
    bool is_quoted = false;

    for (; split->pos < split->len; split->pos++) {
        char c = split->text[split->pos];

        if (c == '"')
            is_quoted = !is_quoted;
        else if (c == ';' && !is_quoted)
            return;
    }
}

/* Length of what stands between start and the position, without spaces at its end. */
static size_t trimmed_len(const struct at_split *split, size_t start)
{
    size_t end = split->pos;

    while (end > start && split->text[end - 1] == ' ')
        end--;
    return end - start;
}

/* Return: false when the name is longer than any table may have. */
static bool add_to_name(struct at_req *req, size_t *len, int c)
{
    if (*len == AT_NAME_MAX)
        return false;
    req->name[(*len)++] = to_upper(c);
    req->name[*len] = '\0';
    return true;
}

static void take_digits(struct at_split *split, struct at_req *req)
{
    size_t start = split->pos;

    while (is_digit(peek(split)))
        split->pos++;
    req->args = split->text + start;
    req->args_len = split->pos - start;
}

/* "S003" and "S3" are one register. */
static bool take_register(struct at_split *split, struct at_req *req, size_t *len)
{
    bool has_number = is_digit(peek(split));

    while (peek(split) == '0')
        split->pos++;
    if (has_number && !is_digit(peek(split)))
        return add_to_name(req, len, '0');
    for (; is_digit(peek(split)); split->pos++) {
        if (!add_to_name(req, len, peek(split)))
            return false;
    }
    return true;
}

/* "=13", "=?" or "?" behind a basic command; the value is a number (V.250 5.3.2). */
static void take_basic_form(struct at_split *split, struct at_req *req)
{
    skip_spaces(split);
    if (peek(split) == '?') {
        split->pos++;
        req->verb = AT_READ;
    } else if (peek(split) == '=') {
        split->pos++;
        skip_spaces(split);
        req->verb = peek(split) == '?' ? AT_TEST : AT_SET;
        if (req->verb == AT_TEST)
            split->pos++;
        else
            take_digits(split, req);
    }
}

/* V.250 6.3.1: everything behind D is the dial string, letters included. */
static void take_dial(struct at_split *split, struct at_req *req)
{
    size_t start;

    skip_spaces(split);
    start = split->pos;
    skip_to_part_end(split);
    req->args = split->text + start;
    req->args_len = trimmed_len(split, start);
    if (peek(split) == ';') {
        /* 27.007 6.2: it asks for a voice call, hence it belongs to the command. */
        split->pos++;
        skip_spaces(split);
        if (peek(split) != -1)
            split->is_chained = true;
    }
}

static bool split_basic(struct at_split *split, struct at_req *req)
{
    size_t len = 0;

    if (strchr(basic_marks, peek(split))) {
        add_to_name(req, &len, peek(split));
        split->pos++;
    }
    if (!is_letter(peek(split)))
        return false;
    add_to_name(req, &len, peek(split));
    split->pos++;
    if (strcmp(req->name, "D") == 0) {
        take_dial(split, req);
        return true;
    }
    skip_spaces(split);
    if (strcmp(req->name, "S") == 0) {
        if (!take_register(split, req, &len))
            return false;
    } else {
        take_digits(split, req);
    }
    if (req->args_len == 0)
        take_basic_form(split, req);
    return true;
}

/* Behind the '=' of an extended command. */
static void take_value(struct at_split *split, struct at_req *req)
{
    size_t start;

    skip_spaces(split);
    start = split->pos;
    skip_to_part_end(split);
    req->verb = AT_SET;
    req->args = split->text + start;
    req->args_len = trimmed_len(split, start);
    if (req->args_len == 1 && req->args[0] == '?') {
        req->verb = AT_TEST;
        req->args_len = 0;
        req->args = "";
    }
}

static bool split_extended(struct at_split *split, struct at_req *req)
{
    size_t len = 0;

    add_to_name(req, &len, peek(split));
    split->pos++;
    for (; is_name_char(peek(split)); split->pos++) {
        if (!add_to_name(req, &len, peek(split)))
            return false;
    }
    if (len == 1)
        return false;
    skip_spaces(split);
    if (peek(split) == '=') {
        split->pos++;
        take_value(split, req);
        return true;
    }
    if (peek(split) == '?') {
        split->pos++;
        req->verb = AT_READ;
    }
    return at_part_end(split);
}

void at_split_init(struct at_split *split, const char *text, size_t len)
{
    *split = (struct at_split){.text = text, .len = len};
}

/* A ';' is owed after an extended command, and allowed after a basic one. */
static void skip_separator(struct at_split *split)
{
    if (at_part_end(split) && peek(split) == ';') {
        split->pos++;
        split->is_chained = true;
    }
}

enum at_split_result at_split_next(struct at_split *split, struct at_req *req_out)
{
    size_t start;
    bool is_command = false;

    skip_spaces(split);
    if (split->pos >= split->len)
        return AT_SPLIT_END;
    *req_out = (struct at_req){.verb = AT_EXEC, .args = ""};
    start = split->pos;
    if (peek(split) != 0 && strchr(extended_marks, peek(split)))
        is_command = split_extended(split, req_out);
    else if (is_letter(peek(split)) || (peek(split) != 0 && strchr(basic_marks, peek(split))))
        is_command = split_basic(split, req_out);
    if (!is_command)
        skip_to_part_end(split);
    req_out->text = split->text + start;
    req_out->text_len = trimmed_len(split, start);
    /* The separator of a dial command was taken with it. */
    if (strcmp(req_out->name, "D") != 0)
        skip_separator(split);
    return is_command ? AT_SPLIT_COMMAND : AT_SPLIT_BAD;
}
