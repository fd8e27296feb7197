/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mipl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The next number of a list with commas. Return: where the text goes on; NULL: there is none. */
static const char *next_number(const char *text, long *number_out)
{
    char *end;

    if (!text)
        return NULL;
    text += strspn(text, " ");
    *number_out = strtol(text, &end, 10);
    if (end == text)
        return NULL;
    end += strspn(end, " ");
    return *end == ',' ? end + 1 : end;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)toupper((unsigned char)c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(const char *text, struct mipl_line *line)
{
    for (size_t i = 0; i < line->len; i++) {
        int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

        if (low < 0)
            return false;
        line->bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* The value at text, len bytes of it. Return: what stands behind it; NULL: it is none. */
static const char *read_value(const char *text, struct mipl_line *line)
{
    bool is_hex = line->type == 2, is_quoted = line->type == 1;
    size_t width = is_hex ? 2 * line->len : line->len;

    if (line->len > MIPL_BLOCK_MAX || (is_quoted && *text++ != '"') ||
        memchr(text, '\0', width + 1) || (is_hex && !read_hex(text, line)))
        return NULL;
    if (!is_hex)
        memcpy(line->bytes, text, line->len);
    text += width;
    return is_quoted && *text++ != '"' ? NULL : text;
}

/* "<value>,<flag>[,<index>]" */
static void read_payload(const char *text, struct mipl_line *line)
{
    long flag = 0;

    text = read_value(text + strspn(text, " "), line);
    line->is_whole = text && *text == ',' && next_number(text + 1, &flag) && flag >= 0 && flag <= 2;
    line->flag = (int)flag;
}

static const char *behind(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* <ref>,<mid>,<objid>,<insid>[,<resid>] */
static const char *read_path(const char *at, struct mipl_line *line)
{
    long ref;

    at = next_number(at, &ref);
    at = next_number(at, &line->mid);
    at = next_number(at, &line->object);
    at = next_number(at, &line->instance);
    return next_number(at, &line->resource);
}

/* Return: whether the line is complete. */
static bool read_write(struct mipl_parser *parser, const char *at, struct mipl_line *line)
{
    long len = 0;

    at = next_number(next_number(read_path(at, line), &line->type), &len);
    if (!at)
        return true;
    line->kind = MIPL_WRITE;
    line->len = len >= 0 && len <= MIPL_BLOCK_MAX ? (size_t)len : MIPL_BLOCK_MAX + 1;
    if (at[strspn(at, " ")] == '\0') {
        parser->pending = *line;
        parser->is_pending = true;
        return false;
    }
    read_payload(at, line);
    return true;
}

static bool is_ready_line(const char *text)
{
    return strcmp(text, "*ATREADY: 1") == 0 || strcmp(text, "*MATREADY: 1") == 0 ||
           strcmp(text, "+MATREADY") == 0 || behind(text, "REBOOT_CAUSE_") || behind(text, "Neul");
}

/* A module may tell in words of its own upgrade; the event that means the same, or 0. */
static long event_of_words(const char *text)
{
    static const struct {
        const char *words;
        long event;
    } rows[] = {
        {"FIRMWARE DOWNLOADING",     40},
        {"FIRMWARE DOWNLOAD FAILED", 41},
        {"FIRMWARE DOWNLOADED",      42},
        {"FIRMWARE UPDATING",        43},
        {"FIRMWARE UPDATE SUCCESS",  44},
        {"FIRMWARE UPDATE FAILED",   45},
        {"FIRMWARE UPDATE OVER",     46},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(text, rows[i].words) == 0)
            return rows[i].event;
    }
    return 0;
}

bool mipl_parse(struct mipl_parser *parser, const char *text, struct mipl_line *out)
{
    const char *at;
    long ref;

    *out = (struct mipl_line){.kind = MIPL_OTHER};
    if (parser->is_pending && text[0] != '+' && text[0] != '*') {
        *out = parser->pending;
        parser->is_pending = false;
        read_payload(text, out);
        return true;
    }
    parser->is_pending = false;
    if ((at = behind(text, "+MIPLWRITE:")))
        return read_write(parser, at, out);
    if ((at = behind(text, "+MIPLEVENT:")) && next_number(next_number(at, &ref), &out->mid))
        out->kind = MIPL_EVENT;
    else if ((at = behind(text, "+MIPLREAD:")) && read_path(at, out))
        out->kind = MIPL_READ;
    else if ((at = behind(text, "+MIPLEXECUTE:")) && read_path(at, out))
        out->kind = MIPL_EXECUTE;
    else if (is_ready_line(text))
        out->kind = MIPL_READY;
    else if ((out->mid = event_of_words(text)) != 0)
        out->kind = MIPL_EVENT;
    return true;
}
