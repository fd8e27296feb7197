/* SPDX-License-Identifier: MIT */
/*
 * The MCU's software as a file: a header with the versions and digests, and the program.
 *
 *     offset size
 *          0    4  "HWFP"
 *          4    4  container version 1, header size 188
 *          8   16  what it is for: "m531x"
 *         24   48  version that it replaces, empty = any
 *         72   48  its own version
 *        120    4  size of the program
 *        124   32  SHA-256 of the program
 *        156   32  SHA-256 of bytes 0 to 155
 *        188    .  the program
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tests/hosts/mcu_store.h"

struct mcu_image {
    size_t size; /* header and program */
    char version[MCU_VERSION_MAX + 1];
};

/* True if bytes begin with a whole and undamaged image that fits the version that runs now. */
bool mcu_image_check(const unsigned char *bytes, size_t len, const char *running,
                     struct mcu_image *image_out);
