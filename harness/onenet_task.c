/*
 * OneNET: a task upgrades the software of one device (seed 004, steps 10 to 16; sheet 6.4), or the
 * firmware of its module (sheet 6.5), which is the same with small differences: an empty write
 * takes the firmware object from the host instead of 26550, and signal and cell stand for the
 * storage.
 *
 *   26550 -> storage -> version -> state of the download -> battery -> 26501 -> blocks -> battery
 *   -> order to install -> the device renews its registration -> 26550 -> storage -> version
 *   -> empty write
 *
 * One pass over that is an attempt. An attempt that fails is tried again when the device comes
 * again, or after a while; a download goes on behind the bytes that the device says it has.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/onenet_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/bench.h"

#define CODE_CHANGED    204
#define CODE_CONTENT    205
#define CODE_CONTINUE   231
#define CODE_BAD        400
#define OBJECT_DEVICE   3
#define OBJECT_NETWORK  4
#define OBJECT_FIRMWARE 5
#define BYTES_PER_KB    1024

enum download_state { DOWNLOAD_IDLE, DOWNLOAD_RUNS, DOWNLOAD_DONE, DOWNLOAD_INSTALLS };

static void begin_step(struct task *task, enum step step);
static void begin_attempt(struct task *task);

static struct device *device_of(const struct task *task)
{
    struct device *device = task->onenet->devices;

    while (device && (device->task != task || !task->imei[0]))
        device = device->next;
    return device;
}

/* ---- verdicts ---- */

__attribute__((format(printf, 3, 4))) static void
settle(struct task *task, enum onenet_task_state state, const char *format, ...)
{
    struct device *device = device_of(task);
    struct buf reason = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&reason, format, args);
    va_end(args);
    xstrset(&task->reason, buf_text(&reason));
    buf_deinit(&reason);
    task->state = state;
    task->step = STEP_NONE;
    clock_cancel(task->onenet->bench->clock, &task->timer);
    if (device)
        onenet_forget_requests(device, true);
    if (device && state != ONENET_WAITING && state != ONENET_RUNNING)
        device->task = NULL;
    onenet_note(task->onenet, "task %s: %s%s%s", task->target, onenet_task_state_name(state),
                task->reason[0] ? ": " : "", task->reason);
}

static void on_retry(void *arg)
{
    struct task *task = arg;
    struct device *device = device_of(task);

    if (device && device->is_online)
        begin_attempt(task);
}

/* Wait for the device, or for the next look at it. */
static void retry_later(struct task *task)
{
    clock_after(task->onenet->bench->clock, &task->timer, task->onenet->options.retry_us, on_retry,
                task);
}

static void attempt_failed(struct task *task, const char *why)
{
    enum step step = task->step;

    task->failures++;
    if (task->failures >= task->tries) {
        settle(task, ONENET_FAILED, "%s: %s", onenet_step_name(step), why);
        return;
    }
    settle(task, ONENET_WAITING, "%s: %s", onenet_step_name(step), why);
    retry_later(task);
}

/* ---- the messages of each step ---- */

static void send_read(struct device *device, int object, int resource)
{
    onenet_send(device,
                &(struct cloud_message){.op = CLOUD_READ, .object = object, .resource = resource},
                onenet_task_done, -1);
}

static void send_execute(struct device *device, int resource)
{
    onenet_send(device,
                &(struct cloud_message){
                    .op = CLOUD_EXECUTE, .object = OBJECT_FIRMWARE, .resource = resource},
                onenet_task_done, -1);
}

static void send_empty_write(struct device *device)
{
    onenet_send(device, &(struct cloud_message){.op = CLOUD_WRITE, .object = OBJECT_FIRMWARE},
                onenet_task_done, -1);
}

/* A habit that strikes at this block, once. */
static bool strikes(const struct task *task, unsigned *block)
{
    if (*block == 0 || task->offset / task->block_size + 1 != *block)
        return false;
    *block = 0;
    return true;
}

