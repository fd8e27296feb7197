/*
 * The folder of a run: OUT/YYYYMMDD-HHMMSS, with OUT/latest pointing at it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct names;

/* Like mkdir -p. Return: 0 or -errno. */
int path_make(const char *path);
/* Return: 0 and the path, which the caller frees; -errno with a message. */
int run_dir_make(const char *out, char **dir_out, struct buf *error_out);
/* Where short-lived files of one user belong; borrowed. */
const char *folder_runtime(void);
/* A new folder there, for us alone. Return: 0 and its path, which the caller frees; -errno with a
 * message. */
int folder_make_private(const char *name, char **dir_out, struct buf *error_out);
/* Remove a folder and all in it. Nothing is followed out of it. Safe when it does not exist. */
void folder_remove(const char *dir);
/* The non-empty files and folders in it, those that people want first in front. */
void folder_list(const char *dir, struct names *names_out);
