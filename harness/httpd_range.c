/* SPDX-License-Identifier: MIT */
#include "harness/httpd_range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Numbers beyond 64 bits stay at the maximum, which is past the end of any file. */
static bool read_number(const char **text, uint64_t *number_out)
{
    uint64_t number = 0;

    if (!isdigit((unsigned char)**text))
        return false;
    for (; isdigit((unsigned char)**text); (*text)++) {
        unsigned digit = (unsigned)(**text - '0');

        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *number_out = number;
    return true;
}

/* "-500": the last 500 bytes. */
static enum httpd_range parse_suffix(const char *text, uint64_t size_bytes, uint64_t *first_out,
                                     uint64_t *len_out)
{
    uint64_t wanted;

    if (!read_number(&text, &wanted) || *text)
        return HTTPD_RANGE_NONE;
    if (wanted == 0 || size_bytes == 0)
        return HTTPD_RANGE_UNSATISFIABLE;
    *len_out = wanted < size_bytes ? wanted : size_bytes;
    *first_out = size_bytes - *len_out;
    return HTTPD_RANGE_GOOD;
}

enum httpd_range httpd_range_parse(const char *value, uint64_t size_bytes, uint64_t *first_out,
                                   uint64_t *len_out)
{
    uint64_t first, last = UINT64_MAX;

    *first_out = 0;
    *len_out = size_bytes;
    if (!value || strncasecmp(value, "bytes=", 6) != 0)
        return HTTPD_RANGE_NONE;
    value += 6;
    if (*value == '-')
        return parse_suffix(value + 1, size_bytes, first_out, len_out);
    if (!read_number(&value, &first) || *value++ != '-')
        return HTTPD_RANGE_NONE;
    if (*value && (!read_number(&value, &last) || *value || last < first))
        return HTTPD_RANGE_NONE;
    if (first >= size_bytes)
        return HTTPD_RANGE_UNSATISFIABLE;
    if (last >= size_bytes)
        last = size_bytes - 1;
    *first_out = first;
    *len_out = last - first + 1;
    return HTTPD_RANGE_GOOD;
}
