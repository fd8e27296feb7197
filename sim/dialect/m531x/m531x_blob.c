/*
 * M531x: the binary configuration that +MIPLCREATE= takes as hex text (sheet 3.1).
 *
 * New layout: 0x13 (version 1, three sections), length, and the sections F1 (init), F2 (net), F3
 * (system), each with its length. The old one of the M5310 (2017) has the server's URI and the end
 * point in front of the block sizes. Numbers are big endian. Nothing is trusted: a length that
 * leads out of the bytes makes the whole configuration invalid.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/dialect/m531x/m531x.h"

#define BLOB_VERSION   0x13
#define SECTION_NET    0xF2
#define HOST_BOOTSTRAP 0x1000 /* in the length of the host */
#define BLOCKS_2017    3      /* block1, block2, block2 threshold */

struct reader {
    const unsigned char *at, *end;
    bool is_bad;
};

static const unsigned char *take(struct reader *reader, size_t len)
{
    const unsigned char *bytes = reader->at;

    if (reader->is_bad || (size_t)(reader->end - reader->at) < len) {
        reader->is_bad = true;
        return NULL;
    }
    reader->at += len;
    return bytes;
}

static unsigned take_byte(struct reader *reader)
{
    const unsigned char *byte = take(reader, 1);

    return byte ? byte[0] : 0;
}

static unsigned take_word(struct reader *reader)
{
    const unsigned char *bytes = take(reader, 2);

    return bytes ? (unsigned)bytes[0] << 8 | bytes[1] : 0;
}

static void skip_field(struct reader *reader)
{
    take(reader, take_word(reader));
}

static void copy_host(struct reader *reader, size_t len, struct m531x_server *server)
{
    const unsigned char *text = take(reader, len);

    if (!text || len == 0 || len > M531X_HOST_MAX) {
        reader->is_bad = true;
        return;
    }
    memcpy(server->host, text, len);
    server->host[len] = '\0';
}

static void read_net(struct reader *reader, struct m531x_server *server)
{
    unsigned host;

    take_word(reader);  /* MTU */
    take_byte(reader);  /* link type, band */
    skip_field(reader); /* APN */
    skip_field(reader); /* user */
    skip_field(reader); /* password */
    host = take_word(reader);
    server->is_bootstrap = host & HOST_BOOTSTRAP;
    copy_host(reader, host & (HOST_BOOTSTRAP - 1), server);
    skip_field(reader); /* user data */
}

static bool read_new(struct reader *reader, size_t len, struct m531x_server *server)
{
    bool has_net = false;

    if (take_byte(reader) != BLOB_VERSION || take_word(reader) != len)
        return false;
    while (!reader->is_bad && reader->at < reader->end) {
        unsigned type = take_byte(reader), size = take_word(reader);
        const unsigned char *body = size >= 3 ? take(reader, size - 3) : NULL;
        struct reader section = {.at = body, .end = body ? body + size - 3 : NULL};

        if (!body)
            return false;
        if (type != SECTION_NET)
            continue;
        read_net(&section, server);
        if (section.is_bad)
            return false;
        has_net = true;
    }
    return !reader->is_bad && has_net;
}

static bool read_2017(struct reader *reader, struct m531x_server *server)
{
    const char *scheme = "coap://";
    const size_t scheme_len = strlen(scheme);
    const unsigned char *at;
    unsigned flags = take_byte(reader), len;

    take_byte(reader); /* debug */
    take_word(reader); /* port */
    take(reader, 4);   /* keep-alive */
    server->is_bootstrap = flags >> 4 & 1;
    len = take_word(reader);
    at = take(reader, scheme_len);
    if (!at || len <= scheme_len || strncmp((const char *)at, scheme, scheme_len) != 0)
        return false;
    copy_host(reader, len - scheme_len, server);
    skip_field(reader); /* end point */
    take(reader, BLOCKS_2017);
    return !reader->is_bad && reader->at == reader->end;
}

bool m531x_read_blob(const struct modem *modem, const unsigned char *bytes, size_t len,
                     struct m531x_server *server_out)
{
    struct reader reader = {.at = bytes, .end = bytes + len};

    *server_out = (struct m531x_server){0};
    if (modem_quirk(modem, M531X_CREATE_BLOB_2017))
        return read_2017(&reader, server_out);
    return read_new(&reader, len, server_out);
}
