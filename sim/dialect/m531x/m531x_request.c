/*
 * M531x: what the platform asks of the host, and how the host learns of it.
 *
 * Each operation gets a message number of this session and a place in the list, where it waits for
 * the host's answer. The platform repeats what was not answered: a repeated operation that waits is
 * ignored, and one that was answered gets its answer again, without a second line for the host
 * (CIS-pkt). With +MIPLNMI the lines of READ, WRITE and EXECUTE wait for +MIPLMGR.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/m531x/m531x.h"

#define MID_MAX 65535

/* The numbers of the guide's example, steps 10 to 16 (C-6). */
#define SCRIPT_FIRST    54077
#define SCRIPT_DOWNLOAD 27495
#define SCRIPT_AFTER    17502
#define SCRIPT_END      17507

/* ---- message numbers ---- */

static int count_on(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    int mid = m531x->mid++;

    if (m531x->mid > MID_MAX && !modem_quirk(modem, M531X_MID32))
        m531x->mid = 1;
    return mid;
}

static int script_mid(struct modem *modem, const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    bool on_firmware = message->object == M531X_OBJ_FIRMWARE;

    if (on_firmware && message->op == CLOUD_EXECUTE && message->resource == M531X_RES_MCU_MODE) {
        m531x->mid = m531x->has_upgraded ? SCRIPT_AFTER : SCRIPT_FIRST + 1;
        return SCRIPT_FIRST;
    }
    if (on_firmware && message->op == CLOUD_EXECUTE && message->resource == M531X_RES_DOWNLOAD)
        m531x->mid = SCRIPT_DOWNLOAD;
    if (on_firmware && message->op == CLOUD_EXECUTE && message->resource == M531X_RES_UPDATE)
        m531x->has_upgraded = true;
    if (on_firmware && message->op == CLOUD_WRITE && message->len == 0)
        m531x->mid = SCRIPT_END;
    return count_on(modem);
}

static int new_mid(struct modem *modem, const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    int mid;

    if (message->op == CLOUD_OBSERVE)
        return m531x->observe_mid++;
    mid = modem_quirk(modem, M531X_MID_SCRIPT) ? script_mid(modem, message) : count_on(modem);
    if (message->object == M531X_OBJ_FIRMWARE)
        m531x->seen[(mid & 0xFFFF) / 8] |= (uint8_t)(1u << (mid & 7));
    return mid;
}

/* ---- the list ---- */

static void clear_request(struct modem *modem, struct m531x_request *request)
{
    modem_cancel(modem, &request->timer);
    buf_deinit(&request->text);
    free(request->urc);
    *request = (struct m531x_request){0};
}

void m531x_drop_requests(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    for (size_t i = 0; i < M531X_REQUEST_MAX; i++)
        clear_request(modem, &m531x->requests[i]);
    memset(m531x->observations, 0, sizeof(m531x->observations));
    buf_deinit(&m531x->held);
    m531x->dropped = 0;
}

/* A free place, or that of the oldest one that waits for nobody. */
static struct m531x_request *free_place(struct modem *modem)
{
    struct m531x_request *requests = m531x_of(modem)->requests, *oldest = NULL;

    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        struct m531x_request *request = &requests[i];

        if (request->wait == M531X_FREE)
            return request;
        if (request->wait != M531X_PENDING && (!oldest || request->age < oldest->age))
            oldest = request;
    }
    if (oldest)
        clear_request(modem, oldest);
    return oldest;
}

struct m531x_request *m531x_new_request(struct modem *modem, const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    struct m531x_request *request = free_place(modem);

    if (!request) {
        m531x->dropped++;
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name,
                   "%d operations wait for the host: one more is dropped", M531X_REQUEST_MAX);
        return NULL;
    }
    *request = (struct m531x_request){
        .wait = M531X_PENDING,
        .mid = new_mid(modem, message),
        .cloud_id = message->id,
        .op = message->op,
        .object = message->object,
        .instance = message->instance,
        .resource = message->resource,
        .age = ++m531x->age,
    };
    return request;
}

static struct m531x_request *repeated(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *requests = m531x_of(modem)->requests;

    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        if (requests[i].wait != M531X_FREE && requests[i].cloud_id == message->id)
            return &requests[i];
    }
    return NULL;
}

struct m531x_request *m531x_pending(struct modem *modem, enum cloud_op op, int resource)
{
    struct m531x_request *requests = m531x_of(modem)->requests, *found = NULL;

    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        struct m531x_request *request = &requests[i];

        if (request->wait == M531X_PENDING && request->op == op &&
            request->object == M531X_OBJ_FIRMWARE &&
            (resource == CLOUD_ANY || request->resource == resource) &&
            (!found || request->age < found->age))
            found = request;
    }
    return found;
}

