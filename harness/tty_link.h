/*
 * --tty-link: a symlink that always points at the current tty of the first modem.
 * It replaces a symlink, never anything else. Errors: negative errno with a message.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;

/* Whether the link may be made: nothing or a symlink is there, and the folder exists. */
int tty_link_check(const char *path, struct buf *error_out);
/* Point it at target in one step, so that no one sees it missing. */
int tty_link_set(const char *path, const char *target, struct buf *error_out);
/* Remove it if it is a symlink. */
void tty_link_remove(const char *path);
