/*
 * What a module's address lookup knows: URLs taken apart, and where their hosts may be reached.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#define URL_HOST_MAX 255

struct url {
    bool is_https;
    bool is_ipv6;                /* the host is a literal that stood in brackets */
    char host[URL_HOST_MAX + 1]; /* without brackets */
    unsigned port;               /* the scheme's own when none was given */
    const char *path;            /* borrowed from the text: starts with '/' or '?', or is empty */
};

/*
 * Take an http:// or https:// URL apart; the scheme's case does not matter. User names, blanks and
 * control bytes are refused, as a module's parser does.
 * Return: 0, or -EINVAL.
 */
int url_parse(const char *text, struct url *url_out);

enum reach {
    REACH_DIRECT,  /* go to the host itself */
    REACH_MAPPED,  /* go to 127.0.0.1 at another port */
    REACH_NO_NAME, /* no such name: what a DNS lookup would say */
    REACH_REFUSED, /* an address that nothing answers at */
};

struct resolver;

/* port_out is set for REACH_MAPPED only. */
enum reach resolver_find(const struct resolver *resolver, const struct url *url,
                         unsigned *port_out);
