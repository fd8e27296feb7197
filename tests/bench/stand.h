/*
 * A stand of modems for the benchmark: real clock, loop, trace, and any number of modems without
 * boot and network delays, so that what is measured is the program and not the device's slowness.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/modem/modem.h"

struct trace;

struct stand {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct bench bench;
};

void stand_init(struct stand *stand);
/*
 * A modem with its options set, not started yet. BC26: fixed rate and no echo, so that its first
 * answer is an answer.
 */
struct modem *stand_modem(struct stand *stand, const char *dialect, const char *name);
/* Start the modem on ptys, or on the given port (NULL: ptys). Return: 0 or -errno. */
int stand_start(struct modem *modem, struct port *port);
/* Serve the loop until the modem's firmware runs. */
void stand_boot(struct stand *stand, struct modem *modem);
