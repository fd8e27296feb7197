/*
 * OneNET: devices that register, and what they tell.
 * SPDX-License-Identifier: MIT
 */
#include "harness/onenet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/onenet_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

#define CODE_CREATED   201
#define CODE_DELETED   202
#define CODE_CHANGED   204
#define CODE_FORBIDDEN 403
#define CODE_NOT_FOUND 404
#define SECOND_US      1000000u

void onenet_note(struct onenet *onenet, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    trace_add(onenet->bench->trace, TRACE_CLOUD, ONENET_NAME, buf_text(&text), text.len);
    buf_deinit(&text);
}

/* ---- devices ---- */

static struct device *device_of_link(struct onenet *onenet, const struct cloud_link *link)
{
    struct device *device = onenet->devices;

    while (device && device->link != link)
        device = device->next;
    return device;
}

/* "ep=<imei>;<imsi>&b=U&lt=600": the value behind a key, up to a stop. */
static bool query_value(const char *query, const char *key, const char *stops, char *out,
                        size_t size_bytes)
{
    const char *at = query ? strstr(query, key) : NULL;
    size_t len;

    if (!at)
        return false;
    at += strlen(key);
    len = strcspn(at, stops);
    if (len >= size_bytes)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

static struct device *named_device(struct onenet *onenet, const char *imei)
{
    struct device **at = &onenet->devices;
    size_t count = 0;

    for (; *at; at = &(*at)->next, count++) {
        if (strcmp((*at)->imei, imei) == 0)
            return *at;
    }
    if (count == ONENET_DEVICE_MAX)
        return NULL;
    *at = xcalloc(1, sizeof(**at));
    (*at)->onenet = onenet;
    (*at)->downloading = -1;
    memcpy((*at)->imei, imei, strlen(imei) + 1);
    return *at;
}

static void on_lifetime_over(void *arg)
{
    struct device *device = arg;

    onenet_note(device->onenet, "device %s is offline: its lifetime is over", device->imei);
    device->is_online = false;
    onenet_device_left(device);
}

static void begin_lifetime(struct device *device, const char *query)
{
    char number[16];

    if (query_value(query, "lt=", "&", number, sizeof(number)))
        device->lifetime_s = strtol(number, NULL, 10);
    clock_after(device->onenet->bench->clock, &device->life_timer,
                (uint64_t)device->lifetime_s * SECOND_US, on_lifetime_over, device);
}

static void respond(struct cloud_link *link, int id, int code)
{
    cloud_link_deliver(link, &(struct cloud_message){
                                 .op = CLOUD_RESPONSE,
                                 .id = id,
                                 .code = code,
                             });
}

/* ---- registration ---- */

static void on_watched(struct request *request, int code, const char *text)
{
    if (request->message.op == CLOUD_DISCOVER && code > 0)
        onenet_note(request->device->onenet, "object %d has the resources %s",
                    request->message.object, text ? text : "");
}

/* One request to each instance that the device registered, or to each object. */
static void watch_each(struct device *device, enum cloud_op op)
{
    int last = -1;

    for (const char *at = device->objects; (at = strstr(at, "</")); at++) {
        struct cloud_message message = {.op = op, .resource = CLOUD_ANY};

        if (sscanf(at, "</%d/%d>", &message.object, &message.instance) != 2 ||
            (message.object >= 3 && message.object <= 5))
            continue; /* the device's own objects serve the upgrade */
        message.code = op == CLOUD_OBSERVE;
        if (op == CLOUD_DISCOVER)
            message.instance = CLOUD_ANY;
        if (op == CLOUD_OBSERVE || message.object != last)
            onenet_send(device, &message, on_watched, -1);
        last = message.object;
    }
}

/* As the console's switches want it; observations first (LOG-NB73). */
static void watch(struct device *device)
{
    if (device->onenet->options.auto_observe)
        watch_each(device, CLOUD_OBSERVE);
    if (device->onenet->options.auto_discover)
        watch_each(device, CLOUD_DISCOVER);
}

static void take_objects(struct device *device, const struct cloud_message *message)
{
    size_t len = message->len < ONENET_OBJECTS_MAX ? message->len : ONENET_OBJECTS_MAX;

    if (message->len > 0)
        memcpy(device->objects, message->data, len);
    device->objects[len] = '\0';
}

static void take_register(struct onenet *onenet, struct cloud_link *link,
                          const struct cloud_message *message)
{
    char imei[ONENET_IMEI_MAX + 1];
    struct device *device = NULL;
    bool again;

    if (query_value(message->text, "ep=", ";&", imei, sizeof(imei)))
        device = named_device(onenet, imei);
    if (!device || onenet->habits.rejects) {
        respond(link, message->id, CODE_FORBIDDEN);
        return;
    }
    again = device->link == link && device->is_online && device->register_id == message->id;
    respond(link, message->id, CODE_CREATED);
    if (again)
        return; /* our answer was lost */
    onenet_forget_requests(device, false);
    device->link = link;
    device->is_online = true;
    device->register_id = message->id;
    take_objects(device, message);
    begin_lifetime(device, message->text);
    onenet_note(onenet, "device %s is online for %ld s with %s", device->imei, device->lifetime_s,
                device->objects[0] ? device->objects : "no objects");
    watch(device);
    onenet_device_came(device, true);
}

static void take_update(struct device *device, struct cloud_link *link,
                        const struct cloud_message *message)
{
    bool known = device && device->is_online && !device->onenet->habits.forgets;

    respond(link, message->id, known ? CODE_CHANGED : CODE_NOT_FOUND);
    if (!known)
        return;
    if (message->len > 0)
        take_objects(device, message);
    begin_lifetime(device, message->text);
    onenet_device_came(device, false);
}

static void take_deregister(struct device *device, struct cloud_link *link,
                            const struct cloud_message *message)
{
    respond(link, message->id, CODE_DELETED);
    if (!device)
        return;
    onenet_note(device->onenet, "device %s has left", device->imei);
    clock_cancel(device->onenet->bench->clock, &device->life_timer);
    device->is_online = false;
    onenet_device_left(device);
}

static void take_notify(struct onenet *onenet, struct cloud_link *link,
                        const struct cloud_message *message)
{
    struct notify *notify = &onenet->notifies[onenet->notify_count];

    if (message->code == 1)
        respond(link, message->id, CODE_CHANGED);
    if (onenet->notify_count == ONENET_NOTIFY_MAX)
        return;
    notify->text = xstrdup(message->text ? message->text : "");
    notify->object = message->object;
    notify->instance = message->instance;
    notify->resource = message->resource;
    onenet->notify_count++;
}

/* ---- the cloud ---- */

static void on_opened(struct cloud *cloud, struct cloud_link *link)
{
    /* A module that has not registered yet is nobody. */
}

static void on_message(struct cloud *cloud, struct cloud_link *link,
                       const struct cloud_message *message)
{
    struct onenet *onenet = (struct onenet *)cloud; /* its first member */
    struct device *device = device_of_link(onenet, link);

    if (onenet->habits.silent)
        return;
    switch (message->op) {
    case CLOUD_BOOTSTRAP:
        respond(link, message->id, CODE_CHANGED);
        break;
    case CLOUD_REGISTER:
        take_register(onenet, link, message);
        break;
    case CLOUD_UPDATE:
        take_update(device, link, message);
        break;
    case CLOUD_DEREGISTER:
        take_deregister(device, link, message);
        break;
    case CLOUD_NOTIFY:
        take_notify(onenet, link, message);
        break;
    case CLOUD_RESPONSE:
        if (device)
            onenet_take_response(device, message);
        break;
    case CLOUD_OBSERVE:
    case CLOUD_DISCOVER:
    case CLOUD_READ:
    case CLOUD_WRITE:
    case CLOUD_EXECUTE:
    case CLOUD_PARAMETER:
    case CLOUD_CHECK:
    case CLOUD_OFFER:
    case CLOUD_REPORT:
        break;
    }
}

/* The platform does not learn of it: its requests go unanswered until the device comes again. */
static void on_closed(struct cloud *cloud, struct cloud_link *link)
{
    struct device *device = device_of_link((struct onenet *)cloud, link);

    if (device)
        device->link = NULL;
}

static const struct cloud_ops ops = {
    .opened = on_opened,
    .message = on_message,
    .closed = on_closed,
};

struct onenet *onenet_new(struct bench *bench)
{
    struct onenet *onenet = xcalloc(1, sizeof(*onenet));

    onenet->cloud = (struct cloud){.name = ONENET_NAME, .ops = &ops};
    onenet->bench = bench;
    onenet->options = (struct onenet_options){
        .ack_timeout_us = 2 * SECOND_US,
        .retransmits = 4,
        .retry_us = 60 * UINT64_C(1000000),
        .upgrade_timeout_us = 600 * UINT64_C(1000000),
        .auto_observe = true,
        .auto_discover = true,
    };
    cloud_add(bench, &onenet->cloud);
    return onenet;
}

void onenet_free(struct onenet *onenet)
{
    if (!onenet)
        return;
    cloud_remove(onenet->bench, &onenet->cloud);
    while (onenet->devices) {
        struct device *device = onenet->devices;

        onenet->devices = device->next;
        onenet_forget_requests(device, false);
        clock_cancel(onenet->bench->clock, &device->life_timer);
        free(device);
    }
    for (int i = 0; i < onenet->task_count; i++)
        onenet_task_free(onenet->tasks[i]);
    for (int i = 0; i < onenet->answer_count; i++)
        free(onenet->answers[i].text);
    for (size_t i = 0; i < onenet->notify_count; i++)
        free(onenet->notifies[i].text);
    free(onenet);
}

struct onenet_options *onenet_options(struct onenet *onenet)
{
    return &onenet->options;
}

struct onenet_habits *onenet_habits(struct onenet *onenet)
{
    return &onenet->habits;
}

size_t onenet_device_count(const struct onenet *onenet)
{
    size_t count = 0;

    for (const struct device *device = onenet->devices; device; device = device->next)
        count++;
    return count;
}

struct onenet_device_view onenet_device(const struct onenet *onenet, size_t index)
{
    const struct device *device = onenet->devices;

    while (index-- > 0)
        device = device->next;
    return (struct onenet_device_view){
        .imei = device->imei,
        .objects = device->objects,
        .is_online = device->is_online,
    };
}

size_t onenet_notify_count(const struct onenet *onenet)
{
    return onenet->notify_count;
}

struct onenet_notify_view onenet_notify(const struct onenet *onenet, size_t index)
{
    const struct notify *notify = &onenet->notifies[index];

    return (struct onenet_notify_view){
        .text = notify->text,
        .object = notify->object,
        .instance = notify->instance,
        .resource = notify->resource,
    };
}

int onenet_delete_device(struct onenet *onenet, const char *imei)
{
    struct device *device = onenet->devices;

    while (device && imei && strcmp(device->imei, imei) != 0)
        device = device->next;
    if (!device || !device->is_online)
        return -ENODEV;
    if (device->link)
        cloud_link_deliver(device->link, &(struct cloud_message){.op = CLOUD_DEREGISTER});
    clock_cancel(onenet->bench->clock, &device->life_timer);
    device->is_online = false;
    onenet_device_left(device);
    return 0;
}
