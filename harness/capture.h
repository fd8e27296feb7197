/*
 * A trace as other programs read it: packets for Wireshark, a terminal session for asciinema.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdio.h>

struct recording;

/*
 * pcapng, link type 252: each packet names its dissector, "at", and its direction. Each port is an
 * interface; faults are comments on the packet that follows.
 */
void capture_write_pcapng(const struct recording *recording, FILE *file);
/* asciicast version 2: what the modem sends is output, what the host sends is input. */
void capture_write_asciicast(const struct recording *recording, FILE *file);
