/*
 * The executor: one line, its commands one after the other, one reply.
 *
 * A line runs until a command suspends it: held by ops->before, pending in its handler, or waiting
 * for data. Nothing is kept on the C stack then; the splitter's position and the request are the
 * whole state. Operations and handlers may cut the power, and with it reset the executor, at any
 * time: state is always settled before an operation is called, and looked at again afterwards.
 * SPDX-License-Identifier: MIT
 */
#include "sim/at/at_exec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_reply.h"
#include "sim/at/at_split.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* Buffers that grew larger than this are not kept while idle. */
#define EXEC_KEEP_BYTES 512

enum exec_state {
    EXEC_IDLE,
    EXEC_RUNNING,
    EXEC_HELD,    /* ops->before holds the command; its handler was not called yet */
    EXEC_PENDING, /* at_exec_complete() is awaited */
    EXEC_DATA,    /* at_exec_data() is awaited */
};

struct at_exec {
    struct line *line;
    const struct at_exec_ops *ops;
    const struct at_settings *settings;
    const struct at_style *style;
    struct at_reply reply;
    struct buf last_line; /* the one that runs, or the one for A/ */
    struct at_split split;
    struct at_req req;
    enum exec_state state;
    bool is_too_long; /* last_line is only the beginning */
    bool has_begun;   /* bytes of this line's reply were sent already */
};

struct at_exec *at_exec_new(struct line *line, const struct at_exec_ops *ops,
                            const struct at_style *style, const struct at_settings *settings)
{
    struct at_exec *exec = xcalloc(1, sizeof(*exec));

    assert(ops->find && ops->before && ops->unhandled && ops->send && ops->prompt);
    /* A forgotten field would answer OK to everything. */
    assert(style->unknown_result > 0 && style->too_long_result > 0);
    exec->line = line;
    exec->ops = ops;
    exec->settings = settings;
    exec->style = style;
    exec->reply.settings = settings;
    exec->reply.style = style;
    return exec;
}

void at_exec_free(struct at_exec *exec)
{
    if (!exec)
        return;
    buf_deinit(&exec->reply.text);
    buf_deinit(&exec->last_line);
    free(exec);
}

/* Frees nothing, since a handler further up the stack may still hold the request. */
void at_exec_reset(struct at_exec *exec)
{
    exec->state = EXEC_IDLE;
    exec->has_begun = false;
    exec->is_too_long = false;
    at_reply_clear(&exec->reply);
    buf_clear(&exec->last_line);
}

/*
 * The text is moved out of the reply while it is sent: the operation may reset the executor or run
 * the next line, and neither must touch bytes on their way.
 */
static void send_reply(struct at_exec *exec, bool final)
{
    struct buf text = exec->reply.text;

    exec->reply.text = (struct buf){0};
    exec->ops->send(exec->line, buf_text(&text), text.len, final);
    if (exec->reply.text.data || text.cap > EXEC_KEEP_BYTES) {
        buf_deinit(&text);
        return;
    }
    buf_clear(&text);
    exec->reply.text = text;
}

static void finish(struct at_exec *exec, int result)
{
    if (exec->reply.has_overflow && result == AT_OK)
        result = AT_ERROR;
    at_format_result(&exec->reply.text, result, exec->settings, exec->style);
    exec->state = EXEC_IDLE;
    exec->has_begun = false;
    send_reply(exec, true);
}

static void suspend(struct at_exec *exec, enum exec_state state)
{
    exec->state = state;
    if (exec->reply.text.len == 0)
        return;
    exec->has_begun = true;
    send_reply(exec, false);
}

/* 27.005 3.5.1: the prompt is framed by CR and LF whatever V says. */
static void prompt(struct at_exec *exec)
{
    const char text[] = {(char)exec->settings->s3, (char)exec->settings->s4, '>', ' '};

    at_reply_raw(&exec->reply, text, sizeof(text));
    exec->state = EXEC_DATA;
    exec->ops->prompt(exec->line);
    if (exec->state == EXEC_DATA)
        suspend(exec, EXEC_DATA);
}

/* Return: the row or NULL. An S-register without a row of its own is served by the row "S". */
static const struct at_cmd *find_row(struct at_exec *exec)
{
    const char *name = exec->req.name;
    const struct at_cmd *cmd;

    if (!name[0])
        return NULL;
    cmd = exec->ops->find(exec->line, name);
    if (!cmd && name[0] == 'S' && name[1])
        cmd = exec->ops->find(exec->line, "S");
    return cmd;
}

/* Whether the power went away in what was called last, although it did not say so. */
static int check_running(const struct at_exec *exec, int result)
{
    return exec->state == EXEC_RUNNING || result < 0 ? result : MODEM_GONE;
}

static int refuse(struct at_exec *exec)
{
    exec->ops->unhandled(exec->line, &exec->req);
    return check_running(exec, exec->style->unknown_result);
}

static int call_handler(struct at_exec *exec, const struct at_cmd *cmd)
{
    if (exec->req.verb == AT_TEST && cmd->test_text) {
        at_reply_test(&exec->reply, cmd);
        return AT_OK;
    }
    assert(cmd->handler);
    return check_running(exec, cmd->handler(exec->line, &exec->req, &exec->reply));
}

