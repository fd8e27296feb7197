/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/port/port.h"
#include "sim/port/stream.h"

static void pair_flush(struct port *port)
{
    stream_discard((struct stream *)port);
}

static long pair_baud(struct port *port)
{
    return 0;
}

static bool pair_peer_echoes(struct port *port)
{
    return false;
}

static int pair_attach(struct port *port)
{
    return -ENOTSUP; /* a socket pair can not be joined again */
}

static void pair_detach(struct port *port)
{
    stream_close((struct stream *)port);
}

static void pair_free(struct port *port)
{
    struct stream *stream = (struct stream *)port;

    stream_close(stream);
    buf_deinit(&stream->queue);
    free(stream);
}

static void pair_gone(struct stream *stream)
{
    stream->port.hosts = 0;
    if (stream->port.up->hosts)
        stream->port.up->hosts(stream->port.arg, 0);
}

static const struct port_ops pair_ops = {
    .write = stream_write,
    .flush = pair_flush,
    .baud = pair_baud,
    .peer_echoes = pair_peer_echoes,
    .attach = pair_attach,
    .detach = pair_detach,
    .free = pair_free,
};

int pair_port_new(struct loop *loop, const struct port_up *up, void *arg, struct port **port_out,
                  int *host_fd_out)
{
    struct stream *stream;
    int fds[2], r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    stream = xcalloc(1, sizeof(*stream));
    stream->port = (struct port){.ops = &pair_ops, .up = up, .arg = arg, .hosts = 1};
    stream->loop = loop;
    stream->fd = -1;
    stream->gone = pair_gone;
    r = stream_open(stream, fds[0]);
    if (r < 0) {
        close(fds[0]);
        close(fds[1]);
        pair_free(&stream->port);
        return r;
    }
    *port_out = &stream->port;
    *host_fd_out = fds[1];
    return 0;
}
