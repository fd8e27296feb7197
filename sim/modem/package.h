/*
 * Firmware packages: what a vendor's file is to us, and how a bootloader judges it.
 *
 * Our own container, all numbers little-endian:
 *
 *     offset size
 *          0    4  magic "HWFP"
 *          4    2  container version, 1
 *          6    2  header size, PACKAGE_HEADER_SIZE
 *          8   16  dialect name, NUL-padded
 *         24   48  firmware version it applies to ("from"), NUL-padded; empty = any
 *         72   48  firmware version it installs ("to"), NUL-padded
 *        120    4  payload size in bytes
 *        124   32  SHA-256 of the payload
 *        156   32  SHA-256 of bytes 0..155
 *        188    .  payload
 *
 * A vendor's opaque file can be served as well: the scenario declares its versions, and a catalog
 * knows it by its digest, so that one flipped bit makes it an unknown (invalid) file here too.
 *
 * The firmware in a modem's app slot is the same container: its "to" is the running version.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/buf.h"

#define PACKAGE_HEADER_SIZE 188u
#define PACKAGE_DIALECT_MAX 15
#define PACKAGE_VERSION_MAX 47
#define PACKAGE_SIZE_MAX    (72u << 20) /* the largest of the four guides has 68315612 bytes */
#define PACKAGE_DIGEST_SIZE 32u

struct package_info {
    char dialect[PACKAGE_DIALECT_MAX + 1];
    char from[PACKAGE_VERSION_MAX + 1];
    char to[PACKAGE_VERSION_MAX + 1];
    uint32_t payload_size_bytes;
    uint8_t payload_digest[PACKAGE_DIGEST_SIZE];
};

enum package_verdict {
    PACKAGE_GOOD,
    PACKAGE_UNKNOWN,   /* no magic, and not in the catalog */
    PACKAGE_TRUNCATED, /* shorter than its header says */
    PACKAGE_DAMAGED,   /* a digest does not match */
    PACKAGE_OTHER_DIALECT,
    PACKAGE_OTHER_BASE, /* "from" is not the running version */
};

/*
 * Make a package of total_size bytes (header included) with a payload from the versions' names: the
 * same call gives the same bytes everywhere.
 * Return: 0, or -EINVAL with a message (text too long, size below header or above the maximum).
 */
int package_make(const char *dialect, const char *from, const char *to, size_t total_size_bytes,
                 struct buf *out, struct buf *error_out);
/* Only the header: magic, version and header digest. Return: PACKAGE_GOOD, UNKNOWN, TRUNCATED or
 * DAMAGED. */
enum package_verdict package_read_header(const void *bytes, size_t len,
                                         struct package_info *info_out);
/* Header and payload digest. Bytes behind the payload (the rest of a slot) are ignored. */
enum package_verdict package_check(const void *bytes, size_t len, struct package_info *info_out);
const char *package_verdict_text(enum package_verdict verdict);
void package_digest(const void *bytes, size_t len, uint8_t digest_out[PACKAGE_DIGEST_SIZE]);

/* ---- opaque vendor files that a scenario declared ---- */

struct package_catalog;

struct package_catalog *package_catalog_new(void);
void package_catalog_free(struct package_catalog *catalog);
/*
 * Return: 0, or -EINVAL when a text is too long or the file larger than PACKAGE_SIZE_MAX. Declaring
 * the same bytes again replaces. A declared file's info has the size and digest of the whole file.
 */
int package_catalog_add(struct package_catalog *catalog, const void *bytes, size_t len,
                        const char *dialect, const char *from, const char *to);
/* package_check, then the catalog. catalog may be NULL. */
enum package_verdict package_judge(const struct package_catalog *catalog, const void *bytes,
                                   size_t len, const char *dialect, const char *running_version,
                                   struct package_info *info_out);
