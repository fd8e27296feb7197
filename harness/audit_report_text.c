/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/text.h"

#define LABEL_WIDTH 10

static bool is_colored(FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(out)) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

static const char *color_of(const struct ledger_rule *rule)
{
    switch (rule->state) {
    case RULE_KEPT:
        return "\033[32m";
    case RULE_BROKEN:
        return "\033[1;31m";
    case RULE_UNSEEN:
        return "\033[33m";
    }
    return "";
}

static void print_row(FILE *out, const char *label, const char *text)
{
    fprintf(out, "      %-*s  %s\n", LABEL_WIDTH, label, text);
}

static void print_rule(FILE *out, const struct ledger *ledger, const struct ledger_rule *rule,
                       int width, bool colored)
{
    bool is_broken = rule->state == RULE_BROKEN;
    struct audit_row rows[AUDIT_ROW_MAX];
    size_t count = audit_rows_make(ledger, rule, rows);

    fprintf(out, "%s%-12s%s  %-6s  %-*s  %s\n", colored ? color_of(rule) : "",
            is_broken ? "BROKEN" : audit_state_name(rule), colored ? "\033[0m" : "",
            rule->is_must ? "must" : "should", width, rule->id,
            is_broken ? rule->did : rule->sentence);
    for (size_t i = 0; i < count; i++)
        print_row(out, rows[i].label, rows[i].text);
    audit_rows_free(rows, count);
}

static void end(struct report *report, const struct run_summary *summary)
{
    const struct audit_result *result = report->arg;
    const struct ledger *ledger = result->ledger;
    size_t count = report->selection->count;
    FILE *out = report->out;
    struct buf time = {0};
    bool colored = is_colored(out);
    int width = 0;

    for (size_t i = 0; i < ledger->count; i++) {
        int len = (int)strlen(ledger->rules[i].id);

        width = len > width ? len : width;
    }
    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            print_rule(out, ledger, &ledger->rules[i], width, colored);
    }
    for (size_t i = 0; i < ledger->notes.count; i++)
        print_row(out, "note", ledger->notes.items[i]);
    text_format_span(&time, result->wall_us);
    fprintf(out, "%zu kept, %zu broken, %zu not observed; %zu %s in %s   %s\n",
            ledger_total(ledger, RULE_KEPT), ledger_total(ledger, RULE_BROKEN),
            ledger_total(ledger, RULE_UNSEEN), count, count == 1 ? "stimulus" : "stimuli",
            buf_text(&time), report->dir);
    buf_deinit(&time);
}

const struct reporter audit_report_text = {.name = "text", .target = REPORT_TO_TALK, .end = end};
