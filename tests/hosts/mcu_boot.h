/* SPDX-License-Identifier: MIT */
/*
 * How far the example MCU's download is, and its bootloader.
 */
#pragma once

#include "tests/hosts/mcu_image.h"
#include "tests/hosts/mcu_store.h"

/* Durable when it returns. */
void mcu_set_progress(struct mcu_store *store, enum mcu_state state, enum mcu_result result,
                      uint32_t saved);
/* True if what was downloaded so far is a whole image that fits. */
bool mcu_spare_is_good(const struct mcu_store *store, struct mcu_image *image_out);
/*
 * Finish an installation that was ordered, then start what runs.
 * Return: false if nothing starts.
 */
bool mcu_boot(struct mcu_store *store);
