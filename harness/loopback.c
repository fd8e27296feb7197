/* SPDX-License-Identifier: MIT */
#include "harness/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t loopback_address(union address *address, bool is_ipv6, unsigned port)
{
    *address = (union address){0};
    if (is_ipv6) {
        address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                            .sin6_port = htons((uint16_t)port),
                                            .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        return sizeof(address->v6);
    }
    address->v4 = (struct sockaddr_in){.sin_family = AF_INET,
                                       .sin_port = htons((uint16_t)port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return sizeof(address->v4);
}

int loopback_bind(bool is_ipv6, unsigned port, unsigned *port_out)
{
    union address address;
    socklen_t len = loopback_address(&address, is_ipv6, port);
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, result;

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, &address.any, len) < 0 || getsockname(fd, &address.any, &len) < 0) {
        result = -errno;
        close(fd);
        return result;
    }
    if (port_out)
        *port_out = ntohs(is_ipv6 ? address.v6.sin6_port : address.v4.sin_port);
    return fd;
}
