/*
 * What the files of a line share: line.c (in, and the executor), line_out.c (out), line_urc.c (the
 * gate of URCs and the faults on them).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

#include "sim/modem/line.h"

#define STALLED_MAX 65536 /* bytes that a stall fault holds back in one direction */

struct fault_effect;

/* ---- line_out.c ---- */

/* What a UART makes of bytes at a foreign rate: as many bytes, none of them right. */
void line_garble(struct line *line, char *bytes, size_t len);
/* Keep what a stall holds back; what does not fit is lost, as in a UART that overruns. */
void line_hold_back(struct buf *held, const void *bytes, size_t len);
/* Write what is collected. Return: 0 or MODEM_GONE. */
int line_flush(struct line *line);

/* ---- line_urc.c ---- */

/* URCs whose gate is open join what is collected. */
void line_open_gate(struct line *line);
void line_drop_urcs(struct line *line);
/* A command is about to run: a URC that waits to come between it and its reply comes now. */
void line_collide_before(struct line *line);
/* A reply is complete: a URC that waits for it comes inside it or right behind. */
void line_collide_reply(struct line *line, struct buf *reply);
