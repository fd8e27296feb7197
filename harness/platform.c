/* SPDX-License-Identifier: MIT */
#include "harness/platform.h"

#include <assert.h>
#include <string.h>

#include "harness/luat.h"
#include "harness/onenet_lua.h"
#include "lua/engine.h"
#include "sim/base/mem.h"

static const struct platform_kind *const kinds[] = {
    &platform_luat,
    &platform_onenet,
};
static_assert(ARRAY_LEN(kinds) <= PLATFORM_KIND_MAX, "a scenario has room for one of each");

const struct platform_kind *platform_at(size_t index)
{
    return index < ARRAY_LEN(kinds) ? kinds[index] : NULL;
}

const struct platform_kind *platform_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}

const struct platform_kind *platform_of_dialect(const char *dialect)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i]->dialect, dialect) == 0)
            return kinds[i];
    }
    return NULL;
}

void platform_register(struct engine *engine)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        engine_register(engine, kinds[i]->object);
}
