/*
 * M531x: what the host answers to the platform, and what it tells by itself.
 *
 * Which operation a response belongs to is a matter of dispute between the sources (C-1): the guide
 * answers the last EXECUTE with the number of an earlier one and goes on. So a number that was seen
 * in this session on object 5 stands for the operation that waits there; any other unknown or late
 * number gets OK, and event 20 tells later.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/dialect/m531x/m531x.h"

#define TYPE_MAX  6
#define FLAG_HOLD 0x3   /* 1 and 2: more parts follow */
#define FLAG_MAX  0x7FF /* OMO: 0x200 and 0x400 are release indicators */

/* One resource's value in a response or notify. */
struct value {
    long object, instance, resource, type, len, index, flag;
    const struct at_arg *text;
};

/* ---- results ---- */

/* <result>, sheet 3 */
static int coap_code(long result)
{
    switch (result) {
    case 0:
        return M531X_COAP_ERROR;
    case 1:
        return M531X_COAP_CONTENT;
    case 2:
        return M531X_COAP_CHANGED;
    case 11:
        return M531X_COAP_BAD_REQUEST;
    case 12:
        return 401;
    case 13:
        return M531X_COAP_NOT_FOUND;
    case 14:
        return 405;
    case 15:
        return 406;
    default:
        return 0;
    }
}

int m531x_result_code(const struct modem *modem, enum cloud_op op, long result)
{
    bool is_change = op == CLOUD_WRITE || op == CLOUD_EXECUTE || op == CLOUD_PARAMETER;

    if (modem_quirk(modem, M531X_RESULT_BC26) && result <= 1)
        result++; /* BC26-AN: 0 for content, 1 for changed */
    else if (result == 0)
        return M531X_COAP_ERROR;
    if (result == (is_change ? 1 : 2) || (result == 15 && is_change))
        return 0; /* MTK, OMO: "result must match" */
    return coap_code(result);
}

/* ---- which operation ---- */

static bool was_seen(const struct m531x *m531x, int mid)
{
    return m531x->seen[(mid & 0xFFFF) / 8] >> (mid & 7) & 1;
}

struct m531x_request *m531x_request_of(struct modem *modem, enum cloud_op op, int mid,
                                       bool *ghost_out)
{
    struct m531x *m531x = m531x_of(modem);
    bool is_strict = modem_quirk(modem, M531X_STRICT_MID) ||
                     modem_quirk(modem, M531X_STRICT_MID_ERR);

    *ghost_out = false;
    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        struct m531x_request *request = &m531x->requests[i];

        if (request->wait == M531X_FREE || request->mid != mid || request->op != op)
            continue;
        if (request->wait == M531X_PENDING)
            return request;
        if (request->wait == M531X_EXPIRED || is_strict) {
            *ghost_out = true;
            return NULL;
        }
    }
    if (is_strict || !was_seen(m531x, mid)) {
        *ghost_out = true;
        return NULL;
    }
    return m531x_pending(modem, op, CLOUD_ANY);
}

/* +MIPLNSMI counts what was handed over to the radio. */
static void say_sent(struct modem *modem, long mid)
{
    if (m531x_of(modem)->nsmi)
        m531x_say(modem, "+MIPLNSMI:%d,%d,%ld", M531X_REF, modem->net.bearer, mid & 127);
}

static int ghost(struct line *line, struct at_reply *reply, int mid)
{
    if (modem_quirk(line->modem, M531X_STRICT_MID_ERR))
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    m531x_event(line->modem, M531X_EVENT_RESPONSE_FAILED, mid);
    return AT_OK;
}

/* ---- values ---- */

static void remember_type(struct m531x *m531x, const struct value *value)
{
    struct m531x_type *type = m531x->types;

    while (type < m531x->types + m531x->type_count &&
           (type->object != value->object || type->instance != value->instance ||
            type->resource != value->resource))
        type++;
    if (type == m531x->types + M531X_TYPE_MAX)
        return; /* the others stay opaque, as an undeclared one is */
    if (type == m531x->types + m531x->type_count)
        m531x->type_count++;
    *type = (struct m531x_type){(int)value->object, (int)value->instance, (int)value->resource,
                                value->type};
}

long m531x_type_of(const struct modem *modem, int object, int instance, int resource)
{
    const struct m531x *m531x = m531x_of(modem);

    for (size_t i = 0; i < m531x->type_count; i++) {
        const struct m531x_type *type = &m531x->types[i];

        if (type->object == object && type->instance == instance && type->resource == resource)
            return type->type;
    }
    return 2;
}

/* C-5: with quotes, two more are tolerated. */
static bool len_fits(const struct modem *modem, const struct value *value)
{
    long real = (long)value->text->len;

    if (!modem_quirk(modem, M531X_LEN_STRICT))
        return true;
    if (value->type == 2 || value->type == 6)
        return value->len == real / 2 || value->len == real;
    return value->len == real || (value->text->quoted && value->len == real + 2);
}

