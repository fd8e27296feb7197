/* SPDX-License-Identifier: MIT */
#include "sim/modem/resolver.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/mem.h"
#include "sim/modem/download.h"

#define PORT_MAX        65535u
#define PORT_DIGITS_MAX 5

struct mapping {
    char host[URL_HOST_MAX + 1];
    unsigned port;   /* the port asked for */
    unsigned target; /* the port of 127.0.0.1 */
};

struct resolver {
    bool allow_network;
    struct mapping *mappings;
    size_t count;
};

/* ---- URLs ---- */

static int parse_port(const char *text, size_t len, unsigned *port_out)
{
    unsigned port = 0;

    if (len == 0 || len > PORT_DIGITS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -EINVAL;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port == 0 || port > PORT_MAX)
        return -EINVAL;
    *port_out = port;
    return 0;
}

static bool is_host_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

/* "[::1]:80", "name", "10.0.0.1:8080". The port stays as it is when none is given. */
static int parse_authority(const char *text, size_t len, struct url *url)
{
    size_t host_len = 0, rest;
    struct in6_addr address;

    url->is_ipv6 = len > 0 && text[0] == '[';
    if (url->is_ipv6) {
        text++, len--;
        while (host_len < len && text[host_len] != ']')
            host_len++;
        if (host_len == len)
            return -EINVAL;
        rest = host_len + 1;
    } else {
        while (host_len < len && is_host_char(text[host_len]))
            host_len++;
        rest = host_len;
    }
    if (host_len == 0 || host_len > URL_HOST_MAX)
        return -EINVAL;
    memcpy(url->host, text, host_len);
    url->host[host_len] = '\0';
    if (url->is_ipv6 && inet_pton(AF_INET6, url->host, &address) != 1)
        return -EINVAL;
    if (rest == len)
        return 0;
    return text[rest] == ':' ? parse_port(text + rest + 1, len - rest - 1, &url->port) : -EINVAL;
}

int url_parse(const char *text, struct url *url_out)
{
    size_t scheme_len;

    *url_out = (struct url){0};
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return -EINVAL;
    if (!strncasecmp(text, "http://", 7)) {
        scheme_len = 7;
    } else if (!strncasecmp(text, "https://", 8)) {
        scheme_len = 8;
        url_out->is_https = true;
    } else {
        return -EINVAL;
    }
    text += scheme_len;
    url_out->port = url_out->is_https ? 443 : 80;
    url_out->path = text + strcspn(text, "/?#");
    return parse_authority(text, (size_t)(url_out->path - text), url_out);
}

/* ---- the resolver ---- */

struct resolver *resolver_new(bool allow_network)
{
    struct resolver *resolver = xcalloc(1, sizeof(*resolver));

    resolver->allow_network = allow_network;
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    free(resolver->mappings);
    free(resolver);
}

static struct mapping *find_mapping(const struct resolver *resolver, const struct url *url)
{
    for (size_t i = 0; i < resolver->count; i++) {
        struct mapping *mapping = &resolver->mappings[i];

        if (mapping->port == url->port && !strcasecmp(mapping->host, url->host))
            return mapping;
    }
    return NULL;
}

int resolver_map(struct resolver *resolver, const char *name_port, unsigned port)
{
    struct url url = {.port = 80};
    struct mapping *mapping;

    if (port == 0 || port > PORT_MAX || parse_authority(name_port, strlen(name_port), &url) < 0)
        return -EINVAL;
    mapping = find_mapping(resolver, &url);
    if (!mapping) {
        resolver->mappings = xrealloc(resolver->mappings,
                                      (resolver->count + 1) * sizeof(struct mapping));
        mapping = &resolver->mappings[resolver->count++];
        memcpy(mapping->host, url.host, sizeof(mapping->host));
        mapping->port = url.port;
    }
    mapping->target = port;
    return 0;
}

/* By the parsed address, since "127.evil.example" is a name like any other. */
static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return !strcasecmp(host, "localhost");
}

static bool is_address(const char *host)
{
    struct in6_addr any;

    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

enum reach resolver_find(const struct resolver *resolver, const struct url *url, unsigned *port_out)
{
    const struct mapping *mapping = find_mapping(resolver, url);

    if (mapping) {
        *port_out = mapping->target;
        return REACH_MAPPED;
    }
    if (resolver->allow_network || is_loopback(url->host))
        return REACH_DIRECT;
    return is_address(url->host) ? REACH_REFUSED : REACH_NO_NAME;
}
