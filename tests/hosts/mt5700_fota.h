/* SPDX-License-Identifier: MIT */
/*
 * What a host has to understand of the MT5700M's upgrade lines: no I/O, no clock.
 *
 * A line is "^FOTASTATE: 12,<version>,<size>,<text>". Blanks behind commas, quotes around the text
 * and a missing blank behind the colon occur; the text itself may hold commas and quotes, so that
 * only the first three commas separate.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fota_code {
    FOTA_IDLE = 10,
    FOTA_QUERY = 11,
    FOTA_FOUND = 12,
    FOTA_QUERY_FAILED = 13,
    FOTA_UP_TO_DATE = 14,
    FOTA_DOWNLOAD_FAILED = 20,
    FOTA_DOWNLOADING = 30,
    FOTA_SUSPENDED = 31,
    FOTA_DOWNLOADED = 40,
    FOTA_UPGRADING = 50,
    FOTA_FAILED_70 = 70, /* told after the reboot by some firmware */
    FOTA_FAILED_80 = 80,
    FOTA_SUCCEEDED = 90,
};

enum { FOTA_VERSION_MAX = 128 };

struct fota_state {
    int code;
    int error;                      /* of 13, 20 and 80; 0 if the line has none */
    char version[FOTA_VERSION_MAX]; /* of 12 */
    long long size_bytes;           /* of 12 */
};

/* Return: false if it is no such line. */
bool fota_parse(const char *line, struct fota_state *state_out);

/* What the guide, chapter 5, says of a code. error is 0 where there is none. */
const char *fota_advice(int code, int error);
