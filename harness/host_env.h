/*
 * What a host finds in its environment, beside the ttys: the variables HAYESWIRE_*.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

struct names;

struct host_env {
    const char *url, *report, *dir; /* borrowed; NULL = there is none */
    uint64_t seed;
    double time_scale; /* 0 = none */
    int boot;          /* number of the start, from 1; -1 = nobody counts */
};

/* Behind what is there already, which wins. */
void host_env_add(const struct host_env *facts, struct names *env);
