/*
 * The package server: files over HTTP/1.1 on loopback, with Range, and with the misbehaviours that
 * download clients meet in the field. evhttp on our loop; bound to 127.0.0.1 or ::1 only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct httpd;
struct loop;
struct trace;

/* How a published path answers. Zero-initialised = plainly. */
struct httpd_habit {
    int status;               /* instead of 200; 3xx sends `location` too */
    const char *location;     /* copied */
    bool silent;              /* accept the request, never answer */
    bool chunked;             /* Transfer-Encoding: chunked, no Content-Length */
    bool ignore_range;        /* 200 with the whole file */
    uint64_t cut_after_bytes; /* > 0: break the connection after that many body bytes */
    unsigned cut_times;       /* how many responses are cut so; 0 = each */
    bool takes_post;          /* POST is answered like GET */
};

/* Where and how a server listens; zero-initialised = any port of 127.0.0.1, without TLS. */
struct httpd_options {
    unsigned port; /* 0 = chosen by the kernel */
    bool is_ipv6;  /* ::1 */
    /* PEM: a server with certificate and key speaks TLS; with client_ca it demands a client's. */
    const char *certificate, *key, *client_ca;
};

struct httpd_request {
    const char *method, *path; /* borrowed */
    const char *range;         /* header value, NULL when absent */
    const char *headers;       /* all request headers, "Name: value\n" each */
    int status;                /* answered with; 0 while silent */
    uint64_t t_us;
};

/* What a service answers to one request; borrowed until it is asked again. */
struct httpd_answer {
    int status;           /* 200, 302 ... */
    const char *location; /* or NULL */
    const void *body;
    size_t len;
    bool silent; /* never answer */
};

/* Asked before the published paths. uri has its query. Return: false = not one of mine. */
typedef bool (*httpd_service_fn)(void *arg, const char *uri, struct httpd_answer *answer_out);

/* port 0 = chosen by the kernel. trace may be NULL. Return: 0, or -errno (message in error_out). */
int httpd_new(struct loop *loop, struct trace *trace, const char *who, unsigned port,
              struct httpd **httpd_out, struct buf *error_out);
/* The same with options, which are copied. */
int httpd_new_with(struct loop *loop, struct trace *trace, const char *who,
                   const struct httpd_options *options, struct httpd **httpd_out,
                   struct buf *error_out);
/* Open connections are closed. */
void httpd_free(struct httpd *httpd);
unsigned httpd_port(const struct httpd *httpd);
/* "https://[::1]:4711" and path; the caller frees it. */
char *httpd_url(const struct httpd *httpd, const char *path);
/* Serve bytes (copied) at path, which starts with '/'. Publishing again replaces. */
void httpd_publish(struct httpd *httpd, const char *path, const void *bytes, size_t len,
                   const struct httpd_habit *habit);
/* Serve the files below dir (no listing, no "..", regular files only, no symlinks out of it). */
void httpd_serve_dir(struct httpd *httpd, const char *dir);
/* GET and HEAD are offered to fn first; NULL ends that. */
void httpd_set_service(struct httpd *httpd, httpd_service_fn fn, void *arg);
/* Requests so far. A request's strings are borrowed until the next one. */
size_t httpd_request_count(const struct httpd *httpd);
struct httpd_request httpd_request(const struct httpd *httpd, size_t index);
/* While down, connections are refused (the listener is closed); the port is kept on return. */
int httpd_set_down(struct httpd *httpd, bool down);
