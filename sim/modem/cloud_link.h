/*
 * The way from a module to its vendor's cloud, without knowing which cloud it is: a simulated one
 * of the harness today, a real server tomorrow.
 *
 * A cloud registers itself on the bench by name. A module opens a link to it, and both sides send
 * messages. Each message travels for the link's latency of modem time; whatever is on its way dies
 * with the module's power, or when the bearer is lost. Without a cloud of that name a link opens
 * too, and nobody ever answers: that is what a module sees of a server that is down.
 *
 * The words are those of LwM2M (OMA-TS-LightweightM2M 1.0), which the OneNET platform speaks, plus
 * two for vendors' version services. Units: microseconds of modem time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench;
struct modem;
struct cloud_link;

enum cloud_op {
    CLOUD_BOOTSTRAP,  /* module: where shall I register? cloud answers CLOUD_RESPONSE */
    CLOUD_REGISTER,   /* module: text = "ep=..&lt=..", data = objects in link format */
    CLOUD_UPDATE,     /* module: the same for a registration update; data only if they changed */
    CLOUD_DEREGISTER, /* module; from the cloud: it has deleted the device */
    CLOUD_OBSERVE,    /* cloud: begin (code 1) or cancel (code 0) an observation */
    CLOUD_DISCOVER,   /* cloud */
    CLOUD_READ,       /* cloud */
    CLOUD_WRITE,      /* cloud: data; of a file in blocks: block_index, block_flag (1 first, 2
                         middle, 0 last or only one), code = size of the blocks in bytes */
    CLOUD_EXECUTE,    /* cloud: text = arguments */
    CLOUD_PARAMETER,  /* cloud: attributes of an observation, text = "pmin=..;pmax=.." */
    CLOUD_NOTIFY,     /* module: observed values changed, text as of a read; code 1 = answer it */
    CLOUD_RESPONSE,   /* either: the answer to the message with this id; code = CoAP's, 205 for
                         2.05; of a read: text = the value, or of a whole instance the lines
                         "resource=value"; of a discover: text = the list of resources */
    CLOUD_CHECK,      /* module: is there an update? text = what runs now */
    CLOUD_OFFER,      /* cloud: answer to CHECK; code = cause, text = URL */
    CLOUD_REPORT,     /* module: the result of an update; cloud answers CLOUD_RESPONSE */
};

#define CLOUD_DATA_MAX 4096 /* bytes of one message */
#define CLOUD_ANY      -1   /* object, instance or resource left open */

struct cloud_message {
    enum cloud_op op;
    int id; /* pairs a request with its response; chosen by the sender of the request */
    int object, instance, resource;
    int code; /* result, cause, value type: as the op says */
    int block_index, block_flag;
    const char *text; /* borrowed; may be NULL */
    const void *data; /* borrowed; may be NULL */
    size_t len;
};

/* A cloud; embedded in its implementation. Callbacks come from the loop. */
struct cloud {
    const char *name; /* "onenet", "luat" */
    const struct cloud_ops *ops;
    struct cloud *next;
};

struct cloud_ops {
    void (*opened)(struct cloud *cloud, struct cloud_link *link);
    /* A message from the module; borrowed for the call. */
    void (*message)(struct cloud *cloud, struct cloud_link *link,
                    const struct cloud_message *message);
    /* The module closed the link, lost its power or its bearer. The link is gone afterwards. */
    void (*closed)(struct cloud *cloud, struct cloud_link *link);
};

/* The bench borrows the cloud until cloud_remove(). */
void cloud_add(struct bench *bench, struct cloud *cloud);
/* Open links lose their other side. */
void cloud_remove(struct bench *bench, struct cloud *cloud);

/* A message from the cloud arrived. Return: 0, or MODEM_GONE from the modem's own code. */
typedef int (*cloud_receive_fn)(struct modem *modem, const struct cloud_message *message);

/* Return: the link, owned by the caller; cloud_link_close() frees it. Never NULL. */
struct cloud_link *cloud_link_open(struct modem *modem, const char *cloud, uint64_t latency_us,
                                   cloud_receive_fn receive);
/* Safe on NULL. What is on its way in either direction is lost. */
void cloud_link_close(struct cloud_link *link);
/* Module to cloud. The message is copied. Lost when the modem has no bearer. */
void cloud_link_send(struct cloud_link *link, const struct cloud_message *message);
/* Cloud to module. The message is copied. */
void cloud_link_deliver(struct cloud_link *link, const struct cloud_message *message);
struct modem *cloud_link_modem(const struct cloud_link *link);
const char *cloud_op_name(enum cloud_op op);
