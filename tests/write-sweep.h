/*
 * Sweeps over what is durable: a body that writes flash or settings is run again and again with a
 * fault at its first write, its second, and so on until the fault no longer fires. Nobody keeps a
 * list of the places. After each cut it is asked what stands there, and whether it goes on.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct write_sweep {
    size_t trials;
    char wrong[400]; /* what was found first; empty = each trial left the old or the new */
};

/* One trial with this fault. Return: whether it fired; what is wrong goes into sweep->wrong. */
typedef bool (*write_trial_fn)(struct write_sweep *sweep, void *arg, const char *fault);

/* Each point, in each phase, with each way to lose the power, hit by hit. */
void write_sweep_run(struct write_sweep *sweep, const char *const *points, size_t point_count,
                     write_trial_fn trial, void *arg);
/* Note what is wrong, if nothing was before. */
void write_sweep_wrong(struct write_sweep *sweep, const char *fault, const char *what);

/* path: of a file that is not there yet, and will not be there afterwards; NULL = memory only. */

/* An update of a small module with two slots: what boots is the old firmware or the new one. */
void write_sweep_flash(const char *path, struct write_sweep *sweep_out);
/* Settings that belong together, from one generation to the next: never a mixture. */
void write_sweep_nv(const char *path, struct write_sweep *sweep_out);
