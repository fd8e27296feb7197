/* SPDX-License-Identifier: MIT */
/*
 * Certificates for https (the guide, 3.4): each file in base64, cut into slices that fit a command
 * line, then loaded, and the mode of authentication set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hosts/mt5700_module.h"

enum {
    CERT_BYTES_MAX = 8192,
    SLICE_CHARS = 380, /* what fits into AT_PORT_LINE_MAX with the command around it */
    KIND_OWN = 0,      /* the numbers of the guide's load commands */
    KIND_CA = 1,
    KIND_KEY = 2,
};

/* A file's name, or the PEM text itself. Return: its length, or -1. */
static long read_all(const char *path, unsigned char *bytes_out)
{
    size_t len = strlen(path);
    FILE *file;

    if (strncmp(path, "-----BEGIN", 10) == 0) {
        if (len > CERT_BYTES_MAX)
            return -1;
        memcpy(bytes_out, path, len);
        return (long)len;
    }
    file = fopen(path, "rb");
    if (!file)
        return -1;
    len = fread(bytes_out, 1, CERT_BYTES_MAX, file);
    if (!feof(file))
        len = 0; /* larger than any certificate */
    fclose(file);
    return len > 0 ? (long)len : -1;
}

/* Return: the length of the text. out holds 4 characters for each 3 bytes, and a NUL. */
static size_t to_base64(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;

    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16;

        group |= i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0;
        group |= i + 2 < len ? bytes[i + 2] : 0;
        out[at++] = digits[group >> 18];
        out[at++] = digits[group >> 12 & 63];
        out[at++] = i + 1 < len ? digits[group >> 6 & 63] : '=';
        out[at++] = i + 2 < len ? digits[group & 63] : '=';
    }
    out[at] = '\0';
    return at;
}

static enum at_status send_slices(struct at_port *port, int kind, const char *name,
                                  const char *text, size_t len)
{
    size_t count = (len + SLICE_CHARS - 1) / SLICE_CHARS;
    enum at_status status = AT_OK;
    char command[AT_PORT_LINE_MAX];
    struct at_reply reply;

    for (size_t i = 0; i < count && status == AT_OK; i++) {
        snprintf(command, sizeof(command), "AT^SSLMNG=2,%d,0,\"%s\",%zu,%zu,\"%.*s\"", kind, name,
                 i + 1, count, SLICE_CHARS, text + i * SLICE_CHARS);
        status = at_port_command(port, command, NULL, MODULE_COMMAND_MS, &reply);
    }
    return status;
}

static enum at_status store_and_load(struct at_port *port, int kind, const char *name,
                                     const char *path)
{
    unsigned char bytes[CERT_BYTES_MAX];
    char text[CERT_BYTES_MAX / 3 * 4 + 8];
    long len = path ? read_all(path, bytes) : -1;
    char command[AT_PORT_LINE_MAX];
    struct at_reply reply;
    enum at_status status;

    if (len < 0)
        return AT_ERROR;
    status = send_slices(port, kind, name, text, to_base64(bytes, (size_t)len, text));
    if (status != AT_OK)
        return status;
    snprintf(command, sizeof(command), "AT^SSLMNG=2,%d,2,\"%s\"", kind, name);
    return at_port_command(port, command, NULL, MODULE_COMMAND_MS, &reply);
}

enum at_status module_set_certs(struct at_port *port, const struct module_certs *certs)
{
    enum at_status status = AT_OK;
    struct at_reply reply;
    char command[32];

    if (certs->mode >= 1)
        status = store_and_load(port, KIND_CA, "ca_cert.pem", certs->ca);
    if (certs->mode >= 2 && status == AT_OK)
        status = store_and_load(port, KIND_OWN, "client_cert.pem", certs->certificate);
    if (certs->mode >= 2 && status == AT_OK)
        status = store_and_load(port, KIND_KEY, "client_key.pem", certs->key);
    if (status != AT_OK)
        return status;
    snprintf(command, sizeof(command), "AT^SSLCFG=2,1,0,%d", certs->mode);
    return at_port_command(port, command, NULL, MODULE_COMMAND_MS, &reply);
}
