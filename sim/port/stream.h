/*
 * What ports over a descriptor share: reading by the loop, and writing that never blocks.
 * Private to sim/port.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/base/buf.h"
#include "sim/port/port.h"

struct event;

#define STREAM_READ_MAX 4096u /* bytes of one read; a pty holds twice as many */

struct stream {
    struct port port; /* first: a port is its stream */
    struct loop *loop;
    int fd; /* -1 while detached */
    struct event *readable;
    struct event *writable; /* pending only while the queue holds something */
    struct buf queue;
    bool has_sent;    /* since somebody took this back */
    bool is_reading;  /* up->rx is being called */
    uint64_t reading; /* number of that call */
    /* Bytes are to be written, and were written; NULL to ignore. */
    void (*sends)(struct stream *stream, bool is_sent, size_t len);
    void (*gone)(struct stream *stream); /* the other side ended; NULL to ignore */
};

/* Watch fd, which is set non-blocking and owned from now on. Return: 0 or -errno. */
int stream_open(struct stream *stream, int fd);
/* Stop watching, close, forget the queue. */
void stream_close(struct stream *stream);
/* Hand one read's worth of bytes up, without waiting. Return: whether there were any. */
bool stream_read(struct stream *stream);
/*
 * The same with all that has been written up to now, as far as one read's worth goes: the kernel
 * may have brought some of it already when the rest is still on its way. Return: how many.
 */
size_t stream_read_all(struct stream *stream);
int stream_write(struct port *port, const void *bytes, size_t len);
/* Throw away what waits in our queue and what the host sent and nobody read. */
void stream_discard(struct stream *stream);
