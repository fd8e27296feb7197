/*
 * Where the processes of a run work: in memory, as long as there is room.
 *
 * A trial makes a dozen files, and most trials leave nothing that anybody wants: on a disk, making
 * and removing them took more time than the trial. So a trial's folder in the run's folder is a
 * symlink to one in memory until it is known whether it is kept; what is kept comes home.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct scratch {
    char *dir; /* NULL: everything is made where it stays */
    int lock;  /* held while the run lives, by which others know that it does */
};

/*
 * Make a scratch folder for a run whose folder is run_dir; where that cannot be, or is of no use,
 * the run does without. Removes those of runs that died.
 */
void scratch_open(struct scratch *scratch, const char *run_dir);
/* Remove it with all that is still in it. Safe on one that was never opened ({0}). */
void scratch_close(struct scratch *scratch);
/* Make the folder `dir` of one trial, whose name is unique in the run. Return: 0 or -errno. */
int scratch_make(const struct scratch *scratch, const char *dir);
/*
 * The trial is over, and its folder is kept: a real folder takes the symlink's place.
 * Return: 0, or -errno of the first entry that could not be brought; all others were.
 */
int scratch_bring_home(const struct scratch *scratch, const char *dir);
/* The trial is over, and nothing of it is kept. Safe when there is no such folder. */
void scratch_drop(const struct scratch *scratch, const char *dir);
