/*
 * Forms of an audit's result: reporters that have a word at the end only, when all is known.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/report.h"

struct buf;
struct ledger;
struct ledger_rule;

/* The arg of each report. */
struct audit_result {
    const struct ledger *ledger;
    uint64_t wall_us;
    bool is_strict; /* broken should rules and unseen rules count */
};

extern const struct reporter audit_report_text;
extern const struct reporter audit_report_json;
extern const struct reporter audit_report_junit;
extern const struct reporter audit_report_markdown;
/* The table of the rules, and a page for each stimulus that left a trace. */
extern const struct reporter audit_report_html;

extern const struct reporter *const audit_reports[];
extern const size_t audit_report_count;

/* ---- shared by the forms ---- */

const char *audit_state_name(const struct ledger_rule *rule);
bool audit_is_shown(const struct ledger_rule *rule);
/* Whether the rule makes the audit fail. */
bool audit_counts(const struct audit_result *result, const struct ledger_rule *rule);
bool audit_passed(const struct audit_result *result);

/* A label and a text, for the rows under a rule: "the guide", "expected", ... */
struct audit_row {
    const char *label;
    char *text;
};
#define AUDIT_ROW_MAX 8
/*
 * What there is to say of a broken rule, or of one that was not observed; nothing of a kept one.
 * The caller frees with audit_rows_free(). Return: how many.
 */
size_t audit_rows_make(const struct ledger *ledger, const struct ledger_rule *rule,
                       struct audit_row rows_out[AUDIT_ROW_MAX]);
void audit_rows_free(struct audit_row *rows, size_t count);
