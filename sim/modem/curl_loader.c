/* SPDX-License-Identifier: MIT */
#include "sim/modem/curl_loader.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"

/* The ABI name: it is the same for each libcurl since 2006. */
#define CURL_LIBRARY "libcurl.so.4"

static struct curl_api api;
static char failure[256];

struct symbol {
    const char *name;
    size_t offset;
};

static const struct symbol symbols[] = {
#define X(name) {"curl_" #name, offsetof(struct curl_api, name)},
    CURL_FUNCTIONS(X)
#undef X
};

static bool find_symbols(void *library)
{
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        void *address = dlsym(library, symbols[i].name);

        if (!address) {
            snprintf(failure, sizeof(failure), "%s has no %s", CURL_LIBRARY, symbols[i].name);
            return false;
        }
        /* POSIX promises that a function's address fits a void *; C needs the bytes moved. */
        memcpy((char *)&api + symbols[i].offset, &address, sizeof(address));
    }
    return true;
}

static bool load(void)
{
    void *library = dlopen(CURL_LIBRARY, RTLD_LAZY | RTLD_LOCAL);

    if (!library) {
        const char *why = dlerror();

        snprintf(failure, sizeof(failure), "cannot load libcurl: %s", why ? why : "no reason");
        return false;
    }
    /* Never closed again: TLS libraries register exit handlers that must stay callable. */
    if (!find_symbols(library))
        return false;
    if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(failure, sizeof(failure), "libcurl cannot be initialised");
        return false;
    }
    return true;
}

const struct curl_api *curl_api_get(const char **error_out)
{
    static bool was_tried, is_loaded;

    if (!was_tried) {
        was_tried = true;
        is_loaded = load();
    }
    if (is_loaded)
        return &api;
    *error_out = failure;
    return NULL;
}
