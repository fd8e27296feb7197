/*
 * What all devices on one bench share: time, loop, record, randomness, names of the network, the
 * vendor files that were declared, and a folder. Everything is borrowed; the owner outlives the
 * devices. One bench per scenario.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/base/rng.h"

struct clock;
struct cloud;
struct cloud_link;
struct loop;
struct package_catalog;
struct resolver;
struct trace;

struct bench {
    struct clock *clock;
    struct loop *loop;
    struct trace *trace;
    struct rng rng; /* the scenario's seed; users fork it by purpose */
    struct resolver *resolver;
    struct package_catalog *catalog;
    struct cloud *clouds;     /* registered by cloud_add() */
    struct cloud_link *links; /* that modems hold open */
    const char *dir;          /* NV and flash files live here; NULL = memory only */
};