/* ---- the answer ---- */

static void send_answer(struct modem *modem, const struct m531x_request *request)
{
    struct cloud_message answer = {
        .op = CLOUD_RESPONSE,
        .id = request->cloud_id,
        .object = request->object,
        .instance = request->instance,
        .resource = request->resource,
        .code = request->code,
        .text = request->text.data,
    };

    cloud_link_send(m531x_of(modem)->link, &answer);
}

int m531x_answer(struct modem *modem, struct m531x_request *request, int code, const char *text)
{
    int r = m531x_pass(modem, M531X_POINT_ANSWER, (uint64_t)request->mid);

    if (r < 0)
        return r;
    modem_cancel(modem, &request->timer);
    request->wait = M531X_ANSWERED;
    request->code = code;
    free(request->urc);
    request->urc = NULL;
    if (text) {
        struct buf copy = {0};

        buf_add_text(&copy, text); /* text may be the request's own */
        buf_deinit(&request->text);
        request->text = copy;
    }
    send_answer(modem, request);
    return 0;
}

/* An operation that needs no host. Return: 0 or MODEM_GONE. */
static int answer_at_once(struct modem *modem, const struct cloud_message *message, int code,
                          const char *text)
{
    struct m531x_request *request = m531x_new_request(modem, message);

    return request ? m531x_answer(modem, request, code, text) : 0;
}

/* Sheet 6.3: that an error is sent then is an inference. */
static int on_host_silent(struct modem *modem, void *arg)
{
    struct m531x_request *request = arg;

    if (request->acks_itself)
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    request->wait = M531X_EXPIRED;
    request->code = M531X_COAP_ERROR;
    buf_clear(&request->text);
    free(request->urc);
    request->urc = NULL;
    m531x_sota_expired(modem, request);
    send_answer(modem, request);
    return 0;
}

/* ---- telling the host ---- */

static size_t queued(const struct m531x *m531x, size_t *bytes_out)
{
    size_t count = 0;

    *bytes_out = 0;
    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        if (m531x->requests[i].urc) {
            count++;
            *bytes_out += strlen(m531x->requests[i].urc);
        }
    }
    return count;
}

int m531x_ask_host(struct modem *modem, struct m531x_request *request, const struct buf *urc)
{
    struct m531x *m531x = m531x_of(modem);
    bool is_queued = m531x->nnmi > 0 && request->len < M531X_BLOCK_MAX &&
                     (request->op == CLOUD_READ || request->op == CLOUD_WRITE ||
                      request->op == CLOUD_EXECUTE);
    enum m531x_option limit = request->acks_itself ? M531X_OPTION_AUTO_ACK : M531X_OPTION_CALLBACK;
    size_t bytes;

    if (request->acks_itself && modem_quirk(modem, M531X_AUTO_ACK_0)) {
        m531x_say(modem, "%s", buf_text(urc));
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    }
    queued(m531x, &bytes);
    if (is_queued && bytes + urc->len > M531X_QUEUE_BYTES) {
        m531x->dropped++;
        return m531x_answer(modem, request, M531X_COAP_ERROR, NULL);
    }
    modem_after(modem, &request->timer, m531x_delay(modem, limit), on_host_silent, request);
    if (!is_queued) {
        m531x_say(modem, "%s", buf_text(urc));
        return 0;
    }
    request->urc = xstrdup(buf_text(urc));
    if (m531x->nnmi == 1)
        m531x_say(modem, "+MIPLNMI:%d", M531X_REF);
    return 0;
}

void m531x_read_urc(struct modem *modem, const struct m531x_request *request, struct buf *out)
{
    buf_printf(out, "+MIPLREAD:%d,%d,%d,%d,%d", M531X_REF, request->mid, request->object,
               request->instance, request->resource);
}

void m531x_execute_urc(struct modem *modem, const struct m531x_request *request, const char *args,
                       struct buf *out)
{
    buf_printf(out, "+MIPLEXECUTE:%d,%d,%d,%d,%d,%zu,\"%s\"", M531X_REF, request->mid,
               request->object, request->instance, request->resource, args ? strlen(args) : 0,
               args ? args : "");
}

static void add_value(const struct modem *modem, const struct m531x_request *request,
                      const unsigned char *bytes, size_t len, long type, struct buf *out)
{
    if (type == 1) {
        buf_add_char(out, '"');
        buf_add(out, bytes, len);
        buf_add_char(out, '"');
    } else if (type == 2) {
        for (size_t i = 0; i < len; i++)
            buf_printf(out, "%02X", bytes[i]); /* S4, MTK: upper case */
    } else {
        buf_add(out, bytes, len);
    }
}

