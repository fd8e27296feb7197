/*
 * A module's HTTP client: a real GET over a real socket (libcurl on our loop), paced by the radio.
 *
 * Bytes are received into a buffer of DOWNLOAD_BUFFER_MAX and *delivered* by clock timers, chunk by
 * chunk at the radio's rate, so that modem time does not depend on how the network cuts its bytes.
 * While the buffer is full the transfer is paused, and TCP holds the server back.
 *
 * Reachability: without allow_network only loopback addresses and names in the resolver are
 * reached; every other name fails like a module's DNS (DOWNLOAD_DNS) and every other address like a
 * refused connection, both after a moment of modem time, without touching the network.
 * Fault points: download.connect, download.head (fail:CODE = pretend that HTTP status),
 * download.body (offset counts from the start of the file, also after a Range resume).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault/fault_plan.h"

#define DOWNLOAD_BUFFER_MAX 65536u
#define DOWNLOAD_URL_MAX    1024

struct clock;
struct loop;
struct trace;

/* ---- name mapping ---- */

struct resolver;

struct resolver *resolver_new(bool allow_network);
void resolver_free(struct resolver *resolver);
/*
 * "www.quectel.com:100" (or "name" = port 80) is reached at 127.0.0.1:port from now on.
 * Return: 0, or -EINVAL for a malformed name.
 */
int resolver_map(struct resolver *resolver, const char *name_port, unsigned port);

/* ---- a download ---- */

enum download_result {
    DOWNLOAD_OK,
    DOWNLOAD_BAD_URL,
    DOWNLOAD_DNS,        /* name not found */
    DOWNLOAD_REFUSED,    /* no connection */
    DOWNLOAD_STATUS,     /* an HTTP status other than 200 or 206, see status */
    DOWNLOAD_EMPTY,      /* length zero */
    DOWNLOAD_TOO_LARGE,  /* over max_bytes */
    DOWNLOAD_INCOMPLETE, /* the connection ended early or broke; a resume may help */
    DOWNLOAD_TIMEOUT,    /* silent for silence_us of modem time */
    DOWNLOAD_BAD_REPLY,  /* not HTTP */
    DOWNLOAD_TLS,        /* a certificate was refused, or no common ground for TLS */
};

struct download_progress {
    uint64_t done_bytes;  /* of the file, resumed part included */
    uint64_t total_bytes; /* 0 when the server did not say */
};

struct download_sink {
    /*
     * The response head was accepted. resumed = the server granted the Range; otherwise the file
     * starts at 0 again and earlier bytes must be forgotten. Return: 0, or negative to stop.
     */
    int (*begin)(void *arg, bool resumed, uint64_t total_bytes);
    /* The next bytes of the file. Return: 0, or negative: the download stops, ended is not called.
     */
    int (*data)(void *arg, const void *bytes, size_t len, const struct download_progress *progress);
    /* The end, called once, from the loop. status is the HTTP status or 0. */
    void (*ended)(void *arg, enum download_result result, long status);
    /* A fault at one of the points wants power_cut, reset or hang. The download is stopped already.
     */
    void (*fault)(void *arg, const struct fault_effect *effect);
};

/* Certificates in PEM, of which the module has what its mode of authentication needs. */
struct download_tls {
    const char *ca;          /* judges the server; NULL = the system's */
    const char *certificate; /* of the module; NULL = none */
    const char *key;
};

struct download_options {
    const char *url;         /* http:// or https:// */
    uint64_t from_byte;      /* > 0: Range: bytes=N- */
    uint64_t expected_total; /* > 0 with from_byte: another total in Content-Range = start again */
    uint64_t rate_bytes_per_s;  /* radio rate in modem time; 0 = as fast as it comes */
    uint64_t first_byte_us;     /* latency of the radio before the request is sent */
    uint64_t silence_us;        /* modem time without a byte that ends it; 0 = never */
    uint64_t max_bytes;         /* larger files are refused by Content-Length */
    size_t chunk_bytes;         /* delivered at a time; 0 = 512 */
    const char *const *headers; /* extra header lines, may be NULL */
    size_t header_count;
    bool allow_https; /* else https:// is DOWNLOAD_BAD_URL */
    bool verify_tls;  /* judge the server's certificate */
    struct download_tls tls;
    const char *post;                     /* NULL = GET; else a POST with this JSON text */
    const struct fault_point *body_point; /* instead of download.body; borrowed for good */
};

struct download_env {
    struct loop *loop;
    struct clock *clock;
    struct trace *trace; /* HTTP records from `who` */
    const char *who;
    struct resolver *resolver;
    struct fault_plan *plan; /* may be NULL */
};

struct download;

/* All of env and sink is borrowed; options are copied. Callbacks never come from within this call.
 */
struct download *download_start(const struct download_env *env,
                                const struct download_options *options,
                                const struct download_sink *sink, void *sink_arg);
/* Stop at once; no callback follows. Safe on NULL. Needed also after ended. */
void download_free(struct download *download);
/* The bearer went: nothing is delivered and the connection is cut, ending as DOWNLOAD_INCOMPLETE.
 */
void download_break(struct download *download);
/*
 * Where a reply of status 3xx points, as its Location says; NULL when there was none. Redirections
 * are never followed by the download itself. Borrowed; valid in `ended` and until download_free().
 */
const char *download_location(const struct download *download);
const char *download_result_text(enum download_result result);
