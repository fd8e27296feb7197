/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "sim/base/buf.h"
#include "sim/base/text.h"

#define LABEL_WIDTH 10

static bool is_colored(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
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

static void print_row(const char *label, const char *text)
{
    printf("      %-*s  %s\n", LABEL_WIDTH, label, text);
}

static void print_broken(const struct ledger_rule *rule, const char *again)
{
    struct buf text = {0};

    buf_printf(&text, "%s  (%s)", rule->sentence, rule->source);
    print_row("the guide", text.data);
    print_row("the host", rule->did);
    buf_clear(&text);
    buf_printf(&text, "%s   in the stimulus %s", rule->text, rule->stimulus);
    print_row("when", text.data);
    print_row("see", rule->transcript);
    print_row("again", again);
    buf_deinit(&text);
}

static void print_rule(const struct audit_result *result, size_t index, int width, bool colored)
{
    const struct ledger_rule *rule = &result->ledger->rules[index];

    printf("%s%-12s%s  %-6s  %-*s  %s\n", colored ? color_of(rule) : "", audit_state_name(rule),
           colored ? "\033[0m" : "", rule->is_must ? "must" : "should", width, rule->id,
           rule->state == RULE_BROKEN ? rule->did : rule->sentence);
    if (rule->state == RULE_BROKEN)
        print_broken(rule, result->again[index]);
    else if (rule->state == RULE_UNSEEN)
        print_row("to see it", rule->needs);
}

void audit_report_text(const struct audit_result *result)
{
    const struct ledger *ledger = result->ledger;
    struct buf time = {0};
    bool colored = is_colored();
    int width = 0;

    for (size_t i = 0; i < ledger->count; i++) {
        int len = (int)strlen(ledger->rules[i].id);

        width = len > width ? len : width;
    }
    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            print_rule(result, i, width, colored);
    }
    for (size_t i = 0; i < ledger->notes.count; i++)
        print_row("note", ledger->notes.items[i]);
    text_format_span(&time, result->wall_us);
    printf("%zu kept, %zu broken, %zu not observed; %zu stimuli in %s   %s\n",
           ledger_total(ledger, RULE_KEPT), ledger_total(ledger, RULE_BROKEN),
           ledger_total(ledger, RULE_UNSEEN), result->stimulus_count, buf_text(&time), result->dir);
    buf_deinit(&time);
}
