/* SPDX-License-Identifier: MIT */
/*
 * The command line of mt5700-updater, and the seeded bugs that prove that scenarios notice a bad
 * host.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/hosts/mt5700_module.h"

enum bug {
    BUG_NONE,
    BUG_SUCCESS_AT_50,  /* takes 50 for the success */
    BUG_NEVER_RESUMES,  /* waits in 31 for ever */
    BUG_NO_REOPEN,      /* gives up when the tty vanishes */
    BUG_NO_RETRIGGER,   /* a refused ^FWUP is the end */
    BUG_KEEPS_SESSIONS, /* does not end calls and sessions */
    BUG_COUNT
};

struct options {
    const char *tty;
    const char *url;
    const char *target; /* version that must run in the end; NULL = any other than before */
    const char *report; /* URL for the events, NULL = nobody */
    bool is_refused;    /* the user says no */
    struct module_certs certs;
    int64_t timeout_ms;
    enum bug bug;
};

/* Return: false after a message. */
bool options_parse(struct options *options, int argc, char **argv);
