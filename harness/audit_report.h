/*
 * Forms of an audit's result: text, JSON, JUnit, Markdown, and a folder of pages.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct audit_form;
struct buf;
struct ledger;
struct ledger_rule;
struct run_options;
struct selection;

struct audit_result {
    const struct ledger *ledger;
    const struct selection *selection; /* the stimuli */
    const struct run_options *options;
    uint64_t wall_us;
    const char *dir; /* of the run */
    bool is_strict;  /* broken should rules and unseen rules count */
};

#define AUDIT_CHOICE_MAX 8

struct audit_choice {
    const struct audit_form *form;
    const char *target; /* FILE or DIR; NULL = stdout */
};

struct audit_choices {
    struct audit_choice items[AUDIT_CHOICE_MAX];
    size_t count;
};

/*
 * Add those of a list as in "text,junit=FILE,html=DIR". The text is cut in place, and borrowed.
 * Return: 0, or 2 after a message.
 */
int audit_choices_add(const char *verb, struct audit_choices *choices, char *list);
/* Text on stdout, when nothing else is there; make the folders. Return: 0, or 2 after a message. */
int audit_choices_check(const char *verb, struct audit_choices *choices);
/* Return: 0, or the first -errno after a message. */
int audit_choices_write(const struct audit_choices *choices, const struct audit_result *result);

/* ---- the forms ---- */

void audit_report_text(const struct audit_result *result, FILE *out);
void audit_report_json(const struct audit_result *result, FILE *out);
void audit_report_junit(const struct audit_result *result, FILE *out);
void audit_report_markdown(const struct audit_result *result, FILE *out);
/* The table of the rules, and a page for each stimulus that left a trace. Return: 0 or -errno. */
int audit_pages_write(const struct audit_result *result, const char *dir);

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
