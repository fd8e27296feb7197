/* SPDX-License-Identifier: MIT */
#include "harness/visible.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/buf.h"

#define REPLACEMENT "\xef\xbf\xbd"

/*
 * Length of the valid sequence at p; 0 when there is none, when it is longer than its character
 * needs, or when XML does not take the character (surrogates, U+FFFE, U+FFFF, C1 controls).
 */
static size_t sequence_length(const uint8_t *p, size_t left, uint32_t *code_out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));

    if (len == 0 || len > left || p[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
        (code >= 0x80 && code < 0xa0) || (code & 0xfffe) == 0xfffe)
        return 0;
    *code_out = code;
    return len;
}

static void add_picture(struct buf *out, uint32_t code)
{
    uint32_t picture = code == 0x7f ? 0x2421 : 0x2400 + code;

    buf_add_char(out, (char)(0xe0 | picture >> 12));
    buf_add_char(out, (char)(0x80 | (picture >> 6 & 0x3f)));
    buf_add_char(out, (char)(0x80 | (picture & 0x3f)));
}

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }
    return NULL;
}

void visible_add(struct buf *out, enum visible_form form, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t size = sequence_length(p + i, len - i, &code);
        const char *entity = size == 1 && form == VISIBLE_MARKUP ? entity_of(code) : NULL;

        if (size == 0) {
            buf_printf(out, "\\x%02X", p[i]);
            size = 1;
        } else if (entity) {
            buf_add_text(out, entity);
        } else if (code == '\n' && form == VISIBLE_LINE) {
            buf_add_char(out, ' ');
        } else if ((code < 0x20 && code != '\n' && code != '\t') || code == 0x7f) {
            add_picture(out, code);
        } else {
            buf_add(out, p + i, size);
        }
        i += size;
    }
}

size_t visible_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && ((uint8_t)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

void visible_add_json(struct buf *out, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    buf_add_char(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t size = sequence_length(p + i, len - i, &code);

        if (size == 0) {
            buf_add_text(out, REPLACEMENT);
            size = 1;
        } else if (code < 0x20 || code == 0x7f) {
            buf_printf(out, "\\u%04x", code);
        } else {
            if (code == '"' || code == '\\')
                buf_add_char(out, '\\');
            buf_add(out, p + i, size);
        }
        i += size;
    }
    buf_add_char(out, '"');
}
