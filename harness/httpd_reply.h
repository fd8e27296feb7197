/*
 * How the package server answers: plainly through evhttp, or with the misbehaviours that evhttp
 * would never commit, through the connection's bufferevent.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct evhttp_request;

/* The bytes of a file, shared by the table of paths and the responses that are still on the way. */
struct httpd_blob {
    size_t references;
    size_t len;
    uint8_t bytes[];
};

/* bytes are copied. Return: a blob with one reference. */
struct httpd_blob *httpd_blob_new(const void *bytes, size_t len);
struct httpd_blob *httpd_blob_hold(struct httpd_blob *blob);
/* Safe on NULL. */
void httpd_blob_drop(struct httpd_blob *blob);

struct httpd_reply {
    int status;
    struct httpd_blob *blob; /* borrowed; NULL = an empty body */
    uint64_t first, len;     /* the part of blob that is sent */
    uint64_t total;          /* of the file: Content-Range of 206 and 416 */
    const char *location;    /* or NULL */
    bool chunked;
    uint64_t cut_after_bytes; /* > 0: break the connection there */
};

void httpd_reply_send(struct evhttp_request *request, const struct httpd_reply *reply);
/* Append "206, 1000 bytes, cut after 300". */
void httpd_reply_describe(const struct httpd_reply *reply, struct buf *out);
