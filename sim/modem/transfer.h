/*
 * One HTTP GET as the network sees it: libcurl on our loop, into a bounded buffer.
 *
 * This is the wall-clock half of a download: it follows real sockets and knows no modem time. The
 * modem-time half (download.c) takes bytes out when the radio would deliver them. While the buffer
 * is full, reading stops and TCP holds the server back.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/modem/download.h"

struct loop;
struct transfer;

struct transfer_request {
    const char *url;
    const char *connect_to; /* libcurl's "host:port:host:port", or NULL */
    bool has_range;
    uint64_t from_byte; /* with has_range: "Range: bytes=N-" */
    const char *const *headers;
    size_t header_count;
    bool verify_tls;
    struct download_tls tls;
    const char *post; /* NULL = GET */
};

struct transfer_head {
    long status;
    bool has_length;
    uint64_t length_bytes; /* of this body */
    bool has_range;        /* a well-formed Content-Range came */
    uint64_t range_first;
    bool has_range_total; /* its total was not "*" */
    uint64_t range_total;
    const char *location; /* of a redirection, or NULL; borrowed until the transfer goes */
};

/*
 * Something new: the head, bytes, or the end. It is called from within libcurl and may only mark
 * and arm timers.
 */
typedef void (*transfer_wake_fn)(void *arg);

/* All of request is copied. Return: the transfer, or NULL with a sentence in error_out. */
struct transfer *transfer_new(struct loop *loop, const struct transfer_request *request,
                              transfer_wake_fn wake, void *arg, const char **error_out);
/* The connection is cut. Safe on NULL; never from within wake. */
void transfer_free(struct transfer *transfer);

/* Return: whether the head is complete. */
bool transfer_head(const struct transfer *transfer, struct transfer_head *head_out);
/* Return: how many bytes wait; bytes_out is valid until the next call. */
size_t transfer_waiting(const struct transfer *transfer, const uint8_t **bytes_out);
/* Take the first len of them, which must be there. */
void transfer_consume(struct transfer *transfer, size_t len);
/* Body bytes that ever came; it only grows. */
uint64_t transfer_received_bytes(const struct transfer *transfer);
/* Return: whether no more bytes will come; result_out says why. Waiting bytes stay. */
bool transfer_is_done(const struct transfer *transfer, enum download_result *result_out);
