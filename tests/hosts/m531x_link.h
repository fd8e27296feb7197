/* SPDX-License-Identifier: MIT */
/*
 * What the example MCU does with the module to be reached by its platform: the guide's steps 8, 9
 * and 14. The module may have restarted, or still hold the session of the MCU's life before.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/hosts/at_port.h"
#include "tests/hosts/mipl.h"

enum { LINK_LIFETIME_S = 600, LINK_TIMEOUT_S = 60 };

/* A line of the module that belongs to nobody else. */
typedef void (*link_line_fn)(void *arg, const struct mipl_line *line);

struct module_link {
    struct at_port port;
    struct mipl_parser parser;
    int64_t deadline_ms;
    bool has_sensor;       /* declare object 3300 as well */
    bool tells_no_version; /* there is none; or a seeded bug */
    bool is_hasty;         /* the same: talks before it is registered */
};

/* A command without information. Return: AT_OK, AT_ERROR (cme_out), AT_TIMEOUT, AT_GONE. */
enum at_status link_command(struct module_link *link, int *cme_out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether the module runs this firmware, as +CGMR says. */
bool link_runs(struct module_link *link, const char *firmware);
/* The next whole line, before the deadline. Return: AT_OK, AT_TIMEOUT, AT_GONE. */
enum at_status link_next(struct module_link *link, int64_t wait_ms, struct mipl_line *line_out);
/*
 * Create, tell the version, register, and wait for that; again and again until the deadline. What
 * comes before the registration is nobody's and is dropped: nothing is answered before event 6.
 * Return: whether the module is registered.
 */
bool link_open(struct module_link *link, const char *version);
/* Tell the platform that there is something to look at. Return: whether event 11 came; what comes
 * meanwhile goes to fn. */
bool link_update(struct module_link *link, link_line_fn fn, void *arg);
