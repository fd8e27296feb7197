/*
 * How replies look: information lines (V.250 5.7.1), final results (5.7), +CME ERROR (27.007 9.2).
 * SPDX-License-Identifier: MIT
 */
#include "sim/at/at_reply.h"

#include <ctype.h>
#include <string.h>

#include "sim/base/mem.h"

static void add_line_end(struct buf *out, const struct at_settings *settings)
{
    const char end[] = {(char)settings->s3, (char)settings->s4};

    buf_add(out, end, sizeof(end));
}

void at_format_line(struct buf *out, const char *text, size_t len,
                    const struct at_settings *settings)
{
    if (settings->verbose)
        add_line_end(out, settings);
    buf_add(out, text, len);
    add_line_end(out, settings);
}

/* ---- the reply under construction ---- */

void at_reply_clear(struct at_reply *reply)
{
    buf_clear(&reply->text);
    reply->in_frame = false;
    reply->has_overflow = false;
}

void at_reply_begin_command(struct at_reply *reply)
{
    reply->in_frame = false;
}

/* "+CSQ: 20,99" to "+CSQ:20,99". Only a command's name in front counts, not a colon of the text. */
static void drop_space_after_colon(struct buf *text, size_t start)
{
    char *at = text->data + start;

    if (!*at || !strchr("+^*$%#", *at))
        return;
    do
        at++;
    while (isalnum((unsigned char)*at) || *at == '_');
    if (at[0] != ':' || at[1] != ' ')
        return;
    memmove(at + 1, at + 2, strlen(at + 2) + 1);
    text->len--;
}

/* Return: whether what was added since len fits; otherwise it is taken back. */
static bool check_bound(struct at_reply *reply, size_t len)
{
    if (reply->text.len <= AT_REPLY_MAX)
        return true;
    reply->text.len = len;
    reply->text.data[len] = '\0';
    reply->has_overflow = true;
    return false;
}

void at_reply_line(struct at_reply *reply, const char *format, ...)
{
    struct buf *text = &reply->text;
    bool shares_frame = reply->style->compact_info && reply->in_frame;
    size_t before = text->len;
    size_t start;
    va_list args;

    if (reply->settings->verbose && !shares_frame)
        add_line_end(text, reply->settings);
    start = text->len;
    va_start(args, format);
    buf_vprintf(text, format, args);
    va_end(args);
    if (reply->style->no_space_after_colon)
        drop_space_after_colon(text, start);
    add_line_end(text, reply->settings);
    if (check_bound(reply, before))
        reply->in_frame = true;
}

void at_reply_raw(struct at_reply *reply, const void *bytes, size_t len)
{
    size_t before = reply->text.len;

    if (len == 0)
        return;
    buf_add(&reply->text, bytes, len);
    if (check_bound(reply, before))
        reply->in_frame = false;
}

void at_reply_test(struct at_reply *reply, const struct at_cmd *cmd)
{
    const char *line = cmd->test_text;

    while (*line) {
        size_t len = strcspn(line, "\n");

        at_reply_line(reply, "%s: %.*s", cmd->name, (int)len, line);
        line += len;
        if (*line == '\n')
            line++;
    }
}

/* ---- final results ---- */

/* V.250 6.2.7: without the detection of a tone, the call has just failed. */
static int apply_x(int result, unsigned x)
{
    bool hears_dial_tone = x == 2 || x >= 4;
    bool hears_busy = x >= 3;

    if (result == AT_NO_DIALTONE && !hears_dial_tone)
        return AT_NO_CARRIER;
    if (result == AT_BUSY && !hears_busy)
        return AT_NO_CARRIER;
    return result;
}

/* V.250 table 1. A result that no one defined is reported as an error, never as silence. */
static void format_basic(struct buf *out, int result, const struct at_settings *settings)
{
    static const struct {
        const char *text;
        char code;
    } results[] = {
        [AT_OK] = {"OK",          '0'},
        [AT_ERROR] = {"ERROR",       '4'},
        [AT_CONNECT] = {"CONNECT",     '1'},
        [AT_RING] = {"RING",        '2'},
        [AT_NO_CARRIER] = {"NO CARRIER",  '3'},
        [AT_NO_DIALTONE] = {"NO DIALTONE", '6'},
        [AT_BUSY] = {"BUSY",        '7'},
        [AT_NO_ANSWER] = {"NO ANSWER",   '8'},
    };
    int known = result >= 0 && result < (int)ARRAY_LEN(results) ? result : AT_ERROR;

    if (settings->verbose) {
        at_format_line(out, results[known].text, strlen(results[known].text), settings);
    } else {
        buf_add_char(out, results[known].code);
        buf_add_char(out, (char)settings->s3);
    }
}

