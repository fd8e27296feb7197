/*
 * What the files of the OneNET platform share.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/onenet.h"
#include "sim/base/clock.h"
#include "sim/modem/cloud_link.h"

struct device;
struct request;
struct task;

/* code 0: nobody answered. text is borrowed and may be NULL. */
typedef void (*request_done_fn)(struct request *request, int code, const char *text);

/* A message to a device that waits for its response. */
struct request {
    struct timer timer;
    struct device *device;
    struct cloud_message message; /* owns text and data */
    unsigned sent;
    request_done_fn done; /* the request is freed behind it */
    int number;           /* of a scenario's request; -1 = none */
    struct request *next;
};

/* The answer to a scenario's request. */
struct answer {
    bool is_done;
    int code;
    char *text;
};

struct notify {
    char *text;
    int object, instance, resource;
};

struct device {
    struct onenet *onenet;
    char imei[ONENET_IMEI_MAX + 1];
    char objects[ONENET_OBJECTS_MAX + 1];
    struct cloud_link *link; /* NULL: on its own side the module is gone; we do not know */
    bool is_online;
    int register_id; /* of the last registration, to know a repeated one */
    long lifetime_s;
    struct timer life_timer;
    struct request *requests;
    struct task *task; /* the one that runs or waits here */
    int downloading;   /* number of the task whose bytes the device has; -1 = none */
    struct device *next;
};

/* In the order of the guide's steps 10 to 16. */
enum step {
    STEP_NONE,
    STEP_MCU_MODE,
    STEP_STORAGE,
    STEP_VERSION,
    STEP_SIGNAL,
    STEP_CELL,
    STEP_STATE,
    STEP_BATTERY,
    STEP_DOWNLOAD,
    STEP_BLOCK,
    STEP_BATTERY_AGAIN,
    STEP_UPDATE,
    STEP_REBOOT,
    STEP_CLOSE,
    STEP_RESET,
};

struct task {
    struct onenet *onenet;
    int number;
    char target[ONENET_VERSION_MAX + 1];
    char imei[ONENET_IMEI_MAX + 1]; /* empty = not bound yet */
    unsigned char *package;
    size_t len;
    unsigned lowest_battery, block_size, tries;
    bool of_module;

    enum onenet_task_state state;
    enum step step;
    char *reason;
    unsigned failures;
    long storage_kb;
    size_t offset, from_byte; /* of the download */
    bool ordered;             /* an installation was ordered, and its result is not known */
    bool was_reset;           /* in this attempt */
    bool repeated_block;
    struct timer timer; /* retry, or the end of patience */
};

struct onenet {
    struct cloud cloud;
    struct bench *bench;
    struct onenet_options options;
    struct onenet_habits habits;
    int next_id;
    struct device *devices;
    struct task *tasks[ONENET_TASK_MAX];
    int task_count;
    struct answer answers[ONENET_REQUEST_MAX];
    int answer_count;
    struct notify notifies[ONENET_NOTIFY_MAX];
    size_t notify_count;
};

void onenet_note(struct onenet *onenet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* onenet_request.c. The message's id is chosen here; its texts are copied. */
struct request *onenet_send(struct device *device, const struct cloud_message *message,
                            request_done_fn done, int number);
/* A response came. Unknown ids are ignored: they answer what was given up. */
void onenet_take_response(struct device *device, const struct cloud_message *message);
/* Forget requests: all, or those of the device's task only. done is not called. */
void onenet_forget_requests(struct device *device, bool of_task_only);

/* onenet_view.c */
const char *onenet_step_name(enum step step);
const char *onenet_result_text(long result); /* of /5/0/5 */

/* onenet_task.c */
void onenet_task_done(struct request *request, int code, const char *text);
/* The first task that waits for this device; NULL = none. */
struct task *onenet_task_for(struct device *device);
/* It can not be created. */
void onenet_refuse_task(struct task *task, const char *why);
/* The device registered anew (its attempt begins again), or renewed its registration. */
void onenet_device_came(struct device *device, bool is_new);
void onenet_device_left(struct device *device);
void onenet_task_free(struct task *task);
