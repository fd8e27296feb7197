/*
 * What every firmware upgrade shares: which firmware runs, the store that a package is downloaded
 * into, and the bootloader that judges and installs it.
 *
 * Flash holds three slots: two for firmware, one for the package. NV key "boot.image" names the
 * firmware slot that runs and the size of what stands in it ("1 300188"); a modem that was never
 * upgraded runs its factory firmware, which costs no flash. The bootloader judges the real bytes of
 * the package slot, writes them page by page into the other firmware slot, and only then commits
 * the new "boot.image": a power cut anywhere leaves the old firmware or the new one, and an
 * installation that was cut starts again from its first page (seed 002, 3.1: a forced upgrade
 * begins at 1 %). SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/modem/flash.h"
#include "sim/modem/package.h"

struct modem;

/* Slots in the order that each dialect's table must have. */
enum fota_slot { FOTA_APP_A, FOTA_APP_B, FOTA_PACKAGE, FOTA_SLOT_COUNT };
/* 2 MiB each, larger than any package of an NB-IoT or Cat.1 guide. A dialect may have its own slots
   in this order. */
#define FOTA_SLOT_PAGES 512u
extern const struct flash_slot fota_slots[FOTA_SLOT_COUNT];

/* The bootloader finds the firmware. Return: 0 with modem->firmware set; -EBADMSG: none that boots.
 */
int firmware_load(struct modem *modem);

/* The upgrade has entered another state: the trace is told, and the point fota.state is passed. */
void fota_state_changed(struct modem *modem);

/*
 * What is to be told of an upgrade that is over. Each dialect passes the point fota.result once,
 * where its upgrade ends, and then tells as it is told here: faults make modules that lie.
 */
struct fota_tale {
    long long code; /* of the dialect's own results; 0 = success */
    bool installs;  /* the new firmware runs from the next start on */
    unsigned times; /* how often the result is told */
    bool is_early;  /* told before the restart, not after it */
};

/* code is the true result. Return: 0 or MODEM_GONE. */
int fota_pass_result(struct modem *modem, long long code, struct fota_tale *tale_out);

/* ---- the package store: bytes in order, programmed page by page ---- */

struct package_store {
    size_t page;       /* the next to be programmed */
    size_t fill;       /* bytes collected for it */
    size_t size_bytes; /* received in all */
    unsigned char pending[FLASH_PAGE_SIZE];
};

/* Return: a store that goes on behind kept_bytes (whole pages) of an earlier download. */
struct package_store *package_store_new(size_t kept_bytes);
void package_store_free(struct package_store *store);
/* Return: 0; MODEM_GONE; -ENOSPC when the slot is full; -errno of the file system. */
int package_store_add(struct modem *modem, struct package_store *store, const void *bytes,
                      size_t len);
/* Program the last, partly filled page. Return: as package_store_add. */
int package_store_finish(struct modem *modem, struct package_store *store);
/* Bytes that a power cut would leave: whole pages. */
size_t package_store_durable_bytes(const struct package_store *store);

/* ---- the bootloader ---- */

struct installer {
    struct buf image;
    enum fota_slot slot;
    size_t page, page_count;
    char version[PACKAGE_VERSION_MAX + 1];
};

/* Judge size_bytes of the package slot; GOOD: the installer is ready. */
enum package_verdict installer_begin(struct modem *modem, struct installer *installer,
                                     size_t size_bytes);
/* Write the next page. Return: 0; MODEM_GONE; -errno. */
int installer_step(struct modem *modem, struct installer *installer);
/* Write pages until so much of the firmware is there. Return: as installer_step. */
int installer_advance(struct modem *modem, struct installer *installer, unsigned percent);
/* Switch to the new firmware: set "boot.image"; the caller commits it with its own keys. */
void installer_finish(struct modem *modem, struct installer *installer);
void installer_deinit(struct installer *installer);
