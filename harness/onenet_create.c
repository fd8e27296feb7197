/*
 * OneNET: creating a task, as the console does (seed 004, steps 5 to 7).
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/onenet_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define TRIES_DEFAULT 5
#define BLOCK_MIN     16 /* CoAP SZX 0 */

static bool md5_is_right(const struct onenet_task_spec *spec)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned len = 0;

    if (!spec->md5)
        return true;
    if (EVP_Digest(spec->package, spec->len, digest, &len, EVP_md5(), NULL) != 1)
        return false;
    for (unsigned i = 0; i < len; i++)
        snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
    return strcasecmp(text, spec->md5) == 0;
}

static int refuse(struct buf *error_out, const char *message)
{
    if (error_out)
        buf_add_text(error_out, message);
    return -EINVAL;
}

static int check_spec(const struct onenet_task_spec *spec, struct buf *error_out)
{
    unsigned block = spec->block_size;

    if (!spec->package || spec->len == 0)
        return refuse(error_out, "a task needs a package");
    if (!spec->target || !spec->target[0] || strlen(spec->target) > ONENET_VERSION_MAX)
        return refuse(error_out, "a task needs a target version of at most 47 bytes");
    if (block != 0 && (block < BLOCK_MIN || block > ONENET_BLOCK_MAX || (block & (block - 1)) != 0))
        return refuse(error_out, "a block has 16, 32, 64 ... or 1024 bytes");
    if (spec->lowest_battery > 100)
        return refuse(error_out, "the lowest battery is a percentage");
    if (spec->imei && strlen(spec->imei) > ONENET_IMEI_MAX)
        return refuse(error_out, "an IMEI has 15 digits");
    return 0;
}

int onenet_add_task(struct onenet *onenet, const struct onenet_task_spec *spec,
                    struct buf *error_out)
{
    int r = check_spec(spec, error_out);
    struct task *task;

    if (r < 0)
        return r;
    if (onenet->task_count == ONENET_TASK_MAX)
        return -ENOSPC;
    task = xcalloc(1, sizeof(*task));
    task->onenet = onenet;
    task->number = onenet->task_count;
    snprintf(task->target, sizeof(task->target), "%s", spec->target);
    snprintf(task->imei, sizeof(task->imei), "%s", spec->imei ? spec->imei : "");
    task->package = xmalloc(spec->len);
    memcpy(task->package, spec->package, spec->len);
    task->len = spec->len;
    task->lowest_battery = spec->lowest_battery;
    task->block_size = spec->block_size > 0 ? spec->block_size : ONENET_BLOCK_MAX;
    task->of_module = spec->of_module;
    task->tries = spec->tries > 0 ? spec->tries : TRIES_DEFAULT;
    task->reason = xstrdup("");
    onenet->tasks[onenet->task_count++] = task;
    if (!md5_is_right(spec)) {
        onenet_refuse_task(task, "the MD5 is not that of the package");
        return task->number;
    }
    for (struct device *device = onenet->devices; device; device = device->next) {
        if (device->is_online && !device->task && onenet_task_for(device) == task) {
            onenet_device_came(device, false);
            break;
        }
    }
    return task->number;
}
