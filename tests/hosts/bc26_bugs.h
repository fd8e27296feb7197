/* SPDX-License-Identifier: MIT */
/*
 * Seeded bugs of the example host, so that scenarios can prove that they notice a bad host.
 * The names are those of the option --bug.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct at_port;

enum bug {
    BUG_NONE,
    BUG_NEVER_RETRIES,      /* no second AT+QFOTADL after a reboot in the download */
    BUG_SUCCESS_AT_HTTPEND, /* takes a finished download for a finished upgrade */
    BUG_DIES,               /* aborts once the upgrade runs */
    BUG_HANGS,              /* stops reading once the upgrade runs, and never ends */
    BUG_NO_READ,            /* writes commands and never reads */
    BUG_STOPS_AT_BANNER,    /* takes the boot ROM's lines for a protocol error */
    BUG_IGNORES_MISMATCH,   /* takes END,254 for a hiccup, and asks for the same package again */
    BUG_NEVER_REOPENS,      /* gives up when the tty vanishes */
    BUG_LOSES_URCS, /* asks for life signs while the upgrade runs, and throws away what comes
                       before their OK; it waits for END for ever */
    BUG_SPAMS,      /* asks for the signal every 10 ms while the upgrade runs */
};

/* Return: false if there is no bug of that name. */
bool bug_from_name(const char *name, enum bug *bug_out);

void bug_print_names(FILE *file);

/* The bugs that strike when the module has accepted the upgrade. */
void bug_strike_after_ask(enum bug bug);

/* BUG_LOSES_URCS: a life sign, and nothing of what came meanwhile. */
void bug_ask_for_life(struct at_port *port);

/* BUG_NO_READ as a whole: write what an updater writes until deadline_ms, blind. */
void bug_write_blindly(struct at_port *port, const char *url, int64_t deadline_ms);
