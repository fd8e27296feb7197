/*
 * Flash memory: a few named slots of equal pages. Erase (to 0xFF) and program of a page are the
 * only durable acts; each is a WRITE point with the phases before, mid and after, where @n is the
 * page and @"..." looks at the slot's name. A power cut before the end leaves the page as the
 * policy says: LOST = as before, DONE = as intended, TORN = the first half done, GARBLED = noise;
 * a cut after it finds it done, a reset or a hang leaves it as before. Pages are kept in a sparse
 * file, or in memory without a path; untouched pages cost nothing. Programming a page that is not
 * erased is a programmer's error. SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault/fault_plan.h"

#define FLASH_PAGE_SIZE 4096u
#define FLASH_SLOT_MAX  4

struct rng;
struct flash;

struct flash_slot {
    const char *name; /* "app-a", "app-b", "package" */
    size_t page_count;
};

/*
 * slots is borrowed. path NULL = memory only. plan is borrowed and may be NULL; rng is forked.
 * Return: NULL with errno when the file can not be used (EINVAL: it has another layout).
 */
struct flash *flash_new(const char *path, const struct flash_slot *slots, size_t slot_count,
                        struct fault_plan *plan, const struct rng *rng);
void flash_free(struct flash *flash);

size_t flash_slot_size_bytes(const struct flash *flash, size_t slot);
/* Read len bytes at offset; bytes never programmed read 0xFF. Bounds are asserted. */
void flash_read(struct flash *flash, size_t slot, size_t offset, void *bytes_out, size_t len);
/* Return: 0; MODEM_GONE (flash_gone_effect tells why); -errno of the file system. */
int flash_erase_page(struct flash *flash, size_t slot, size_t page);
/* len <= FLASH_PAGE_SIZE; the rest of the page stays 0xFF. Return: as flash_erase_page. */
int flash_program_page(struct flash *flash, size_t slot, size_t page, const void *bytes,
                       size_t len);
/* The effect of the fault that made the last call return MODEM_GONE. */
struct fault_effect flash_gone_effect(const struct flash *flash);
