/*
 * OneNET: messages to devices, sent again until they are answered or given up.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/onenet_private.h"
#include "sim/base/mem.h"
#include "sim/modem/bench.h"

static struct clock *clock_of(const struct device *device)
{
    return device->onenet->bench->clock;
}

static void unlink_request(struct request *request)
{
    struct request **at = &request->device->requests;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    clock_cancel(clock_of(request->device), &request->timer);
}

static void free_request(struct request *request)
{
    free((char *)request->message.text);
    free((void *)request->message.data);
    free(request);
}

void onenet_forget_requests(struct device *device, bool of_task_only)
{
    struct request *next;

    for (struct request *request = device->requests; request; request = next) {
        next = request->next;
        if (of_task_only && request->done != onenet_task_done)
            continue;
        unlink_request(request);
        free_request(request);
    }
}

/* Out of the list first: done may forget all others. */
static void finish(struct request *request, int code, const char *text)
{
    unlink_request(request);
    request->done(request, code, text);
    free_request(request);
}

static void on_silence(void *arg);

static void transmit(struct request *request)
{
    const struct onenet_options *options = &request->device->onenet->options;

    if (request->device->link)
        cloud_link_deliver(request->device->link, &request->message);
    clock_after(clock_of(request->device), &request->timer,
                options->ack_timeout_us << request->sent, on_silence, request);
    request->sent++;
}

static void on_silence(void *arg)
{
    struct request *request = arg;

    if (request->sent <= request->device->onenet->options.retransmits)
        transmit(request);
    else
        finish(request, 0, NULL);
}

struct request *onenet_send(struct device *device, const struct cloud_message *message,
                            request_done_fn done, int number)
{
    struct request *request = xcalloc(1, sizeof(*request));
    struct request **end = &device->requests;

    request->device = device;
    request->message = *message;
    request->message.id = ++device->onenet->next_id;
    request->message.text = xstrdup(message->text);
    request->message.data = NULL;
    if (message->len > 0) {
        void *copy = xmalloc(message->len);

        memcpy(copy, message->data, message->len);
        request->message.data = copy;
    }
    request->done = done;
    request->number = number;
    while (*end)
        end = &(*end)->next;
    *end = request;
    transmit(request);
    return request;
}

void onenet_take_response(struct device *device, const struct cloud_message *message)
{
    struct request *request = device->requests;

    while (request && request->message.id != message->id)
        request = request->next;
    if (request)
        finish(request, message->code, message->text);
}

/* ---- requests of scenarios ---- */

static void on_answer(struct request *request, int code, const char *text)
{
    struct answer *answer = &request->device->onenet->answers[request->number];

    answer->is_done = true;
    answer->code = code;
    xstrset(&answer->text, text);
    onenet_note(request->device->onenet, "request %d: %d.%02d %s", request->number, code / 100,
                code % 100, text ? text : "");
}

static enum cloud_op op_of(enum onenet_request_kind kind)
{
    switch (kind) {
    case ONENET_READ:
        return CLOUD_READ;
    case ONENET_WRITE:
        return CLOUD_WRITE;
    case ONENET_EXECUTE:
        return CLOUD_EXECUTE;
    case ONENET_OBSERVE:
    case ONENET_CANCEL:
        return CLOUD_OBSERVE;
    case ONENET_DISCOVER:
        return CLOUD_DISCOVER;
    case ONENET_PARAMETER:
        return CLOUD_PARAMETER;
    }
    return CLOUD_READ;
}

static struct device *asked_device(struct onenet *onenet, const char *imei)
{
    struct device *device = onenet->devices;

    while (device && imei && strcmp(device->imei, imei) != 0)
        device = device->next;
    return device;
}

int onenet_ask(struct onenet *onenet, const struct onenet_request_spec *spec)
{
    struct device *device = asked_device(onenet, spec->imei);
    struct cloud_message message = {
        .op = op_of(spec->kind),
        .object = spec->object,
        .instance = spec->instance,
        .resource = spec->resource,
        .code = spec->kind == ONENET_OBSERVE,
        .text = spec->text,
        .data = spec->data,
        .len = spec->len,
    };

    if (!device)
        return -ENODEV;
    if (onenet->answer_count == ONENET_REQUEST_MAX)
        return -ENOSPC;
    if (spec->len > ONENET_BLOCK_MAX)
        return -EMSGSIZE;
    if (spec->kind == ONENET_WRITE)
        message.code = ONENET_BLOCK_MAX;
    onenet_send(device, &message, on_answer, onenet->answer_count);
    return onenet->answer_count++;
}

struct onenet_answer onenet_answer(const struct onenet *onenet, int request)
{
    const struct answer *answer = &onenet->answers[request];

    return (struct onenet_answer){
        .is_done = answer->is_done,
        .code = answer->code,
        .text = answer->text ? answer->text : "",
    };
}
