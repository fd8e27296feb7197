/*
 * A port: a byte pipe that the host opens. Bytes and carrier only; it knows no AT.
 * Reads come by callback from the loop. Writes never block: what the host does not read waits in a
 * queue of PORT_QUEUE_MAX bytes; beyond it the newest bytes are dropped and counted.
 * Errors: negative errno. Ownership: port_free() closes and frees; `up` and its arg are borrowed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct port;

#define PORT_QUEUE_MAX 65536u

struct port_up {
    /* It may write, flush and detach the port, but not free it. */
    void (*rx)(void *arg, const void *bytes, size_t len);
    /* The first host opened the port (1), or the last one closed it (0); NULL to ignore. */
    void (*hosts)(void *arg, unsigned count);
};

struct port_ops {
    int (*write)(struct port *port, const void *bytes, size_t len);
    void (*flush)(struct port *port);
    long (*baud)(struct port *port);
    bool (*peer_echoes)(struct port *port);
    int (*attach)(struct port *port);
    void (*detach)(struct port *port);
    void (*free)(struct port *port);
};

struct port {
    const struct port_ops *ops;
    const struct port_up *up;
    void *arg;
    char *path;             /* what the host opens; NULL when it has no path */
    uint64_t dropped_bytes; /* never read by the host */
    unsigned hosts;         /* 1 while any host has it open, as far as is known; else 0 */
    bool wants_new_path;    /* attach() gives another path than the one before */
};

/* A pseudo-terminal in raw mode. Return: 0; -ENOSPC when kernel.pty.max is used up; -errno. */
int pty_port_new(struct loop *loop, const struct port_up *up, void *arg, struct port **port_out);
/*
 * For a driver that holds time while hosts run: take in what is in flight on all ptys, of opens and
 * closes and of bytes in either direction, port by port in a fixed order, without waiting.
 * The kernel delivers bytes on a pty by a worker; afterwards what either end wrote before the call
 * has arrived, and a host that waited for it is awake. Return: whether hosts had done anything.
 */
bool pty_serve(void);
/* The first half of it: let what was written to hosts arrive, and call nobody. */
void pty_sync(void);
/* The hosts are known to have all that was written, without it. */
void pty_synced(void);
/* Have fn called right before and right after bytes are written to a host; NULL = no more. */
void pty_tell_sends(void (*fn)(void *arg, bool is_sent, size_t len), void *arg);
/*
 * Counts what may wake a host beside bytes: ptys that came and went, were opened and closed, and
 * room in one that had been full.
 */
unsigned pty_changes(void);
/* For tests and in-process hosts: a socket pair; the other end is host_fd_out (caller closes). */
int pair_port_new(struct loop *loop, const struct port_up *up, void *arg, struct port **port_out,
                  int *host_fd_out);
/*
 * A tty that exists already, set to raw mode. baud 0 = leave its rate alone; path NULL = nothing is
 * open until serial_port_point(). Return: 0, -EINVAL for a rate without name, -errno.
 */
int serial_port_new(struct loop *loop, const struct port_up *up, void *arg, const char *path,
                    long baud, struct port **port_out);
/* Leave the tty it has, if any, and open that one. Return: 0 or -errno. */
int serial_port_point(struct port *port, const char *path);
/* Return: 0, -EINVAL for a rate without name, -errno. */
int serial_port_set_rate(struct port *port, long baud);
bool port_is_serial(const struct port *port);
/*
 * A listener on a loopback address; number 0 = any. Its path is "tcp:127.0.0.1:NUMBER".
 * Return: 0; -EINVAL for no address, -EACCES for one that is not loopback, -errno.
 */
int tcp_port_new(struct loop *loop, const struct port_up *up, void *arg, const char *address,
                 unsigned number, struct port **port_out);

/* Return: 0, or -ENOBUFS when some bytes were dropped because nobody reads. */
static inline int port_write(struct port *port, const void *bytes, size_t len)
{
    return port->ops->write(port, bytes, len);
}

/*
 * The device loses power: what it had not sent yet and what it had not read yet are gone. What the
 * host's side has received already stays there, as in a real UART driver.
 */
static inline void port_flush(struct port *port)
{
    port->ops->flush(port);
}

/* Rate that the host has set, in baud; 0 when unknown (pipe, B0). */
static inline long port_baud(struct port *port)
{
    return port->ops->baud(port);
}

/* Whether the host's side echoes what we send, so that an echo of ours would never end. */
static inline bool port_peer_echoes(struct port *port)
{
    return port->ops->peer_echoes(port);
}

/*
 * USB: the port vanishes (the host gets EIO, and its path is no more) and comes back, maybe under
 * another path. Until then nobody else gets that path, so that a stale one leads nowhere.
 */
static inline void port_detach(struct port *port)
{
    port->ops->detach(port);
}

static inline int port_attach(struct port *port)
{
    return port->ops->attach(port);
}

static inline void port_free(struct port *port)
{
    if (port)
        port->ops->free(port);
}
