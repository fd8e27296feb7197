/* SPDX-License-Identifier: MIT */
/*
 * The flash of the example MCU: a file with two records and two slots for software.
 *
 * A record says which slot runs and how far a download is. Records are written alternately and
 * carry a number and a checksum: the newest whole one counts, so a cut in the middle of writing one
 * leaves the one before. The slot that runs is never written. So after a cut at any byte the MCU
 * runs its old software or its new one.
 *
 * A slot is flash as many MCUs have it: what is not blank can not be written, and pages are erased.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MCU_SLOT_SIZE = 256 * 1024,
    MCU_PAGE_SIZE = 256,
    MCU_VERSION_MAX = 47,
    MCU_FACTORY = 2, /* no slot: the software that was there from the beginning */
};

/* Values of /5/0/3 and /5/0/5 of the LwM2M firmware object. */
enum mcu_state { MCU_IDLE, MCU_DOWNLOADING, MCU_DOWNLOADED, MCU_UPDATING };
enum mcu_result { MCU_NO_RESULT = 0, MCU_SUCCESS = 1, MCU_NO_ROOM = 2, MCU_BAD_IMAGE = 5 };

struct mcu_record {
    uint32_t magic;
    uint32_t number;
    uint32_t running; /* slot 0, 1 or MCU_FACTORY */
    uint32_t size;    /* of the software that runs */
    uint32_t state, result;
    uint32_t saved;   /* bytes of the download in the other slot */
    uint32_t to_tell; /* the end of an upgrade was not told to the platform yet */
    char version[MCU_VERSION_MAX + 1];
    uint32_t checksum;
};

struct mcu_store {
    int fd;
    struct mcu_record record; /* the newest one */
    int64_t cut_after;        /* the supply fails behind so many written bytes; -1 = never */
};

/* factory_version counts while nothing was ever written. Return: 0 or -errno. */
int mcu_store_open(struct mcu_store *store, const char *path, const char *factory_version);
/* Make store->record the newest one. */
void mcu_store_commit(struct mcu_store *store);
/* The slot that does not run. */
unsigned mcu_store_spare(const struct mcu_store *store);
/* Erase its pages from offset on, which must be the start of one. */
void mcu_store_erase_behind(struct mcu_store *store, size_t offset);
/* At most 1024 bytes, within the slot. Return: whether the place was blank, and holds them now. */
bool mcu_store_write_spare(struct mcu_store *store, size_t offset, const void *bytes, size_t len);
/* Return: MCU_SLOT_SIZE bytes that the caller frees. */
unsigned char *mcu_store_read(const struct mcu_store *store, unsigned slot);
