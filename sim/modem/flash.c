/*
 * Flash memory.
 *
 * Pages live in memory and are written through to the file, so a read never fails. The file holds
 * every byte inverted: what was never programmed reads 0xFF in a flash and 0x00 in the hole of a
 * sparse file, and so an erased page is a hole. There is no fsync: the power that is cut is the
 * modem's, not this machine's.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/flash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/base/rng.h"

struct flash {
    const struct flash_slot *slots;
    size_t slot_count;
    size_t page_count;     /* of all slots, which lie one behind the other */
    unsigned char **pages; /* NULL = erased */
    int fd;                /* -1 = memory only */
    struct fault_plan *plan;
    struct rng rng;
    struct fault_effect gone;
};

/* What a page is before, after, and half-way through a change. */
struct change {
    const struct fault_point *point;
    size_t slot, page;
    unsigned char intended[FLASH_PAGE_SIZE];
    unsigned char torn[FLASH_PAGE_SIZE];
};

/* ---- pages and the file ---- */

static size_t page_index(const struct flash *flash, size_t slot, size_t page)
{
    size_t index = page;

    assert(slot < flash->slot_count && page < flash->slots[slot].page_count);
    for (size_t i = 0; i < slot; i++)
        index += flash->slots[i].page_count;
    return index;
}

static bool is_erased(const unsigned char *page)
{
    return page[0] == 0xff && memcmp(page, page + 1, FLASH_PAGE_SIZE - 1) == 0;
}

static void invert(const unsigned char *in, unsigned char *out)
{
    for (size_t i = 0; i < FLASH_PAGE_SIZE; i++)
        out[i] = (unsigned char)~in[i];
}

