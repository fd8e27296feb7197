/*
 * All that one scenario stands on: clock, loop, trace, names of the network, declared vendor files,
 * and the bench that hands them to the devices. One per scenario; also for loading without running.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/modem/bench.h"

struct buf;

struct stage_config {
    double time_scale; /* modem seconds per wall second */
    bool is_virtual;   /* time moves by harness/vtime only */
    uint64_t seed;
    bool allow_network;
    const char *dir; /* NV, flash and the host's output; borrowed; NULL = memory only */
};

struct stage {
    struct clock clock;
    struct loop loop;
    struct bench bench;
};

/* Return: 0, or -errno with a message. After an error there is nothing to deinit. */
int stage_init(struct stage *stage, const struct stage_config *config, struct buf *error_out);
void stage_deinit(struct stage *stage);
