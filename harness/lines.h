/*
 * Modem-control lines for hosts on a pty (--lines). A pty has none: the preload shim answers the
 * host's TIOCMGET and its relatives from a shared page, and this is the modem's end of that page.
 *
 * The module drives CTS, DSR and DCD while it runs, and RI for RI_PULSE_US after each URC, as
 * modules do that wake their host by it. What the host does with DTR and RTS is recorded in the
 * trace. SPDX-License-Identifier: MIT
 */
#pragma once

struct engine;
struct lines;
struct stage;
struct vtime;

/* All borrowed. */
struct lines *lines_new(struct stage *stage, struct engine *engine, struct vtime *vtime);
/* Safe on NULL. Before the trace and the clock go. */
void lines_free(struct lines *lines);
/* Bring both ends up to date: after each turn. Safe on NULL. */
void lines_follow(struct lines *lines);
