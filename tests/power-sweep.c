/* SPDX-License-Identifier: MIT */
#include "tests/power-sweep.h"

#include <stdio.h>

#include "sim/fault/fault_plan.h"
#include "tests/test.h"

#define HITS_MAX 400

void power_sweep(power_trial_fn trial, const char *point, const char *rest)
{
    char fault[FAULT_TEXT_MAX];

    for (int hit = 1; hit <= HITS_MAX; hit++) {
        snprintf(fault, sizeof(fault), "%s#%d%s", point, hit, rest);
        if (!trial(fault)) {
            assert_int_not_equal(hit, 1); /* a point that is never passed sweeps nothing */
            return;
        }
    }
    fail_msg("%s is passed more than %d times", point, HITS_MAX);
}

void power_sweep_flash(power_trial_fn trial)
{
    power_sweep(trial, "flash.erase", "/mid=power_cut:torn");
    power_sweep(trial, "flash.program", "/before=power_cut");
    power_sweep(trial, "flash.program", "/mid=power_cut:torn");
    power_sweep(trial, "flash.program", "/mid=power_cut:garbled");
    power_sweep(trial, "flash.program", "/after=power_cut");
}

void power_sweep_settings(power_trial_fn trial)
{
    power_sweep(trial, "nv.commit", "/before=power_cut");
    power_sweep(trial, "nv.commit", "/mid=power_cut:torn");
    power_sweep(trial, "nv.commit", "/mid=power_cut:done");
    power_sweep(trial, "nv.commit", "/mid=power_cut:garbled");
    power_sweep(trial, "nv.commit", "/after=power_cut");
}
