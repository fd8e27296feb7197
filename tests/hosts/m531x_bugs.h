/* SPDX-License-Identifier: MIT */
/*
 * Seeded bugs of m531x-mcu, so that scenarios and audits can prove that they notice a bad host.
 * The names are those of the option --bug.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum m531x_bug {
    M531X_BUG_NONE,
    M531X_BUG_NO_VERSION,      /* registers without having told its version */
    M531X_BUG_ACK_FIRST,       /* acknowledges a block and then writes it */
    M531X_BUG_NO_UPDATE,       /* tells nobody that its new software runs */
    M531X_BUG_LIES,            /* tells the version that it is to have */
    M531X_BUG_WRONG_MID,       /* answers with message ids of its own */
    M531X_BUG_HASTY,           /* does not wait for the registration */
    M531X_BUG_FLAGS,           /* the three lines of 5/0/-1 in the order 0, 1, 2 */
    M531X_BUG_NO_ERASE,        /* does not tell that its flash is erased */
    M531X_BUG_WRITES_UNERASED, /* tells so, but writes into flash that it has not erased */
    M531X_BUG_ACKS_DAMAGED,    /* acknowledges a block whatever it looks like */
    M531X_BUG_FULL_BATTERY,    /* tells 100 % always */
    M531X_BUG_TELLS_SUCCESS,   /* tells success of an image that does not start */
    M531X_BUG_WRONG_SAVED,     /* tells more bytes than it has after a restart */
    M531X_BUG_COUNTS_MIDS,     /* takes it that message ids count up by one */
    M531X_BUG_DAWDLES,         /* takes 40 s to read its battery */
    M531X_BUG_TAKES_TWICE,     /* writes a block again that comes again */
    M531X_BUG_DROPS_URCS,      /* see enum at_port_bug */
    M531X_BUG_TAKES_PIECES,
};

/* Return: false if there is no bug of that name. */
bool m531x_bug_from_name(const char *name, enum m531x_bug *bug_out);

void m531x_bug_print_names(FILE *file);

/* The part of a bug that is in the port: of enum at_port_bug. */
unsigned m531x_bug_of_port(enum m531x_bug bug);
