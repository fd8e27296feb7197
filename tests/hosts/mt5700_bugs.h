/* SPDX-License-Identifier: MIT */
/*
 * Seeded bugs of mt5700-updater, so that scenarios and audits can prove that they notice a bad
 * host. The names are those of the option --bug.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum bug {
    BUG_NONE,
    BUG_SUCCESS_AT_50,    /* takes 50 for the success */
    BUG_NEVER_RESUMES,    /* waits in 31 for ever */
    BUG_NO_REOPEN,        /* gives up when the tty vanishes */
    BUG_NO_RETRIGGER,     /* a refused ^FWUP is the end */
    BUG_KEEPS_SESSIONS,   /* does not end calls and sessions */
    BUG_KEEPS_CALL,       /* ends sessions, and forgets the call */
    BUG_EARLY_QUERY,      /* asks the server first, whatever the state */
    BUG_IGNORES_40,       /* does nothing with a package that it has not asked for */
    BUG_EARLY_FWUP,       /* sends ^FWUP as the download begins */
    BUG_ACTS_TWICE,       /* sends ^FWUP for each report of 40 */
    BUG_SSL_ONCE,         /* sets certificates for its first query only */
    BUG_NO_NETWORK,       /* asks without a look at the network */
    BUG_NO_RESUME,        /* leaves resume switched off */
    BUG_RESUMES_BLINDLY,  /* goes on with a download without asking for the version */
    BUG_STUCK_IN_14,      /* waits for ever when there is nothing newer */
    BUG_QUERY_ONCE,       /* gives up after the first failed query */
    BUG_HAMMERS,          /* tries again at once */
    BUG_UPGRADES_ONCE,    /* gives up after the first failed upgrade */
    BUG_TELLS_NO_FAILURE, /* reports what went well only */
    BUG_IGNORES_USER,     /* upgrades although the user refuses */
    BUG_BELIEVES_RESTART, /* takes the restart behind ^FWUP for the success */
    BUG_TAKES_PIECES,     /* see enum at_port_bug */
    BUG_TAKES_ECHO,
};

/* Return: false if there is no bug of that name. */
bool bug_from_name(const char *name, enum bug *bug_out);

void bug_print_names(FILE *file);

/* The part of a bug that is in the port: of enum at_port_bug. */
unsigned bug_of_port(enum bug bug);