static void send_block(struct task *task, struct device *device)
{
    struct onenet_habits *habits = &task->onenet->habits;
    size_t left, len;
    unsigned char bytes[ONENET_BLOCK_MAX];

    if (strikes(task, &habits->stops_at_block))
        return;
    if (strikes(task, &habits->skips_block) && task->offset + task->block_size < task->len)
        task->offset += task->block_size;
    left = task->len - task->offset;
    len = left < task->block_size ? left : task->block_size;
    memcpy(bytes, task->package + task->offset, len);
    if (strikes(task, &habits->corrupts_block))
        bytes[len / 2] ^= 0x10;
    onenet_send(device,
                &(struct cloud_message){
                    .op = CLOUD_WRITE,
                    .object = OBJECT_FIRMWARE,
                    .code = (int)task->block_size,
                    .block_index = (int)(task->offset / task->block_size),
                    .block_flag = left <= task->block_size ? 0
                                  : task->offset == 0      ? 1
                                                           : 2,
                    .data = bytes,
                    .len = len,
                },
                onenet_task_done, -1);
}

static void on_reboot_timeout(void *arg)
{
    attempt_failed(arg, "the device did not come back");
}

static void begin_step(struct task *task, enum step step)
{
    struct device *device = device_of(task);

    assert(device);
    task->step = step;
    switch (step) {
    case STEP_MCU_MODE:
        send_execute(device, 26550);
        break;
    case STEP_STORAGE:
        send_read(device, OBJECT_DEVICE, 26261);
        break;
    case STEP_VERSION:
        send_read(device, OBJECT_DEVICE, task->of_module ? 3 : 19);
        break;
    case STEP_SIGNAL:
        send_read(device, OBJECT_NETWORK, 2);
        break;
    case STEP_CELL:
        send_read(device, OBJECT_NETWORK, 8);
        break;
    case STEP_STATE:
        send_read(device, OBJECT_FIRMWARE, CLOUD_ANY);
        break;
    case STEP_BATTERY:
    case STEP_BATTERY_AGAIN:
        send_read(device, OBJECT_DEVICE, 9);
        break;
    case STEP_DOWNLOAD:
        send_execute(device, 26501);
        break;
    case STEP_BLOCK:
        send_block(task, device);
        break;
    case STEP_UPDATE:
        send_execute(device, 2);
        break;
    case STEP_REBOOT:
        clock_after(task->onenet->bench->clock, &task->timer,
                    task->onenet->options.upgrade_timeout_us, on_reboot_timeout, task);
        break;
    case STEP_CLOSE:
    case STEP_RESET:
        send_empty_write(device);
        break;
    case STEP_NONE:
        break;
    }
}

static enum step first_step(const struct task *task)
{
    return task->of_module ? STEP_VERSION : STEP_MCU_MODE;
}

static void begin_attempt(struct task *task)
{
    bool is_on_its_way = device_of(task)->downloading == task->number;

    clock_cancel(task->onenet->bench->clock, &task->timer);
    task->state = ONENET_RUNNING;
    task->was_reset = task->of_module;
    onenet_note(task->onenet, "task %s: attempt %u on device %s", task->target, task->failures + 1,
                task->imei);
    begin_step(task, task->of_module && !is_on_its_way ? STEP_RESET : first_step(task));
}

/* ---- judging the answers ---- */

/* Return: whether the text is a whole number that is not negative. */
static bool read_number(const char *text, long *number_out)
{
    long long number;

    if (!text || text_parse_int(text, &number) < 0 || number < 0 || number > INT32_MAX)
        return false;
    *number_out = (long)number;
    return true;
}

static void judge_storage(struct task *task, const char *text)
{
    if (!read_number(text, &task->storage_kb)) {
        attempt_failed(task, "the free storage is no number");
        return;
    }
    begin_step(task, STEP_VERSION);
}

static void judge_version(struct task *task, const char *text)
{
    if (strcmp(text, task->target) == 0) {
        task->ordered = false;
        begin_step(task, task->onenet->habits.never_closes ? STEP_NONE : STEP_CLOSE);
        return;
    }
    if (task->of_module) {
        begin_step(task, STEP_SIGNAL);
        return;
    }
    if ((size_t)task->storage_kb * BYTES_PER_KB < task->len) {
        settle(task, ONENET_FAILED, "the device has %ld KB for %zu bytes", task->storage_kb,
               task->len);
        return;
    }
    begin_step(task, STEP_STATE);
}

