/*
 * The OneNET platform as a module's host meets it: registrations, reads and writes, and the tasks
 * that upgrade the host's software (SOTA).
 *
 * It is a cloud of the bench, reached by cloud_link under the name "onenet". It runs the platform's
 * side of the guide (seed 004, steps 8 to 16; sheet m531x.md section 6.4): it reads what the device
 * has, judges each answer, sends the package in blocks and waits for each, times out, tries again,
 * and says why a task failed. misbehave makes it break one rule at a time.
 *
 * A request that is not answered is sent again after ack_timeout, then twice that, and so on (CoAP,
 * RFC 7252 4.2). What has no source is an option of struct onenet_options with its reason.
 * Units: microseconds of modem time. All texts and packages are copied.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench;
struct buf;
struct onenet;

#define ONENET_NAME         "onenet"
#define ONENET_DEVICE_MAX   32
#define ONENET_TASK_MAX     64
#define ONENET_REQUEST_MAX  1024 /* of scenarios, not of tasks */
#define ONENET_NOTIFY_MAX   1024
#define ONENET_VERSION_MAX  47
#define ONENET_BLOCK_MAX    1024 /* CoAP SZX 6, seed step 12 */
#define ONENET_OBJECTS_MAX  1024 /* bytes of a registration's list of objects */
#define ONENET_IMEI_MAX     15
#define ONENET_MD5_TEXT_LEN 32

struct onenet_options {
    uint64_t ack_timeout_us;     /* 2 s (NBSDK) */
    unsigned retransmits;        /* 4 (NBSDK) */
    uint64_t retry_us;           /* from a failed attempt to the next: 1 min, no source */
    uint64_t upgrade_timeout_us; /* from the order to install to the update: 10 min, no source */
    bool auto_observe, auto_discover; /* after a registration, as the console can be set */
};

/* What it does wrong. Numbers of blocks count from 1; 0 = it does not do so. Each happens once. */
struct onenet_habits {
    bool rejects;         /* registrations are refused */
    bool silent;          /* nothing is answered */
    bool forgets;         /* an update is answered as from an unknown device */
    bool ignores_battery; /* a low battery does not stop it */
    bool never_closes;    /* no empty write at the end */
    unsigned skips_block, repeats_block, corrupts_block, stops_at_block;
};

enum onenet_task_state {
    ONENET_WAITING, /* for its device, its battery, or the next attempt */
    ONENET_RUNNING,
    ONENET_SUCCEEDED,
    ONENET_FAILED,
    ONENET_REFUSED, /* it could not be created */
};

struct onenet_task_spec {
    const char *target;  /* version that the device is to report afterwards */
    const void *package; /* the file; the module only carries it */
    size_t len;
    const char *md5;         /* as the user typed it; NULL = right */
    unsigned lowest_battery; /* percent */
    unsigned block_size;     /* bytes; 0 = ONENET_BLOCK_MAX */
    unsigned tries;          /* failed attempts before the task has failed; 0 = 5 */
    const char *imei;        /* NULL = the first device that comes */
    bool of_module;          /* the module's own firmware (FOTA), not the host's software (SOTA) */
};

struct onenet_task_view {
    enum onenet_task_state state;
    const char *reason; /* of the last failure or wait, "" if none; borrowed */
    const char *step;   /* "reading the version"; borrowed */
    unsigned failures;
    size_t sent_bytes; /* acknowledged by the device, in this attempt */
    size_t from_byte;  /* where this attempt's download began */
};

struct onenet_device_view {
    const char *imei, *objects; /* borrowed */
    bool is_online;
};

struct onenet_notify_view {
    const char *text; /* "resource=value" lines; borrowed */
    int object, instance, resource;
};

/* A request of a scenario and its answer. */
struct onenet_answer {
    bool is_done;
    int code;         /* CoAP's, 205 for 2.05; 0 = nobody answered */
    const char *text; /* borrowed; "" if none */
};

struct onenet *onenet_new(struct bench *bench);
void onenet_free(struct onenet *onenet);
struct onenet_options *onenet_options(struct onenet *onenet);
struct onenet_habits *onenet_habits(struct onenet *onenet);

/* Return: number of the task, or -ENOSPC, or -EINVAL with a message for what the console refuses to
 * take at all (no package, version too long, block size not a power of two from 16 to 1024). */
int onenet_add_task(struct onenet *onenet, const struct onenet_task_spec *spec,
                    struct buf *error_out);
/* The user ends it; what the device has stays there. */
void onenet_cancel_task(struct onenet *onenet, int task);
struct onenet_task_view onenet_task(const struct onenet *onenet, int task);
const char *onenet_task_state_name(enum onenet_task_state state);

size_t onenet_device_count(const struct onenet *onenet);
struct onenet_device_view onenet_device(const struct onenet *onenet, size_t index);
size_t onenet_notify_count(const struct onenet *onenet);
struct onenet_notify_view onenet_notify(const struct onenet *onenet, size_t index);

/* Kinds of a scenario's requests. */
enum onenet_request_kind {
    ONENET_READ,
    ONENET_WRITE,
    ONENET_EXECUTE,
    ONENET_OBSERVE,
    ONENET_CANCEL, /* of an observation */
    ONENET_DISCOVER,
    ONENET_PARAMETER,
};

struct onenet_request_spec {
    enum onenet_request_kind kind;
    int object, instance, resource; /* -1 = left open */
    const char *text;               /* EXECUTE, PARAMETER; NULL = none */
    const void *data;               /* WRITE */
    size_t len;
    const char *imei; /* NULL = the first device */
};

/* Return: number of the request; -ENODEV no such device; -ENOSPC; -EMSGSIZE. */
int onenet_ask(struct onenet *onenet, const struct onenet_request_spec *spec);
struct onenet_answer onenet_answer(const struct onenet *onenet, int request);
/* The platform deletes the device (event 31 of the module's manual). Return: 0 or -ENODEV. */
int onenet_delete_device(struct onenet *onenet, const char *imei);
