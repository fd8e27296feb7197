/* SPDX-License-Identifier: MIT */
#include "sim/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define NEAREST_WORD_MAX 64

struct unit {
    const char *name;
    double factor;
};

static int parse_with_unit(const char *text, const struct unit *units, size_t count, double *out)
{
    char *end;
    double number;

    if (!isdigit((unsigned char)text[0]))
        return -EINVAL;
    errno = 0;
    number = strtod(text, &end);
    if (errno || !isfinite(number))
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(end, units[i].name) == 0) {
            *out = number * units[i].factor;
            return *out <= 9e15 ? 0 : -EINVAL;
        }
    }
    return -EINVAL;
}

int text_parse_duration(const char *text, uint64_t *us_out)
{
    static const struct unit units[] = {
        {"us", 1      },
        {"ms", 1e3    },
        {"s",  1e6    },
        {"m",  60e6   },
        {"h",  3600e6 },
        {"d",  86400e6},
    };
    double us;
    int r = parse_with_unit(text, units, ARRAY_LEN(units), &us);

    if (r == 0)
        *us_out = (uint64_t)llround(us);
    return r;
}

int text_parse_size(const char *text, uint64_t *bytes_out)
{
    static const struct unit units[] = {
        {"",  1      },
        {"k", 1024   },
        {"K", 1024   },
        {"M", 1048576},
        {"m", 1048576},
    };
    double bytes;
    int r = parse_with_unit(text, units, ARRAY_LEN(units), &bytes);

    if (r == 0)
        *bytes_out = (uint64_t)llround(bytes);
    return r;
}

int text_parse_int(const char *text, long long *value_out)
{
    char *end;
    long long value;

    if (!isdigit((unsigned char)text[0]) && text[0] != '-')
        return -EINVAL;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || *end || end == text)
        return -EINVAL;
    *value_out = value;
    return 0;
}

void text_format_clock(struct buf *out, uint64_t t_us)
{
    uint64_t ms = t_us / 1000;

    if (ms >= 3600000)
        buf_printf(out, "%" PRIu64 ":", ms / 3600000);
    buf_printf(out, "%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64, ms / 60000 % 60, ms / 1000 % 60,
               ms % 1000);
}

void text_format_span(struct buf *out, uint64_t span_us)
{
    uint64_t s = span_us / 1000000;

    if (s >= 3600)
        buf_printf(out, "%" PRIu64 " h %02" PRIu64 " m", s / 3600, s / 60 % 60);
    else if (s >= 60)
        buf_printf(out, "%" PRIu64 " m %02" PRIu64 " s", s / 60, s % 60);
    else
        buf_printf(out, "%.2f s", (double)span_us / 1e6);
}

void text_add_visible(struct buf *out, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i++) {
        switch (p[i]) {
        case '\r':
            buf_add_text(out, "\\r");
            break;
        case '\n':
            buf_add_text(out, "\\n");
            break;
        case '\t':
            buf_add_text(out, "\\t");
            break;
        case '\\':
            buf_add_text(out, "\\\\");
            break;
        default:
            if (p[i] >= 0x20 && p[i] < 0x7f)
                buf_add_char(out, (char)p[i]);
            else
                buf_printf(out, "\\x%02x", p[i]);
        }
    }
}

void text_add_json(struct buf *out, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;

    buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '"' || p[i] == '\\')
            buf_printf(out, "\\%c", p[i]);
        else if (p[i] == '\r')
            buf_add_text(out, "\\r");
        else if (p[i] == '\n')
            buf_add_text(out, "\\n");
        else if (p[i] >= 0x20 && p[i] < 0x7f)
            buf_add_char(out, (char)p[i]);
        else
            buf_printf(out, "\\u%04x", p[i]);
    }
    buf_add_char(out, '"');
}

size_t text_distance(const char *a, const char *b)
{
    size_t rows[3][NEAREST_WORD_MAX + 1];
    size_t alen = strlen(a), blen = strlen(b);

    if (alen > NEAREST_WORD_MAX || blen > NEAREST_WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= blen; j++)
        rows[1][j] = j;
    for (size_t i = 1; i <= alen; i++) {
        size_t *before = rows[(i + 2) % 3], *last = rows[i % 3], *row = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t best = last[j - 1] + !same;

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 &&
                tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 2]) &&
                tolower((unsigned char)a[i - 2]) == tolower((unsigned char)b[j - 1]) &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[(alen + 1) % 3][blen];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;

    for (size_t i = 0; i < count; i++) {
        size_t distance = text_distance(word, candidates[i]);

        if (distance < best_distance) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}

bool text_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

int text_read_file(const char *path, size_t max_bytes, struct buf *out)
{
    char chunk[16384];
    ssize_t got;
    int r = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
        if (out->len + (size_t)got > max_bytes) {
            r = -EFBIG;
            goto out;
        }
        buf_add(out, chunk, (size_t)got);
    }
    if (got < 0)
        r = -errno;
out:
    close(fd);
    return r;
}
