/*
 * A token of an audit: one stimulus of a dialect's rules with its seed, and the rule that the host
 * broke in it. `hayeswire replay TOKEN -- HOST` shows it again.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Texts are owned; an empty one is none. */
struct audit_token {
    char *dialect;
    char *stimulus;
    char *rule;    /* "" = all that the stimulus shows */
    char *adapter; /* its path, as it was given */
    char *time;    /* --time; "" = as usual */
    uint64_t seed;
};

bool audit_token_is_one(const char *text);
void audit_token_encode(const struct audit_token *token, struct buf *out);
/* Return: 0; or -EINVAL with a message, and nothing is held. */
int audit_token_decode(const char *text, struct audit_token *token_out, struct buf *error_out);
void audit_token_deinit(struct audit_token *token);
