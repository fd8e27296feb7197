/*
 * hayeswire replay: the trial of a token once more; --shrink looks for the fewest and simplest
 * faults that still end in the same failure.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/run_options.h"
#include "harness/selection.h"
#include "harness/token.h"

struct buf;

struct replay {
    struct token token;
    bool shrinks;
    struct run_options options;
    struct selection scenarios;
    const struct trial_case *scenario; /* the one of the token */
    char *dir;
    char *course; /* of the fault-free run; NULL = none is needed */
    size_t runs;  /* so far: each has a folder of its own */
};

/*
 * Run the scenario with these faults.
 * Return: 0 with the summary's exit status in status_out and the failure's message, or "", in
 * message_out; -errno after a message.
 */
int replay_run(struct replay *replay, const struct names *faults, const struct reporter *reporter,
               int *status_out, struct buf *message_out);

/* ---- shrink.c ---- */

/* Replace the token's faults by the fewest and simplest that fail with the same message. */
int replay_shrink(struct replay *replay, const char *message);

/* argv[0] is "replay". Return: the exit status. */
int replay_command(int argc, char **argv);
