/* SPDX-License-Identifier: MIT */
#include "harness/httpd_tls.h"

#include <assert.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define VALID_SECONDS (10 * 24 * 3600) /* each run makes its own */
#define BASE_NAMES    "IP:127.0.0.1,IP:::1,DNS:localhost"

struct httpd_tls {
    SSL_CTX *context;
};

/* ---- certificates ---- */

/* What stands in a memory BIO, which is freed. */
static char *take_text(BIO *bio)
{
    char *bytes, *text;
    long len = BIO_get_mem_data(bio, &bytes);

    text = xstrndup(bytes, (size_t)len);
    BIO_free(bio);
    return text;
}

static char *certificate_text(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_X509(bio, certificate);
    return take_text(bio);
}

static char *key_text(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return take_text(bio);
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

struct identity {
    const char *name;
    const char *names; /* subjectAltName, or NULL */
    long serial;
    bool is_ca;
};

/* issuer NULL = it signs itself. */
static X509 *make_certificate(const struct identity *identity, EVP_PKEY *key, X509 *issuer,
                              EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), identity->serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -VALID_SECONDS);
    X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)identity->name, -1,
                               -1, 0);
    X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : name);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, issuer ? issuer : certificate, NID_basic_constraints,
                  identity->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (identity->names)
        add_extension(certificate, issuer, NID_subject_alt_name, identity->names);
    X509_sign(certificate, issuer_key, EVP_sha256());
    return certificate;
}

static void make_signed(const struct identity *identity, X509 *ca, EVP_PKEY *ca_key,
                        char **certificate_out, char **key_out)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(identity, key, ca, ca_key);

    *certificate_out = certificate_text(certificate);
    *key_out = key_text(key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void tls_certs_make(struct tls_certs *certs_out, const char *extra_names)
{
    char *names = extra_names ? xasprintf("%s,%s", BASE_NAMES, extra_names) : xstrdup(BASE_NAMES);
    const struct identity authority = {"Hayeswire test CA", NULL, 1, true};
    const struct identity server = {"Hayeswire test server", names, 2, false};
    const struct identity client = {"Hayeswire test module", NULL, 3, false};
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    X509 *ca = make_certificate(&authority, ca_key, NULL, ca_key);

    certs_out->ca = certificate_text(ca);
    make_signed(&server, ca, ca_key, &certs_out->server, &certs_out->server_key);
    make_signed(&client, ca, ca_key, &certs_out->client, &certs_out->client_key);
    X509_free(ca);
    EVP_PKEY_free(ca_key);
    free(names);
}

void tls_certs_deinit(struct tls_certs *certs)
{
    free(certs->ca);
    free(certs->server);
    free(certs->server_key);
    free(certs->client);
    free(certs->client_key);
    *certs = (struct tls_certs){0};
}

/* ---- the server's side ---- */

static X509 *read_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return certificate;
}

static bool use_certificate(SSL_CTX *context, const char *pem)
{
    X509 *certificate = read_certificate(pem);
    bool is_used = certificate && SSL_CTX_use_certificate(context, certificate) == 1;

    X509_free(certificate);
    return is_used;
}

static bool use_key(SSL_CTX *context, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    bool is_used = key && SSL_CTX_use_PrivateKey(context, key) == 1;

    EVP_PKEY_free(key);
    BIO_free(bio);
    return is_used;
}

static bool demand_client(SSL_CTX *context, const char *pem)
{
    X509 *ca = read_certificate(pem);
    bool is_used = ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca) == 1;

    if (is_used)
        SSL_CTX_add_client_CA(context, ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    X509_free(ca);
    return is_used;
}

struct httpd_tls *httpd_tls_new(const char *certificate, const char *key, const char *client_ca,
                                struct buf *error_out)
{
    struct httpd_tls *tls = xcalloc(1, sizeof(*tls));

    tls->context = SSL_CTX_new(TLS_server_method());
    assert(tls->context);
    /* A refused client is told within the handshake, where libcurl can name the cause. */
    SSL_CTX_set_max_proto_version(tls->context, TLS1_2_VERSION);
    if (use_certificate(tls->context, certificate) && use_key(tls->context, key) &&
        (!client_ca || demand_client(tls->context, client_ca)))
        return tls;
    buf_add_text(error_out, "the server's certificate, its key or the clients' CA is not good PEM");
    httpd_tls_free(tls);
    return NULL;
}

void httpd_tls_free(struct httpd_tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

struct bufferevent *httpd_tls_accept(struct event_base *events, void *arg)
{
    struct httpd_tls *tls = arg;
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        events, -1, SSL_new(tls->context), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);

    /* Modules close without the courtesies of TLS, as a power cut does. */
    bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    return stream;
}
