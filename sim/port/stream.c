/* SPDX-License-Identifier: MIT */
#include "sim/port/stream.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include "sim/base/loop.h"

/* Return: how many bytes, 0 = there is nothing now, -1 = there never will be. */
static ssize_t receive(struct stream *stream, char *bytes, size_t size)
{
    ssize_t got = read(stream->fd, bytes, size);

    if (got > 0)
        return got;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* Return: whether there were any. */
static bool hand_up(struct stream *stream, const char *bytes, ssize_t count)
{
    if (count > 0) {
        stream->is_reading = true;
        stream->reading++;
        stream->port.up->rx(stream->port.arg, bytes, (size_t)count);
        stream->is_reading = false;
    } else if (count < 0) {
        /* End of file or EIO: a level-triggered loop would spin on it. */
        event_del(stream->readable);
        if (stream->gone)
            stream->gone(stream);
    }
    return count > 0;
}

bool stream_read(struct stream *stream)
{
    char chunk[STREAM_READ_MAX];

    return hand_up(stream, chunk, receive(stream, chunk, sizeof(chunk)));
}

size_t stream_read_all(struct stream *stream)
{
    char chunk[STREAM_READ_MAX];
    ssize_t got, count = receive(stream, chunk, sizeof(chunk));

    while (count > 0 && (size_t)count < sizeof(chunk)) {
        got = receive(stream, chunk + count, sizeof(chunk) - (size_t)count);
        if (got <= 0)
            break; /* an end shows again, and is told of then */
        count += got;
    }
    return hand_up(stream, chunk, count) ? (size_t)count : 0;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    stream_read(arg);
}

static ssize_t send_now(struct stream *stream, const void *bytes, size_t len)
{
    ssize_t sent;

    if (stream->sends)
        stream->sends(stream, false, len);
    sent = write(stream->fd, bytes, len);
    stream->has_sent |= sent > 0;
    if (stream->sends)
        stream->sends(stream, true, len);
    return sent;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *stream = arg;
    ssize_t sent = send_now(stream, stream->queue.data, stream->queue.len);

    if (sent > 0)
        buf_drop_front(&stream->queue, (size_t)sent);
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        buf_clear(&stream->queue);
    if (stream->queue.len > 0)
        event_add(stream->writable, NULL);
}

int stream_open(struct stream *stream, int fd)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    stream->fd = fd;
    stream->readable = event_new(stream->loop->events, fd, EV_READ | EV_PERSIST, on_readable,
                                 stream);
    stream->writable = event_new(stream->loop->events, fd, EV_WRITE, on_writable, stream);
    assert(stream->readable && stream->writable);
    event_priority_set(stream->readable, LOOP_RANK_PORT);
    event_add(stream->readable, NULL);
    return 0;
}

void stream_close(struct stream *stream)
{
    if (stream->fd < 0)
        return;
    event_free(stream->readable);
    event_free(stream->writable);
    close(stream->fd);
    stream->fd = -1;
    buf_clear(&stream->queue);
}

static int enqueue(struct stream *stream, const char *bytes, size_t len)
{
    size_t room = PORT_QUEUE_MAX - stream->queue.len;
    size_t kept = len < room ? len : room;

    buf_add(&stream->queue, bytes, kept);
    stream->port.dropped_bytes += len - kept;
    event_add(stream->writable, NULL);
    return kept < len ? -ENOBUFS : 0;
}

int stream_write(struct port *port, const void *bytes, size_t len)
{
    struct stream *stream = (struct stream *)port;
    ssize_t sent = 0;

    if (stream->fd < 0 || len == 0)
        return 0;
    if (stream->queue.len == 0) {
        sent = send_now(stream, bytes, len);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR)
                return 0; /* nobody there: bytes on a wire without listener are lost */
            sent = 0;
        }
    }
    if ((size_t)sent == len)
        return 0;
    return enqueue(stream, (const char *)bytes + sent, len - (size_t)sent);
}

void stream_discard(struct stream *stream)
{
    char chunk[STREAM_READ_MAX];

    buf_clear(&stream->queue);
    while (stream->fd >= 0 && read(stream->fd, chunk, sizeof(chunk)) > 0)
        ;
}
