/*
 * The package server: its listener, its table of paths, and the record of requests.
 * SPDX-License-Identifier: MIT
 */
#include "harness/httpd.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/httpd_range.h"
#include "harness/httpd_reply.h"
#include "harness/httpd_tls.h"
#include "harness/loopback.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

#define BODY_TRACE_MAX    1024         /* bytes of a posted body that are recorded */
#define HTTPD_REQUEST_MAX 4096u        /* requests kept; older ones are only counted */
#define HTTPD_HEAD_MAX    16384        /* evhttp answers 400 beyond it */
#define HTTPD_BODY_MAX    1048576      /* of a request, which we never want */
#define HTTPD_FILE_MAX    (256u << 20) /* of a served file; larger ones get 500 */
#define HTTPD_BACKLOG     64
/* A slow radio lets a connection rest for long in wall time, and silence is a habit of ours. */
#define HTTPD_IDLE_SECONDS 86400

struct published {
    char *path;
    struct httpd_blob *blob;
    struct httpd_habit habit;
    char *location;
    unsigned cut_count;
};

struct record {
    char *method, *path, *range, *headers;
    int status;
    uint64_t t_us;
};

struct httpd {
    struct loop *loop;
    struct trace *trace;
    char *who;
    struct evhttp *http;
    struct httpd_tls *tls; /* NULL = plain */
    bool is_ipv6;
    struct evhttp_bound_socket *listener; /* NULL while down */
    int reserved_fd;                      /* bound for good, so that the port stays ours */
    unsigned port;
    struct published *published;
    size_t published_count;
    char *dir; /* absolute, without symlinks; or NULL */
    httpd_service_fn service;
    void *service_arg;
    struct record *records;
    size_t request_count;
};

/* ---- the record of requests ---- */

static char *headers_text(struct evhttp_request *request)
{
    struct evkeyval *header;
    struct buf text = {0};

    for (header = evhttp_request_get_input_headers(request)->tqh_first; header;
         header = header->next.tqe_next)
        buf_printf(&text, "%s: %s\n", header->key, header->value);
    return buf_take(&text);
}

static const char *method_name(struct evhttp_request *request)
{
    switch ((int)evhttp_request_get_command(request)) { /* single bits, not a plain enum */
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    default:
        return "OTHER";
    }
}

static const char *range_of(struct evhttp_request *request)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request), "Range");
}

static void record_deinit(struct record *record)
{
    free(record->method);
    free(record->path);
    free(record->range);
    free(record->headers);
    *record = (struct record){0};
}

static void record_request(struct httpd *httpd, struct evhttp_request *request, int status)
{
    struct record *record;

    if (httpd->request_count < HTTPD_REQUEST_MAX) {
        httpd->records = xrealloc(httpd->records,
                                  (httpd->request_count + 1) * sizeof(struct record));
        httpd->records[httpd->request_count] = (struct record){0};
    }
    record = &httpd->records[httpd->request_count++ % HTTPD_REQUEST_MAX];
    record_deinit(record);
    *record = (struct record){
        .method = xstrdup(method_name(request)),
        .path = xstrdup(evhttp_request_get_uri(request)),
        .range = xstrdup(range_of(request)),
        .headers = headers_text(request),
        .status = status,
        .t_us = clock_now_us(httpd->loop->clock),
    };
}

/* What was posted stands in the record: an audit reads reports from it. */
static void trace_body(struct httpd *httpd, struct evhttp_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    char body[BODY_TRACE_MAX];
    ev_ssize_t len = evbuffer_copyout(input, body, sizeof(body));

    if (len > 0)
        trace_addf(httpd->trace, TRACE_HTTP, httpd->who, "body: %.*s", (int)len, body);
}

static void trace_request(struct httpd *httpd, struct evhttp_request *request, const char *outcome)
{
    const char *range = range_of(request);

    if (httpd->trace && evhttp_request_get_command(request) == EVHTTP_REQ_POST)
        trace_body(httpd, request);
    if (httpd->trace)
        trace_addf(httpd->trace, TRACE_HTTP, httpd->who, "%s %s%s%s -> %s", method_name(request),
                   evhttp_request_get_uri(request), range ? " Range: " : "", range ? range : "",
                   outcome);
}

size_t httpd_request_count(const struct httpd *httpd)
{
    return httpd->request_count;
}

struct httpd_request httpd_request(const struct httpd *httpd, size_t index)
{
    const struct record *record;

