/*
 * JSON-RPC 2.0: requests, answers, errors, and the calls between them.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/control.h"
#include "harness/json_lua.h"
#include "lua/call.h"
#include "lua/engine.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define METHOD_MAX 128 /* methods, for "did you mean" */

/* ---- answers ---- */

void rpc_error(struct client *client, const json_t *id, int code, const char *message, json_t *data)
{
    json_t *error = json_object();

    json_object_set_new(error, "code", json_integer(code));
    json_object_set_new(error, "message", json_text(message, strlen(message)));
    if (data)
        json_object_set_new(error, "data", data);
    client_send(client, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id",
                                  id ? json_deep_copy(id) : json_null(), "error", error));
}

void rpc_result(struct client *client, const json_t *id, json_t *result)
{
    client_send(client, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", json_deep_copy(id),
                                  "result", result));
}

/* ---- calls ---- */

void call_result(struct call *call, json_t *result)
{
    if (call->id)
        rpc_result(call->client, call->id, result);
    else
        json_decref(result);
    call->ended = true;
}

void call_error(struct call *call, int code, const char *message, json_t *data)
{
    if (call->id)
        rpc_error(call->client, call->id, code, message, data);
    else
        json_decref(data);
    call->ended = true;
}

static struct call *call_new(struct client *client, const char *method, const json_t *id)
{
    struct control *control = client->control;
    struct call *call = xcalloc(1, sizeof(*call));

    *call = (struct call){
        .control = control,
        .client = client,
        .id = id ? json_deep_copy(id) : NULL,
        .method = xstrdup(method),
        .next = control->calls,
    };
    control->calls = call;
    control->call_count++;
    return call;
}

void call_cancel(struct call *call, const char *message)
{
    if (call->task)
        engine_call_cancel(call->control->engine, call->task);
    call->task = NULL;
    call->ended = true;
    if (message)
        call_error(call, RPC_CANCELLED, message, NULL);
}

void calls_cancel(struct control *control, const struct client *client, const char *message)
{
    for (struct call *call = control->calls; call; call = call->next) {
        if (!call->ended && (!client || call->client == client))
            call_cancel(call, message);
    }
    calls_reap(control);
}

void calls_reap(struct control *control)
{
    struct call **place = &control->calls;

    while (*place) {
        struct call *call = *place;

        if (!call->ended) {
            place = &call->next;
            continue;
        }
        *place = call->next;
        control->call_count--;
        json_decref(call->id);
        free(call->method);
        free(call);
    }
}

/* ---- requests ---- */

static void refuse_method(struct call *call)
{
    const char *names[METHOD_MAX], *name, *near;
    struct buf text = {0};
    size_t count = 0;
    json_t *spec;

    json_object_foreach(call->control->specs, name, spec)
    {
        if (count < METHOD_MAX)
            names[count++] = name;
    }
    near = text_nearest(call->method, names, count);
    buf_printf(&text, "no method \"%s\"", call->method);
    if (near)
        buf_printf(&text, "; did you mean \"%s\"?", near);
    call_error(call, RPC_NO_METHOD, buf_text(&text), NULL);
    buf_deinit(&text);
}

/* What is handed on as a C string must not hold a zero byte. Return: such a name, or NULL. */
static const char *name_with_zero(const json_t *params)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)params, name, value)
    {
        if (json_is_string(value) && strlen(json_string_value(value)) != json_string_length(value))
            return name;
    }
    return NULL;
}

static void start(struct call *call, const json_t *params)
{
    const json_t *spec = json_object_get(call->control->specs, call->method);
    const struct native_method *native = native_find(call->method);
    struct buf error = {0};
    json_t *result;
    bool kept = false;

    if (!spec) {
        refuse_method(call);
    } else if (params_check(call->method, json_string_value(spec), params, &error) < 0) {
        call_error(call, RPC_INVALID_PARAMS, buf_text(&error), NULL);
    } else if (native && name_with_zero(params)) {
        buf_printf(&error, "%s: %s holds a zero byte", call->method, name_with_zero(params));
        call_error(call, RPC_INVALID_PARAMS, buf_text(&error), NULL);
    } else if (native) {
        result = native->run(call, params, &kept, &error);
        if (result)
            call_result(call, result);
        else if (!kept)
            call_error(call, RPC_INVALID_PARAMS, buf_text(&error), NULL);
    } else if (control_start_lua(call, params) < 0) {
        call_error(call, RPC_TOO_MANY, "too many calls wait already", NULL);
    } else {
        engine_pump(call->control->engine); /* requests begin in the order in which they come */
    }
    buf_deinit(&error);
}

/* Whether tables are nested deeper than anything of ours could mean. */
static bool is_deep(const json_t *value, unsigned depth)
{
    const char *key;
    json_t *item;
    size_t i;

    if (depth > CONTROL_DEPTH_MAX)
        return true;
    json_object_foreach((json_t *)value, key, item)
    {
        if (is_deep(item, depth + 1))
            return true;
    }
    json_array_foreach(value, i, item)
    {
        if (is_deep(item, depth + 1))
            return true;
    }
    return false;
}

/* Return: what is wrong with the request, or NULL. */
static const char *check_request(const json_t *request)
{
    const json_t *version = json_object_get(request, "jsonrpc");
    const json_t *id = json_object_get(request, "id"), *params = json_object_get(request, "params");
    const json_t *method = json_object_get(request, "method");

    if (json_is_array(request))
        return "batches are not taken: write one request a line";
    if (!json_is_object(request))
        return "a request is an object, one on a line";
    if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0)
        return "jsonrpc must be \"2.0\"";
    if (id && !json_is_string(id) && !json_is_integer(id))
        return "id must be a string or a whole number";
    if (!json_is_string(method))
        return "method must be a string";
    if (strlen(json_string_value(method)) != json_string_length(method))
        return "method holds a zero byte";
    if (params && !json_is_object(params))
        return "params must be an object: parameters have names";
    if (is_deep(request, 0))
        return "the request is nested too deeply";
    return NULL;
}

static void take_request(struct client *client, const json_t *request)
{
    const json_t *id = json_object_get(request, "id"), *params = json_object_get(request, "params");
    const char *problem = check_request(request);
    json_t *none;
    struct call *call;

    if (problem) {
        rpc_error(client, json_is_string(id) || json_is_integer(id) ? id : NULL,
                  RPC_INVALID_REQUEST, problem, NULL);
        return;
    }
    call = call_new(client, json_string_value(json_object_get(request, "method")), id);
    if (client->control->call_count > CONTROL_CALL_MAX) {
        call_error(call, RPC_TOO_MANY, "too many calls wait already", NULL);
        return;
    }
    none = json_object();
    start(call, params ? params : none);
    json_decref(none);
}

void rpc_take_line(struct client *client, const char *line, size_t len)
{
    json_error_t error;
    struct buf message = {0};
    json_t *request;

    if (strspn(line, " \t\r") >= len)
        return; /* an empty line */
    request = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL,
                         &error);
    if (request) {
        take_request(client, request);
        json_decref(request);
        return;
    }
    buf_printf(&message, "not JSON: %s, at byte %d", error.text, error.position);
    rpc_error(client, NULL, RPC_PARSE, buf_text(&message), NULL);
    buf_deinit(&message);
}
