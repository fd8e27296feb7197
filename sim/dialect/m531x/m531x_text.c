/*
 * M531x: the words of +MIPL lines and of errors.
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <string.h>

#include "sim/dialect/m531x/m531x.h"

/* The sources put spaces at different places (C-7); the guide puts none. */
void m531x_dress(const struct modem *modem, const char *text, struct buf *out)
{
    bool all = modem_quirk(modem, M531X_SP_ALL);
    bool colon = all || modem_quirk(modem, M531X_SP_COLON);
    bool quoted = false, past_colon = false;

    for (; *text; text++) {
        buf_add_char(out, *text);
        if (*text == '"')
            quoted = !quoted;
        if (quoted || text[1] == ' ' || text[1] == '\r' || text[1] == '\0')
            continue;
        if ((*text == ':' && !past_colon && colon) || (*text == ',' && all))
            buf_add_char(out, ' ');
        past_colon |= *text == ':';
    }
}

__attribute__((format(printf, 3, 0))) static void
dress_v(const struct modem *modem, struct buf *out, const char *format, va_list args)
{
    struct buf plain = {0};

    buf_vprintf(&plain, format, args);
    m531x_dress(modem, buf_text(&plain), out);
    buf_deinit(&plain);
}

void m531x_say(struct modem *modem, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    dress_v(modem, &text, format, args);
    va_end(args);
    modem_urc_line(modem, "%s", buf_text(&text));
    buf_deinit(&text);
}

void m531x_reply(struct line *line, struct at_reply *reply, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    dress_v(line->modem, &text, format, args);
    va_end(args);
    at_reply_line(reply, "%s", buf_text(&text));
    buf_deinit(&text);
}

void m531x_event(struct modem *modem, enum m531x_event event, long ext)
{
    if (ext == M531X_NO_EXT)
        m531x_say(modem, "+MIPLEVENT:%d,%d", M531X_REF, (int)event);
    else
        m531x_say(modem, "+MIPLEVENT:%d,%d,%ld", M531X_REF, (int)event, ext);
}

/* The MT2625's numbers for the same conditions, sheet 2. */
static int mtk_number(enum m531x_err err)
{
    switch (err) {
    case M531X_ERR_MEMORY:
        return 651;
    case M531X_ERR_SYNTAX:
        return 652;
    case M531X_ERR_NOT_ALLOWED:
        return 653;
    case M531X_ERR_STATE:
    case M531X_ERR_BUSY:
        return 654;
    case M531X_ERR_RESOURCE:
        return 655;
    }
    return 654;
}

int m531x_error(struct line *line, struct at_reply *reply, enum m531x_err err)
{
    const struct modem *modem = line->modem;
    int number = modem_quirk(modem, M531X_ERR_TABLE_MTK) ? mtk_number(err) : (int)err;

    if (!modem_quirk(modem, M531X_ERR_PREFIX_CIS))
        return AT_CME(number);
    m531x_reply(line, reply, "+CIS ERROR:%d", number);
    return AT_SILENT;
}