    assert(index < httpd->request_count);
    if (httpd->request_count - index > HTTPD_REQUEST_MAX)
        return (struct httpd_request){.method = "", .path = "", .headers = ""};
    record = &httpd->records[index % HTTPD_REQUEST_MAX];
    return (struct httpd_request){
        .method = record->method,
        .path = record->path,
        .range = record->range,
        .headers = record->headers,
        .status = record->status,
        .t_us = record->t_us,
    };
}

/* ---- from a path to bytes ---- */

/* Return: the path without query, decoded, which the caller frees; NULL when it holds a NUL. */
static char *decoded_path(struct evhttp_request *request)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    size_t len;
    char *decoded = evhttp_uridecode(path ? path : "", 0, &len);

    if (decoded && strlen(decoded) != len) {
        free(decoded);
        return NULL;
    }
    return decoded;
}

static struct published *find_published(struct httpd *httpd, const char *path)
{
    for (size_t i = 0; i < httpd->published_count; i++) {
        if (!strcmp(httpd->published[i].path, path))
            return &httpd->published[i];
    }
    return NULL;
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    return !strncmp(path, dir, len) && (path[len] == '/' || (len > 0 && dir[len - 1] == '/'));
}

static bool has_dot_dot(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += strspn(part, "/");
        if (!strncmp(part, "..", 2) && (part[2] == '/' || part[2] == '\0'))
            return true;
    }
    return false;
}

/*
 * Judged by where the path really leads, so that a symlink out of the folder is no way out.
 * Return: 0, -ENOENT, or another -errno when the file is there but cannot be served.
 */
static int read_below_dir(const struct httpd *httpd, const char *path, struct httpd_blob **blob_out)
{
    char *wanted, *real;
    struct buf bytes = {0};
    struct stat info;
    int result = -ENOENT;

    if (!httpd->dir || path[0] != '/' || has_dot_dot(path))
        return -ENOENT;
    wanted = xasprintf("%s%s", httpd->dir, path);
    real = realpath(wanted, NULL);
    if (!real || !is_below(real, httpd->dir) || stat(real, &info) < 0 || !S_ISREG(info.st_mode))
        goto out;
    result = text_read_file(real, HTTPD_FILE_MAX, &bytes);
    if (result == 0)
        *blob_out = httpd_blob_new(bytes.data, bytes.len);
out:
    buf_deinit(&bytes);
    free(real);
    free(wanted);
    return result;
}

/* ---- answering ---- */

static void answer(struct httpd *httpd, struct evhttp_request *request,
                   const struct httpd_reply *reply)
{
    struct buf outcome = {0};

    record_request(httpd, request, reply->status);
    httpd_reply_describe(reply, &outcome);
    trace_request(httpd, request, buf_text(&outcome));
    buf_deinit(&outcome);
    httpd_reply_send(request, reply);
}

static void answer_empty(struct httpd *httpd, struct evhttp_request *request, int status)
{
    struct httpd_reply reply = {.status = status};

    answer(httpd, request, &reply);
}

static uint64_t cut_of(const struct httpd_habit *habit, struct published *published, uint64_t len)
{
    if (habit->cut_after_bytes == 0 || habit->cut_after_bytes >= len)
        return 0;
    if (habit->cut_times > 0 && published->cut_count >= habit->cut_times)
        return 0;
    published->cut_count++;
    return habit->cut_after_bytes;
}

/* published is NULL for a file of the folder, which has no habits. */
static void answer_file(struct httpd *httpd, struct evhttp_request *request,
                        struct httpd_blob *blob, struct published *published)
{
    const struct httpd_habit plain = {0}, *habit = published ? &published->habit : &plain;
    const char *range = habit->ignore_range || habit->status ? NULL : range_of(request);
    struct httpd_reply reply = {.status = 200, .blob = blob, .total = blob->len};

    switch (httpd_range_parse(range, blob->len, &reply.first, &reply.len)) {
    case HTTPD_RANGE_NONE:
        break;
    case HTTPD_RANGE_GOOD:
        reply.status = 206;
        break;
    case HTTPD_RANGE_UNSATISFIABLE:
        reply = (struct httpd_reply){.status = 416, .total = blob->len};
        answer(httpd, request, &reply);
        return;
    }
    if (habit->status)
        reply.status = habit->status;
    reply.location = published ? published->location : NULL;
    reply.chunked = habit->chunked;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_GET)
        reply.cut_after_bytes = cut_of(habit, published, reply.len);
    answer(httpd, request, &reply);
}

