/* SPDX-License-Identifier: MIT */
#include "sim/base/rng.h"

#include <string.h>

/* SplitMix64 (public domain, S. Vigna): small state, good enough to choose faults and bytes. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void rng_init(struct rng *rng, uint64_t seed)
{
    rng->state = seed;
}

void rng_fork(const struct rng *rng, const char *purpose, struct rng *child_out)
{
    uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */

    for (; *purpose; purpose++)
        hash = (hash ^ (unsigned char)*purpose) * 0x100000001b3ULL;
    child_out->state = mix(rng->state ^ hash);
}

uint64_t rng_u64(struct rng *rng)
{
    rng->state += 0x9e3779b97f4a7c15ULL;
    return mix(rng->state);
}

uint64_t rng_below(struct rng *rng, uint64_t limit)
{
    if (limit == 0)
        return 0;
    return (uint64_t)(((unsigned __int128)rng_u64(rng) * limit) >> 64);
}

bool rng_chance(struct rng *rng, double probability)
{
    return (double)(rng_u64(rng) >> 11) * 0x1.0p-53 < probability;
}

void rng_bytes(struct rng *rng, void *bytes_out, size_t len)
{
    unsigned char *out = bytes_out;

    while (len > 0) {
        uint64_t word = rng_u64(rng);
        size_t part = len < sizeof(word) ? len : sizeof(word);

        memcpy(out, &word, part);
        out += part;
        len -= part;
    }
}