/* S4 prints a payload on a line of its own, and an empty one on the same line (C-2). */
void m531x_write_urc(struct modem *modem, const struct m531x_request *request, const void *bytes,
                     size_t len, int flag, struct buf *out)
{
    bool is_one_line = len == 0 || modem_quirk(modem, M531X_WRITE_ONELINE);
    long type = m531x_type_of(modem, request->object, request->instance, request->resource);

    buf_printf(out, "+MIPLWRITE:%d,%d,%d,%d,%d,%ld,%zu,%s", M531X_REF, request->mid,
               request->object, request->instance, request->resource, type, len,
               is_one_line ? "" : "\r\n");
    add_value(modem, request, bytes, len, type, out);
    buf_printf(out, ",%d", flag);
    if (modem_quirk(modem, M531X_WRITE_TAIL_FLAG_INDEX))
        buf_add_text(out, ",0");
}

/* ---- the operations ---- */

static bool is_known(struct modem *modem, int object)
{
    return object <= M531X_OBJ_FIRMWARE || m531x_object(modem, object);
}

static struct m531x_observation *observation(struct m531x *m531x,
                                             const struct cloud_message *message, bool any_free)
{
    for (size_t i = 0; i < M531X_OBSERVATION_MAX; i++) {
        struct m531x_observation *o = &m531x->observations[i];

        if (any_free ? !o->used
                     : o->used && o->object == message->object &&
                           o->instance == message->instance && o->resource == message->resource)
            return o;
    }
    return NULL;
}

/* The module answers it by itself (sheet 3, +MIPLOBSERVERSP). */
static int take_observe(struct modem *modem, const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    struct m531x_observation *slot = observation(m531x, message, false);
    struct m531x_request *request;
    bool begins = message->code == 1;
    int flag = begins != modem_quirk(modem, M531X_OBSERVE_INVERTED);

    if (!slot && begins)
        slot = observation(m531x, message, true);
    request = slot ? m531x_new_request(modem, message) : NULL;
    if (!request)
        return answer_at_once(modem, message, slot ? M531X_COAP_ERROR : M531X_COAP_NOT_FOUND, NULL);
    *slot = (struct m531x_observation){
        .used = begins,
        .object = message->object,
        .instance = message->instance,
        .resource = message->resource,
        .mid = request->mid,
    };
    if (message->resource == CLOUD_ANY)
        m531x_say(modem, "+MIPLOBSERVE:%d,%d,%d,%d,%d", M531X_REF, request->mid, flag,
                  message->object, message->instance);
    else
        m531x_say(modem, "+MIPLOBSERVE:%d,%d,%d,%d,%d,%d", M531X_REF, request->mid, flag,
                  message->object, message->instance, message->resource);
    return m531x_answer(modem, request, M531X_COAP_CONTENT, NULL);
}

static int take_discover(struct modem *modem, const struct cloud_message *message)
{
    const struct m531x_object *object = m531x_object(modem, message->object);
    struct m531x_request *request = m531x_new_request(modem, message);
    struct buf urc = {0};
    int r;

    if (!request)
        return 0;
    buf_printf(&urc, "+MIPLDISCOVER:%d,%d,%d", M531X_REF, request->mid, message->object);
    if (object && object->has_list) {
        m531x_say(modem, "%s", urc.data);
        r = m531x_answer(modem, request, M531X_COAP_CONTENT, object->list);
    } else {
        r = m531x_ask_host(modem, request, &urc);
    }
    buf_deinit(&urc);
    return r;
}