static void on_silence_over(struct evhttp_connection *connection, void *arg)
{
    struct httpd *httpd = arg;

    httpd->loop->awaited++;
}

/* evhttp keeps the request with its connection, and frees both when the server goes. */
static void stay_silent(struct httpd *httpd, struct evhttp_request *request)
{
    record_request(httpd, request, 0);
    trace_request(httpd, request, "silence");
    httpd->loop->awaited--; /* whoever waits for this answer waits in vain */
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_silence_over, httpd);
}

/* Return: whether the service took the request. */
static bool answer_by_service(struct httpd *httpd, struct evhttp_request *request)
{
    struct httpd_answer given = {.status = 200};
    struct httpd_blob *blob;

    if (!httpd->service ||
        !httpd->service(httpd->service_arg, evhttp_request_get_uri(request), &given))
        return false;
    if (given.silent) {
        stay_silent(httpd, request);
        return true;
    }
    if (given.status == 200 && given.len > 0) {
        blob = httpd_blob_new(given.body, given.len);
        answer_file(httpd, request, blob, NULL);
        httpd_blob_drop(blob);
    } else {
        struct httpd_reply reply = {.status = given.status, .location = given.location};

        answer(httpd, request, &reply);
    }
    return true;
}

static void answer_published(struct httpd *httpd, struct evhttp_request *request,
                             struct published *published)
{
    const struct httpd_habit *habit = &published->habit;

    if (habit->silent) {
        stay_silent(httpd, request);
    } else if (habit->status && (habit->status < 200 || habit->status > 299)) {
        struct httpd_reply reply = {.status = habit->status, .location = published->location};

        answer(httpd, request, &reply);
    } else {
        answer_file(httpd, request, published->blob, published);
    }
}

static void on_request(struct evhttp_request *request, void *arg)
{
    struct httpd *httpd = arg;
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    struct published *published = find_published(httpd, evhttp_request_get_uri(request));
    char *path = decoded_path(request);
    struct httpd_blob *blob = NULL;
    int result;

    if (!published && path)
        published = find_published(httpd, path);
    if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD &&
        !(method == EVHTTP_REQ_POST && published && published->habit.takes_post)) {
        answer_empty(httpd, request, 405);
    } else if (answer_by_service(httpd, request)) {
        /* It has. */
    } else if (published) {
        answer_published(httpd, request, published);
    } else {
        result = path ? read_below_dir(httpd, path, &blob) : -ENOENT;
        if (result == 0)
            answer_file(httpd, request, blob, NULL);
        else
            answer_empty(httpd, request, result == -ENOENT ? 404 : 500);
        httpd_blob_drop(blob);
    }
    free(path);
}

/* ---- the listener ---- */

/*
 * The port is reserved by a socket that is bound but never listens: connections are refused while
 * the listener is closed, and no other program can take the port meanwhile.
 */
static int reserve_port(struct httpd *httpd, unsigned port)
{
    int fd = loopback_bind(httpd->is_ipv6, port, &httpd->port);

    if (fd < 0)
        return fd;
    httpd->reserved_fd = fd;
    return 0;
}

static int open_listener(struct httpd *httpd)
{
    int fd = loopback_bind(httpd->is_ipv6, httpd->port, NULL), result;

    if (fd < 0)
        return fd;
    if (listen(fd, HTTPD_BACKLOG) < 0) {
        result = -errno;
        close(fd);
        return result;
    }
    httpd->listener = evhttp_accept_socket_with_handle(httpd->http, fd);
    if (!httpd->listener) {
        close(fd);
        return -ENOMEM;
    }
    return 0;
}

int httpd_set_down(struct httpd *httpd, bool down)
{
    if (down == !httpd->listener)
        return 0;
    if (!down)
        return open_listener(httpd);
    evhttp_del_accept_socket(httpd->http, httpd->listener); /* closes the descriptor */
    httpd->listener = NULL;
    return 0;
}

static void set_limits(struct evhttp *http)
{
    evhttp_set_max_headers_size(http, HTTPD_HEAD_MAX);
    evhttp_set_max_body_size(http, HTTPD_BODY_MAX);
    evhttp_set_timeout(http, HTTPD_IDLE_SECONDS);
    /* The others are let in as well, so that a wrong method shows in the trace. */
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                         EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
}

