/* SPDX-License-Identifier: MIT */
#include "tests/write-sweep.h"

#include <stdio.h>

#include "sim/base/mem.h"
#include "sim/fault/fault_plan.h"

void write_sweep_wrong(struct write_sweep *sweep, const char *fault, const char *what)
{
    if (!sweep->wrong[0])
        snprintf(sweep->wrong, sizeof(sweep->wrong), "%s: %s", fault, what);
}

/* One place after the other, until the body has no further one. */
static void sweep_hits(struct write_sweep *sweep, const char *point, const char *rest,
                       write_trial_fn trial, void *arg)
{
    char fault[FAULT_TEXT_MAX];
    bool has_fired = true;

    for (unsigned nth = 1; has_fired && !sweep->wrong[0]; nth++) {
        snprintf(fault, sizeof(fault), "%s#%u%s", point, nth, rest);
        has_fired = trial(sweep, arg, fault);
        sweep->trials++;
        if (!has_fired && nth == 1)
            write_sweep_wrong(sweep, fault, "the point was never passed");
    }
}

void write_sweep_run(struct write_sweep *sweep, const char *const *points, size_t point_count,
                     write_trial_fn trial, void *arg)
{
    static const char *const phases[] = {"before", "mid", "after"};
    static const char *const actions[] = {
        "power_cut:lost",  "power_cut:done", "power_cut:torn", "power_cut:garbled",
        "brown_out:500ms", "reset",          "hang",
    };
    char rest[64];

    for (size_t i = 0; i < point_count; i++) {
        for (size_t j = 0; j < ARRAY_LEN(phases); j++) {
            for (size_t k = 0; k < ARRAY_LEN(actions); k++) {
                snprintf(rest, sizeof(rest), "/%s=%s", phases[j], actions[k]);
                sweep_hits(sweep, points[i], rest, trial, arg);
            }
        }
    }
}
