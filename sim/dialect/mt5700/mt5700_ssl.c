/*
 * MT5700M: ^SSLCFG and ^SSLMNG, the certificates of https (S 3.4, 4.1.1; sheet 4.8).
 *
 *     ^SSLCFG=2,1,0,<mode>                               mode 0 none, 1 one-way, 2 mutual
 *     ^SSLMNG=2,<kind>,0,"<file>",<slice>,<slices>,"<base64>"      store a slice
 *     ^SSLMNG=2,<kind>,2,"<file>"                                  load: kind 1 CA, 0 own, 2 key
 *
 * S has these literals and no table of the parameters: what they mean is inferred. A file is the
 * base64 text of a certificate, in PEM or DER. Nothing of it survives the power (S 5).
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/download.h"

#define SERVICE_FOTA 2
#define OP_STORE     0
#define OP_LOAD      2
#define FILES_MAX    8     /* more are refused */
#define FILE_MAX     32768 /* base64 bytes of one file; more are refused */
#define SLICES_MAX   64
#define SLICE_MAX    2000
#define NAME_MAX_LEN 64

enum role { ROLE_OWN, ROLE_CA, ROLE_KEY, ROLE_COUNT }; /* by the kinds of S's load commands */
enum mode { MODE_NONE, MODE_ONE_WAY, MODE_MUTUAL };

struct stored {
    char name[NAME_MAX_LEN + 1];
    long kind, slices, slice;
    struct buf text;
};

struct mt5700_ssl {
    bool is_configured;
    long mode;
    struct stored files[FILES_MAX];
    size_t file_count;
    char *loaded[ROLE_COUNT]; /* PEM */
};

void mt5700_ssl_free(struct mt5700_ssl *ssl)
{
    if (!ssl)
        return;
    for (size_t i = 0; i < ssl->file_count; i++)
        buf_deinit(&ssl->files[i].text);
    for (size_t i = 0; i < ROLE_COUNT; i++)
        free(ssl->loaded[i]);
    free(ssl);
}

static struct mt5700_ssl *ssl_of(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (!mt->ssl)
        mt->ssl = xcalloc(1, sizeof(*mt->ssl));
    return mt->ssl;
}

int mt5700_sslcfg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long service, flag, mode;

    if (at_args_parse(req, &args) < 0 || args.count != 4 ||
        at_args_int(&args, 0, SERVICE_FOTA, SERVICE_FOTA, &service) < 0 ||
        at_args_int(&args, 1, 0, 9, &flag) < 0 || at_args_int(&args, 2, 0, 9, &flag) < 0 ||
        at_args_int(&args, 3, MODE_NONE, MODE_MUTUAL, &mode) < 0)
        return AT_ERROR;
    ssl_of(line->modem)->is_configured = true;
    ssl_of(line->modem)->mode = mode;
    return AT_OK;
}

/* ---- storing ---- */

static struct stored *find(struct mt5700_ssl *ssl, const char *name)
{
    for (size_t i = 0; i < ssl->file_count; i++) {
        if (strcmp(ssl->files[i].name, name) == 0)
            return &ssl->files[i];
    }
    return NULL;
}

/* S's typesetting has blanks within the quotes of a file's name. */
static int read_name(const struct at_args *args, char *name_out)
{
    char text[NAME_MAX_LEN + 1], *start = text;
    size_t len;

    if (at_args_string(args, 3, text, sizeof(text)) < 0)
        return -1;
    start += strspn(start, " ");
    len = strlen(start);
    while (len > 0 && start[len - 1] == ' ')
        len--;
    memcpy(name_out, start, len);
    name_out[len] = '\0';
    return len > 0 ? 0 : -1;
}

static bool is_base64(const char *text)
{
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("+/= ", *text))
            return false;
    }
    return true;
}

/* Slices come in order, 1 to the last; the first begins the file anew. */
static int store(struct mt5700_ssl *ssl, const char *name, long kind, const struct at_args *args)
{
    struct stored *file = find(ssl, name);
    char slice[SLICE_MAX + 1];
    long index, count;

    if (args->count != 7 || at_args_int(args, 4, 1, SLICES_MAX, &index) < 0 ||
        at_args_int(args, 5, 1, SLICES_MAX, &count) < 0 || index > count ||
        at_args_string(args, 6, slice, sizeof(slice)) < 0 || !is_base64(slice))
        return AT_ERROR;
    if (!file && index == 1 && ssl->file_count < FILES_MAX)
        file = &ssl->files[ssl->file_count++];
    if (!file || (index != 1 && (index != file->slice + 1 || count != file->slices)))
        return AT_ERROR;
    if (index == 1)
        buf_clear(&file->text);
    if (file->text.len + strlen(slice) > FILE_MAX)
        return AT_ERROR;
    memcpy(file->name, name, strlen(name) + 1);
    file->kind = kind;
    file->slice = index;
    file->slices = count;
    buf_add_text(&file->text, slice);
    return AT_OK;
}