static int write_page(int fd, size_t index, const unsigned char *page)
{
    unsigned char inverted[FLASH_PAGE_SIZE];
    off_t offset = (off_t)(index * FLASH_PAGE_SIZE);
    size_t done = 0;

    if (is_erased(page) &&
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, FLASH_PAGE_SIZE) == 0)
        return 0;
    invert(page, inverted);
    while (done < FLASH_PAGE_SIZE) {
        ssize_t got = pwrite(fd, inverted + done, FLASH_PAGE_SIZE - done, offset + (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        done += (size_t)got;
    }
    return 0;
}

static void set_memory(struct flash *flash, size_t index, const unsigned char *page)
{
    if (is_erased(page)) {
        free(flash->pages[index]);
        flash->pages[index] = NULL;
        return;
    }
    if (!flash->pages[index])
        flash->pages[index] = xmalloc(FLASH_PAGE_SIZE);
    memcpy(flash->pages[index], page, FLASH_PAGE_SIZE);
}

static int set_page(struct flash *flash, size_t index, const unsigned char *page)
{
    int r = flash->fd >= 0 ? write_page(flash->fd, index, page) : 0;

    if (r == 0)
        set_memory(flash, index, page);
    return r;
}

static int load_page(struct flash *flash, size_t index)
{
    unsigned char inverted[FLASH_PAGE_SIZE], page[FLASH_PAGE_SIZE];
    off_t offset = (off_t)(index * FLASH_PAGE_SIZE);
    size_t done = 0;

    while (done < FLASH_PAGE_SIZE) {
        ssize_t got = pread(flash->fd, inverted + done, FLASH_PAGE_SIZE - done,
                            offset + (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        done += (size_t)got;
    }
    invert(inverted, page);
    set_memory(flash, index, page);
    return 0;
}

/* Read the pages that are no holes. A file system that can not tell reports one big extent. */
static int load(struct flash *flash)
{
    off_t size = (off_t)(flash->page_count * FLASH_PAGE_SIZE);
    off_t at = 0;

    while ((at = lseek(flash->fd, at, SEEK_DATA)) >= 0 && at < size) {
        size_t index = (size_t)at / FLASH_PAGE_SIZE;
        int r = load_page(flash, index);

        if (r < 0)
            return r;
        at = (off_t)((index + 1) * FLASH_PAGE_SIZE);
    }
    return at < 0 && errno != ENXIO ? -errno : 0;
}

static int open_file(struct flash *flash, const char *path)
{
    off_t size = (off_t)(flash->page_count * FLASH_PAGE_SIZE);
    struct stat status;

    flash->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (flash->fd < 0 || fstat(flash->fd, &status) < 0)
        return -errno;
    if (status.st_size == 0)
        return ftruncate(flash->fd, size) < 0 ? -errno : 0;
    if (status.st_size != size)
        return -EINVAL; /* another layout of slots made it */
    return load(flash);
}

/* ---- life ---- */

struct flash *flash_new(const char *path, const struct flash_slot *slots, size_t slot_count,
                        struct fault_plan *plan, const struct rng *rng)
{
    struct flash *flash = xcalloc(1, sizeof(*flash));
    int r;

    assert(slot_count <= FLASH_SLOT_MAX);
    flash->slots = slots;
    flash->slot_count = slot_count;
    for (size_t i = 0; i < slot_count; i++)
        flash->page_count += slots[i].page_count;
    flash->pages = xcalloc(flash->page_count, sizeof(flash->pages[0]));
    flash->fd = -1;
    flash->plan = plan;
    rng_fork(rng, "flash", &flash->rng);
    r = path ? open_file(flash, path) : 0;
    if (r < 0) {
        flash_free(flash);
        errno = -r;
        return NULL;
    }
    return flash;
}

void flash_free(struct flash *flash)
{
    if (!flash)
        return;
    for (size_t i = 0; i < flash->page_count; i++)
        free(flash->pages[i]);
    free(flash->pages);
    if (flash->fd >= 0)
        close(flash->fd);
    free(flash);
}

size_t flash_slot_size_bytes(const struct flash *flash, size_t slot)
{
    assert(slot < flash->slot_count);
    return flash->slots[slot].page_count * FLASH_PAGE_SIZE;
}

void flash_read(struct flash *flash, size_t slot, size_t offset, void *bytes_out, size_t len)
{
    size_t size = flash_slot_size_bytes(flash, slot);
    unsigned char *out = bytes_out;

    assert(offset <= size && len <= size - offset);
    while (len > 0) {
        const unsigned char *page = flash->pages[page_index(flash, slot, offset / FLASH_PAGE_SIZE)];
        size_t within = offset % FLASH_PAGE_SIZE;
        size_t part = FLASH_PAGE_SIZE - within < len ? FLASH_PAGE_SIZE - within : len;

        if (page)
            memcpy(out, page + within, part);
        else
            memset(out, 0xff, part);
        out += part;
        offset += part;
        len -= part;
    }
}

/* ---- changes, and power that goes away in them ---- */

/* Leave the page as the policy of the cut says. Return: MODEM_GONE, or -errno. */
static int abandon(struct flash *flash, struct change *change, const struct fault_effect *effect)
{
    size_t index = page_index(flash, change->slot, change->page);
    int r = 0;

    flash->gone = *effect;
    switch (effect->policy) {
    case CUT_LOST:
        break;
    case CUT_DONE:
        r = set_page(flash, index, change->intended);
        break;
    case CUT_TORN:
        r = set_page(flash, index, change->torn);
        break;
    case CUT_GARBLED:
        rng_bytes(&flash->rng, change->torn, FLASH_PAGE_SIZE);
        r = set_page(flash, index, change->torn);
        break;
    }
    return r < 0 ? r : MODEM_GONE;
}

static struct fault_effect pass(struct flash *flash, const struct change *change,
                                enum fault_phase phase)
{
    const char *name = flash->slots[change->slot].name;

    return fault_step(flash->plan, change->point,
                      &(struct fault_at){
                          .phase = phase,
                          .has_amount = true,
                          .amount = change->page,
                          .text = name,
                          .text_len = strlen(name),
                      });
}

static int carry_out(struct flash *flash, struct change *change)
{
    static const enum fault_phase phases[] = {FAULT_BEFORE, FAULT_MID};
    struct fault_effect effect;
    int r;

    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        effect = pass(flash, change, phases[i]);
        if (effect.action != FAULT_NONE)
            return abandon(flash, change, &effect);
    }
    r = set_page(flash, page_index(flash, change->slot, change->page), change->intended);
    if (r < 0)
        return r;
    effect = pass(flash, change, FAULT_AFTER);
    if (effect.action == FAULT_NONE)
        return 0;
    flash->gone = effect;
    return MODEM_GONE;
}

int flash_erase_page(struct flash *flash, size_t slot, size_t page)
{
    struct change change = {
        .point = &fault_points[FAULT_POINT_FLASH_ERASE],
        .slot = slot,
        .page = page,
    };

    memset(change.intended, 0xff, FLASH_PAGE_SIZE);
    flash_read(flash, slot, page * FLASH_PAGE_SIZE, change.torn, FLASH_PAGE_SIZE);
    memset(change.torn, 0xff, FLASH_PAGE_SIZE / 2);
    return carry_out(flash, &change);
}

int flash_program_page(struct flash *flash, size_t slot, size_t page, const void *bytes, size_t len)
{
    struct change change = {
        .point = &fault_points[FAULT_POINT_FLASH_PROGRAM],
        .slot = slot,
        .page = page,
    };

    assert(len <= FLASH_PAGE_SIZE);
    assert(!flash->pages[page_index(flash, slot, page)]); /* program without erase */
    memset(change.intended, 0xff, FLASH_PAGE_SIZE);
    memset(change.torn, 0xff, FLASH_PAGE_SIZE);
    memcpy(change.intended, bytes, len);
    memcpy(change.torn, bytes, len / 2);
    return carry_out(flash, &change);
}

struct fault_effect flash_gone_effect(const struct flash *flash)
{
    return flash->gone;
}