/* Return: the row, or NULL when there is none or it lacks this form of the command. */
static const struct at_cmd *find_form(struct at_exec *exec)
{
    const struct at_cmd *cmd = find_row(exec);

    return cmd && (cmd->verbs & exec->req.verb) ? cmd : NULL;
}

/* The row is looked up again after a pause, since an override may have come or gone meanwhile. */
static int call_handler_again(struct at_exec *exec)
{
    const struct at_cmd *cmd = find_form(exec);

    return cmd ? call_handler(exec, cmd) : refuse(exec);
}

/* Settle the result of a command. Return: whether the line goes on. */
static bool settle(struct at_exec *exec, int result)
{
    if (result < 0) {
        at_exec_reset(exec);
        return false;
    }
    switch (result) {
    case AT_OK:
        return true;
    case AT_PENDING:
        suspend(exec, EXEC_PENDING);
        return false;
    case AT_PROMPT:
        prompt(exec);
        return false;
    default:
        finish(exec, result);
        return false;
    }
}

/* One new command. Return: whether the line goes on; result_out is for the caller's caller. */
static bool start_command(struct at_exec *exec, int *result_out)
{
    const struct at_cmd *cmd = find_form(exec);

    at_reply_begin_command(&exec->reply);
    if (!cmd) {
        *result_out = refuse(exec);
        return settle(exec, *result_out);
    }
    *result_out = check_running(exec, exec->ops->before(exec->line, &exec->req));
    if (*result_out == AT_PENDING) {
        suspend(exec, EXEC_HELD);
        return false;
    }
    if (*result_out == 0)
        *result_out = call_handler(exec, cmd);
    return settle(exec, *result_out);
}

/* Run what is left of the line. Return: 0, or a negative result. */
static int run_rest(struct at_exec *exec)
{
    int result;

    for (;;) {
        switch (at_split_next(&exec->split, &exec->req)) {
        case AT_SPLIT_END:
            finish(exec, AT_OK);
            return 0;
        case AT_SPLIT_BAD:
            result = refuse(exec);
            settle(exec, result);
            return result < 0 ? result : 0;
        case AT_SPLIT_COMMAND:
            if (!start_command(exec, &result))
                return result < 0 ? result : 0;
            break;
        }
    }
}

/* A command that was suspended has a result. */
static int go_on(struct at_exec *exec, int result)
{
    if (settle(exec, result))
        return run_rest(exec);
    return result < 0 ? result : 0;
}

/* For dialects that take one command a line. */
static bool is_chained(const struct at_exec *exec)
{
    struct at_split split = exec->split;
    struct at_req req;

    while (at_split_next(&split, &req) == AT_SPLIT_COMMAND)
        continue;
    return split.is_chained;
}

/* The whole line is what the dialect does not know. */
static int refuse_line(struct at_exec *exec)
{
    int result;

    at_split_next(&exec->split, &exec->req);
    exec->req.text = exec->split.text;
    exec->req.text_len = exec->split.len;
    result = refuse(exec);
    settle(exec, result);
    return result < 0 ? result : 0;
}

static int run_line(struct at_exec *exec)
{
    assert(exec->state == EXEC_IDLE);
    at_reply_clear(&exec->reply);
    exec->state = EXEC_RUNNING;
    exec->has_begun = false;
    at_split_init(&exec->split, buf_text(&exec->last_line), exec->last_line.len);
    if (exec->is_too_long) {
        finish(exec, exec->style->too_long_result);
        return 0;
    }
    if (exec->style->no_chain && is_chained(exec))
        return refuse_line(exec);
    return run_rest(exec);
}

int at_exec_line(struct at_exec *exec, const char *text, size_t len, bool too_long)
{
    assert(exec->state == EXEC_IDLE);
    if (exec->last_line.cap > EXEC_KEEP_BYTES && len < EXEC_KEEP_BYTES)
        buf_deinit(&exec->last_line);
    else
        buf_clear(&exec->last_line);
    buf_add(&exec->last_line, text, len);
    exec->is_too_long = too_long;
    return run_line(exec);
}

int at_exec_repeat(struct at_exec *exec)
{
    return run_line(exec);
}

int at_exec_data(struct at_exec *exec, const char *data, size_t len, bool cancelled)
{
    int result;

    if (exec->state != EXEC_DATA)
        return 0;
    exec->state = EXEC_RUNNING;
    exec->req.data = data ? data : "";
    exec->req.data_len = len;
    exec->req.data_cancelled = cancelled;
    result = call_handler_again(exec);
    /* Borrowed for that one call; a handler that stays pending has taken what it needs. */
    exec->req.data = NULL;
    exec->req.data_len = 0;
    return go_on(exec, result);
}

bool at_exec_busy(const struct at_exec *exec)
{
    return exec->state != EXEC_IDLE;
}

bool at_exec_open(const struct at_exec *exec)
{
    return exec->state != EXEC_IDLE && (exec->has_begun || exec->reply.text.len > 0);
}

int at_exec_complete(struct at_exec *exec, int result)
{
    if (exec->state != EXEC_PENDING)
        return 0;
    exec->state = EXEC_RUNNING;
    return go_on(exec, result);
}

int at_exec_resume(struct at_exec *exec)
{
    if (exec->state != EXEC_HELD)
        return 0;
    exec->state = EXEC_RUNNING;
    return go_on(exec, call_handler_again(exec));
}

struct at_reply *at_exec_reply(struct at_exec *exec)
{
    return &exec->reply;
}
