/*
 * OneNET: what is seen of a task, and its words.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "harness/onenet_private.h"
#include "sim/base/mem.h"
#include "sim/modem/bench.h"

const char *onenet_task_state_name(enum onenet_task_state state)
{
    static const char *const names[] = {
        [ONENET_WAITING] = "waiting",     [ONENET_RUNNING] = "running",
        [ONENET_SUCCEEDED] = "succeeded", [ONENET_FAILED] = "failed",
        [ONENET_REFUSED] = "refused",
    };

    return names[state];
}

const char *onenet_step_name(enum step step)
{
    static const char *const names[] = {
        [STEP_NONE] = "",
        [STEP_MCU_MODE] = "entering the upgrade",
        [STEP_STORAGE] = "reading the free storage",
        [STEP_VERSION] = "reading the version",
        [STEP_SIGNAL] = "reading the signal",
        [STEP_CELL] = "reading the cell",
        [STEP_STATE] = "reading the state of the download",
        [STEP_BATTERY] = "reading the battery",
        [STEP_DOWNLOAD] = "beginning the download",
        [STEP_BLOCK] = "sending the package",
        [STEP_BATTERY_AGAIN] = "reading the battery before the installation",
        [STEP_UPDATE] = "ordering the installation",
        [STEP_REBOOT] = "waiting for the device to come back",
        [STEP_CLOSE] = "ending the task",
        [STEP_RESET] = "resetting the download",
    };

    return names[step];
}

const char *onenet_result_text(long result)
{
    static const char *const texts[] = {
        "no result",           "success",
        "no room in flash",    "out of memory",
        "connection lost",     "integrity check failed",
        "unsupported package", "invalid URI",
        "update failed",       "unsupported protocol",
    };

    return result >= 0 && result < (long)ARRAY_LEN(texts) ? texts[result] : "unknown result";
}

struct onenet_task_view onenet_task(const struct onenet *onenet, int number)
{
    const struct task *task = onenet->tasks[number];

    return (struct onenet_task_view){
        .state = task->state,
        .reason = task->reason,
        .step = onenet_step_name(task->step),
        .failures = task->failures,
        .sent_bytes = task->offset,
        .from_byte = task->from_byte,
    };
}

void onenet_task_free(struct task *task)
{
    clock_cancel(task->onenet->bench->clock, &task->timer);
    free(task->package);
    free(task->reason);
    free(task);
}