/* <objid>,<insid>,<resid>,<type>,<len>,<value>,<index>,<flag> from parameter `first` on */
static bool read_value(const struct modem *modem, const struct at_args *args, size_t first,
                       struct value *value_out)
{
    struct value *v = value_out;

    if (args->count < first + 8 || at_args_int(args, first, 0, 65535, &v->object) < 0 ||
        at_args_int(args, first + 1, 0, 65535, &v->instance) < 0 ||
        at_args_int(args, first + 2, 0, 65535, &v->resource) < 0 ||
        at_args_int(args, first + 3, 1, TYPE_MAX, &v->type) < 0 ||
        at_args_int_or(args, first + 4, 0, 2 * M531X_VALUE_MAX, 0, &v->len) < 0 ||
        at_args_int(args, first + 6, 0, 255, &v->index) < 0 ||
        at_args_int(args, first + 7, 0, FLAG_MAX, &v->flag) < 0)
        return false;
    v->text = &args->arg[first + 5];
    if (v->text->len > M531X_VALUE_MAX || !len_fits(modem, v))
        return false;
    return v->text->quoted || (v->text->present && v->type != 1); /* OMO: strings need quotes */
}

static void collect(struct buf *out, const struct value *value, bool is_named)
{
    if (out->len > 0)
        buf_add_char(out, '\n');
    if (is_named)
        buf_printf(out, "%ld=", value->resource);
    buf_add(out, value->text->text, value->text->len);
}

/* ---- responses ---- */

/* <ref>,<mid>,<result>: common to all. Return: 0, or the error. */
static int read_head(struct line *line, const struct at_req *req, struct at_args *args, long *mid,
                     long *result)
{
    int err = at_args_parse(req, args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, args);

    if (err)
        return err;
    if (args->count < 3 || at_args_int(args, 1, 0, INT32_MAX, mid) < 0 ||
        at_args_int(args, 2, 0, 19, result) < 0)
        return M531X_ERR_SYNTAX;
    return m531x_of(line->modem)->session == M531X_REGISTERED ? 0 : M531X_ERR_STATE;
}

/* Several lines answer a read of a whole instance; the one with flag 0 sends them. */
static int take_value(struct line *line, struct m531x_request *request, const struct value *value,
                      struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);

    if (request->object != value->object ||
        (request->instance != CLOUD_ANY && request->instance != value->instance) ||
        (request->resource != CLOUD_ANY && request->resource != value->resource) ||
        request->text.len + value->text->len > CLOUD_DATA_MAX)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    remember_type(m531x, value);
    collect(&request->text, value, request->resource == CLOUD_ANY);
    if (value->flag & FLAG_HOLD)
        return AT_OK;
    m531x_sota_hide_progress(line->modem, request, &request->text);
    if (m531x_answer(line->modem, request, M531X_COAP_CONTENT, NULL) < 0)
        return MODEM_GONE;
    return AT_OK;
}

int m531x_miplreadrsp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x_request *request;
    struct value value = {0};
    struct at_args args;
    long mid, result;
    bool is_ghost;
    int code, r, err = read_head(line, req, &args, &mid, &result);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    code = m531x_result_code(line->modem, CLOUD_READ, result);
    /* MTK: content needs all eleven parameters, anything else is short. */
    if (code == 0 || (code == M531X_COAP_CONTENT && !read_value(line->modem, &args, 3, &value)))
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    request = m531x_request_of(line->modem, CLOUD_READ, (int)mid, &is_ghost);
    if (is_ghost)
        return ghost(line, reply, (int)mid);
    r = AT_OK;
    if (request && code == M531X_COAP_CONTENT)
        r = take_value(line, request, &value, reply);
    else if (request && m531x_answer(line->modem, request, code, NULL) < 0)
        return MODEM_GONE;
    if (r == AT_OK)
        say_sent(line->modem, mid);
    return r;
}

/* WRITE, EXECUTE and PARAMETER: a result and no value. */
static int respond(struct line *line, const struct at_req *req, struct at_reply *reply,
                   enum cloud_op op)
{
    struct m531x_request *request;
    struct at_args args;
    long mid, result;
    bool is_ghost;
    int code, r, err = read_head(line, req, &args, &mid, &result);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    code = m531x_result_code(line->modem, op, result);
    if (code == 0 || args.count > 4)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    request = m531x_request_of(line->modem, op, (int)mid, &is_ghost);
    if (is_ghost)
        return ghost(line, reply, (int)mid);
    say_sent(line->modem, mid);
    if (!request)
        return AT_OK;
    r = request->object == M531X_OBJ_FIRMWARE ? m531x_sota_responded(line->modem, request, code)
                                              : m531x_answer(line->modem, request, code, NULL);
    return r < 0 ? r : AT_OK;
}

int m531x_miplwritersp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return respond(line, req, reply, CLOUD_WRITE);
}

int m531x_miplexecutersp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return respond(line, req, reply, CLOUD_EXECUTE);
}

/* The module has answered these two already; what the host says comes too late to matter. */
static int confirm(struct line *line, const struct at_req *req, struct at_reply *reply,
                   enum cloud_op op)
{
    struct at_args args;
    long mid, result;
    int err = read_head(line, req, &args, &mid, &result);

