/*
 * hayeswire serve: modems driven from another language by JSON-RPC 2.0, one object a line, over a
 * Unix socket or over stdin and stdout.
 *
 * A request is a call of a function that scenarios call as well: it becomes a task of an engine
 * without a scenario (lua/call.h), so that it may wait, and that its errors read the same. Events
 * are the records of the trace; their number is the record's.
 *
 * Callbacks of the loop only collect bytes; requests are served, tasks resumed and answers sent
 * from one place, control_run().
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/actors.h"
#include "harness/stage.h"
#include "sim/base/buf.h"

struct engine;
struct event;
struct task;
struct trace_record;

#define CONTROL_API        1
#define CONTROL_CLIENT_MAX 64
#define CONTROL_LINE_MAX   (4u << 20)  /* bytes of a request */
#define CONTROL_OUT_MAX    (16u << 20) /* bytes that a client may leave unread */
#define CONTROL_CALL_MAX   128         /* calls that wait, of all clients */
#define CONTROL_DEPTH_MAX  24          /* tables within tables of a request */

/* JSON-RPC's own codes; positive ones are the exit statuses of `run` (README.md). */
enum rpc_error {
    RPC_PARSE = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_NO_METHOD = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_CANCELLED = -32800,
    RPC_TOO_MANY = -32000,
    RPC_FAIL = 1,
    RPC_ERROR = 3,
};

struct control;

struct client {
    struct control *control;
    int in_fd, out_fd; /* the same for a socket */
    struct event *readable, *writable;
    struct buf in, out;
    bool is_file; /* stdin is no pipe and no socket */
    bool ended;   /* no more input will come, or the connection is to be closed */
    bool gone;    /* nobody reads any more */
    bool subscribed;
    uint64_t event_next; /* the event that is sent next */
    uint64_t kinds;      /* bits of enum trace_kind */
    struct client *next;
};

struct call {
    struct control *control;
    struct client *client;
    json_t *id; /* NULL = a notification: no answer */
    char *method;
    struct task *task;   /* NULL = time.advance, or it has ended */
    bool ended;          /* answered, and to be freed */
    bool advances;       /* time.advance */
    uint64_t advance_us; /* to that modem time */
    struct call *next;
};

struct control_options {
    const char *socket; /* NULL = stdin and stdout */
    const char *state;  /* folder of settings and flash; NULL = memory only */
    const char *dialect;
    double time_scale;
    bool stepped; /* time moves only by time.advance */
    bool strict, allow_network;
    uint64_t seed;
};

struct control {
    struct control_options options;
    struct stage stage;
    struct engine *engine;
    struct actors actors;
    char *dir;     /* for the link to the first tty; removed at the end */
    json_t *specs; /* of methods: name -> parameters */
    struct client *clients;
    size_t client_count;
    struct call *calls;
    size_t call_count;
    int listener; /* -1 = stdio */
    struct event *acceptable;
    bool quit;
    int signal;
};

/* ---- control.c: life and the loop ---- */

/* Return: 0, or -errno with a message. */
int control_init(struct control *control, const struct control_options *options,
                 struct buf *error_out);
/* Until quit, a signal, or the end of stdin. */
void control_run(struct control *control);
void control_deinit(struct control *control);
/* Everything is as at the start, but for the clients. */
void control_reset(struct control *control);
/* Time goes on at that speed, until the next reset. */
void control_set_scale(struct control *control, double scale);
/* real, xN or step. Return: 0 or -EINVAL. */
int control_parse_time(const char *text, struct control_options *options);

/* ---- control_client.c ---- */

/* The descriptors are the client's from now on, unless they are stdin and stdout. */
struct client *client_new(struct control *control, int in_fd, int out_fd);
void client_free(struct client *client);
/* There are too many already: say so, and close. */
void client_refuse(int fd);
/* One line of JSON; the object is used up. */
void client_send(struct client *client, json_t *object);
void client_notify(struct client *client, const char *method, json_t *params);
/* Serve the whole requests that have come. Return: whether there was one. */
bool client_serve(struct client *client);
/*
 * Send the events that it has subscribed to, as fast as it reads. Return: whether there may be more
 * to send at once.
 */
bool client_send_events(struct client *client);
json_t *client_event(const struct trace_record *record);
/* Write what waits, as far as it goes. */
void client_flush(struct client *client);

/* ---- control_rpc.c ---- */

/* One line of input. */
void rpc_take_line(struct client *client, const char *line, size_t len);
/* id is borrowed. data may be NULL; it is used up. */
void rpc_error(struct client *client, const json_t *id, int code, const char *message,
               json_t *data);
void rpc_result(struct client *client, const json_t *id, json_t *result);
/* The end of a call; the result is used up. */
void call_result(struct call *call, json_t *result);
void call_error(struct call *call, int code, const char *message, json_t *data);
/* Forget the calls of a client, or of all with NULL; with a message they are answered. */
void calls_cancel(struct control *control, const struct client *client, const char *message);
/* End one call that waits, with an error. */
void call_cancel(struct call *call, const char *message);
/* Free those that have ended. */
void calls_reap(struct control *control);

/* ---- control_native.c: methods that are not Lua's ---- */

struct native_method {
    const char *name;
    const char *spec; /* parameters, as in control.lua */
    /* Return: the result, which is used up; NULL with a message in error_out (RPC_INVALID_PARAMS),
       or after the call was kept for later (*kept_out). */
    json_t *(*run)(struct call *call, const json_t *params, bool *kept_out, struct buf *error_out);
};

const struct native_method *native_find(const char *name);
const struct native_method *native_at(size_t index); /* NULL past the end */
/* The greeting's parameters. */
json_t *native_hello(const struct control *control);

/* ---- control_params.c ---- */

/* Whether params fit the specification. Return: 0, or -EINVAL with a message. */
int params_check(const char *method, const char *spec, const json_t *params, struct buf *error_out);

/* ---- control_bind.c ---- */

/* The primitives of control.lua, and control.lua itself. */
void control_bind(struct control *control);
/* Start a call of a method of control.lua. Return: 0, or -ENOSPC. */
int control_start_lua(struct call *call, const json_t *params);
