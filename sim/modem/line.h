/*
 * A line: one AT channel on a port. Parser, V.250 settings, at most one pending command, the gate
 * for URCs, the rate of its UART.
 *
 *   port bytes -> trace RX -> faults line.rx -> dialect line_rx -> parser -> executor
 *   reply -> faults line.tx -> trace TX -> port, one write for all that belongs together
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/at/at_cmd.h"
#include "sim/base/buf.h"

struct at_exec;
struct at_parser;
struct modem;
struct modem_timer;
struct line_row;
struct port;
struct urc;

/* What a URC that a fault holds back waits for. */
enum line_moment { LINE_AT_NONE, LINE_AT_COMMAND, LINE_IN_REPLY, LINE_BEHIND_REPLY };

struct line {
    struct modem *modem;
    const char *name; /* of the dialect's row */
    const struct fault_point *rx_point, *tx_point;
    char *who; /* in the trace: "bc26", or "air720.uart2" for further lines */
    struct port *port;
    struct at_parser *parser;
    struct at_exec *exec;
    struct at_settings settings;

    long rate; /* the UART's rate in baud; 0 = autobaud and not synchronised yet */
    bool autobaud;
    unsigned train_seen; /* autobaud: AT lines swallowed so far */
    char train_tail[2];  /* autobaud: the last two bytes seen */

    struct buf out;     /* collected for one write; flushed at the end of each entry */
    struct buf stalled; /* held back by a stall fault */
    struct modem_timer *stall_timer;
    struct buf queued_in;  /* input that waits for a pending command */
    struct buf stalled_in; /* input held back by a stall fault */
    struct modem_timer *stall_in_timer;
    struct urc *urcs; /* waiting at the gate, oldest first */
    unsigned urc_count;
    struct modem_timer *hold_timer;  /* a delay fault holds a command */
    struct modem_timer *reply_timer; /* option reply_delay holds a reply */
    struct buf delayed_reply;
    char member[AT_NAME_MAX + 1]; /* fault name of the command that runs or ran last; "" = none */

    /* Faults. */
    bool is_deaf;              /* the rate is lost: nothing is understood, URCs are lost */
    size_t split_at;           /* out goes in two writes, the second from here; 0 = in one */
    struct buf held;           /* the words of a URC that is held back */
    enum line_moment held_for; /* when it is said */
    struct modem_timer *held_timer;
};

/* Callbacks of a line's port; its arg is the line. */
extern const struct port_up line_port_up;

/* Takes the port over. */
struct line *line_new(struct modem *modem, const struct line_row *row, struct port *port);
void line_free(struct line *line);
/* Power came: default settings, empty parser. */
void line_power_up(struct line *line);
/* Power went: nothing pending is ever said; unread bytes are flushed. */
void line_power_down(struct line *line);

/* Words of the running firmware: framed by V, subject to the gate. text is copied. */
void line_urc_text(struct line *line, const char *text);
/* Bytes below the AT engine (boot ROM, bootloader, Lua raw): no gate, no frame, at `rate` baud. */
void line_write_raw(struct line *line, const void *bytes, size_t len, long rate);
/*
 * A line of the bootloader, through the faults of boot.line: words for the trace, framed for the
 * wire, which has no gate and the given rate. Return: 0 or MODEM_GONE.
 */
int line_say_boot(struct line *line, const char *words, const struct buf *framed, long rate);
/* Bytes past rate and sleep: the parser has them now. Return: 0 or MODEM_GONE. */
int line_feed(struct line *line, const char *bytes, size_t len);
/* A pending command ends; see at_exec_complete. Return: 0 or MODEM_GONE. */
int line_complete(struct line *line, int result);
struct at_reply *line_reply(struct line *line);
/* Words come from the dialect when it is said. urc is copied; its text too. */
void line_queue_urc(struct line *line, const struct urc *urc);
/* Whether the host's rate fits ours (unknown rates fit). */
bool line_rate_fits(struct line *line, long rate);
