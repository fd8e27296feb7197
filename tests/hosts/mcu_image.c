/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mcu_image.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    AT_TARGET = 8,
    AT_FROM = 24,
    AT_TO = 72,
    AT_SIZE = 120,
    AT_DIGEST = 124,
    AT_HEADER_DIGEST = 156,
    HEADER = 188,
    DIGEST = 32,
    TEXT = 48,
};

static bool digest_is(const unsigned char *bytes, size_t len, const unsigned char *wanted)
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    return EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) == 1 &&
           memcmp(digest, wanted, DIGEST) == 0;
}

static size_t number(const unsigned char *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

bool mcu_image_check(const unsigned char *bytes, size_t len, const char *running,
                     struct mcu_image *image_out)
{
    const char *from = (const char *)bytes + AT_FROM, *to = (const char *)bytes + AT_TO;
    size_t program;

    if (len < HEADER || memcmp(bytes, "HWFP", 4) != 0 ||
        !digest_is(bytes, AT_HEADER_DIGEST, bytes + AT_HEADER_DIGEST) ||
        strcmp((const char *)bytes + AT_TARGET, "m531x") != 0 || !memchr(from, '\0', TEXT) ||
        !memchr(to, '\0', TEXT))
        return false;
    program = number(bytes + AT_SIZE);
    if (program > len - HEADER || !digest_is(bytes + HEADER, program, bytes + AT_DIGEST))
        return false;
    if (running && from[0] && strcmp(from, running) != 0)
        return false;
    image_out->size = HEADER + program;
    memcpy(image_out->version, to, sizeof(image_out->version));
    return true;
}
