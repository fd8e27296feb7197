/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mt5700_report.h"

#include <ctype.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    HOST_MAX = 256,
    REQUEST_MAX = 1024,
    DETAIL_MAX = 256,
    REPORT_TIMEOUT_S = 2,
};

static const char *const event_names[EVENT_COUNT] = {
    [EVENT_DOWNLOAD_BEGUN] = "download_begun",   [EVENT_DOWNLOAD_DONE] = "download_done",
    [EVENT_DOWNLOAD_FAILED] = "download_failed", [EVENT_UPGRADE_BEGUN] = "upgrade_begun",
    [EVENT_UPGRADE_DONE] = "upgrade_done",       [EVENT_UPGRADE_FAILED] = "upgrade_failed",
};

struct target {
    char host[HOST_MAX];
    char port[8];
    const char *path;
};

/* http://HOST[:PORT]/PATH, HOST without brackets. Return: false for anything else. */
static bool parse_url(const char *url, struct target *target)
{
    size_t len;

    if (strncmp(url, "http://", 7) != 0)
        return false;
    url += 7;
    len = strcspn(url, ":/");
    if (len == 0 || len >= sizeof(target->host))
        return false;
    memcpy(target->host, url, len);
    target->host[len] = '\0';
    url += len;
    snprintf(target->port, sizeof(target->port), "80");
    if (*url == ':') {
        url++;
        len = strcspn(url, "/");
        if (len == 0 || len >= sizeof(target->port))
            return false;
        snprintf(target->port, sizeof(target->port), "%.*s", (int)len, url);
        url += len;
    }
    target->path = *url == '/' ? url : "/";
    return true;
}

static int connect_to(const struct target *target)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    struct timeval limit = {.tv_sec = REPORT_TIMEOUT_S};
    int fd;

    if (getaddrinfo(target->host, target->port, &hints, &list) != 0)
        return -1;
    fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        if (connect(fd, list->ai_addr, list->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* What may stand in a query: letters, digits, "-._"; the rest as %XX. */
static void encode(const char *text, char *out, size_t size_bytes)
{
    size_t at = 0;

    for (; *text && at + 4 < size_bytes; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._", *text))
            out[at++] = *text;
        else
            at += (size_t)snprintf(out + at, size_bytes - at, "%%%02X", (unsigned char)*text);
    }
    out[at] = '\0';
}

void report_event(const char *url, enum event event, const char *detail)
{
    char request[REQUEST_MAX], encoded[DETAIL_MAX], answer[REQUEST_MAX];
    struct target target;
    int fd, len;

    if (!url || !parse_url(url, &target))
        return;
    encode(detail, encoded, sizeof(encoded));
    len = snprintf(request, sizeof(request),
                   "GET %s?event=%s&detail=%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
                   target.path, event_names[event], encoded, target.host);
    if (len >= (int)sizeof(request))
        return;
    fd = connect_to(&target);
    if (fd < 0)
        return;
    if (write(fd, request, (size_t)len) == len) {
        while (read(fd, answer, sizeof(answer)) > 0)
            continue; /* its end says that the server has taken it */
    }
    close(fd);
}
