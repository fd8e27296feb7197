/*
 * The terminal of a sandbox.
 *
 * With -i it is the modem's terminal: raw bytes both ways (the modem echoes and edits by itself),
 * and Ctrl-T in front of a key for ourselves. Without -i the same keys work by themselves, beside
 * the event log. Where stdin is no terminal there are no keys, but with -i its bytes still go to
 * the modem.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct console;
struct sandbox;

/* Return: 0, or -errno with a message. */
int console_new(struct sandbox *sandbox, struct console **console_out, struct buf *error_out);
/* The terminal is as it was. Safe on NULL. */
void console_free(struct console *console);
/* Call once a turn of the loop: ttys may have come and gone. */
void console_follow(struct console *console);
