/* SPDX-License-Identifier: MIT */
/*
 * What a host has to understand of the BC26's upgrade lines: no I/O, no clock.
 *
 * The upgrade is a one-way street seen from outside: download, reboot, update, reboot, result. The
 * module may lose power anywhere in it. struct fota_watch keeps how far it got and which marks of
 * a reboot were seen since, and says how long a silence is still normal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fota_word {
    FOTA_OTHER, /* an upgrade line with a word that this host does not know */
    FOTA_HTTP_START,
    FOTA_DOWNLOADING, /* value = percent */
    FOTA_HTTP_END,    /* value = http_err */
    FOTA_START,
    FOTA_UPDATING, /* value = percent */
    FOTA_END,      /* value = err */
};

struct fota_event {
    enum fota_word word;
    int value; /* -1 if the line has no number */
};

/* In the order of the upgrade, so that phases can be compared. */
enum fota_phase {
    FOTA_PHASE_UNSURE, /* the command was sent, its answer is lost */
    FOTA_PHASE_ASKED,
    FOTA_PHASE_DOWNLOADING,
    FOTA_PHASE_DOWNLOADED,
    FOTA_PHASE_STARTED,
    FOTA_PHASE_UPDATING,
    FOTA_PHASE_UPDATED,
};

struct fota_watch {
    enum fota_phase phase;
    bool has_banner; /* the boot ROM spoke since the last upgrade line */
    bool is_ready;   /* RDY, the application runs; nothing of the upgrade came after it */
};

/* True if line is a +QIND: "FOTA" line, in any of its spacings and with the guide's misprint. */
bool fota_parse(const char *line, struct fota_event *event_out);

/* Take a line of the module into account. True if it tells of the upgrade or of a reboot. */
bool fota_watch_line(struct fota_watch *watch, const char *line);

/* How long the module may be silent, from now, before the host has to ask it. */
int64_t fota_quiet_limit_ms(const struct fota_watch *watch);
