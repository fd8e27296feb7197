/*
 * t:terminal(modem): the scenario types at a modem as a person would. Its bytes take the way of a
 * host's, but for the tty itself, so that it needs none of its own, works with each kind of port,
 * and is at once on virtual time. What the modem answers is in the record, where the scenario reads
 * it like everything else.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct actors;
struct engine;
struct modem;
struct terminal;

/* The terminal of that modem's line; there is one each. line NULL = the first. */
struct terminal *terminal_of(struct actors *actors, struct modem *modem, const char *line);
/* Send bytes. Return: 0; -ENOENT while the modem's USB is not enumerated. */
int terminal_send(struct terminal *terminal, const void *bytes, size_t len);
/* Forget all. */
void terminals_free(struct actors *actors);
/* Make the class known. */
void terminal_register(struct engine *engine);
