/* SPDX-License-Identifier: MIT */
#include "tests/at-line.h"

#include <stdlib.h>
#include <string.h>

#include "sim/at/at_args.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* ---- a small dialect ---- */

static int handle_note(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    buf_printf(&line->log, "{%s/%d:%.*s}", req->name, req->verb, (int)req->args_len, req->args);
    return AT_OK;
}

static int handle_v(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    line->settings.verbose = req->args_len != 1 || req->args[0] != '0';
    return AT_OK;
}

static int handle_csq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "+CSQ: %d,%d", 20, 99);
    return AT_OK;
}

static int handle_two(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "one: 1");
    at_reply_line(reply, "+TWO: a: b");
    return AT_OK;
}

static int handle_result(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long result;

    assert_int_equal(at_args_parse(req, &args), 0);
    assert_int_equal(at_args_int(&args, 0, -2000, 30000, &result), 0);
    if (args.count > 1)
        at_reply_line(reply, "+RESULT: %.*s", (int)args.arg[1].len, args.arg[1].text);
    return (int)result;
}

static int handle_send(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!req->data)
        return AT_PROMPT;
    if (req->data_cancelled)
        return AT_OK;
    at_reply_line(reply, "+SEND: %.*s (%.*s)", (int)req->data_len, req->data, (int)req->args_len,
                  req->args);
    return AT_OK;
}

static int handle_cut(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "never seen");
    at_exec_reset(line->exec);
    return req->verb == AT_EXEC ? MODEM_GONE : AT_OK;
}

static int handle_flood(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    for (int i = 0; i < AT_REPLY_MAX / 16 + 10; i++)
        at_reply_line(reply, "abcdefghijkl"); /* 16 bytes with its frame */
    return AT_OK;
}

static int handle_raw(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_raw(reply, "raw", 3);
    at_reply_line(reply, "framed");
    return AT_OK;
}

static const struct at_cmd commands[] = {
    {"E",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"I",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"D",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"V",        AT_EXEC,                              handle_v,      NULL,             "", ""},
    {"&F",       AT_EXEC | AT_READ,                    handle_note,   NULL,             "", ""},
    {"&D",       AT_EXEC | AT_TEST,                    handle_note,   "(0-2)",          "", ""},
    {"\\Q",      AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"S",        AT_READ | AT_SET,                     handle_note,   NULL,             "", ""},
    {"S0",       AT_SET,                               handle_note,   NULL,             "", ""},
    {"+CSQ",     AT_EXEC | AT_TEST,                    handle_csq,    "(0-31,99),(99)", "", ""},
    {"+CREG",    AT_READ | AT_SET | AT_EXEC | AT_TEST, handle_note,   NULL,             "", ""},
    {"+TWO",     AT_EXEC | AT_TEST,                    handle_two,    "(1)\n(2),\"a\"", "", ""},
    {"+PLAIN",   AT_EXEC | AT_TEST,                    handle_note,   "",               "", ""},
    {"+RESULT",  AT_SET,                               handle_result, NULL,             "", ""},
    {"+SEND",    AT_SET,                               handle_send,   NULL,             "", ""},
    {"+CUT",     AT_EXEC | AT_READ,                    handle_cut,    NULL,             "", ""},
    {"+FLOOD",   AT_EXEC,                              handle_flood,  NULL,             "", ""},
    {"+RAW",     AT_EXEC,                              handle_raw,    NULL,             "", ""},
    {"^A!%-./:", AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"*E_2",     AT_SET,                               handle_note,   NULL,             "", ""},
};

static const struct at_cmd *find(struct line *line, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int before(struct line *line, const struct at_req *req)
{
    int result = line->before_result;

    line->before_result = 0;
    if (result)
        buf_printf(&line->log, "{before:%.*s}", (int)req->text_len, req->text);
    return result;
}

static void unhandled(struct line *line, const struct at_req *req)
{
    buf_printf(&line->log, "{unhandled:%.*s}", (int)req->text_len, req->text);
}

static void send_bytes(struct line *line, const char *bytes, size_t len, bool final)
{
    const char *next_line = line->next_line;

    if (line->reset_in_send)
        at_exec_reset(line->exec);
    if (final) {
        assert_false(at_exec_busy(line->exec));
        line->next_line = NULL;
        if (next_line)
            at_exec_line(line->exec, next_line, strlen(next_line), false);
    }
    buf_add_char(&line->log, final ? '<' : '[');
    text_add_visible(&line->log, bytes, len);
    buf_add_char(&line->log, final ? '>' : ']');
}

static void prompt(struct line *line)
{
    buf_add_text(&line->log, "{prompt}");
}

static const struct at_exec_ops ops = {
    .find = find,
    .before = before,
    .unhandled = unhandled,
    .send = send_bytes,
    .prompt = prompt,
};

int at_line_setup(void **state)
{
    struct line *line = xcalloc(1, sizeof(*line));

    at_settings_init(&line->settings);
    line->style.unknown_result = AT_ERROR;
    line->style.too_long_result = AT_CME(24);
    line->exec = at_exec_new(line, &ops, &line->style, &line->settings);
    *state = line;
    return 0;
}

int at_line_teardown(void **state)
{
    struct line *line = *state;

    at_exec_free(line->exec);
    buf_deinit(&line->log);
    free(line);
    return 0;
}

int at_line_run(struct line *line, const char *text)
{
    buf_clear(&line->log);
    return at_exec_line(line->exec, text, strlen(text), false);
}

void at_line_check(struct line *line, const char *text, const char *expected, const char *file,
                   int source_line)
{
    assert_int_equal(at_line_run(line, text), 0);
    _assert_string_equal(buf_text(&line->log), expected, file, source_line);
    assert_false(at_exec_busy(line->exec));
}