int httpd_new(struct loop *loop, struct trace *trace, const char *who, unsigned port,
              struct httpd **httpd_out, struct buf *error_out)
{
    return httpd_new_with(loop, trace, who, &(struct httpd_options){.port = port}, httpd_out,
                          error_out);
}

static int use_tls(struct httpd *httpd, const struct httpd_options *options, struct buf *error_out)
{
    if (!options->certificate)
        return 0;
    httpd->tls = httpd_tls_new(options->certificate, options->key ? options->key : "",
                               options->client_ca, error_out);
    if (!httpd->tls)
        return -EINVAL;
    evhttp_set_bevcb(httpd->http, httpd_tls_accept, httpd->tls);
    return 0;
}

static int listen_at(struct httpd *httpd, unsigned port, struct buf *error_out)
{
    int result = reserve_port(httpd, port);

    if (result == 0)
        result = open_listener(httpd);
    if (result < 0)
        buf_printf(error_out, "cannot serve on port %u of %s: %s", port,
                   httpd->is_ipv6 ? "::1" : "127.0.0.1", strerror(-result));
    return result;
}

int httpd_new_with(struct loop *loop, struct trace *trace, const char *who,
                   const struct httpd_options *options, struct httpd **httpd_out,
                   struct buf *error_out)
{
    struct httpd *httpd = xcalloc(1, sizeof(*httpd));
    int result;

    assert(options->port <= UINT16_MAX);
    httpd->loop = loop;
    httpd->trace = trace;
    httpd->who = xstrdup(who);
    httpd->reserved_fd = -1;
    httpd->is_ipv6 = options->is_ipv6;
    httpd->http = evhttp_new(loop->events);
    assert(httpd->http);
    set_limits(httpd->http);
    evhttp_set_gencb(httpd->http, on_request, httpd);
    result = use_tls(httpd, options, error_out);
    if (result == 0)
        result = listen_at(httpd, options->port, error_out);
    if (result < 0) {
        httpd_free(httpd);
        return result;
    }
    *httpd_out = httpd;
    return 0;
}

static void published_deinit(struct published *published)
{
    free(published->path);
    free(published->location);
    httpd_blob_drop(published->blob);
}

void httpd_free(struct httpd *httpd)
{
    size_t kept;

    if (!httpd)
        return;
    evhttp_free(httpd->http);
    httpd_tls_free(httpd->tls);
    if (httpd->reserved_fd >= 0)
        close(httpd->reserved_fd);
    for (size_t i = 0; i < httpd->published_count; i++)
        published_deinit(&httpd->published[i]);
    kept = httpd->request_count < HTTPD_REQUEST_MAX ? httpd->request_count : HTTPD_REQUEST_MAX;
    for (size_t i = 0; i < kept; i++)
        record_deinit(&httpd->records[i]);
    free(httpd->records);
    free(httpd->published);
    free(httpd->dir);
    free(httpd->who);
    free(httpd);
}

unsigned httpd_port(const struct httpd *httpd)
{
    return httpd->port;
}

char *httpd_url(const struct httpd *httpd, const char *path)
{
    return xasprintf("%s://%s:%u%s", httpd->tls ? "https" : "http",
                     httpd->is_ipv6 ? "[::1]" : "127.0.0.1", httpd->port, path);
}

/* ---- what is served ---- */

void httpd_publish(struct httpd *httpd, const char *path, const void *bytes, size_t len,
                   const struct httpd_habit *habit)
{
    struct published *published = find_published(httpd, path);

    assert(path[0] == '/');
    if (published) {
        published_deinit(published); /* responses on the way hold the old bytes themselves */
    } else {
        httpd->published = xrealloc(httpd->published,
                                    (httpd->published_count + 1) * sizeof(struct published));
        published = &httpd->published[httpd->published_count++];
    }
    *published = (struct published){
        .path = xstrdup(path),
        .blob = httpd_blob_new(bytes, len),
        .habit = habit ? *habit : (struct httpd_habit){0},
        .location = xstrdup(habit ? habit->location : NULL),
    };
    published->habit.location = NULL; /* the caller's; ours is published->location */
}

void httpd_set_service(struct httpd *httpd, httpd_service_fn fn, void *arg)
{
    httpd->service = fn;
    httpd->service_arg = arg;
}

void httpd_serve_dir(struct httpd *httpd, const char *dir)
{
    char *real = realpath(dir, NULL);

    /* A folder that is not there serves nothing, and will not when it comes up later. */
    xstrset(&httpd->dir, real);
    free(real);
}
