/* SPDX-License-Identifier: MIT */
#include "tests/golden-platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/onenet.h"
#include "sim/base/mem.h"
#include "sim/modem/package.h"

#define PACKAGE_MAX 65536

struct golden_platform {
    struct onenet *onenet;
    unsigned char package[PACKAGE_MAX];
};

struct golden_platform *golden_platform_new(struct bench *bench, const char *name)
{
    struct golden_platform *platform;

    if (strcmp(name, "onenet") != 0)
        return NULL;
    platform = xcalloc(1, sizeof(*platform));
    platform->onenet = onenet_new(bench);
    for (size_t i = 0; i < PACKAGE_MAX; i++)
        platform->package[i] = (unsigned char)(i * 7 + (i >> 8));
    return platform;
}

void golden_platform_free(struct golden_platform *platform)
{
    if (!platform)
        return;
    onenet_free(platform->onenet);
    free(platform);
}

static bool read_hex(const char *text, unsigned char *out, size_t max, size_t *len_out)
{
    size_t len = strlen(text);

    if (len % 2 != 0 || len / 2 > max)
        return false;
    for (size_t i = 0; i < len / 2; i++) {
        unsigned byte;

        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        out[i] = (unsigned char)byte;
    }
    *len_out = len / 2;
    return true;
}

static bool poke(struct golden_platform *platform, char *words)
{
    char *word;

    while ((word = strsep(&words, " "))) {
        char *end;
        size_t at = strtoul(word, &end, 10), len;

        if (*end != '=' || at >= PACKAGE_MAX ||
            !read_hex(end + 1, platform->package + at, PACKAGE_MAX - at, &len))
            return false;
    }
    return true;
}

/* A package for the module itself instead of bytes that only it carries. */
static bool make_firmware(struct golden_platform *platform, const char *from,
                          const struct onenet_task_spec *spec)
{
    struct buf package = {0};
    bool is_made = package_make("m531x", from, spec->target, spec->len, &package, NULL) == 0;

    if (is_made)
        memcpy(platform->package, package.data, package.len);
    buf_deinit(&package);
    return is_made;
}

static bool task(struct golden_platform *platform, char *words)
{
    const char *firmware = NULL;
    struct onenet_task_spec spec = {.package = platform->package, .len = 1};
    char *word;

    while ((word = strsep(&words, " "))) {
        char *value = strchr(word, '=');
        unsigned number;

        if (!value)
            return false;
        *value++ = '\0';
        number = (unsigned)strtoul(value, NULL, 10);
        if (strcmp(word, "target") == 0)
            spec.target = value;
        else if (strcmp(word, "size") == 0 && number <= PACKAGE_MAX)
            spec.len = number;
        else if (strcmp(word, "firmware") == 0)
            firmware = value;
        else if (strcmp(word, "battery") == 0)
            spec.lowest_battery = number;
        else if (strcmp(word, "block") == 0)
            spec.block_size = number;
        else if (strcmp(word, "tries") == 0)
            spec.tries = number;
        else
            return false;
    }
    spec.of_module = firmware != NULL;
    if (firmware && !make_firmware(platform, firmware, &spec))
        return false;
    return onenet_add_task(platform->onenet, &spec, NULL) >= 0;
}

static bool ask(struct golden_platform *platform, const char *kind, char *words)
{
    static const char *const kinds[] = {
        [ONENET_READ] = "read",           [ONENET_WRITE] = "write",
        [ONENET_EXECUTE] = "execute",     [ONENET_OBSERVE] = "observe",
        [ONENET_CANCEL] = "cancel",       [ONENET_DISCOVER] = "discover",
        [ONENET_PARAMETER] = "parameter",
    };
    struct onenet_request_spec spec = {.object = -1, .instance = -1, .resource = -1};
    unsigned char data[ONENET_BLOCK_MAX];
    char *path = strsep(&words, " ");

    while (spec.kind < ARRAY_LEN(kinds) && strcmp(kinds[spec.kind], kind) != 0)
        spec.kind++;
    if (spec.kind == ARRAY_LEN(kinds) || !path ||
        sscanf(path, "%d/%d/%d", &spec.object, &spec.instance, &spec.resource) < 1)
        return false;
    spec.text = words;
    spec.data = data;
    if (spec.kind == ONENET_WRITE && (!words || !read_hex(words, data, sizeof(data), &spec.len)))
        return false;
    return onenet_ask(platform->onenet, &spec) >= 0;
}

bool golden_platform_act(struct golden_platform *platform, char *words)
{
    char *verb = strsep(&words, " ");

    if (strcmp(verb, "delete") == 0)
        return onenet_delete_device(platform->onenet, NULL) == 0;
    if (!words)
        return false;
    if (strcmp(verb, "poke") == 0)
        return poke(platform, words);
    if (strcmp(verb, "task") == 0)
        return task(platform, words);
    return ask(platform, verb, words);
}
