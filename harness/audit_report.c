/* Which forms there are, and what they share. SPDX-License-Identifier: MIT */
#include "harness/audit_report.h"

#include <stdlib.h>
#include <string.h>

#include "harness/audit_ledger.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

const struct reporter *const audit_reports[] = {
    &audit_report_text,     &audit_report_json, &audit_report_junit,
    &audit_report_markdown, &audit_report_html,
};

const size_t audit_report_count = ARRAY_LEN(audit_reports);

const char *audit_state_name(const struct ledger_rule *rule)
{
    switch (rule->state) {
    case RULE_KEPT:
        return "kept";
    case RULE_BROKEN:
        return "broken";
    case RULE_UNSEEN:
        return "not observed";
    }
    return "?";
}

bool audit_is_shown(const struct ledger_rule *rule)
{
    return rule->is_asked || rule->state == RULE_BROKEN;
}

bool audit_counts(const struct audit_result *result, const struct ledger_rule *rule)
{
    if (rule->state == RULE_BROKEN)
        return rule->is_must || result->is_strict;
    return rule->state == RULE_UNSEEN && result->is_strict && rule->is_asked;
}

bool audit_passed(const struct audit_result *result)
{
    for (size_t i = 0; i < result->ledger->count; i++) {
        if (audit_counts(result, &result->ledger->rules[i]))
            return false;
    }
    return true;
}

/* ---- rows ---- */

static void add_row(struct audit_row *rows, size_t *count, const char *label, char *text)
{
    rows[(*count)++] = (struct audit_row){label, text};
}

static char *others_of(const struct ledger_rule *rule)
{
    struct buf text = {0};

    for (size_t i = 0; i < rule->broken_in.count; i++) {
        if (strcmp(rule->broken_in.items[i], rule->stimulus) != 0)
            buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", rule->broken_in.items[i]);
    }
    return text.len > 0 ? buf_take(&text) : NULL;
}

static size_t broken_rows(const struct ledger_rule *rule, struct audit_row *rows)
{
    char *others = others_of(rule);
    size_t count = 0;

    add_row(rows, &count, "the guide", xasprintf("%s  (%s)", rule->sentence, rule->source));
    add_row(rows, &count, "the host", xstrdup(rule->did));
    add_row(rows, &count, "expected", xstrdup(rule->expects));
    add_row(rows, &count, "when", xstrdup(rule->text));
    add_row(rows, &count, "stimulus", xasprintf("%s: %s", rule->stimulus, rule->about));
    if (others)
        add_row(rows, &count, "also in", others);
    add_row(rows, &count, "trace", xstrdup(rule->transcript));
    add_row(rows, &count, "again", xstrdup(rule->again));
    return count;
}

size_t audit_rows_make(const struct ledger *ledger, const struct ledger_rule *rule,
                       struct audit_row rows_out[AUDIT_ROW_MAX])
{
    struct buf why = {0};
    size_t count = 0;

    switch (rule->state) {
    case RULE_KEPT:
        break;
    case RULE_BROKEN:
        return broken_rows(rule, rows_out);
    case RULE_UNSEEN:
        ledger_add_why(ledger, rule, &why);
        add_row(rows_out, &count, "to see it", xstrdup(rule->needs));
        add_row(rows_out, &count, "because", buf_take(&why));
        break;
    }
    return count;
}

void audit_rows_free(struct audit_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(rows[i].text);
}
