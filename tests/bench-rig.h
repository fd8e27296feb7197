/*
 * A modem on a bench for tests: loop, trace, one dialect's modem whose lines are socket pairs, and
 * a clock that is moved by hand, from timer to timer. It stands still while a real answer (of a
 * server on loopback) is on its way, so that tests need no sleeps and no machine is too slow for
 * them. SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/modem/modem.h"

struct trace;

struct rig {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct bench bench;
    struct modem *modem;
    int host_fds[MODEM_LINE_MAX];     /* the host's ends of the modem's lines */
    struct buf heard[MODEM_LINE_MAX]; /* what came on each line and was not looked at yet */
    struct buf shown;                 /* keeps the answer of rig_heard() alive */
};

/* dir may be NULL. Asserts on unknown names. */
void rig_init(struct rig *rig, const char *dialect, const char *dir);
/* The same with a dialect that stands in no registry. */
void rig_init_dialect(struct rig *rig, const struct dialect *dialect, const char *dir);
void rig_deinit(struct rig *rig);
/* Between rig_init and rig_start. */
void rig_option(struct rig *rig, const char *name, const char *value);
void rig_quirk(struct rig *rig, const char *name);
/* Open the lines and switch the power on. */
void rig_start(struct rig *rig);
/* The host sends bytes on the first line; the modem has taken them when this returns. */
void rig_send(struct rig *rig, const void *bytes, size_t len);
/* Serve what is ready, then run what is due next, at its own time. */
void rig_turn(struct rig *rig);
/* Move modem time; whatever happens on the way is served. */
void rig_advance(struct rig *rig, const char *duration);
/* Collect what the modem said on its lines into rig->heard. */
void rig_listen(struct rig *rig);
/* Send text, advance nothing, and compare all that was heard with exactly `wanted`. */
void rig_expect(struct rig *rig, const char *text, const char *wanted);
/*
 * Serve the loop until the modem has said `text`, for at most `within` of modem time.
 * What was heard so far stays in rig->heard. Gives up when the power is off. Return: whether it
 * came.
 */
bool rig_wait(struct rig *rig, const char *text, const char *within);
/* What was heard since the last call; borrowed until the next. */
const char *rig_heard(struct rig *rig);

/* The same for a line by its number; those above are for line 0. */
void rig_send_on(struct rig *rig, size_t line, const void *bytes, size_t len);
bool rig_wait_on(struct rig *rig, size_t line, const char *text, const char *within);
const char *rig_heard_on(struct rig *rig, size_t line);
