/*
 * Vendors' platforms (clouds) for scenarios: t:platform("luat").
 *
 * A kind is one const record in a file of its own, named in the list of platform.c. Its object is
 * an instance of the Lua class of its rows; methods that wait or check options stand in a Lua file
 * of the same name, which harness/meson.build embeds. A scenario has at most one platform of each
 * kind. How modules reach it is the kind's business: over cloud_link, or over HTTP on loopback.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct bench;
struct buf;
struct engine;
struct engine_class;
struct modem;
struct platform_offer;

#define PLATFORM_KIND_MAX 8

struct platform_kind {
    const char *name;                  /* "luat" */
    const char *doc;                   /* one sentence */
    const struct engine_class *object; /* class of the object in Lua: "Luat" */
    /*
     * Make the platform on a bench, which outlives it. Records in the trace are from `name`.
     * Return: 0, or -errno with a message in error_out.
     */
    int (*new)(struct bench *bench, void **platform_out, struct buf *error_out);
    /* The modems are gone by then. */
    void (*free)(void *platform);
    const char *dialect; /* whose modules it looks after */
    /*
     * A sandbox has plugged in such a module: it is known to the platform from now on, and what is
     * offered (NULL = nothing) is for it. Return: 0, or -EINVAL with a message.
     */
    int (*welcome)(void *platform, const struct modem *modem, const struct platform_offer *offer,
                   struct buf *error_out);
    /* The same in Lua, for saved scenarios: $MODEM is the modem's variable, $PACKAGE a package. */
    const char *welcome_lua, *offer_lua;
};

/* A package of ours, borrowed. */
struct platform_offer {
    const void *bytes;
    size_t len;
    const char *version; /* that it installs */
};

/* Return: the index-th kind, or NULL past the end. */
const struct platform_kind *platform_at(size_t index);
/* Return: the kind that looks after modules of that dialect, or NULL. */
const struct platform_kind *platform_of_dialect(const char *dialect);
/* Return: the kind, or NULL. */
const struct platform_kind *platform_find(const char *name);
/* Make the classes of all kinds known. */
void platform_register(struct engine *engine);