    if (!err && m531x_result_code(line->modem, op, result) == 0)
        err = M531X_ERR_SYNTAX;
    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    say_sent(line->modem, mid);
    return AT_OK;
}

int m531x_miplparameterrsp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return confirm(line, req, reply, CLOUD_PARAMETER);
}

int m531x_miplobserversp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    return confirm(line, req, reply, CLOUD_OBSERVE);
}

int m531x_discovered(struct line *line, struct at_reply *reply, int mid, long result,
                     const char *list)
{
    int code = m531x_result_code(line->modem, CLOUD_DISCOVER, result);
    struct m531x_request *request;
    bool is_ghost;

    if (code == 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    request = m531x_request_of(line->modem, CLOUD_DISCOVER, mid, &is_ghost);
    if (!request)
        return ghost(line, reply, mid);
    if (m531x_answer(line->modem, request, code, list) < 0)
        return MODEM_GONE;
    say_sent(line->modem, mid);
    return AT_OK;
}

/* ---- notify ---- */

static bool is_observed(const struct m531x *m531x, long mid, const struct value *value)
{
    for (size_t i = 0; i < M531X_OBSERVATION_MAX; i++) {
        const struct m531x_observation *o = &m531x->observations[i];

        if (o->used && (mid == 0 || o->mid == mid) && o->object == value->object &&
            (o->instance == CLOUD_ANY || o->instance == value->instance) &&
            (o->resource == CLOUD_ANY || o->resource == value->resource))
            return true;
    }
    return false;
}

static int on_notify_timeout(struct modem *modem, void *arg)
{
    struct m531x_notify *notify = arg;

    m531x_event(modem, M531X_EVENT_NOTIFY_FAILED, notify->ackid);
    notify->cloud_id = 0;
    return 0;
}

void m531x_notify_answered(struct modem *modem, int cloud_id)
{
    struct m531x *m531x = m531x_of(modem);

    for (size_t i = 0; i < M531X_NOTIFY_MAX; i++) {
        struct m531x_notify *notify = &m531x->notifies[i];

        if (notify->cloud_id != cloud_id || cloud_id == 0)
            continue;
        modem_cancel(modem, &notify->timer);
        notify->cloud_id = 0;
        m531x_event(modem, M531X_EVENT_NOTIFIED, notify->ackid);
    }
}

void m531x_drop_notifies(struct modem *modem)
{
    for (size_t i = 0; i < M531X_NOTIFY_MAX; i++) {
        struct m531x_notify *notify = &m531x_of(modem)->notifies[i];

        modem_cancel(modem, &notify->timer);
        notify->cloud_id = 0;
    }
}

/* Return: 0, or the error when too many are on their way. */
static int send_notify(struct modem *modem, const struct value *value, long ackid)
{
    struct m531x *m531x = m531x_of(modem);
    struct m531x_notify *notify = m531x->notifies;
    struct cloud_message message = {
        .op = CLOUD_NOTIFY,
        .object = (int)value->object,
        .instance = (int)value->instance,
        .resource = (int)value->resource,
        .code = ackid > 0,
        .text = m531x->held.data,
    };

    while (ackid > 0 && notify < m531x->notifies + M531X_NOTIFY_MAX && notify->cloud_id != 0)
        notify++;
    if (notify == m531x->notifies + M531X_NOTIFY_MAX)
        return M531X_ERR_BUSY;
    m531x_send(modem, &message);
    buf_clear(&m531x->held);
    if (ackid > 0) {
        notify->cloud_id = message.id;
        notify->ackid = ackid;
        modem_after(modem, &notify->timer, m531x_delay(modem, M531X_OPTION_NOTIFY_TIMEOUT),
                    on_notify_timeout, notify);
    }
    return 0;
}

/* <ref>,<mid>,<objid>,<insid>,<resid>,<type>,<len>,<value>,<index>,<flag>[,<ackid>[,<rai>]] */
int m531x_miplnotify(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct value value = {0};
    struct at_args args;
    long mid, ackid;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count > 12 || at_args_int(&args, 1, 0, INT32_MAX, &mid) < 0 ||
        !read_value(line->modem, &args, 2, &value) ||
        at_args_int_or(&args, 10, 0, 65535, 0, &ackid) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x->session != M531X_REGISTERED)
        return m531x_error(line, reply, M531X_ERR_STATE);
    if (!is_observed(m531x, mid, &value) || m531x->held.len + value.text->len > CLOUD_DATA_MAX)
        return m531x_error(line, reply, M531X_ERR_RESOURCE);
    remember_type(m531x, &value);
    collect(&m531x->held, &value, true);
    if (value.flag & FLAG_HOLD)
        return AT_OK;
    err = send_notify(line->modem, &value, ackid);
    if (err) {
        buf_clear(&m531x->held);
        return m531x_error(line, reply, (enum m531x_err)err);
    }
    say_sent(line->modem, mid);
    return AT_OK;
}