/* The value of a resource in "3=1\n5=0\n26500=2048". */
static bool named_number(const char *text, int resource, long *number_out)
{
    char key[16], number[16];
    int len = snprintf(key, sizeof(key), "%d=", resource);

    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, key, (size_t)len) == 0) {
            snprintf(number, sizeof(number), "%.*s", (int)strcspn(at + len, "\n"), at + len);
            return read_number(number, number_out);
        }
    }
    return false;
}

/* The order to install was given, and the old version runs. Return: whether that ends the attempt.
 */
static bool judge_result(struct task *task, long state, long result)
{
    char why[80];

    if (!task->ordered || state == DOWNLOAD_INSTALLS)
        return false;
    task->ordered = false;
    snprintf(why, sizeof(why), "the device runs the old version: %s", onenet_result_text(result));
    task->step = STEP_UPDATE;
    attempt_failed(task, why);
    return true;
}

static void judge_state(struct task *task, struct device *device, const char *text)
{
    bool is_ours = device->downloading == task->number;
    long state, result, saved;

    if (!named_number(text, 3, &state) || !named_number(text, 5, &result) ||
        !named_number(text, 26500, &saved)) {
        attempt_failed(task, "the state is not 3, 5 and 26500");
        return;
    }
    if (judge_result(task, state, result))
        return;
    task->offset = 0;
    if (state == DOWNLOAD_INSTALLS && is_ours) {
        begin_step(task, STEP_REBOOT);
        return;
    }
    if (state == DOWNLOAD_DONE && is_ours) {
        begin_step(task, STEP_BATTERY_AGAIN);
        return;
    }
    if (state != DOWNLOAD_IDLE && !is_ours) {
        begin_step(task, STEP_RESET); /* bytes of another package */
        return;
    }
    /* A block can not be begun in its middle. */
    if (state == DOWNLOAD_RUNS && (size_t)saved < task->len && saved % task->block_size == 0)
        task->offset = (size_t)saved;
    begin_step(task, STEP_BATTERY);
}

static void judge_battery(struct task *task, const char *text)
{
    long percent;

    if (!read_number(text, &percent) || percent > 100) {
        attempt_failed(task, "the battery is no percentage");
        return;
    }
    if (percent < (long)task->lowest_battery && !task->onenet->habits.ignores_battery) {
        settle(task, ONENET_WAITING, "the battery has %ld %%, the task wants %u %%", percent,
               task->lowest_battery);
        retry_later(task);
        return;
    }
    begin_step(task, task->step == STEP_BATTERY ? STEP_DOWNLOAD : STEP_UPDATE);
}

static void block_taken(struct task *task, const struct request *request)
{
    if (strikes(task, &task->onenet->habits.repeats_block)) {
        send_block(task, request->device);
        return;
    }
    task->offset += request->message.len;
    begin_step(task, task->offset < task->len ? STEP_BLOCK : STEP_BATTERY_AGAIN);
}

/* Nothing but a module without network can fail it, and that one answers nothing at all. */
static void judge_network(struct task *task, const char *text)
{
    if (!*text)
        attempt_failed(task, "the module knows no network");
    else
        begin_step(task, task->step == STEP_SIGNAL ? STEP_CELL : STEP_STATE);
}

static void finish_reset(struct task *task, struct device *device)
{
    device->downloading = -1;
    begin_step(task, first_step(task));
}

