/*
 * What the files of sim/modem share and nobody else needs.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

#include "sim/modem/dialect.h"

struct buf;
struct line;
struct modem;
struct port;

/* Call a hook of the nearest dialect in the base chain that has it, if any. */
#define MODEM_HOOK(modem, hook, ...)                         \
    do {                                                     \
        const struct dialect *hook_owner = (modem)->dialect; \
                                                             \
        while (hook_owner && !hook_owner->hook)              \
            hook_owner = hook_owner->base;                   \
        if (hook_owner)                                      \
            hook_owner->hook(__VA_ARGS__);                   \
    } while (0)

/* Open the port of line `index` as the option says. Return: 0, or -errno with a message. */
int modem_open_port(struct modem *modem, size_t index, struct port **port_out,
                    struct buf *error_out);
void modem_drop_timers(struct modem *modem);
/* End of an entry: URCs whose gate is open, then one write. */
void line_settle(struct line *line);
/* Row of a command the scenario took over, or NULL. */
const struct at_cmd *modem_overridden(const struct modem *modem, const char *name);
void modem_overrides_free(struct modem *modem);
void urc_free(struct urc *urc);
