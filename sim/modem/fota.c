/* SPDX-License-Identifier: MIT */
#include "sim/modem/fota.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"
#include "sim/modem/nv.h"

/* What stands in an app slot when the installed file was a vendor's own, which we can not unpack.
 */
#define OPAQUE_IMAGE_SIZE 4096u

static_assert(FOTA_SLOT_COUNT <= FLASH_SLOT_MAX, "slots fit the flash");

const struct flash_slot fota_slots[FOTA_SLOT_COUNT] = {
    [FOTA_APP_A] = {"app-a",   FOTA_SLOT_PAGES},
    [FOTA_APP_B] = {"app-b",   FOTA_SLOT_PAGES},
    [FOTA_PACKAGE] = {"package", FOTA_SLOT_PAGES},
};

/* What NV says of the running firmware; size 0 = the factory's. */
struct boot_image {
    unsigned slot;
    size_t size_bytes;
};

/* One key, so that no power cut can keep the slot of one firmware and the size of another. */
static struct boot_image boot_image(const struct modem *modem)
{
    struct boot_image image = {FOTA_APP_A, 0};

    if (sscanf(nv_text(modem->nv, "boot.image", ""), "%u %zu", &image.slot, &image.size_bytes) != 2)
        return (struct boot_image){FOTA_APP_A, 0};
    return image;
}

static bool read_image(struct modem *modem, struct boot_image where, struct package_info *info_out)
{
    struct flash *flash = modem_flash(modem);
    bool is_good;
    char *image;

    if (where.slot > FOTA_APP_B || where.size_bytes > flash_slot_size_bytes(flash, where.slot))
        return false;
    image = xmalloc(where.size_bytes);
    flash_read(flash, where.slot, 0, image, where.size_bytes);
    is_good = package_check(image, where.size_bytes, info_out) == PACKAGE_GOOD;
    free(image);
    return is_good;
}

int firmware_load(struct modem *modem)
{
    const char *factory = modem_text(modem, MODEM_OPTION_FIRMWARE);
    struct boot_image where = boot_image(modem);
    struct package_info info;

    if (where.size_bytes == 0) {
        xstrset(&modem->firmware, factory[0] ? factory : modem->dialect->firmware);
        return 0;
    }
    if (!read_image(modem, where, &info)) {
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "the firmware is damaged");
        xstrset(&modem->firmware, "");
        return -EBADMSG;
    }
    xstrset(&modem->firmware, info.to);
    return 0;
}

/* ---- the state and the result ---- */

void fota_state_changed(struct modem *modem)
{
    const char *state = modem_fota_state(modem);
    struct fault_at at = {.text = state, .text_len = strlen(state)};

    trace_addf(modem->bench->trace, TRACE_STATE, modem->name, "fota %s", state);
    modem_pass(modem, &fault_points[FAULT_POINT_FOTA_STATE], &at);
}

#define CODE_DEFAULT 1 /* of fota.result=fail without a code */

int fota_pass_result(struct modem *modem, long long code, struct fota_tale *tale_out)
{
    char text[24];
    struct fault_at at = {.text = text};
    struct fault_effect effect;

    at.text_len = (size_t)snprintf(text, sizeof(text), "%lld", code);
    *tale_out = (struct fota_tale){.code = code, .installs = code == 0, .times = 1};
    effect = modem_pass(modem, &fault_points[FAULT_POINT_FOTA_RESULT], &at);
    switch ((int)effect.action) {
    case FAULT_LIE:
        tale_out->code = 0;
        tale_out->installs = false;
        break;
    case FAULT_FAIL:
        tale_out->code = effect.code ? effect.code : CODE_DEFAULT;
        tale_out->installs = false;
        break;
    case FAULT_LOST:
        tale_out->times = 0;
        break;
    case FAULT_DUP:
        tale_out->times = 2;
        break;
    case FAULT_EARLY:
        tale_out->is_early = true;
        break;
    default:
        break;
    }
    return fault_takes_power(effect.action) ? MODEM_GONE : 0;
}

/* ---- the package store ---- */

struct package_store *package_store_new(size_t kept_bytes)
{
    struct package_store *store = xcalloc(1, sizeof(*store));

    assert(kept_bytes % FLASH_PAGE_SIZE == 0);
    store->page = kept_bytes / FLASH_PAGE_SIZE;
    store->size_bytes = kept_bytes;
    return store;
}

void package_store_free(struct package_store *store)
{
    free(store);
}

