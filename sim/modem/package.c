/*
 * Firmware packages: our container, and the catalog of vendors' opaque files.
 *
 * The judgement goes from the outside inwards, as a bootloader's does: is this a package at all, is
 * it whole, is it undamaged, is it for this module, and is it for the firmware that runs here.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/package.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/rng.h"

#define MAGIC         "HWFP"
#define MAGIC_SIZE    4u
#define VERSION       1u
#define DIALECT_FIELD 8u /* offsets, see package.h */
#define FROM_FIELD    24u
#define TO_FIELD      72u
#define SIZE_FIELD    120u
#define DIGEST_FIELD  124u
#define SEAL_FIELD    156u
#define PAYLOAD_MAX   (PACKAGE_SIZE_MAX - PACKAGE_HEADER_SIZE)

static_assert(DIALECT_FIELD + PACKAGE_DIALECT_MAX + 1 == FROM_FIELD, "header layout");
static_assert(FROM_FIELD + PACKAGE_VERSION_MAX + 1 == TO_FIELD, "header layout");
static_assert(TO_FIELD + PACKAGE_VERSION_MAX + 1 == SIZE_FIELD, "header layout");
static_assert(SEAL_FIELD + PACKAGE_DIGEST_SIZE == PACKAGE_HEADER_SIZE, "header layout");

/* ---- numbers and digests ---- */

static void put_number(unsigned char *out, uint32_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (unsigned char)(number >> (8 * i));
}

static uint32_t get_number(const unsigned char *in, size_t size)
{
    uint32_t number = 0;

    for (size_t i = 0; i < size; i++)
        number |= (uint32_t)in[i] << (8 * i);
    return number;
}

void package_digest(const void *bytes, size_t len, uint8_t digest_out[PACKAGE_DIGEST_SIZE])
{
    unsigned size = 0;
    int ok = EVP_Digest(bytes, len, digest_out, &size, EVP_sha256(), NULL);

    assert(ok == 1 && size == PACKAGE_DIGEST_SIZE);
}

static bool digest_matches(const void *bytes, size_t len, const uint8_t *wanted)
{
    uint8_t digest[PACKAGE_DIGEST_SIZE];

    package_digest(bytes, len, digest);
    return memcmp(digest, wanted, sizeof(digest)) == 0;
}

/* ---- making ---- */

