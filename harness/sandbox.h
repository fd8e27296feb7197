/*
 * hayeswire sandbox: modems for a person, until Ctrl-C.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/event_log.h"
#include "harness/sandbox_options.h"
#include "harness/stage.h"

struct console;
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
    struct event_log log;
    struct console *console;
    int signal; /* that ends it; 0 = none yet */
    bool quit;
};

/* Return: the exit status. */
int sandbox_command(int argc, char **argv);

/* ---- sandbox_links.c ---- */

/* Choose the link of each modem. Return: 0, or -errno with a message. */
int sandbox_links_choose(struct sandbox *sandbox, struct buf *error_out);
/* Let each link point at its modem's tty of now. Return: 0, or -errno with a message. */
int sandbox_links_follow(struct sandbox *sandbox, struct buf *error_out);
void sandbox_links_remove(struct sandbox *sandbox);
