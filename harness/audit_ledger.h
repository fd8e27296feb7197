/*
 * The rules of a dialect, and what an audit found of each.
 * Ownership: ledger_deinit() frees all texts.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"

struct buf;
struct trial_case;

enum rule_state { RULE_UNSEEN, RULE_KEPT, RULE_BROKEN };

struct ledger_rule {
    char *id, *sentence, *source;
    char *expects; /* what of the host */
    char *needs;   /* what has to happen for it to be observed */
    bool is_must;
    bool is_asked;        /* has a row whatever becomes of it; a broken one has it anyway */
    struct names stimuli; /* that put it to the test */

    enum rule_state state;
    struct names seen;      /* stimuli in which it was observed */
    struct names broken_in; /* those in which it was broken */
    char *why;              /* not observed: what kept it from that; NULL = not known */
    /* Of the stimulus that broke it first: */
    char *stimulus, *about;
    char *did;        /* "asked again at once" */
    char *text;       /* the line of the transcript */
    char *transcript; /* "out/.../transcript.txt:57" */
    uint64_t t_us;    /* modem time */
    unsigned nth;     /* of the records of that instant, from 0 */
    uint64_t seed;
    char *token, *again; /* how to see it again; set by the verb */
};

struct ledger {
    char *dialect, *guide;
    struct ledger_rule *rules;
    size_t count;
    struct names played; /* stimuli */
    struct names notes;  /* stimuli that came to no end of their own, and why */
};

/*
 * The rows of a dialect's rules, or of all (NULL): id, level, dialect, sentence, source, expects,
 * stimulus (a list), needs, guide. Return: 0 and the rows, or -errno with a message.
 */
int ledger_rows(const char *dialect, json_t **rows_out, struct buf *error_out);
/* Return: 0; or -ENOENT, when the dialect has no rules, or another -errno, with a message. */
int ledger_init(struct ledger *ledger, const char *dialect, struct buf *error_out);
void ledger_deinit(struct ledger *ledger);
/* Return: the rule, or NULL. */
struct ledger_rule *ledger_find(struct ledger *ledger, const char *id);
/* Take what the child of a stimulus left in its folder; item's slug is its name. */
void ledger_take(struct ledger *ledger, const struct trial_case *item);
/* The first rule that a stimulus broke, from its folder; NULL = none. The caller frees it. */
char *ledger_first_broken(const struct trial_case *item);
/* What is said of a rule that was not observed: why, or that its stimuli did not bring it about. */
void ledger_add_why(const struct ledger *ledger, const struct ledger_rule *rule, struct buf *out);
/* How many of the rules that have a row are in a state. */
size_t ledger_total(const struct ledger *ledger, enum rule_state state);
