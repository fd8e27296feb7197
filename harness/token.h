/*
 * A token: all that one trial was made of, as a word that can be copied out of a log.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/trial_plan.h"

struct buf;
struct run_options;
struct trial_case;

/* Texts are owned. */
struct token {
    char *path;   /* of the scenario's file, as it was given */
    size_t index; /* in the file */
    char *title;  /* a decoded one has the sum of it: see token_fits_title() */
    uint64_t seed;
    char *time;    /* --time; "" = as usual */
    char *dialect; /* -d; "" = none */
    struct trial_plan plan;
};

void token_of_case(const struct run_options *options, const struct trial_case *item,
                   struct buf *out);
void token_encode(const struct token *token, struct buf *out);
/* Return: 0; or -EINVAL with a message, and nothing is held. */
int token_decode(const char *text, struct token *token_out, struct buf *error_out);
/* Whether a decoded token is of a scenario with that title: else the file changed since. */
bool token_fits_title(const struct token *token, const char *title);
void token_deinit(struct token *token);
