/* SPDX-License-Identifier: MIT */
/*
 * The command line of mt5700-updater.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/hosts/mt5700_bugs.h"
#include "tests/hosts/mt5700_module.h"

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
