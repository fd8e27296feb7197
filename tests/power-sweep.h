/*
 * Power cuts all along an upgrade: the same upgrade again and again with a fault at the first time
 * that it passes a point, the second, and so on until the fault no longer fires. Nobody keeps a
 * list of the places. Fails the test by cmocka.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

/* A whole upgrade with this fault, judged at its end. Return: whether the fault fired. */
typedef bool (*power_trial_fn)(const char *fault);

/* rest = what follows the point and the number of the hit: "/mid=power_cut:torn". */
void power_sweep(power_trial_fn trial, const char *point, const char *rest);
/* All writes to flash, and all commits of settings, with each thing that a cut leaves behind. */
void power_sweep_flash(power_trial_fn trial);
void power_sweep_settings(power_trial_fn trial);
