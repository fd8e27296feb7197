/*
 * Which scenarios a command line means: files, FILE:LINE, folders; -k by title.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

#include "harness/trial_case.h"

struct run_options;

struct selection {
    struct trial_case *cases;
    size_t count, cap;
};

/*
 * Find and load all. A file that does not load becomes a case that is done already, INVALID.
 * Return: 0, possibly with no case at all; or -2 after a message (no such file, bad regex).
 */
int selection_make(const struct run_options *options, struct selection *selection_out);
void selection_deinit(struct selection *selection);

/*
 * The scenario files that `path` means: itself, or all *.lua below it, sorted, without folders
 * named lib. Return: 0, or -2 after a message with the nearest name.
 */
int scenario_files(const char *verb, const char *path, struct names *files);
