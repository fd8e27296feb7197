/*
 * How many cuts a second the sweeps over flash and settings try, in memory: what an engineer waits
 * for who changes them.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "tests/bench/measure.h"
#include "tests/write-sweep.h"

#define GOAL 1000.0

static void measure(const char *what, void (*run)(const char *path, struct write_sweep *sweep_out),
                    unsigned rounds)
{
    uint64_t start_ns = now_ns();
    struct write_sweep sweep;
    size_t trials = 0;
    double rate;

    for (unsigned i = 0; i < rounds; i++) {
        run(NULL, &sweep);
        if (sweep.wrong[0])
            die("%s: %s", what, sweep.wrong);
        trials += sweep.trials;
    }
    rate = (double)trials * 1e9 / (double)(now_ns() - start_ns);
    print_row(&(struct row){
        .what = what,
        .figure = rate,
        .unit = "trials/s",
        .goal = "thousands",
        .has_verdict = true,
        .is_met = rate >= GOAL,
    });
}

void measure_writes(const struct bench_plan *plan)
{
    measure("cuts of an update in flash", write_sweep_flash, plan->quick ? 1 : 20);
    measure("cuts of settings", write_sweep_nv, plan->quick ? 1 : 200);
}
