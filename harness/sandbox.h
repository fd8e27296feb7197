/*
 * hayeswire sandbox: modems for a person, until Ctrl-C.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/event_log.h"
#include "harness/platform.h"
#include "harness/sandbox_options.h"
#include "harness/stage.h"
#include "sim/base/buf.h"
#include "sim/modem/package.h"

struct console;
struct host;
struct httpd;

struct sandbox_modem {
    struct modem *modem;
    char *link;       /* stable path of its first line; NULL = none */
    char *linked_tty; /* what it points at */
};

struct sandbox {
    const struct sandbox_options *options;
    struct stage stage;
    struct sandbox_modem modems[SANDBOX_MODEM_MAX];
    size_t count;
    struct httpd *httpd;
    struct {
        const struct platform_kind *kind;
        void *platform;
    } platforms[PLATFORM_KIND_MAX];
    size_t platform_count;
    struct buf offer; /* the package of --offer */
    struct package_info offer_info;
    struct host *host;   /* the program behind "--"; NULL = none */
    uint64_t attach_seq; /* record whose tty is looked for next */
    struct event_log log;
    struct console *console;
    int signal; /* that ends it; 0 = none yet */
    bool quit;
};

/* Whether the platform offers the package of --offer to that modem. */
bool sandbox_is_offered(const struct sandbox *sandbox, const struct modem *modem);
/* Return: the exit status. */
int sandbox_command(int argc, char **argv);

/* ---- sandbox_links.c ---- */

/* Choose the link of each modem. Return: 0, or -errno with a message. */
int sandbox_links_choose(struct sandbox *sandbox, struct buf *error_out);
/* Let each link point at its modem's tty of now. Return: 0, or -errno with a message. */
int sandbox_links_follow(struct sandbox *sandbox, struct buf *error_out);
void sandbox_links_remove(struct sandbox *sandbox);