static int take_parameter(struct modem *modem, const struct cloud_message *message)
{
    const char *text = message->text ? message->text : "";
    struct m531x_request *request = m531x_new_request(modem, message);

    if (!request)
        return 0;
    m531x_say(modem, "+MIPLPARAMETER:%d,%d,%d,%d,%d,%zu,\"%s\"", M531X_REF, request->mid,
              message->object, message->instance, message->resource, strlen(text), text);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

/* OMO: the host hears of the question for the battery, before an upgrade of the module itself. */
static bool is_told(const struct modem *modem, const struct cloud_message *message)
{
    return message->object == M531X_OBJ_DEVICE && message->resource == M531X_DEV_BATTERY &&
           modem_dialect_number(modem, M531X_OPTION_FOTA_READS) == 0;
}

/* The module answers a READ by itself; an empty text is what does not exist. */
static int answer_read(struct modem *modem, const struct cloud_message *message,
                       const struct buf *text)
{
    struct m531x_request *request = m531x_new_request(modem, message);
    struct buf urc = {0};

    if (!request)
        return 0;
    if (is_told(modem, message)) {
        m531x_read_urc(modem, request, &urc);
        m531x_say(modem, "%s", urc.data);
        buf_deinit(&urc);
    }
    return m531x_answer(modem, request, text->len > 0 ? M531X_COAP_CONTENT : M531X_COAP_NOT_FOUND,
                        text->data);
}

static int take_read(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *request;
    struct buf text = {0};
    int r;

    if (m531x_sota_read(modem, message, &text)) {
        r = answer_read(modem, message, &text);
        buf_deinit(&text);
        return r;
    }
    request = m531x_new_request(modem, message);
    if (!request)
        return 0;
    m531x_read_urc(modem, request, &text);
    r = m531x_ask_host(modem, request, &text);
    buf_deinit(&text);
    return r;
}

static int take_write(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *request = m531x_new_request(modem, message);
    struct buf urc = {0};
    int r;

    if (!request)
        return 0;
    m531x_write_urc(modem, request, message->data, message->len, 0, &urc);
    r = m531x_ask_host(modem, request, &urc);
    buf_deinit(&urc);
    return r;
}

static int take_execute(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *request = m531x_new_request(modem, message);
    struct buf urc = {0};
    int r;

    if (!request)
        return 0;
    m531x_execute_urc(modem, request, message->text, &urc);
    r = m531x_ask_host(modem, request, &urc);
    buf_deinit(&urc);
    return r;
}

int m531x_take_request(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *before = repeated(modem, message);

    if (before) {
        if (before->wait != M531X_PENDING)
            send_answer(modem, before);
        return 0;
    }
    if (message->op != CLOUD_DEREGISTER && !is_known(modem, message->object))
        return answer_at_once(modem, message, M531X_COAP_NOT_FOUND, NULL);
    switch (message->op) {
    case CLOUD_OBSERVE:
        return take_observe(modem, message);
    case CLOUD_DISCOVER:
        return take_discover(modem, message);
    case CLOUD_PARAMETER:
        return take_parameter(modem, message);
    case CLOUD_READ:
        return take_read(modem, message);
    case CLOUD_WRITE:
        return message->object == M531X_OBJ_FIRMWARE ? m531x_sota_write(modem, message)
                                                     : take_write(modem, message);
    case CLOUD_EXECUTE:
        return message->object == M531X_OBJ_FIRMWARE ? m531x_sota_execute(modem, message)
                                                     : take_execute(modem, message);
    case CLOUD_DEREGISTER:
        m531x_event(modem, M531X_EVENT_DELETED, M531X_NO_EXT);
        m531x_end_session(modem);
        return 0;
    case CLOUD_BOOTSTRAP:
    case CLOUD_REGISTER:
    case CLOUD_UPDATE:
    case CLOUD_NOTIFY:
    case CLOUD_RESPONSE:
    case CLOUD_CHECK:
    case CLOUD_OFFER:
    case CLOUD_REPORT:
        break;
    }
    return 0;
}

/* ---- the queue's commands ---- */

/* <ref>,<nnmi>,<nsmi>; back to 0 at a restart */
int m531x_miplnmi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct at_args args;
    long nnmi, nsmi;
    int err;

    if (req->verb == AT_READ) {
        m531x_reply(line, reply, "+MIPLNMI:%d,%ld,%ld", M531X_REF, m531x->nnmi, m531x->nsmi);
        return AT_OK;
    }
    err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);
    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count != 3 || at_args_int(&args, 1, 0, 2, &nnmi) < 0 ||
        at_args_int(&args, 2, 0, 1, &nsmi) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    m531x->nnmi = nnmi;
    m531x->nsmi = nsmi;
    return AT_OK;
}

/* The oldest one that waits, again and again until it is answered. */
int m531x_miplmgr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct m531x_request *next = NULL;
    struct at_args args;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (!err && m531x->session != M531X_REGISTERED)
        err = M531X_ERR_STATE;
    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    for (size_t i = 0; i < M531X_REQUEST_MAX; i++) {
        struct m531x_request *request = &m531x->requests[i];

        if (request->urc && (!next || request->age < next->age))
            next = request;
    }
    if (next)
        m531x_reply(line, reply, "%s", next->urc);
    return AT_OK;
}

int m531x_miplqmgr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct at_args args;
    size_t bytes, count = queued(m531x, &bytes);
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    m531x_reply(line, reply, "+MIPLQMGR: %d,QUEUES=%zu,DROPPED=%lu,BUFFERS=%zu", M531X_REF, count,
                m531x->dropped, bytes);
    return AT_OK;
}