static int program_pending(struct modem *modem, struct package_store *store)
{
    struct flash *flash = modem_flash(modem);
    struct fault_effect effect;
    int r;

    if (modem->going)
        return MODEM_GONE;
    if ((store->page + 1) * FLASH_PAGE_SIZE > flash_slot_size_bytes(flash, FOTA_PACKAGE))
        return -ENOSPC;
    r = flash_erase_page(flash, FOTA_PACKAGE, store->page);
    if (r == 0)
        r = flash_program_page(flash, FOTA_PACKAGE, store->page, store->pending, store->fill);
    if (r == MODEM_GONE) {
        effect = flash_gone_effect(flash);
        return modem_going(modem, &effect);
    }
    if (r == 0) {
        store->page++;
        store->fill = 0;
    }
    return r;
}

int package_store_add(struct modem *modem, struct package_store *store, const void *bytes,
                      size_t len)
{
    const char *at = bytes;
    int r = 0;

    while (len > 0 && r == 0) {
        size_t part = FLASH_PAGE_SIZE - store->fill;

        if (part > len)
            part = len;
        memcpy(store->pending + store->fill, at, part);
        store->fill += part;
        store->size_bytes += part;
        at += part;
        len -= part;
        if (store->fill == FLASH_PAGE_SIZE)
            r = program_pending(modem, store);
    }
    return r;
}

int package_store_finish(struct modem *modem, struct package_store *store)
{
    return store->fill > 0 ? program_pending(modem, store) : 0;
}

size_t package_store_durable_bytes(const struct package_store *store)
{
    return store->page * FLASH_PAGE_SIZE;
}

/* ---- the bootloader ---- */

enum package_verdict installer_begin(struct modem *modem, struct installer *installer,
                                     size_t size_bytes)
{
    struct package_info info, own;
    enum package_verdict verdict;
    char *package;

    *installer = (struct installer){0};
    if (size_bytes > flash_slot_size_bytes(modem_flash(modem), FOTA_PACKAGE))
        return PACKAGE_TRUNCATED;
    package = xmalloc(size_bytes);
    flash_read(modem_flash(modem), FOTA_PACKAGE, 0, package, size_bytes);
    verdict = package_judge(modem->bench->catalog, package, size_bytes, modem->dialect->name,
                            modem->firmware, &info);
    if (verdict == PACKAGE_GOOD) {
        if (package_check(package, size_bytes, &own) == PACKAGE_GOOD)
            buf_add(&installer->image, package, size_bytes);
        else
            package_make(modem->dialect->name, "", info.to, OPAQUE_IMAGE_SIZE, &installer->image,
                         NULL);
        memcpy(installer->version, info.to, sizeof(installer->version));
        installer->slot = boot_image(modem).slot == FOTA_APP_A ? FOTA_APP_B : FOTA_APP_A;
        installer->page_count = (installer->image.len + FLASH_PAGE_SIZE - 1) / FLASH_PAGE_SIZE;
    }
    free(package);
    return verdict;
}

int installer_step(struct modem *modem, struct installer *installer)
{
    struct flash *flash = modem_flash(modem);
    size_t offset = installer->page * FLASH_PAGE_SIZE;
    size_t len = installer->image.len - offset;
    struct fault_effect effect;
    int r;

    assert(installer->page < installer->page_count);
    if (modem->going)
        return MODEM_GONE;
    if (len > FLASH_PAGE_SIZE)
        len = FLASH_PAGE_SIZE;
    r = flash_erase_page(flash, installer->slot, installer->page);
    if (r == 0)
        r = flash_program_page(flash, installer->slot, installer->page,
                               installer->image.data + offset, len);
    if (r == MODEM_GONE) {
        effect = flash_gone_effect(flash);
        return modem_going(modem, &effect);
    }
    if (r == 0) {
        installer->page++;
        trace_add_progress(modem->bench->trace, modem->name, "install", installer->page - 1,
                           installer->page, installer->page_count);
    }
    return r;
}

int installer_advance(struct modem *modem, struct installer *installer, unsigned percent)
{
    int r = 0;

    while (r == 0 && installer->page * 100 < installer->page_count * percent)
        r = installer_step(modem, installer);
    return r;
}

void installer_finish(struct modem *modem, struct installer *installer)
{
    char *image = xasprintf("%u %zu", (unsigned)installer->slot, installer->image.len);

    assert(installer->page == installer->page_count);
    nv_set_text(modem->nv, "boot.image", image);
    free(image);
}

void installer_deinit(struct installer *installer)
{
    buf_deinit(&installer->image);
}
