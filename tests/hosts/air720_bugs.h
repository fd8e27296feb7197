/* SPDX-License-Identifier: MIT */
/*
 * Seeded bugs of air720-updater, so that an audit can prove that it notices a bad host.
 * The names are those of the option --bug.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum air720_bug {
    AIR720_BUG_NONE,
    AIR720_BUG_REBOOT_IS_CRASH, /* takes the restart after 100 % for a crash */
    AIR720_BUG_LEAVES_AUTO,     /* does not switch the automatic upgrade off */
    AIR720_BUG_NO_RESULT,       /* never asks why an upgrade failed */
    AIR720_BUG_RETRIES_27,      /* asks again when nothing is newer */
    AIR720_BUG_FAILS_27,        /* takes "nothing is newer" for a failure */
    AIR720_BUG_ANY_URL,         /* does not look at its URL, and has no word for the refusal */
    AIR720_BUG_SUCCESS_AT_100,  /* takes a finished download for a finished upgrade */
    AIR720_BUG_BELIEVES_RDY,    /* takes the restart after it for a finished upgrade */
    AIR720_BUG_UNTOLD_FAILS,    /* takes +UPGRADEVER: 0 for a failed upgrade */
    AIR720_BUG_ONE_SPELLING,    /* takes +UPGRADDL for a protocol error */
    AIR720_BUG_NOT_ASKED,       /* can not bear an upgrade that it has not asked for */
    AIR720_BUG_RETRY_STORM,     /* asks again at once, for ever */
    AIR720_BUG_SAME_PACKAGE,    /* asks again for a package that was found invalid */
    AIR720_BUG_LOSES_CAUSE,     /* reads the error of a result, and not the cause behind it */
    AIR720_BUG_NEVER_RETRIES,   /* waits on after a restart in the download */
    AIR720_BUG_TAKES_PIECES,    /* see enum at_port_bug */
    AIR720_BUG_TAKES_ECHO,
};

/* Return: false if there is no bug of that name. */
bool air720_bug_from_name(const char *name, enum air720_bug *bug_out);

void air720_bug_print_names(FILE *file);

/* What the host makes of a cause. */
int air720_bug_cause(enum air720_bug bug, int cause);

/* The part of a bug that is in the port: of enum at_port_bug. */
unsigned air720_bug_of_port(enum air720_bug bug);
