/*
 * hayeswire record: between a host and a modem, and afterwards a scenario and a dialect's stub of
 * what passed.
 *
 * A recording is a list of entries, in the order in which they happened on all ports. Text goes by
 * lines, as a person reads it; what is no line keeps its bytes, so that a host gets from the
 * recording exactly what the modem had sent.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/at_log.h"
#include "harness/event_log.h"
#include "harness/stage.h"
#include "sim/base/clock.h"

struct buf;
struct host;
struct port;

#define RECORD_ENTRY_MAX 100000u /* what comes after is passed on, and not recorded */
#define RECORD_PORT_MAX  5

enum record_sign {
    RECORD_TYPED = '>', /* a command line, or the data of a prompt */
    RECORD_REPLY = '<', /* a line that answers it; "> " = a prompt */
    RECORD_URC = '!',   /* a line that came unasked */
    RECORD_BYTES = '~', /* of the modem, as they are */
    RECORD_LINK = '*',  /* "gone" and "back": the device */
    RECORD_DROPPED = 0, /* other entries have taken its place */
};

struct record_entry {
    uint64_t t_us;
    size_t number; /* in the order in which they were made */
    unsigned port;
    char sign;
    char *text;
    size_t len;
};

struct recording {
    const char *device;
    char *const *command;              /* of the host, with {tty} */
    char *port_names[RECORD_PORT_MAX]; /* "" is the first */
    unsigned port_count;
    struct record_entry *entries;
    size_t count, cap;
    uint64_t end_us;
    bool has_exit;                /* the host ended by itself, with: */
    int exit_status, exit_signal; /* signal 0 = by its exit status */
    bool has_link_loss;           /* a device was gone for a while */
};

struct recorder;

/* One port between host and modem; record_wire.c. */
struct record_wire {
    struct recorder *recorder;
    unsigned number;    /* of the port, in the recording */
    const char *device; /* TTY[@RATE] */
    char *link;         /* what the host opens */
    struct port *host_port, *device_port;
    bool follows_rate; /* the device's rate is what the host sets */
    long rate;
    struct at_log log;
    struct timer search; /* for a device that is gone */

    /* What the modem has sent since it was last put down for good, and the entries made of it. */
    struct buf heard;
    size_t heard_entry;
    uint64_t heard_us;
    bool skips_lf;      /* the rest of a line end that is put down already */
    bool was_patient;   /* there was a silence within a line */
    struct timer quiet; /* silence */
};

struct recorder {
    struct recording recording;
    struct record_wire wires[RECORD_PORT_MAX];
    struct stage stage;
    char *dir; /* of the links, and the host's folder */
    const char *scenario, *stub;
    struct host *host;
    struct event_log event_log;
    struct timer last_words;
    bool over;
    int signal;
};

/* Return: the exit status. */
int record_command(int argc, char **argv);

/* ---- record_wire.c ---- */

/* Open the device and a tty for the host. Return: 0, or -errno with a message. */
int record_wire_open(struct record_wire *wire, struct buf *error_out);
/* The end: what was heard is put down as it is. */
void record_wire_finish(struct record_wire *wire);
void record_wire_close(struct record_wire *wire);

/* ---- record_heard.c: bytes become entries ---- */

/* Callbacks of the wire's at_log. */
void record_heard_init(struct record_wire *wire);
void record_heard_host(struct record_wire *wire, const char *bytes, size_t len);
void record_heard_modem(struct record_wire *wire, const char *bytes, size_t len);
/* Something else happened: what was heard before it is complete. */
void record_heard_settle(struct record_wire *wire);
/* By time, without those that were dropped. */
void record_sort(struct recording *recording);
void record_add(struct record_wire *wire, char sign, const char *text, size_t len, uint64_t t_us);

/* ---- record_write.c, record_stub.c: the text of the files ---- */

void record_scenario(const struct recording *recording, struct buf *out);
void record_stub(const struct recording *recording, struct buf *out);