/* ---- loading ---- */

/* Base64 without its blanks to bytes. Return: how many, or -1. */
static long decode(const struct buf *text, struct buf *bytes_out)
{
    struct buf dense = {0};
    unsigned char *bytes;
    int len;

    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] != ' ')
            buf_add_char(&dense, text->data[i]);
    }
    bytes = xmalloc(dense.len + 1);
    len = EVP_DecodeBlock(bytes, (const unsigned char *)buf_text(&dense), (int)dense.len);
    for (size_t i = dense.len; len > 0 && i > 0 && dense.data[i - 1] == '='; i--)
        len--; /* EVP_DecodeBlock counts the padding */
    if (len > 0)
        buf_add(bytes_out, bytes, (size_t)len);
    free(bytes);
    buf_deinit(&dense);
    return len;
}

static void add_pem(struct buf *out, enum role role, const struct buf *der)
{
    const char *word = role == ROLE_KEY ? "PRIVATE KEY" : "CERTIFICATE";
    unsigned char *base64 = xmalloc(der->len * 4 / 3 + 8);
    int len = EVP_EncodeBlock(base64, (const unsigned char *)der->data, (int)der->len);

    buf_printf(out, "-----BEGIN %s-----\n", word);
    for (int at = 0; at < len; at += 64)
        buf_printf(out, "%.*s\n", len - at < 64 ? len - at : 64, (const char *)base64 + at);
    buf_printf(out, "-----END %s-----\n", word);
    free(base64);
}

static int load(struct mt5700_ssl *ssl, const struct modem *modem, const char *name, long kind)
{
    const struct stored *file = find(ssl, name);
    struct buf bytes = {0}, pem = {0};

    if (!file || file->slice != file->slices)
        return AT_ERROR;
    if (modem_quirk(modem, MT5700_SSLMNG_STRICT) && file->kind != kind)
        return AT_ERROR;
    if (decode(&file->text, &bytes) <= 0) {
        buf_deinit(&bytes);
        return AT_ERROR;
    }
    if (memmem(bytes.data, bytes.len, "-----BEGIN", 10))
        buf_add(&pem, bytes.data, bytes.len);
    else
        add_pem(&pem, (enum role)kind, &bytes);
    xstrset(&ssl->loaded[kind], buf_text(&pem));
    buf_deinit(&bytes);
    buf_deinit(&pem);
    return AT_OK;
}

int mt5700_sslmng(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct mt5700_ssl *ssl = ssl_of(line->modem);
    char name[NAME_MAX_LEN + 1];
    struct at_args args;
    long service, kind, op;

    if (at_args_parse(req, &args) < 0 ||
        at_args_int(&args, 0, SERVICE_FOTA, SERVICE_FOTA, &service) < 0 ||
        at_args_int(&args, 1, 0, ROLE_COUNT - 1, &kind) < 0 ||
        at_args_int(&args, 2, OP_STORE, OP_LOAD, &op) < 0 || read_name(&args, name) < 0)
        return AT_ERROR;
    if (op == OP_STORE)
        return store(ssl, name, kind, &args);
    return op == OP_LOAD && args.count == 4 ? load(ssl, line->modem, name, kind) : AT_ERROR;
}

/* ---- for a download ---- */

bool mt5700_ssl_ready(const struct modem *modem, struct download_options *options)
{
    const struct mt5700_ssl *ssl = mt5700_of(modem)->ssl;

    options->allow_https = modem_quirk(modem, MT5700_HTTPS_WORKS);
    if (!options->allow_https || !ssl || !ssl->is_configured)
        return false;
    options->verify_tls = ssl->mode != MODE_NONE;
    if (ssl->mode >= MODE_ONE_WAY)
        options->tls.ca = ssl->loaded[ROLE_CA];
    if (ssl->mode == MODE_MUTUAL) {
        options->tls.certificate = ssl->loaded[ROLE_OWN];
        options->tls.key = ssl->loaded[ROLE_KEY];
    }
    return (ssl->mode < MODE_ONE_WAY || ssl->loaded[ROLE_CA]) &&
           (ssl->mode < MODE_MUTUAL || (ssl->loaded[ROLE_OWN] && ssl->loaded[ROLE_KEY]));
}
