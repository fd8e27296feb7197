/*
 * The text form of a fault: POINT TRIGGERS = ACTION [: ARGUMENT].
 *
 * A reader that goes from left to right and says, in one line, which part it does not understand
 * and what would be understood there. The texts come from command lines, scenarios and replay
 * tokens, so nothing here is asserted.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/fault/fault_private.h"

/* ---- messages ---- */

/* A fault's text is shown as it was written, but stays on one line whatever is in it. */
static void add_shown(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (iscntrl((unsigned char)text[i]))
            text_add_visible(out, text + i, 1);
        else
            buf_add_char(out, text[i]);
    }
}

int fault_refuse(struct fault_reader *reader, const char *format, ...)
{
    struct buf message = {0};
    va_list args;

    if (!reader->error)
        return -EINVAL;
    va_start(args, format);
    buf_vprintf(&message, format, args);
    va_end(args);
    buf_add_text(reader->error, "fault \"");
    add_shown(reader->error, reader->text, strnlen(reader->text, FAULT_TEXT_MAX));
    buf_add_text(reader->error, "\": ");
    add_shown(reader->error, buf_text(&message), message.len);
    buf_deinit(&message);
    return -EINVAL;
}

/* ---- parts that occur in several places ---- */

static int read_number(struct fault_reader *reader, uint64_t *number_out)
{
    char *end;

    if (!isdigit((unsigned char)*reader->at))
        return -EINVAL;
    errno = 0;
    *number_out = strtoull(reader->at, &end, 10);
    if (errno)
        return -EINVAL;
    reader->at = end;
    return 0;
}

static int hex_digit(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* What follows a backslash. Return: 0, or -EINVAL. */
static int read_escape(struct fault_reader *reader, char *byte_out)
{
    static const char names[] = "rnt\"\\";
    static const char bytes[] = "\r\n\t\"\\";
    char c = *reader->at;
    const char *name = c ? strchr(names, c) : NULL;

    if (name) {
        *byte_out = bytes[name - names];
        reader->at++;
        return 0;
    }
    if (c != 'x' || hex_digit(reader->at[1]) < 0 || hex_digit(reader->at[2]) < 0)
        return fault_refuse(
            reader, "unknown escape \"\\%.1s\"; known are \\r \\n \\t \\\" \\\\ \\xNN", reader->at);
    *byte_out = (char)(hex_digit(reader->at[1]) * 16 + hex_digit(reader->at[2]));
    reader->at += 3;
    return 0;
}

int fault_read_quoted(struct fault_reader *reader, char *out, size_t max_len, size_t *len_out)
{
    size_t len = 0;

    while (*reader->at != '"') {
        char byte = *reader->at;

        if (!byte)
            return fault_refuse(reader, "the closing quote is missing");
        reader->at++;
        if (byte == '\\' && read_escape(reader, &byte) < 0)
            return -EINVAL;
        if (len == max_len)
            return fault_refuse(reader, "the text in quotes is longer than %zu bytes", max_len);
        out[len++] = byte;
    }
    reader->at++;
    if (len == 0)
        return fault_refuse(reader, "the text in quotes is empty");
    *len_out = len;
    return 0;
}

/* ---- point ---- */

static int read_point(struct fault_reader *reader)
{
    size_t len = strcspn(reader->at, "@#/~*=");
    struct fault *fault = reader->fault;
    struct buf nearest = {0};
    int r = 0;

    if (len > 0 && reader->at[len] == '*' && reader->at[len - 1] == '.')
        len++; /* the star of "at.*" is part of the name */
    if (len == 0)
        return fault_refuse(reader, "it must begin with the name of a point");
    fault->name = xstrndup(reader->at, len);
    reader->at += len;
    fault->point = fault_point_find(reader->plan, fault->name, &fault->member);
    if (fault->point)
        return 0;
    if (fault_point_suggest(reader->plan, fault->name, &nearest))
        r = fault_refuse(reader, "no point \"%s\"; did you mean \"%s\"?", fault->name,
                         buf_text(&nearest));
    else
        r = fault_refuse(reader, "no point \"%s\"; \"hayeswire list points\" shows them all",
                         fault->name);
    buf_deinit(&nearest);
    return r;
}

/* ---- triggers ---- */

static int read_twice(struct fault_reader *reader, const char *what)
{
    return fault_refuse(reader, "%s is given twice", what);
}

static int read_nth(struct fault_reader *reader)
{
    if (reader->fault->has_nth)
        return read_twice(reader, "the number of the hit");
    if (read_number(reader, &reader->fault->nth) < 0 || reader->fault->nth == 0)
        return fault_refuse(reader, "\"#\" needs the number of a hit from 1 on, as in #3");
    reader->fault->has_nth = true;
    return 0;
}

static int read_percent(struct fault_reader *reader, uint64_t percent)
{
    struct fault *fault = reader->fault;

    if (fault->has_percent)
        return read_twice(reader, "the percentage");
    if (percent > 100)
        return fault_refuse(reader, "\"@%llu%%\" is more than 100%%", (unsigned long long)percent);
    if (fault->point->point_class == FAULT_BYTES && !fault_point_is_download(fault->point))
        return fault_refuse(
            reader,
            "\"@%llu%%\" does not fit the BYTES point \"%s\", whose stream has no end; "
            "use @n or @\"text\"",
            (unsigned long long)percent, fault->name);
    fault->has_percent = true;
    fault->percent = (unsigned)percent;
    return 0;
}

static int read_amount_or_text(struct fault_reader *reader)
{
    struct fault *fault = reader->fault;
    uint64_t number;

    if (*reader->at == '"') {
        if (fault->match_len > 0)
            return read_twice(reader, "the text");
        reader->at++;
        return fault_read_quoted(reader, fault->match, FAULT_MATCH_MAX, &fault->match_len);
    }
    if (read_number(reader, &number) < 0)
        return fault_refuse(reader,
                            "\"@\" needs an amount, a percentage or a text in quotes, as in "
                            "@4096, @37%% or @\"OK\"");
    if (*reader->at == '%') {
        reader->at++;
        return read_percent(reader, number);
    }
    if (fault->has_amount)
        return read_twice(reader, "the amount");
    fault->has_amount = true;
    fault->amount = number;
    return 0;
}

static int read_phase(struct fault_reader *reader)
{
    static const char *const names[] = {"before", "mid", "after"};
    static const enum fault_phase phases[] = {FAULT_BEFORE, FAULT_MID, FAULT_AFTER};
    struct fault *fault = reader->fault;
    size_t len = strcspn(reader->at, "@#/~*=");

    if (fault->phase != FAULT_ANY)
        return read_twice(reader, "the phase");
    if (fault->point->point_class != FAULT_WRITE)
        return fault_refuse(
            reader, "\"/%.*s\" does not fit the %s point \"%s\"; only WRITE has phases", (int)len,
            reader->at, fault_class_name(fault->point->point_class), fault->name);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == len && strncmp(names[i], reader->at, len) == 0) {
            fault->phase = phases[i];
            reader->at += len;
            return 0;
        }
    }
    return fault_refuse(reader, "no phase \"/%.*s\"; there are /before, /mid and /after", (int)len,
                        reader->at);
}

