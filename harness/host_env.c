/* SPDX-License-Identifier: MIT */
#include "harness/host_env.h"

#include <stdarg.h>
#include <stdlib.h>

#include "harness/names.h"
#include "sim/base/buf.h"

static void add_formatted(struct names *env, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_formatted(struct names *env, const char *name, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    names_add_variable(env, name, text.data);
    buf_deinit(&text);
}

void host_env_add(const struct host_env *facts, struct names *env)
{
    if (facts->url)
        names_add_variable(env, "HAYESWIRE_URL", facts->url);
    if (facts->report)
        names_add_variable(env, "HAYESWIRE_REPORT", facts->report);
    if (facts->dir)
        names_add_variable(env, "HAYESWIRE_DIR", facts->dir);
    add_formatted(env, "HAYESWIRE_SEED", "%llu", (unsigned long long)facts->seed);
    if (facts->time_scale > 0)
        add_formatted(env, "HAYESWIRE_TIME_SCALE", "%g", facts->time_scale);
    if (facts->boot >= 0)
        add_formatted(env, "HAYESWIRE_BOOT", "%d", facts->boot);
    names_add_variable(env, "HAYESWIRE", HAYESWIRE_VERSION);
}
