/* SPDX-License-Identifier: MIT */
#include "sim/modem/option.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

const char *option_type_name(enum option_type type)
{
    switch (type) {
    case OPTION_TEXT:
        return "text";
    case OPTION_INT:
        return "integer";
    case OPTION_DURATION:
        return "duration";
    case OPTION_SIZE:
        return "size";
    case OPTION_CHOICE:
        return "choice";
    }
    return "?";
}

static int refuse(const struct option_row *row, const char *text, const char *wanted,
                  struct buf *error_out)
{
    if (error_out)
        buf_printf(error_out, "option \"%s\" wants %s%s, not \"%s\"", row->name, wanted,
                   row->range ? row->range : "", text);
    return -EINVAL;
}

static int parse_choice(const struct option_row *row, const char *text, long long *index_out)
{
    const char *at = row->range;
    size_t len = strlen(text);

    for (long long index = 0; at; index++) {
        const char *bar = strchr(at, '|');
        size_t part = bar ? (size_t)(bar - at) : strlen(at);

        if (part == len && memcmp(at, text, len) == 0) {
            *index_out = index;
            return 0;
        }
        at = bar ? bar + 1 : NULL;
    }
    return -EINVAL;
}

static bool in_range(const struct option_row *row, long long value)
{
    long long low, high;

    if (!row->range)
        return true;
    if (sscanf(row->range, "%lld..%lld", &low, &high) != 2)
        assert(!"a range is written LOW..HIGH");
    return value >= low && value <= high;
}

int option_set(struct option_value *value, const struct option_row *row, const char *text,
               struct buf *error_out)
{
    long long number = 0;
    uint64_t amount = 0;

    switch (row->type) {
    case OPTION_TEXT:
        if (!in_range(row, (long long)strlen(text)))
            return refuse(row, text, "a text whose length in bytes is within ", error_out);
        break;
    case OPTION_INT:
        if (text_parse_int(text, &number) < 0 || !in_range(row, number))
            return refuse(row, text, "an integer within ", error_out);
        break;
    case OPTION_DURATION:
        if (text_parse_duration(text, &amount) < 0)
            return refuse(row, text, "a duration with its unit, such as \"30s\"", error_out);
        number = (long long)amount;
        break;
    case OPTION_SIZE:
        if (text_parse_size(text, &amount) < 0)
            return refuse(row, text, "a size such as \"300k\"", error_out);
        number = (long long)amount;
        break;
    case OPTION_CHOICE:
        if (parse_choice(row, text, &number) < 0)
            return refuse(row, text, "one of ", error_out);
        break;
    }
    xstrset(&value->owned, text);
    value->text = value->owned;
    value->number = number;
    return 0;
}

void options_init(struct option_value *values, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct option_value){0};
        if (option_set(&values[i], &rows[i], rows[i].initial, NULL) < 0)
            assert(!"a default that its own row refuses");
        /* The default's text lives in the row: an idle modem need not hold copies. */
        free(values[i].owned);
        values[i].owned = NULL;
        values[i].text = rows[i].initial;
    }
}

void options_deinit(struct option_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(values[i].owned);
}
