/*
 * TLS for the package server, and certificates for one run: a CA, a server, a client, made when
 * they are needed and kept in memory only, so that no key ever lies in the repository or on a disk.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct bufferevent;
struct event_base;

/* All in PEM. The server's certificate is for 127.0.0.1, ::1, localhost and the extra names. */
struct tls_certs {
    char *ca;
    char *server, *server_key;
    char *client, *client_key;
};

/* extra_names: "DNS:www.example.com,IP:192.168.0.100", or NULL. Never fails but by a bug. */
void tls_certs_make(struct tls_certs *certs_out, const char *extra_names);
void tls_certs_deinit(struct tls_certs *certs);

struct httpd_tls;

/* client_ca NULL = clients need no certificate. Return: NULL with a message for bad PEM. */
struct httpd_tls *httpd_tls_new(const char *certificate, const char *key, const char *client_ca,
                                struct buf *error_out);
/* Safe on NULL. */
void httpd_tls_free(struct httpd_tls *tls);
/* For evhttp_set_bevcb; arg is the struct httpd_tls. */
struct bufferevent *httpd_tls_accept(struct event_base *events, void *arg);
