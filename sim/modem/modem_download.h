/*
 * The downloads of a modem: download.h with what a modem has, its bench, its name and its faults.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/modem/download.h"

struct modem;

/* As download_start(); the sink's argument is the modem. */
struct download *modem_download(struct modem *modem, const struct download_options *options,
                                const struct download_sink *sink);
/* The `fault` of every such sink: the modem loses its power, restarts or hangs. */
void modem_download_fault(void *modem, const struct fault_effect *effect);
