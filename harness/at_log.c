/* SPDX-License-Identifier: MIT */
#include "harness/at_log.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/text.h"

#define UNASKED_MAX 256

enum { BACKSPACE = 0x08, CONTROL_Z = 0x1a, ESCAPE = 0x1b, DELETE = 0x7f };

bool at_log_is_final(const char *text)
{
    static const char *const whole[] = {
        "OK", "ERROR", "NO CARRIER", "NO DIALTONE", "BUSY", "NO ANSWER", "SEND OK", "SEND FAIL",
    };
    static const char *const begins[] = {"+CME ERROR:", "+CMS ERROR:", "CONNECT"};

    for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
        if (strcmp(text, whole[i]) == 0)
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
        if (text_has_prefix(text, begins[i]))
            return true;
    }
    return false;
}

void at_log_deinit(struct at_log *log)
{
    buf_deinit(&log->typed);
    buf_deinit(&log->line);
    free(log->command);
    names_deinit(&log->unasked);
    names_deinit(&log->urcs);
}

void at_log_restart(struct at_log *log)
{
    log->is_open = log->wants_data = false;
    log->echoed = 0;
    buf_clear(&log->typed);
    names_deinit(&log->urcs);
}

/* ---- the host ---- */

static void end_typed(struct at_log *log)
{
    size_t len = log->typed.len;
    char *text = buf_take(&log->typed);

    if (!log->wants_data) {
        if (log->is_open)
            log->echoed = 0; /* the one before was never answered */
        free(log->command);
        log->command = xstrdup(text);
        names_deinit(&log->urcs);
    }
    log->is_open = true;
    log->wants_data = false;
    log->on_typed(log->arg, text, len);
    free(text);
}

static void take_typed(struct at_log *log, char c)
{
    struct buf *typed = &log->typed;

    if (log->wants_data) {
        buf_add_char(typed, c);
        if (c == CONTROL_Z || c == ESCAPE)
            end_typed(log);
        return;
    }
    if (c == '\r') {
        if (typed->len > 0)
            end_typed(log);
    } else if ((c == BACKSPACE || c == DELETE) && typed->len > 0) {
        typed->data[--typed->len] = '\0';
    } else if ((unsigned char)c >= ' ' && c != DELETE) {
        buf_add_char(typed, c);
    }
    /* V.250 5.2.4: A/ repeats the last line, and acts without its end. */
    if (typed->len == 2 && strcasecmp(typed->data, "A/") == 0)
        end_typed(log);
}

void at_log_host(struct at_log *log, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (log->typed.len < AT_LOG_TYPED_MAX || bytes[i] == '\r' || bytes[i] == CONTROL_Z)
            take_typed(log, bytes[i]);
    }
}

/* ---- the modem ---- */

static size_t head_length(const char *text)
{
    return strcspn(text, ":");
}

static bool in_list(const struct names *list, const char *text, size_t len)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strlen(list->items[i]) == len && memcmp(list->items[i], text, len) == 0)
            return true;
    }
    return false;
}

/* "AT+CSQ;+CREG?" and "+CREG: 0,1": the reply to one of the commands. */
static bool is_of_command(const char *command, const char *text, size_t head)
{
    char *name = xstrndup(text, head);
    bool found = head > 1 && command && strcasestr(command, name) != NULL;

    free(name);
    return found;
}

static bool is_unasked(const struct at_log *log, const char *text)
{
    size_t head = head_length(text);

    if (!log->is_open || in_list(&log->urcs, text, strlen(text)))
        return true;
    return text[head] == ':' && in_list(&log->unasked, text, head) &&
           !is_of_command(log->command, text, head);
}

/*
 * The echo of what is typed or was typed last. A URC may have come in the middle of it, and then
 * its beginning and its rest are lines of their own.
 */
static bool is_echo(struct at_log *log, const char *text, size_t len)
{
    const char *whole = log->is_open ? log->command : buf_text(&log->typed);

    if (!whole || strlen(whole) < log->echoed + len || strncmp(whole + log->echoed, text, len) != 0)
        return false;
    log->echoed += len;
    return true;
}

static void end_line(struct at_log *log)
{
    size_t len = log->line.len;
    char *text = buf_take(&log->line);

    if (len == 0 || is_echo(log, text, len)) {
        free(text);
        return;
    }
    if (log->is_open && at_log_is_final(text)) {
        log->is_open = false;
        log->echoed = 0;
        log->on_reply(log->arg, text, true);
    } else if (is_unasked(log, text)) {
        size_t head = head_length(text);

        if (text[head] == ':' && log->unasked.count < UNASKED_MAX &&
            !in_list(&log->unasked, text, head)) {
            char *name = xstrndup(text, head);

            names_add(&log->unasked, name);
            free(name);
        }
        log->on_unasked(log->arg, text, len);
    } else {
        log->on_reply(log->arg, text, false);
    }
    free(text);
}

void at_log_modem(struct at_log *log, const char *bytes, size_t len)
{
    struct buf *line = &log->line;

    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];

        if (c == '\r' || c == '\n')
            end_line(log);
        else if (c == BACKSPACE && line->len > 0)
            line->data[--line->len] = '\0';
        else if (line->len < AT_LOG_TYPED_MAX)
            buf_add_char(line, c);
        if (log->is_open && line->len == 2 && strcmp(line->data, "> ") == 0) {
            log->wants_data = true;
            buf_clear(line);
            if (log->on_prompt)
                log->on_prompt(log->arg);
        }
    }
}

void at_log_urc(struct at_log *log, const char *text)
{
    if (log->urcs.count < UNASKED_MAX)
        names_add(&log->urcs, text);
}
