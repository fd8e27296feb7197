/*
 * A port that a host reaches by TCP on loopback: QEMU, Renode, a container in the same network.
 * One host at a time, as on a wire: a second connection is closed at once. Bytes that nobody is
 * connected for are lost.
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/port/port.h"
#include "sim/port/stream.h"

#define BACKLOG 4

struct tcp {
    struct stream stream; /* first; its descriptor is the connection */
    struct sockaddr_in address;
    int listener; /* -1 while detached */
    struct event *acceptable;
};

static void tell_hosts(struct port *port, unsigned hosts)
{
    if (port->hosts == hosts)
        return;
    port->hosts = hosts;
    if (port->up->hosts)
        port->up->hosts(port->arg, hosts);
}

static void tcp_gone(struct stream *stream)
{
    stream_close(stream);
    tell_hosts(&stream->port, 0);
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    struct tcp *tcp = arg;
    int one = 1, client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    if (client < 0)
        return; /* it went away again */
    if (tcp->stream.fd >= 0 || stream_open(&tcp->stream, client) < 0) {
        close(client);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    tell_hosts(&tcp->stream.port, 1);
}

/* Open the listener; the number that the kernel chose is kept for the next time. */
static int listen_on(struct tcp *tcp)
{
    socklen_t len = sizeof(tcp->address);
    int one = 1, r;

    tcp->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tcp->listener < 0)
        return -errno;
    setsockopt(tcp->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(tcp->listener, (struct sockaddr *)&tcp->address, sizeof(tcp->address)) < 0 ||
        listen(tcp->listener, BACKLOG) < 0 ||
        getsockname(tcp->listener, (struct sockaddr *)&tcp->address, &len) < 0) {
        r = -errno;
        close(tcp->listener);
        tcp->listener = -1;
        return r;
    }
    return 0;
}

static int tcp_attach(struct port *port)
{
    struct tcp *tcp = (struct tcp *)port;
    char text[INET_ADDRSTRLEN] = "";
    int r;

    if (tcp->listener >= 0)
        return 0;
    r = listen_on(tcp);
    if (r < 0)
        return r;
    tcp->acceptable = event_new(tcp->stream.loop->events, tcp->listener, EV_READ | EV_PERSIST,
                                on_acceptable, tcp);
    assert(tcp->acceptable);
    event_add(tcp->acceptable, NULL);
    inet_ntop(AF_INET, &tcp->address.sin_addr, text, sizeof(text));
    free(port->path);
    port->path = xasprintf("tcp:%s:%u", text, ntohs(tcp->address.sin_port));
    return 0;
}

static void tcp_detach(struct port *port)
{
    struct tcp *tcp = (struct tcp *)port;

    if (tcp->listener < 0)
        return;
    event_free(tcp->acceptable);
    close(tcp->listener);
    tcp->listener = -1;
    stream_close(&tcp->stream);
    tell_hosts(port, 0);
}

static void tcp_flush(struct port *port)
{
    stream_discard((struct stream *)port);
}

static long tcp_baud(struct port *port)
{
    return 0;
}

static bool tcp_peer_echoes(struct port *port)
{
    return false;
}

static void tcp_free(struct port *port)
{
    tcp_detach(port);
    buf_deinit(&((struct stream *)port)->queue);
    free(port->path);
    free(port);
}

static const struct port_ops tcp_ops = {
    .write = stream_write,
    .flush = tcp_flush,
    .baud = tcp_baud,
    .peer_echoes = tcp_peer_echoes,
    .attach = tcp_attach,
    .detach = tcp_detach,
    .free = tcp_free,
};

int tcp_port_new(struct loop *loop, const struct port_up *up, void *arg, const char *address,
                 unsigned number, struct port **port_out)
{
    struct tcp *tcp;
    struct in_addr where;
    int r;

    if (inet_pton(AF_INET, address, &where) != 1 || number > UINT16_MAX)
        return -EINVAL;
    if (ntohl(where.s_addr) >> 24 != IN_LOOPBACKNET)
        return -EACCES;
    tcp = xcalloc(1, sizeof(*tcp));
    tcp->stream.port = (struct port){.ops = &tcp_ops, .up = up, .arg = arg};
    tcp->stream.loop = loop;
    tcp->stream.fd = tcp->listener = -1;
    tcp->stream.gone = tcp_gone;
    tcp->address = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)number),
        .sin_addr = where,
    };
    r = tcp_attach(&tcp->stream.port);
    if (r < 0) {
        tcp_free(&tcp->stream.port);
        return r;
    }
    *port_out = &tcp->stream.port;
    return 0;
}
