/*
 * The command line of `hayeswire sandbox`.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"

struct dialect;
struct modem;

#define SANDBOX_MODEM_MAX 8

/* A modem as it was asked for: DIALECT or NAME=DIALECT. */
struct sandbox_wish {
    char name[32];
    const struct dialect *dialect;
};

struct sandbox_options {
    struct sandbox_wish wishes[SANDBOX_MODEM_MAX];
    size_t count;
    struct names settings, quirks; /* "[NAME.]option=value", "[NAME.]quirk" */
    struct names faults;           /* "[NAME:]fault" */
    const char *tty_link, *state, *http, *port, *save, *log;
    double time_scale;
    uint64_t seed;
    const char *offer;    /* package for a modem whose vendor has a platform */
    char *const *command; /* behind "--", NULL-terminated; NULL = none */
    bool interactive, allow_network, off, is_attached_auto;
};

/* Return: 0; 1 when help was printed; -2 after a message. */
int sandbox_options_parse(int argc, char **argv, struct sandbox_options *options_out);
void sandbox_options_deinit(struct sandbox_options *options);
/* Give a modem what the options have for it. Return: 0, or -2 after a message. */
int sandbox_options_apply(const struct sandbox_options *options, struct modem *modem);
/* Arm its faults; it has been started. Return: 0, or -2 after a message. */
int sandbox_options_arm(const struct sandbox_options *options, struct modem *modem);
/* The part of "[NAME<separator>]rest" that is for that modem, or NULL. */
const char *sandbox_option_for(const char *text, const char *name, char separator);
