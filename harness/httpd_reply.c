/* SPDX-License-Identifier: MIT */
#include "harness/httpd_reply.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define CHUNK_BYTES 4096u /* of a chunked body */

struct httpd_blob *httpd_blob_new(const void *bytes, size_t len)
{
    struct httpd_blob *blob = xmalloc(sizeof(*blob) + len);

    blob->references = 1;
    blob->len = len;
    if (len > 0)
        memcpy(blob->bytes, bytes, len);
    return blob;
}

struct httpd_blob *httpd_blob_hold(struct httpd_blob *blob)
{
    blob->references++;
    return blob;
}

void httpd_blob_drop(struct httpd_blob *blob)
{
    if (!blob)
        return;
    assert(blob->references > 0);
    if (--blob->references == 0)
        free(blob);
}

static void drop_sent(const void *bytes, size_t len, void *arg)
{
    httpd_blob_drop(arg);
}

/* Append a part of the blob without copying it. */
static void add_part(struct evbuffer *out, struct httpd_blob *blob, uint64_t first, uint64_t len)
{
    if (len > 0)
        evbuffer_add_reference(out, blob->bytes + first, (size_t)len, drop_sent,
                               httpd_blob_hold(blob));
}

/* Texts of RFC 9110 for what our scenarios send; clients do not read them. */
static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 416:
        return "Range Not Satisfiable";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return status < 400 ? "As Asked" : "Refused As Asked";
    }
}

static void set_header(struct evkeyvalq *headers, const char *name, const char *value)
{
    evhttp_add_header(headers, name, value);
}

static void set_headers(struct evkeyvalq *headers, const struct httpd_reply *reply)
{
    char text[64];

    set_header(headers, "Accept-Ranges", "bytes");
    if (reply->blob)
        set_header(headers, "Content-Type", "application/octet-stream");
    if (reply->status == 206) {
        snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)reply->first,
                 (unsigned long long)(reply->first + reply->len - 1),
                 (unsigned long long)reply->total);
        set_header(headers, "Content-Range", text);
    } else if (reply->status == 416) {
        snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)reply->total);
        set_header(headers, "Content-Range", text);
    } else if (reply->status == 405) {
        set_header(headers, "Allow", "GET, HEAD");
    }
    if (reply->location)
        set_header(headers, "Location", reply->location);
    if (!reply->chunked) {
        snprintf(text, sizeof(text), "%llu", (unsigned long long)reply->len);
        set_header(headers, "Content-Length", text);
    }
}

/* ---- a connection that breaks in the body ---- */

static void on_cut_sent(struct bufferevent *connection_bytes, void *arg)
{
    evhttp_connection_free(arg);
}

static void on_cut_lost(struct bufferevent *connection_bytes, short what, void *arg)
{
    evhttp_connection_free(arg);
}

/*
 * evhttp has no way to send less than it announced. So the head is written here, and the
 * connection's callbacks are taken from evhttp, which from now on only owns the memory: closing
 * by evhttp_connection_free() frees the request as well, whoever comes first.
 */
static void send_cut(struct evhttp_request *request, const struct httpd_reply *reply)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    struct bufferevent *stream = evhttp_connection_get_bufferevent(connection);
    struct evbuffer *out = bufferevent_get_output(stream);
    struct evkeyval *header;

    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", reply->status, reason_of(reply->status));
    for (header = evhttp_request_get_output_headers(request)->tqh_first; header;
         header = header->next.tqe_next)
        evbuffer_add_printf(out, "%s: %s\r\n", header->key, header->value);
    if (reply->chunked)
        evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n\r\n%llx\r\n",
                            (unsigned long long)reply->len);
    else
        evbuffer_add_printf(out, "\r\n");
    add_part(out, reply->blob, reply->first, reply->cut_after_bytes);
    bufferevent_setcb(stream, NULL, on_cut_sent, on_cut_lost, connection);
    bufferevent_enable(stream, EV_WRITE);
}

/* ---- a body through evhttp ---- */

static void send_chunked(struct evhttp_request *request, const struct httpd_reply *reply)
{
    struct evbuffer *piece = evbuffer_new();

    assert(piece);
    evhttp_send_reply_start(request, reply->status, reason_of(reply->status));
    for (uint64_t done = 0; done < reply->len;) {
        uint64_t len = reply->len - done < CHUNK_BYTES ? reply->len - done : CHUNK_BYTES;

        add_part(piece, reply->blob, reply->first + done, len);
        evhttp_send_reply_chunk(request, piece);
        done += len;
    }
    evhttp_send_reply_end(request);
    evbuffer_free(piece);
}

void httpd_reply_send(struct evhttp_request *request, const struct httpd_reply *reply)
{
    bool has_body = evhttp_request_get_command(request) != EVHTTP_REQ_HEAD;
    struct evbuffer *body;

    set_headers(evhttp_request_get_output_headers(request), reply);
    if (reply->cut_after_bytes > 0) {
        send_cut(request, reply);
        return;
    }
    if (reply->chunked && has_body) {
        send_chunked(request, reply);
        return;
    }
    body = evbuffer_new();
    assert(body);
    if (has_body && reply->blob)
        add_part(body, reply->blob, reply->first, reply->len);
    evhttp_send_reply(request, reply->status, reason_of(reply->status), body);
    evbuffer_free(body);
}

void httpd_reply_describe(const struct httpd_reply *reply, struct buf *out)
{
    buf_printf(out, "%d", reply->status);
    if (reply->blob)
        buf_printf(out, ", %llu bytes", (unsigned long long)reply->len);
    if (reply->chunked)
        buf_add_text(out, ", chunked");
    if (reply->cut_after_bytes > 0)
        buf_printf(out, ", cut after %llu", (unsigned long long)reply->cut_after_bytes);
}
