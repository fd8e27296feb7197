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
    BUG_LOSES_URCS,      /* asks for life signs while the upgrade runs, and throws away what comes
                            before their OK; it waits for END for ever */
    BUG_SPAMS,           /* asks for the signal every 10 ms while the upgrade runs */
    BUG_CHATTY,          /* asks for the signal every 2 s while the upgrade runs */
    BUG_NO_VERSION,      /* asks without having read the version that runs */
    BUG_NO_NETWORK,      /* asks without a look at the network */
    BUG_NO_ATTACH,       /* takes a registered module for an attached one */
    BUG_RETRY_STORM,     /* asks again at once when a download failed, for ever */
    BUG_IGNORES_HTTPEND, /* waits on after a failed download */
    BUG_BREAKS_IN,       /* takes the forced upgrade for a failure, and begins anew */
    BUG_LONG_URL,        /* does not look at its URL, and has no word for the refusal */
    BUG_KEEPS_BAUD,      /* does not fix the baud rate */
    BUG_ASSUMES,         /* takes silence after the installation for success */
    BUG_BELIEVES_END,    /* takes END,0 for success and does not read the version */
    BUG_TWO_DIGITS,      /* reads percentages from two columns */
    BUG_ONE_SPELLING,    /* knows lines without blanks only, and no HTTPTART */
    BUG_DROPS_URCS,      /* see enum at_port_bug */
    BUG_TAKES_PIECES,
    BUG_TAKES_ECHO,
};

/* Return: false if there is no bug of that name. */
bool bug_from_name(const char *name, enum bug *bug_out);

void bug_print_names(FILE *file);

/* The part of a bug that is in the port: of enum at_port_bug. */
unsigned bug_of_port(enum bug bug);

/* What a host with this bug sees of a line: false if it takes no notice. */
bool bug_knows_line(enum bug bug, const char *line);

/* BUG_TWO_DIGITS: the percentage of a line as it reads it, or -1. */
int bug_two_digits(const char *line);

/* The bugs that strike when the module has accepted the upgrade. */
void bug_strike_after_ask(enum bug bug);

/* BUG_LOSES_URCS: a life sign, and nothing of what came meanwhile. */
void bug_ask_for_life(struct at_port *port);

/* BUG_NO_ATTACH as a whole: wait for +CEREG: n,1, and for nothing more. */
bool bug_wait_registration(struct at_port *port, int64_t deadline_ms);

/* BUG_NO_READ as a whole: write what an updater writes until deadline_ms, blind. */
void bug_write_blindly(struct at_port *port, const char *url, int64_t deadline_ms);
