/*
 * Command lines as a person pastes them into a shell.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct run_options;

/* A word, quoted where a shell would read it as something else; a blank before all but the first.
 */
void shell_add_word(struct buf *out, const char *word);
/* " --time x20"; nothing when value is NULL. */
void shell_add_option(struct buf *out, const char *option, const char *value);
/* " --one-cpu --lines ...": how hosts and modems are connected, which no token holds. */
void shell_add_habits(struct buf *out, const struct run_options *options);
/* " -- HOST ARGS..."; nothing when command, which ends with NULL, is NULL. */
void shell_add_host(struct buf *out, char *const *command);
