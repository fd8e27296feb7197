/*
 * Forms of an audit's result on stdout: text, JSON, JUnit, Markdown.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct ledger;
struct ledger_rule;

struct audit_result {
    const struct ledger *ledger;
    const char *const *again; /* "hayeswire audit bc26 ... -- HOST": by rule; NULL = not broken */
    size_t stimulus_count;
    uint64_t wall_us;
    const char *dir;   /* of the run */
    char *const *host; /* its command; NULL = the adapter's */
    bool is_strict;    /* broken should rules and unseen rules count */
};

typedef void (*audit_report_fn)(const struct audit_result *result);

/* Return: the function of a name ("text", "json", "junit", "markdown"), or NULL. */
audit_report_fn audit_report_find(const char *name);
void audit_report_text(const struct audit_result *result);

/* ---- shared by the forms ---- */

const char *audit_state_name(const struct ledger_rule *rule);
bool audit_is_shown(const struct ledger_rule *rule);
/* Whether the rule makes the audit fail. */
bool audit_counts(const struct audit_result *result, const struct ledger_rule *rule);