static int read_chance(struct fault_reader *reader)
{
    struct fault *fault = reader->fault;
    char *end;

    if (fault->has_chance)
        return read_twice(reader, "the probability");
    if (isdigit((unsigned char)*reader->at) || *reader->at == '.') {
        fault->chance = strtod(reader->at, &end);
        if (end > reader->at && fault->chance > 0 && fault->chance <= 1) {
            reader->at = end;
            fault->has_chance = true;
            return 0;
        }
    }
    return fault_refuse(reader, "\"~\" needs a probability above 0 and up to 1, as in ~0.1");
}

static int read_times(struct fault_reader *reader, bool *is_given)
{
    uint64_t times;

    if (*is_given)
        return read_twice(reader, "the number of times");
    if (read_number(reader, &times) < 0 || times > FAULT_TIMES_MAX)
        return fault_refuse(reader,
                            "\"*\" needs a number of times up to %d, as in *3 (*0 = always)",
                            FAULT_TIMES_MAX);
    *is_given = true;
    reader->fault->wanted = (unsigned)times;
    return 0;
}

/* Everything up to and including the '='. */
static int read_triggers(struct fault_reader *reader)
{
    bool are_times_given = false;

    reader->fault->wanted = 1;
    for (;;) {
        char sign = *reader->at;
        int r;

        if (!sign)
            return fault_refuse(reader, "\"=\" and an action are missing, as in %s=power_cut",
                                reader->fault->name);
        reader->at++;
        if (sign == '=')
            return 0;
        if (sign == '#')
            r = read_nth(reader);
        else if (sign == '@')
            r = read_amount_or_text(reader);
        else if (sign == '/')
            r = read_phase(reader);
        else if (sign == '~')
            r = read_chance(reader);
        else if (sign == '*')
            r = read_times(reader, &are_times_given);
        else
            r = fault_refuse(reader, "\"%s\" is no trigger; triggers begin with # @ / ~ or *",
                             reader->at - 1);
        if (r < 0)
            return r;
    }
}

int fault_parse(const struct fault_plan *plan, const char *text, struct fault *fault_out,
                struct buf *error_out)
{
    struct fault_reader reader = {
        .plan = plan,
        .text = text,
        .at = text,
        .fault = fault_out,
        .error = error_out,
    };
    int r;

    if (strlen(text) > FAULT_TEXT_MAX)
        return fault_refuse(&reader, "the text is longer than %d bytes", FAULT_TEXT_MAX);
    r = read_point(&reader);
    if (r == 0)
        r = read_triggers(&reader);
    if (r == 0)
        r = fault_read_action(&reader);
    if (r == 0)
        fault_match_prepare(fault_out);
    return r;
}
