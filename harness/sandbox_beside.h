/*
 * What a sandbox has beside its modems: the server of --http, the vendors' platforms with the
 * package of --offer, and the program behind "--".
 *
 * A platform is there for each modem whose vendor has one, so that the modem finds what it looks
 * for: an M531x can register, and an Air720 is told that nothing newer is there.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct sandbox;

/* The server and the offered package, before the modems. Return: 0, or -errno with a message. */
int sandbox_beside_open(struct sandbox *sandbox, struct buf *error_out);
/* The platforms, once the modems are plugged in. Return: as above. */
int sandbox_beside_welcome(struct sandbox *sandbox, struct buf *error_out);
/* The program, once the modems' ttys are known. Return: as above. */
int sandbox_beside_start(struct sandbox *sandbox, struct buf *error_out);
/* Hand a modem the tty that the program printed, and end the sandbox with the program. */
void sandbox_beside_follow(struct sandbox *sandbox);
/* Before the modems are freed, and after it. */
void sandbox_beside_stop(struct sandbox *sandbox);
void sandbox_beside_close(struct sandbox *sandbox);