/* A step's good answer. */
static void go_on(struct task *task, struct request *request, const char *text)
{
    struct device *device = request->device;

    switch (task->step) {
    case STEP_MCU_MODE:
        begin_step(task, STEP_STORAGE);
        break;
    case STEP_STORAGE:
        judge_storage(task, text);
        break;
    case STEP_VERSION:
        judge_version(task, text);
        break;
    case STEP_SIGNAL:
    case STEP_CELL:
        judge_network(task, text);
        break;
    case STEP_STATE:
        judge_state(task, device, text);
        break;
    case STEP_BATTERY:
    case STEP_BATTERY_AGAIN:
        judge_battery(task, text);
        break;
    case STEP_DOWNLOAD:
        device->downloading = task->number;
        task->from_byte = task->offset;
        begin_step(task, STEP_BLOCK);
        break;
    case STEP_BLOCK:
        block_taken(task, request);
        break;
    case STEP_UPDATE:
        task->ordered = true;
        begin_step(task, STEP_REBOOT);
        break;
    case STEP_CLOSE:
        device->downloading = -1;
        settle(task, ONENET_SUCCEEDED, "%s", "");
        break;
    case STEP_RESET:
        finish_reset(task, device);
        break;
    case STEP_NONE:
    case STEP_REBOOT:
        break;
    }
}

static int wanted_code(const struct task *task)
{
    switch (task->step) {
    case STEP_STORAGE:
    case STEP_VERSION:
    case STEP_SIGNAL:
    case STEP_CELL:
    case STEP_STATE:
    case STEP_BATTERY:
    case STEP_BATTERY_AGAIN:
        return CODE_CONTENT;
    case STEP_BLOCK:
        return task->offset + task->block_size < task->len ? CODE_CONTINUE : CODE_CHANGED;
    case STEP_NONE:
    case STEP_MCU_MODE:
    case STEP_DOWNLOAD:
    case STEP_UPDATE:
    case STEP_REBOOT:
    case STEP_CLOSE:
    case STEP_RESET:
        break;
    }
    return CODE_CHANGED;
}

void onenet_task_done(struct request *request, int code, const char *text)
{
    struct task *task = request->device->task;
    bool may_reset = task && !task->was_reset && code == CODE_BAD &&
                     (task->step == STEP_DOWNLOAD || task->step == STEP_UPDATE);
    char why[40];

    if (!task || task->state != ONENET_RUNNING)
        return;
    if (code == wanted_code(task)) {
        go_on(task, request, text ? text : "");
    } else if (may_reset) {
        /* The module remembers another state than the host: both begin anew. */
        task->was_reset = true;
        begin_step(task, STEP_RESET);
    } else if (code == 0) {
        attempt_failed(task, "no answer");
    } else {
        snprintf(why, sizeof(why), "the answer is %d.%02d", code / 100, code % 100);
        attempt_failed(task, why);
    }
}

void onenet_refuse_task(struct task *task, const char *why)
{
    settle(task, ONENET_REFUSED, "%s", why);
}

void onenet_cancel_task(struct onenet *onenet, int number)
{
    struct task *task = onenet->tasks[number];

    if (task->state == ONENET_WAITING || task->state == ONENET_RUNNING)
        settle(task, ONENET_FAILED, "%s", "cancelled");
}

/* ---- devices come and go ---- */

struct task *onenet_task_for(struct device *device)
{
    struct onenet *onenet = device->onenet;

    for (int i = 0; i < onenet->task_count; i++) {
        struct task *task = onenet->tasks[i];

        if (task->state == ONENET_WAITING &&
            (!task->imei[0] || strcmp(task->imei, device->imei) == 0))
            return task;
    }
    return NULL;
}

static bool can_upgrade(const struct device *device)
{
    return strstr(device->objects, "</5/0>") != NULL;
}

void onenet_device_came(struct device *device, bool is_new)
{
    struct task *task = device->task ? device->task : onenet_task_for(device);

    if (!task)
        return;
    memcpy(task->imei, device->imei, sizeof(task->imei));
    device->task = task;
    if (!task->of_module && !can_upgrade(device)) {
        /* Seed step 7: the version was not told before +MIPLOPEN. */
        settle(task, ONENET_REFUSED, "no entity: the device told no software version");
        return;
    }
    if (task->state == ONENET_RUNNING && !is_new) {
        if (task->step != STEP_REBOOT && task->step != STEP_UPDATE)
            return;
        task->ordered = true; /* it may be back before its answer to the order has come */
    }
    onenet_forget_requests(device, true);
    begin_attempt(task);
}

void onenet_device_left(struct device *device)
{
    struct task *task = device->task;

    if (!task || task->state != ONENET_RUNNING)
        return;
    settle(task, ONENET_WAITING, "the device has left");
}
