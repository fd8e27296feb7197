/*
 * Any bytes into the AT layer. What comes out must not depend on how they were chunked, each line
 * must end in exactly one final reply, and the sanitizers must stay quiet. Built by clang only:
 *
 *     CC=clang meson setup build-fuzz -Db_lundef=false -Db_sanitize=address,undefined \
 *         -Dc_args=-fsanitize=fuzzer-no-link
 *     ninja -C build-fuzz tests/fuzz-at && build-fuzz/tests/fuzz-at -max_total_time=60
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_args.h"
#include "sim/at/at_exec.h"
#include "sim/at/at_parser.h"
#include "sim/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct line {
    struct at_settings settings;
    struct at_parser *parser;
    struct at_exec *exec;
    struct buf out;
    unsigned finals;
    bool wants_data;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static int handle_setting(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    unsigned char value = req->args_len > 0 ? (unsigned char)req->args[0] : 0;

    if (strcmp(req->name, "E") == 0)
        line->settings.echo = value != '0';
    else if (strcmp(req->name, "V") == 0)
        line->settings.verbose = value != '0';
    else if (strcmp(req->name, "S3") == 0)
        line->settings.s3 = value;
    else if (strcmp(req->name, "S5") == 0)
        line->settings.s5 = value;
    return AT_OK;
}

/* Touch every byte of the request, so that the sanitizers see a pointer that is off. */
static int handle_args(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    char text[16];
    long value;

    at_reply_line(reply, "%s: %.*s", req->name, (int)req->text_len, req->text);
    if (at_args_parse(req, &args) < 0)
        return AT_CME(50);
    for (size_t i = 0; i < args.count; i++) {
        if (at_args_int(&args, i, -9, 9999, &value) == 0)
            at_reply_line(reply, "%ld", value);
        if (at_args_string(&args, i, text, sizeof(text)) == 0)
            at_reply_line(reply, "%s", text);
    }
    return req->verb == AT_READ ? AT_PENDING : AT_OK;
}

static int handle_data(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!req->data)
        return AT_PROMPT;
    at_reply_raw(reply, req->data, req->data_len);
    return req->data_cancelled ? AT_ERROR : AT_OK;
}

#define ALL_FORMS (AT_EXEC | AT_READ | AT_SET)

static const struct at_cmd commands[] = {
    {"E",  AT_EXEC,   handle_setting, NULL, "", ""},
    {"V",  AT_EXEC,   handle_setting, NULL, "", ""},
    {"S",  AT_SET,    handle_setting, NULL, "", ""},
    {"D",  AT_EXEC,   handle_args,    NULL, "", ""},
    {"+A", ALL_FORMS, handle_args,    NULL, "", ""},
    {"+D", ALL_FORMS, handle_data,    NULL, "", ""},
};

static const struct at_cmd *find(struct line *line, const char *name)
{
    require(strlen(name) <= AT_NAME_MAX);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int before(struct line *line, const struct at_req *req)
{
    return AT_OK;
}

static void unhandled(struct line *line, const struct at_req *req)
{
    buf_add(&line->out, req->text, req->text_len);
}

static void send_bytes(struct line *line, const char *bytes, size_t len, bool final)
{
    buf_add(&line->out, bytes, len);
    line->finals += final;
}

static void prompt(struct line *line)
{
    at_parser_expect_data(line->parser);
    line->wants_data = true;
}

static const struct at_exec_ops ops = {
    .find = find,
    .before = before,
    .unhandled = unhandled,
    .send = send_bytes,
    .prompt = prompt,
};
static const struct at_style style = {
    .unknown_result = AT_ERROR,
    .too_long_result = AT_ERROR,
};

static void serve(struct line *line, const struct at_event *event)
{
    unsigned finals = line->finals;

    buf_add_char(&line->out, (char)('0' + event->type));
    line->wants_data = false;
    if (event->type == AT_EVENT_LINE)
        at_exec_line(line->exec, event->text, event->len, event->too_long);
    else if (event->type == AT_EVENT_REPEAT)
        at_exec_repeat(line->exec);
    else if (event->type == AT_EVENT_DATA)
        at_exec_data(line->exec, event->text, event->len, event->cancelled);
    else
        return;
    /* Each completion ends one command, so a line of pending ones can not go on for ever. */
    while (at_exec_busy(line->exec) && !line->wants_data)
        at_exec_complete(line->exec, AT_OK);
    require(line->finals == finals + !line->wants_data);
}

/* Feed in chunks of the given size. Return: all that came out, owned by the caller. */
static struct buf run(const uint8_t *bytes, size_t len, size_t chunk)
{
    struct line line = {0};

    at_settings_init(&line.settings);
    line.parser = at_parser_new(&line.settings);
    line.exec = at_exec_new(&line, &ops, &style, &line.settings);
    while (len > 0) {
        struct at_event event;
        size_t used = at_parser_feed(line.parser, bytes, len < chunk ? len : chunk, &event,
                                     &line.out);

        require(used > 0);
        bytes += used;
        len -= used;
        if (event.type != AT_EVENT_NONE)
            serve(&line, &event);
    }
    at_exec_free(line.exec);
    at_parser_free(line.parser);
    return line.out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const size_t chunks[] = {1, 3};
    struct buf whole = run(bytes, len, len);

    for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
        struct buf parts = run(bytes, len, chunks[i]);

        require(parts.len == whole.len);
        require(memcmp(buf_text(&parts), buf_text(&whole), whole.len) == 0);
        buf_deinit(&parts);
    }
    buf_deinit(&whole);
    return 0;
}