static int refuse(struct buf *error_out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(struct buf *error_out, const char *format, ...)
{
    va_list args;

    if (error_out) {
        va_start(args, format);
        buf_vprintf(error_out, format, args);
        va_end(args);
    }
    return -EINVAL;
}

static int check_text(const char *what, const char *text, size_t max_len, bool may_be_empty,
                      struct buf *error_out)
{
    if (strlen(text) > max_len)
        return refuse(error_out, "the %s \"%s\" is longer than %zu bytes", what, text, max_len);
    if (!*text && !may_be_empty)
        return refuse(error_out, "the %s must not be empty", what);
    return 0;
}

/* Byte by byte from the numbers, since their order in memory differs between machines. */
static void add_payload(const char *dialect, const char *from, const char *to, size_t len,
                        struct buf *out)
{
    char *purpose = xasprintf("package\n%s\n%s\n%s", dialect, from, to);
    struct rng root, rng;

    rng_init(&root, 0);
    rng_fork(&root, purpose, &rng);
    while (len > 0) {
        unsigned char bytes[8];
        uint64_t number = rng_u64(&rng);
        size_t part = len < sizeof(bytes) ? len : sizeof(bytes);

        put_number(bytes, (uint32_t)number, 4);
        put_number(bytes + 4, (uint32_t)(number >> 32), 4);
        buf_add(out, bytes, part);
        len -= part;
    }
    free(purpose);
}

int package_make(const char *dialect, const char *from, const char *to, size_t total_size_bytes,
                 struct buf *out, struct buf *error_out)
{
    unsigned char header[PACKAGE_HEADER_SIZE] = {0};
    struct buf payload = {0};

    if (check_text("dialect", dialect, PACKAGE_DIALECT_MAX, false, error_out) < 0 ||
        check_text("version \"from\"", from, PACKAGE_VERSION_MAX, true, error_out) < 0 ||
        check_text("version \"to\"", to, PACKAGE_VERSION_MAX, false, error_out) < 0)
        return -EINVAL;
    if (total_size_bytes < PACKAGE_HEADER_SIZE || total_size_bytes > PACKAGE_SIZE_MAX)
        return refuse(error_out, "a package has %u to %u bytes, not %zu", PACKAGE_HEADER_SIZE,
                      PACKAGE_SIZE_MAX, total_size_bytes);
    add_payload(dialect, from, to, total_size_bytes - PACKAGE_HEADER_SIZE, &payload);
    memcpy(header, MAGIC, MAGIC_SIZE);
    put_number(header + 4, VERSION, 2);
    put_number(header + 6, PACKAGE_HEADER_SIZE, 2);
    memcpy(header + DIALECT_FIELD, dialect, strlen(dialect));
    memcpy(header + FROM_FIELD, from, strlen(from));
    memcpy(header + TO_FIELD, to, strlen(to));
    put_number(header + SIZE_FIELD, (uint32_t)payload.len, 4);
    package_digest(buf_text(&payload), payload.len, header + DIGEST_FIELD);
    package_digest(header, SEAL_FIELD, header + SEAL_FIELD);
    buf_add(out, header, sizeof(header));
    buf_add(out, buf_text(&payload), payload.len);
    buf_deinit(&payload);
    return 0;
}

/* ---- judging ---- */

static bool has_magic(const void *bytes, size_t len)
{
    return len > 0 && memcmp(bytes, MAGIC, len < MAGIC_SIZE ? len : MAGIC_SIZE) == 0;
}

/* Return: whether the field is NUL-padded, as it must be. */
static bool get_text(const unsigned char *header, size_t offset, char *out, size_t size)
{
    memcpy(out, header + offset, size);
    return out[size - 1] == '\0';
}

enum package_verdict package_read_header(const void *bytes, size_t len,
                                         struct package_info *info_out)
{
    const unsigned char *header = bytes;
    struct package_info info = {0};

    *info_out = info;
    if (!has_magic(bytes, len))
        return PACKAGE_UNKNOWN;
    if (len < PACKAGE_HEADER_SIZE)
        return PACKAGE_TRUNCATED;
    if (!digest_matches(header, SEAL_FIELD, header + SEAL_FIELD))
        return PACKAGE_DAMAGED;
    /* An intact header of another kind was made by a later Hayeswire. */
    if (get_number(header + 4, 2) != VERSION || get_number(header + 6, 2) != PACKAGE_HEADER_SIZE)
        return PACKAGE_UNKNOWN;
    info.payload_size_bytes = get_number(header + SIZE_FIELD, 4);
    memcpy(info.payload_digest, header + DIGEST_FIELD, PACKAGE_DIGEST_SIZE);
    if (!get_text(header, DIALECT_FIELD, info.dialect, sizeof(info.dialect)) ||
        !get_text(header, FROM_FIELD, info.from, sizeof(info.from)) ||
        !get_text(header, TO_FIELD, info.to, sizeof(info.to)) ||
        info.payload_size_bytes > PAYLOAD_MAX)
        return PACKAGE_DAMAGED;
    *info_out = info;
    return PACKAGE_GOOD;
}

enum package_verdict package_check(const void *bytes, size_t len, struct package_info *info_out)
{
    enum package_verdict verdict = package_read_header(bytes, len, info_out);
    const unsigned char *payload;

    if (verdict != PACKAGE_GOOD)
        return verdict;
    if (len - PACKAGE_HEADER_SIZE < info_out->payload_size_bytes)
        return PACKAGE_TRUNCATED;
    payload = (const unsigned char *)bytes + PACKAGE_HEADER_SIZE;
    return digest_matches(payload, info_out->payload_size_bytes, info_out->payload_digest)
               ? PACKAGE_GOOD
               : PACKAGE_DAMAGED;
}

const char *package_verdict_text(enum package_verdict verdict)
{
    switch (verdict) {
    case PACKAGE_GOOD:
        return "good";
    case PACKAGE_UNKNOWN:
        return "not a known package";
    case PACKAGE_TRUNCATED:
        return "truncated";
    case PACKAGE_DAMAGED:
        return "damaged";
    case PACKAGE_OTHER_DIALECT:
        return "for another dialect";
    case PACKAGE_OTHER_BASE:
        return "for another running version";
    }
    return "?";
}

/* ---- the catalog ---- */

struct package_catalog {
    struct package_info *entries; /* digest and size are those of the whole file */
    size_t count;
};

struct package_catalog *package_catalog_new(void)
{
    return xcalloc(1, sizeof(struct package_catalog));
}

void package_catalog_free(struct package_catalog *catalog)
{
    if (!catalog)
        return;
    free(catalog->entries);
    free(catalog);
}

static struct package_info *catalog_find(const struct package_catalog *catalog, const void *bytes,
                                         size_t len)
{
    uint8_t digest[PACKAGE_DIGEST_SIZE];

    if (!catalog || catalog->count == 0)
        return NULL;
    package_digest(bytes, len, digest);
    for (size_t i = 0; i < catalog->count; i++) {
        if (memcmp(catalog->entries[i].payload_digest, digest, sizeof(digest)) == 0)
            return &catalog->entries[i];
    }
    return NULL;
}

static struct package_info *catalog_append(struct package_catalog *catalog)
{
    catalog->entries = xrealloc(catalog->entries,
                                (catalog->count + 1) * sizeof(struct package_info));
    return &catalog->entries[catalog->count++];
}

int package_catalog_add(struct package_catalog *catalog, const void *bytes, size_t len,
                        const char *dialect, const char *from, const char *to)
{
    struct package_info *entry;

    if (strlen(dialect) > PACKAGE_DIALECT_MAX || strlen(from) > PACKAGE_VERSION_MAX ||
        strlen(to) > PACKAGE_VERSION_MAX || len > PACKAGE_SIZE_MAX)
        return -EINVAL;
    entry = catalog_find(catalog, bytes, len);
    if (!entry)
        entry = catalog_append(catalog);
    *entry = (struct package_info){.payload_size_bytes = (uint32_t)len};
    memcpy(entry->dialect, dialect, strlen(dialect) + 1);
    memcpy(entry->from, from, strlen(from) + 1);
    memcpy(entry->to, to, strlen(to) + 1);
    package_digest(bytes, len, entry->payload_digest);
    return 0;
}

enum package_verdict package_judge(const struct package_catalog *catalog, const void *bytes,
                                   size_t len, const char *dialect, const char *running_version,
                                   struct package_info *info_out)
{
    enum package_verdict verdict = package_check(bytes, len, info_out);

    if (verdict != PACKAGE_GOOD) {
        const struct package_info *declared = catalog_find(catalog, bytes, len);

        if (!declared)
            return verdict;
        *info_out = *declared;
    }
    if (strcmp(info_out->dialect, dialect) != 0)
        return PACKAGE_OTHER_DIALECT;
    if (*info_out->from && strcmp(info_out->from, running_version) != 0)
        return PACKAGE_OTHER_BASE;
    return PACKAGE_GOOD;
}
