/*
 * The only source of randomness. The same seed gives the same numbers on every machine.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed);
/* A generator of its own for one purpose, so that one user does not disturb another's numbers. */
void rng_fork(const struct rng *rng, const char *purpose, struct rng *child_out);
uint64_t rng_u64(struct rng *rng);
/* Return: 0 <= number < limit; 0 when limit is 0. */
uint64_t rng_below(struct rng *rng, uint64_t limit);
bool rng_chance(struct rng *rng, double probability);
void rng_bytes(struct rng *rng, void *bytes_out, size_t len);