/* Both are text in either format: 27.007 annex B lists their numeric form "as verbose". */
static void format_extended(struct buf *out, const char *kind, int code, const char *words,
                            const struct at_settings *settings)
{
    if (settings->verbose)
        add_line_end(out, settings);
    if (words)
        buf_printf(out, "+%s ERROR: %s", kind, words);
    else
        buf_printf(out, "+%s ERROR: %d", kind, code);
    add_line_end(out, settings);
}

static void format_cme(struct buf *out, int code, const struct at_settings *settings,
                       const struct at_style *style)
{
    const char *words = NULL;

    if (settings->cmee == 0) {
        format_basic(out, AT_ERROR, settings);
        return;
    }
    if (settings->cmee >= 2)
        words = style->cme_text ? style->cme_text(code) : at_cme_standard_text(code);
    format_extended(out, "CME", code, words, settings);
}

/* A vendor's own words; with V0 there is no number but that of ERROR. */
static void format_own(struct buf *out, size_t index, const struct at_settings *settings,
                       const struct at_style *style)
{
    const char *text = index < style->own_result_count ? style->own_results[index] : NULL;

    if (text && settings->verbose)
        at_format_line(out, text, strlen(text), settings);
    else
        format_basic(out, AT_ERROR, settings);
}

void at_format_result(struct buf *out, int result, const struct at_settings *settings,
                      const struct at_style *style)
{
    if (settings->quiet || result == AT_SILENT || result == AT_PENDING || result == AT_PROMPT)
        return;
    if (result >= AT_OWN_BASE)
        format_own(out, (size_t)(result - AT_OWN_BASE), settings, style);
    else if (result >= AT_CMS_BASE)
        format_extended(out, "CMS", result - AT_CMS_BASE, NULL, settings);
    else if (result >= AT_CME_BASE)
        format_cme(out, result - AT_CME_BASE, settings, style);
    else
        format_basic(out, apply_x(result, settings->x), settings);
}

/* 27.007 9.2.1 up to 100, 9.2.2.1 from 103, 9.2.2.2 from 132. */
const char *at_cme_standard_text(int code)
{
    static const char *const texts[] = {
        [0] = "phone failure",
        [1] = "no connection to phone",
        [2] = "phone-adaptor link reserved",
        [3] = "operation not allowed",
        [4] = "operation not supported",
        [5] = "PH-SIM PIN required",
        [6] = "PH-FSIM PIN required",
        [7] = "PH-FSIM PUK required",
        [10] = "SIM not inserted",
        [11] = "SIM PIN required",
        [12] = "SIM PUK required",
        [13] = "SIM failure",
        [14] = "SIM busy",
        [15] = "SIM wrong",
        [16] = "incorrect password",
        [17] = "SIM PIN2 required",
        [18] = "SIM PUK2 required",
        [20] = "memory full",
        [21] = "invalid index",
        [22] = "not found",
        [23] = "memory failure",
        [24] = "text string too long",
        [25] = "invalid characters in text string",
        [26] = "dial string too long",
        [27] = "invalid characters in dial string",
        [30] = "no network service",
        [31] = "network timeout",
        [32] = "network not allowed - emergency calls only",
        [40] = "network personalization PIN required",
        [41] = "network personalization PUK required",
        [42] = "network subset personalization PIN required",
        [43] = "network subset personalization PUK required",
        [44] = "service provider personalization PIN required",
        [45] = "service provider personalization PUK required",
        [46] = "corporate personalization PIN required",
        [47] = "corporate personalization PUK required",
        [50] = "Incorrect parameters",
        [100] = "unknown",
        [103] = "Illegal MS",
        [106] = "Illegal ME",
        [107] = "GPRS services not allowed",
        [111] = "PLMN not allowed",
        [112] = "Location area not allowed",
        [113] = "Roaming not allowed in this location area",
        [132] = "service option not supported",
        [133] = "requested service option not subscribed",
        [134] = "service option temporarily out of order",
        [148] = "unspecified GPRS error",
        [149] = "PDP authentication failure",
        [150] = "invalid mobile class",
    };

    return code >= 0 && code < (int)ARRAY_LEN(texts) ? texts[code] : NULL;
}
