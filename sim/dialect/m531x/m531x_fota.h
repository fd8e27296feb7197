/*
 * M531x: the module's own FOTA, between its two files and the rest of the dialect.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/dialect/m531x/m531x.h"

/* m531x_fota.c: the upgrade of the module itself. The int functions: 0 or MODEM_GONE. */
bool m531x_fota_is_own(const struct modem *modem); /* whether object 5 is the module's own now */
const char *m531x_own_fota_state(const struct modem *modem);
void m531x_set_fota(struct modem *modem, enum m531x_fota fota);
void m531x_fota_load(struct modem *modem);
int m531x_fota_download(struct modem *modem, struct m531x_request *request);
int m531x_fota_block(struct modem *modem, struct m531x_request *request,
                     const struct cloud_message *message);
int m531x_fota_update(struct modem *modem, struct m531x_request *request);
int m531x_fota_close(struct modem *modem, struct m531x_request *request);
/* The session is over: a download is to be resumed in the next one. */
void m531x_fota_interrupt(struct modem *modem);
/* Free what a download or an installation holds. */
void m531x_fota_drop(struct modem *modem);
/* The words of one of the events 40 to 49, appended; and saying them. */
void m531x_fota_text(const struct modem *modem, enum m531x_event event, struct buf *out);
void m531x_fota_event(struct modem *modem, enum m531x_event event);
/* Pass a point of it; at may be NULL. Return: 0, MODEM_GONE, or the result that fail wants. */
int m531x_fota_pass(struct modem *modem, enum m531x_point point, const struct fault_at *at,
                    enum m531x_object_result fallback);

/* m531x_loader.c: its bootloader, and what is told afterwards */
int m531x_loader(struct modem *modem); /* as a boot step */
void m531x_fota_booted(struct modem *modem);
void m531x_fota_registered(struct modem *modem);
