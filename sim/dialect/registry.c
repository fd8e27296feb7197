/* SPDX-License-Identifier: MIT */
#include "sim/dialect/registry.h"

#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/dialect.h"

#include "registry_list.h"

const struct dialect *dialect_at(size_t index)
{
    return index < ARRAY_LEN(registry) ? registry[index] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(registry); i++) {
        if (strcmp(registry[i]->name, name) == 0)
            return registry[i];
    }
    return NULL;
}
