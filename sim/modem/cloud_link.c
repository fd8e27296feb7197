/* SPDX-License-Identifier: MIT */
#include "sim/modem/cloud_link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/modem.h"

/* A message on its way, with copies of what it borrows. */
struct parcel {
    struct timer timer;
    struct cloud_link *link;
    struct cloud_message message;
    bool to_cloud;
    struct parcel *next;
};

struct cloud_link {
    struct modem *modem;
    struct cloud *cloud; /* NULL: nobody answers */
    uint64_t latency_us;
    cloud_receive_fn receive;
    struct parcel *parcels;
    struct cloud_link *next; /* on the bench, so that a cloud that goes away can be cut off */
};

void cloud_add(struct bench *bench, struct cloud *cloud)
{
    cloud->next = bench->clouds;
    bench->clouds = cloud;
}

void cloud_remove(struct bench *bench, struct cloud *cloud)
{
    struct cloud **at = &bench->clouds;

    while (*at && *at != cloud)
        at = &(*at)->next;
    if (*at)
        *at = cloud->next;
    for (struct cloud_link *link = bench->links; link; link = link->next) {
        if (link->cloud == cloud)
            link->cloud = NULL;
    }
}

static struct cloud *find_cloud(const struct bench *bench, const char *name)
{
    struct cloud *cloud = bench->clouds;

    while (cloud && strcmp(cloud->name, name) != 0)
        cloud = cloud->next;
    return cloud;
}

struct cloud_link *cloud_link_open(struct modem *modem, const char *cloud, uint64_t latency_us,
                                   cloud_receive_fn receive)
{
    struct cloud_link *link = xcalloc(1, sizeof(*link));

    link->modem = modem;
    link->cloud = find_cloud(modem->bench, cloud);
    link->latency_us = latency_us;
    link->receive = receive;
    link->next = modem->bench->links;
    modem->bench->links = link;
    if (link->cloud)
        link->cloud->ops->opened(link->cloud, link);
    return link;
}

static void drop(struct parcel *parcel)
{
    struct parcel **at = &parcel->link->parcels;

    while (*at != parcel)
        at = &(*at)->next;
    *at = parcel->next;
    clock_cancel(parcel->link->modem->bench->clock, &parcel->timer);
    free((char *)parcel->message.text);
    free((void *)parcel->message.data);
    free(parcel);
}

void cloud_link_close(struct cloud_link *link)
{
    struct cloud_link **at;

    if (!link)
        return;
    at = &link->modem->bench->links;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    while (link->parcels)
        drop(link->parcels);
    if (link->cloud)
        link->cloud->ops->closed(link->cloud, link);
    free(link);
}

static void record(const struct parcel *parcel)
{
    const struct cloud_message *m = &parcel->message;
    struct modem *modem = parcel->link->modem;

    trace_addf(modem->bench->trace, TRACE_CLOUD, modem->name,
               "%s %s id=%d %d/%d/%d code=%d flag=%d index=%d len=%zu %s",
               parcel->to_cloud ? "to cloud" : "from cloud", cloud_op_name(m->op), m->id, m->object,
               m->instance, m->resource, m->code, m->block_flag, m->block_index, m->len,
               m->text ? m->text : "");
}

/* Pass the point of a message. Return: how often it arrives. */
static unsigned pass(struct cloud_link *link, const struct cloud_message *message,
                     enum fault_point_id id)
{
    const char *name = cloud_op_name(message->op);
    struct fault_at at = {.text = name, .text_len = strlen(name)};
    struct fault_effect effect = modem_pass(link->modem, &fault_points[id], &at);

    if (effect.action == FAULT_LOST || link->modem->going)
        return 0;
    return effect.action == FAULT_DUP ? 2 : 1;
}

/* The parcel leaves the queue before it is handed over: its receiver may close the link. */
static void on_arrival(void *arg)
{
    struct parcel *parcel = arg;
    struct cloud_link *link = parcel->link;
    struct modem *modem = link->modem;
    struct cloud_message message = parcel->message;

    bool to_cloud = parcel->to_cloud;

    record(parcel);
    parcel->message.text = NULL;
    parcel->message.data = NULL;
    drop(parcel);
    if (to_cloud) {
        if (link->cloud)
            link->cloud->ops->message(link->cloud, link, &message);
    } else if (modem->net.bearer) {
        int r = 0;

        modem_enter(modem);
        for (unsigned times = pass(link, &message, FAULT_POINT_CLOUD_RECEIVE);
             times > 0 && r == 0 && !modem->going; times--)
            r = link->receive(modem, &message);
        modem_leave(modem, r);
    }
    free((char *)message.text);
    free((void *)message.data);
}

static void post(struct cloud_link *link, const struct cloud_message *message, bool to_cloud)
{
    struct parcel *parcel = xcalloc(1, sizeof(*parcel));

    assert(message->len <= CLOUD_DATA_MAX);
    parcel->link = link;
    parcel->message = *message;
    parcel->message.text = xstrdup(message->text);
    parcel->message.data = NULL;
    if (message->len > 0) {
        void *copy = xmalloc(message->len);

        memcpy(copy, message->data, message->len);
        parcel->message.data = copy;
    }
    parcel->to_cloud = to_cloud;
    parcel->next = link->parcels;
    link->parcels = parcel;
    clock_after(link->modem->bench->clock, &parcel->timer, link->latency_us, on_arrival, parcel);
}

void cloud_link_send(struct cloud_link *link, const struct cloud_message *message)
{
    unsigned times;

    if (!link->modem->net.bearer)
        return;
    times = pass(link, message, FAULT_POINT_CLOUD_SEND);
    for (unsigned i = 0; i < times; i++)
        post(link, message, true);
}

void cloud_link_deliver(struct cloud_link *link, const struct cloud_message *message)
{
    post(link, message, false);
}

struct modem *cloud_link_modem(const struct cloud_link *link)
{
    return link->modem;
}

const char *cloud_op_name(enum cloud_op op)
{
    static const char *const names[] = {
        [CLOUD_BOOTSTRAP] = "bootstrap",   [CLOUD_PARAMETER] = "parameter",
        [CLOUD_REGISTER] = "register",     [CLOUD_UPDATE] = "update",
        [CLOUD_DEREGISTER] = "deregister", [CLOUD_OBSERVE] = "observe",
        [CLOUD_DISCOVER] = "discover",     [CLOUD_READ] = "read",
        [CLOUD_WRITE] = "write",           [CLOUD_EXECUTE] = "execute",
        [CLOUD_NOTIFY] = "notify",         [CLOUD_RESPONSE] = "response",
        [CLOUD_CHECK] = "check",           [CLOUD_OFFER] = "offer",
        [CLOUD_REPORT] = "report",
    };

    return names[op];
}
