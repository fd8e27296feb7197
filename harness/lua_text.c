/* SPDX-License-Identifier: MIT */
#include "harness/lua_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "sim/base/buf.h"

void lua_text_quote(struct buf *out, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '"' || at[i] == '\\')
            buf_printf(out, "\\%c", at[i]);
        else if (at[i] == '\r' || at[i] == '\n')
            buf_add_text(out, at[i] == '\r' ? "\\r" : "\\n");
        else if (at[i] < ' ' || at[i] > '~')
            buf_printf(out, "\\x%02X", at[i]);
        else
            buf_add_char(out, (char)at[i]);
    }
    buf_add_char(out, '"');
}

void lua_text_name(struct buf *out, const char *name)
{
    if (!isalpha((unsigned char)name[0]))
        buf_add_char(out, 'm');
    for (; *name; name++)
        buf_add_char(out, isalnum((unsigned char)*name) ? *name : '_');
}

/* "12:34:56" or "26/01/02": three numbers with the same separator. Return: its length, or 0. */
static size_t stamp_length(const char *text, char separator)
{
    size_t len = 0;

    for (unsigned part = 0; part < 3; part++) {
        size_t digits = strspn(text + len, "0123456789");

        if (digits == 0 || (part < 2 && text[len + digits] != separator))
            return 0;
        len += digits + (part < 2);
    }
    return len;
}

void lua_text_timeless(struct buf *out, const char *text)
{
    bool after_digit = false;

    while (*text) {
        size_t time = after_digit ? 0 : stamp_length(text, ':');
        size_t date = after_digit ? 0 : stamp_length(text, '/');

        if (time || date) {
            buf_add_text(out, time ? "%d:%d:%d" : "%d/%d/%d");
            text += time ? time : date;
            after_digit = true;
            continue;
        }
        after_digit = isdigit((unsigned char)*text) || *text == '.';
        buf_add_char(out, *text++);
    }
}
