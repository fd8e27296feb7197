/* SPDX-License-Identifier: MIT */
/*
 * A small AT client for the example hosts: a serial port, its lines, one command at a time.
 *
 * It is what a careful host writes for itself and includes nothing of the simulator. Times are
 * milliseconds of the host's own clock. The path is borrowed for the life of the port.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AT_PORT_LINE_MAX = 2304,  /* longer lines are cut here, the rest of the line is dropped */
    AT_PORT_URC_MAX = 64,     /* when full, the oldest waiting URC is dropped */
    AT_PORT_AWAIT_MAX = 4,    /* ports that are awaited at once */
    AT_PORT_REPLY_LINES = 16, /* further information lines of one reply go to the URC queue */
};

enum at_status {
    AT_OK,
    AT_ERROR,   /* ERROR, +CME ERROR or NO CARRIER; at_reply.cme holds the code or -1 */
    AT_TIMEOUT, /* no final result in time */
    AT_GONE,    /* the tty hung up; the port is closed */
};

struct at_line {
    char text[AT_PORT_LINE_MAX];
};

struct at_reply {
    struct at_line lines[AT_PORT_REPLY_LINES];
    size_t line_count;
    int cme;
};

/* Seeded bugs of the line, for hosts that have to be caught. */
enum at_port_bug {
    AT_PORT_DROPS_URCS = 1,   /* what comes in a reply and is not of it is thrown away */
    AT_PORT_TAKES_PIECES = 2, /* takes what one read gave for whole lines */
    AT_PORT_TAKES_ECHO = 4,   /* takes the echo of a command for a line of its reply */
};

struct at_port {
    const char *path;
    unsigned bugs; /* of enum at_port_bug */
    int fd;        /* -1 while closed */
    struct at_line partial;
    size_t partial_len;
    char chunk[256];
    size_t chunk_pos;
    size_t chunk_len;
    struct at_line urcs[AT_PORT_URC_MAX];
    size_t urc_first;
    size_t urc_count;
};

/* The host's monotonic clock in milliseconds. */
int64_t host_now_ms(void);

void host_sleep_ms(int64_t duration_ms);

/*
 * A long pause of the host, which waits for the module and not for itself. On a bench whose modules
 * run N times as fast (HAYESWIRE_TIME_SCALE=N) it is divided by N, down to a second at the least,
 * because the host itself is not faster there. Elsewhere it is as given.
 */
int64_t host_pause_ms(int64_t pause_ms);

/* Open path raw, 8N1, 115200. Return: 0 or -errno. A port that was open is closed first. */
int at_port_open(struct at_port *port, const char *path);
void at_port_close(struct at_port *port);

/* Write all bytes. Return: AT_OK, AT_TIMEOUT if the tty takes nothing for a second, AT_GONE. */
enum at_status at_port_write(struct at_port *port, const char *bytes, size_t len);

/*
 * The next line, a queued URC first, else from the tty within wait_ms.
 * Empty lines are skipped; CR and LF both end a line.
 * Return: AT_OK, AT_TIMEOUT or AT_GONE.
 */
enum at_status at_port_next_line(struct at_port *port, int64_t wait_ms, struct at_line *line_out);

/*
 * Sleep until one of the ports has something to read, or has gone, at most wait_ms. Closed ports
 * have nothing. A host that waits for a day need not wake each second of it.
 */
void at_port_await(struct at_port *const *ports, size_t count, int64_t wait_ms);

/*
 * Send command + CR and collect its reply. Information lines are those that begin with prefix, or,
 * with a NULL prefix, those that do not begin with '+'. All others wait in the URC queue.
 */
enum at_status at_port_command(struct at_port *port, const char *command, const char *prefix,
                               int64_t timeout_ms, struct at_reply *reply_out);

/* Commands without information, one after the other, as long as each is answered by OK. */
enum at_status at_port_commands(struct at_port *port, const char *const *commands, size_t count,
                                int64_t timeout_ms);

/*
 * A question whose answer decides: it is asked until two answers in a row are the same, since a
 * byte of one may be spoilt. ask fills answer_out, which is zeroed before, of at most
 * AT_PORT_LINE_MAX bytes. Return: AT_OK; AT_ERROR when no two agree; what ask returned.
 */
typedef enum at_status (*at_port_ask_fn)(struct at_port *port, void *answer_out);
enum at_status at_port_ask_twice(struct at_port *port, at_port_ask_fn ask, void *answer_out,
                                 size_t size_bytes);

/* Forget the URCs that wait. */
void at_port_drop_urcs(struct at_port *port);

/* Read and drop what comes, until the line is silent for quiet_ms, but not for longer than five
   times that. URCs are kept in the queue. */
enum at_status at_port_settle(struct at_port *port, int64_t quiet_ms);

/* Send AT until the module answers, at most limit_ms; this also trains its automatic baud rate. */
enum at_status at_port_synchronise(struct at_port *port, int64_t limit_ms);
