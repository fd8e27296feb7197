/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mcu_boot.h"

#include <stdlib.h>
#include <string.h>

void mcu_set_progress(struct mcu_store *store, enum mcu_state state, enum mcu_result result,
                      uint32_t saved)
{
    store->record.state = state;
    store->record.result = result;
    store->record.saved = saved;
    mcu_store_commit(store);
}

bool mcu_spare_is_good(const struct mcu_store *store, struct mcu_image *image_out)
{
    unsigned char *bytes = mcu_store_read(store, mcu_store_spare(store));
    bool is_good = mcu_image_check(bytes, store->record.saved, store->record.version, image_out);

    free(bytes);
    return is_good;
}

/* One record switches to the new software, so there is nothing in between. */
static void install(struct mcu_store *store)
{
    struct mcu_record *record = &store->record;
    struct mcu_image image;

    record->to_tell = 1;
    if (!mcu_spare_is_good(store, &image)) {
        mcu_set_progress(store, MCU_IDLE, MCU_BAD_IMAGE, 0);
        return;
    }
    record->running = mcu_store_spare(store);
    record->size = (uint32_t)image.size;
    memcpy(record->version, image.version, sizeof(record->version));
    mcu_set_progress(store, MCU_IDLE, MCU_SUCCESS, 0);
}

bool mcu_boot(struct mcu_store *store)
{
    const struct mcu_record *record = &store->record;
    struct mcu_image image;
    unsigned char *bytes;
    bool is_good;

    if (record->state == MCU_UPDATING)
        install(store);
    if (record->running == MCU_FACTORY)
        return true;
    bytes = mcu_store_read(store, record->running);
    is_good = mcu_image_check(bytes, record->size, NULL, &image) &&
              strcmp(image.version, record->version) == 0;
    free(bytes);
    return is_good;
}
