/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mcu_store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    RECORDS = 2,
    ERASE_CHUNK = 4096,
    WRITE_MAX = 1024, /* at once */
};

static const uint32_t record_magic = 0x4D435531;

/* CRC-32 (IEEE 802.3), bit by bit: a record is short. */
static uint32_t checksum(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint32_t crc = 0xFFFFFFFF;

    while (len-- > 0) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320 & (0U - (crc & 1)));
    }
    return ~crc;
}

static uint32_t record_checksum(const struct mcu_record *record)
{
    return checksum(record, offsetof(struct mcu_record, checksum));
}

/* What no program can go on without. */
static void die(const char *what)
{
    fprintf(stderr, "m531x-mcu: %s: %s\n", what, strerror(errno));
    abort();
}

/* All writes come here, so that the supply can fail between any two bytes. */
static void put(struct mcu_store *store, off_t at, const void *bytes, size_t len)
{
    size_t allowed = len;

    if (store->cut_after >= 0 && (int64_t)len >= store->cut_after)
        allowed = (size_t)store->cut_after;
    if (pwrite(store->fd, bytes, allowed, at) != (ssize_t)allowed)
        die("the flash can not be written");
    if (store->cut_after < 0)
        return;
    store->cut_after -= (int64_t)allowed;
    if (store->cut_after == 0)
        raise(SIGKILL);
}

static off_t slot_start(unsigned slot)
{
    return (off_t)RECORDS * PAGE + (off_t)slot * MCU_SLOT_SIZE;
}

static bool record_is_good(const struct mcu_record *record)
{
    return record->magic == record_magic && record->running <= MCU_FACTORY &&
           record->size <= MCU_SLOT_SIZE && record->saved <= MCU_SLOT_SIZE &&
           memchr(record->version, '\0', sizeof(record->version)) &&
           record->checksum == record_checksum(record);
}

static void load(struct mcu_store *store)
{
    struct mcu_record record;

    for (int i = 0; i < RECORDS; i++) {
        if (pread(store->fd, &record, sizeof(record), (off_t)i * PAGE) == sizeof(record) &&
            record_is_good(&record) && record.number > store->record.number)
            store->record = record;
    }
}

int mcu_store_open(struct mcu_store *store, const char *path, const char *factory_version)
{
    store->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (store->fd < 0)
        return -errno;
    store->record = (struct mcu_record){.magic = record_magic, .running = MCU_FACTORY};
    snprintf(store->record.version, sizeof(store->record.version), "%s", factory_version);
    load(store);
    return 0;
}

void mcu_store_commit(struct mcu_store *store)
{
    struct mcu_record *record = &store->record;

    record->number++;
    record->checksum = record_checksum(record);
    put(store, (off_t)(record->number % RECORDS) * PAGE, record, sizeof(*record));
}

unsigned mcu_store_spare(const struct mcu_store *store)
{
    return store->record.running == 0 ? 1 : 0;
}

/* The file holds the complement of the slots, so that what was never written is blank. */
static void complement(unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)~bytes[i];
}

void mcu_store_erase_behind(struct mcu_store *store, size_t offset)
{
    static const unsigned char blank[ERASE_CHUNK];
    off_t start = slot_start(mcu_store_spare(store)), end = start + MCU_SLOT_SIZE;
    off_t size = lseek(store->fd, 0, SEEK_END); /* what lies behind it is blank */

    if (end > size)
        end = size;
    for (off_t at = start + (off_t)offset, len; at < end; at += len) {
        len = end - at < (off_t)sizeof(blank) ? end - at : (off_t)sizeof(blank);
        if (pwrite(store->fd, blank, (size_t)len, at) != len)
            die("the flash can not be erased");
    }
}

static bool is_blank(const struct mcu_store *store, off_t at, size_t len)
{
    unsigned char stored[WRITE_MAX] = {0};

    if (pread(store->fd, stored, len, at) < 0)
        die("the flash can not be read");
    for (size_t i = 0; i < len; i++) {
        if (stored[i] != 0)
            return false;
    }
    return true;
}

bool mcu_store_write_spare(struct mcu_store *store, size_t offset, const void *bytes, size_t len)
{
    off_t at = slot_start(mcu_store_spare(store)) + (off_t)offset;
    unsigned char stored[WRITE_MAX];

    if (len > sizeof(stored) || !is_blank(store, at, len))
        return false;
    memcpy(stored, bytes, len);
    complement(stored, len);
    put(store, at, stored, len);
    return true;
}

unsigned char *mcu_store_read(const struct mcu_store *store, unsigned slot)
{
    unsigned char *bytes = calloc(1, MCU_SLOT_SIZE);

    if (!bytes)
        die("no memory");
    if (pread(store->fd, bytes, MCU_SLOT_SIZE, slot_start(slot)) < 0)
        die("the flash can not be read");
    complement(bytes, MCU_SLOT_SIZE);
    return bytes;
}
