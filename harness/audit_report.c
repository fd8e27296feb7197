/* SPDX-License-Identifier: MIT */
#include "harness/audit_report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit_ledger.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

const char *audit_state_name(const struct ledger_rule *rule)
{
    switch (rule->state) {
    case RULE_KEPT:
        return "kept";
    case RULE_BROKEN:
        return "BROKEN";
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

/* ---- JSON ---- */

static json_t *rule_to_json(const struct ledger_rule *rule, const char *again)
{
    json_t *row = json_object();

    json_object_set_new(row, "id", json_string(rule->id));
    json_object_set_new(row, "level", json_string(rule->is_must ? "must" : "should"));
    json_object_set_new(row, "sentence", json_string(rule->sentence));
    json_object_set_new(row, "source", json_string(rule->source));
    json_object_set_new(
        row, "state", json_string(rule->state == RULE_BROKEN ? "broken" : audit_state_name(rule)));
    if (rule->state == RULE_UNSEEN)
        json_object_set_new(row, "needs", json_string(rule->needs));
    if (rule->state != RULE_BROKEN)
        return row;
    json_object_set_new(row, "did", json_string(rule->did));
    json_object_set_new(row, "stimulus", json_string(rule->stimulus));
    json_object_set_new(row, "t_us", json_integer((json_int_t)rule->t_us));
    json_object_set_new(row, "line", json_string(rule->text));
    json_object_set_new(row, "transcript", json_string(rule->transcript));
    json_object_set_new(row, "seed", json_integer((json_int_t)rule->seed));
    json_object_set_new(row, "again", json_string(again));
    return row;
}

static void report_json(const struct audit_result *result)
{
    const struct ledger *ledger = result->ledger;
    json_t *object = json_object(), *rules = json_array(), *notes = json_array();
    bool fails = false;
    char *text;

    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            json_array_append_new(rules, rule_to_json(&ledger->rules[i], result->again[i]));
        fails = fails || audit_counts(result, &ledger->rules[i]);
    }
    for (size_t i = 0; i < ledger->notes.count; i++)
        json_array_append_new(notes, json_string(ledger->notes.items[i]));
    json_object_set_new(object, "v", json_integer(1));
    json_object_set_new(object, "dialect", json_string(ledger->dialect));
    json_object_set_new(object, "guide", json_string(ledger->guide));
    json_object_set_new(object, "passed", json_boolean(!fails));
    json_object_set_new(object, "kept", json_integer((json_int_t)ledger_total(ledger, RULE_KEPT)));
    json_object_set_new(object, "broken",
                        json_integer((json_int_t)ledger_total(ledger, RULE_BROKEN)));
    json_object_set_new(object, "not_observed",
                        json_integer((json_int_t)ledger_total(ledger, RULE_UNSEEN)));
    json_object_set_new(object, "stimuli", json_integer((json_int_t)result->stimulus_count));
    json_object_set_new(object, "wall_us", json_integer((json_int_t)result->wall_us));
    json_object_set_new(object, "dir", json_string(result->dir));
    json_object_set_new(object, "rules", rules);
    json_object_set_new(object, "notes", notes);
    text = json_dumps(object, JSON_INDENT(2));
    puts(text ? text : "{}");
    free(text);
    json_decref(object);
}

/* ---- JUnit ---- */

/* For attributes and text. The texts are ASCII; what XML 1.0 can not say becomes a blank. */
static void add_xml(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            buf_add_text(out, "&amp;");
        else if (*text == '<')
            buf_add_text(out, "&lt;");
        else if (*text == '>')
            buf_add_text(out, "&gt;");
        else if (*text == '"')
            buf_add_text(out, "&quot;");
        else
            buf_add_char(out, (unsigned char)*text < 0x20 && *text != '\n' ? ' ' : *text);
    }
}

static void add_element(struct buf *out, const char *name, const char *message, const char *body)
{
    buf_printf(out, "    <%s message=\"", name);
    add_xml(out, message);
    buf_add_text(out, "\">");
    add_xml(out, body);
    buf_printf(out, "</%s>\n", name);
}

static void add_broken(struct buf *out, const struct audit_result *result, size_t index)
{
    const struct ledger_rule *rule = &result->ledger->rules[index];
    /* What does not make the audit fail must not make a reader of the file say that it did. */
    const char *name = audit_counts(result, rule) ? "failure" : "skipped";
    char *message = xasprintf("%s: the host %s", rule->id, rule->did);
    char *body = xasprintf("the guide  %s  (%s)\nthe host   %s\nwhen       %s   in the stimulus "
                           "%s\nsee        %s\nagain      %s\n",
                           rule->sentence, rule->source, rule->did, rule->text, rule->stimulus,
                           rule->transcript, result->again[index]);

    add_element(out, name, message, body);
    free(message);
    free(body);
}

static void add_case(struct buf *out, const struct audit_result *result, size_t index)
{
    const struct ledger_rule *rule = &result->ledger->rules[index];

    buf_printf(out, "  <testcase classname=\"%s.%s\" name=\"", result->ledger->dialect,
               rule->is_must ? "must" : "should");
    add_xml(out, rule->id);
    buf_add_text(out, "\">\n");
    if (rule->state == RULE_BROKEN)
        add_broken(out, result, index);
    else if (rule->state == RULE_UNSEEN)
        add_element(out, audit_counts(result, rule) ? "failure" : "skipped", "not observed",
                    rule->needs);
    buf_add_text(out, "  </testcase>\n");
}

static void report_junit(const struct audit_result *result)
{
    const struct ledger *ledger = result->ledger;
    size_t tests = 0, failures = 0, skipped = 0;
    struct buf out = {0};

    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_rule *rule = &ledger->rules[i];

        if (!audit_is_shown(rule))
            continue;
        tests++;
        if (audit_counts(result, rule))
            failures++;
        else
            skipped += rule->state != RULE_KEPT;
        add_case(&out, result, i);
    }
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<testsuite name=\"hayeswire audit %s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
           "skipped=\"%zu\" time=\"%.3f\">\n%s</testsuite>\n",
           ledger->dialect, tests, failures, skipped, (double)result->wall_us / 1e6,
           buf_text(&out));
    buf_deinit(&out);
}

/* ---- Markdown ---- */

static void add_markdown(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("|\\`*_<", *text))
            buf_add_char(out, '\\');
        buf_add_char(out, *text == '\n' ? ' ' : *text);
    }
}

static void add_markdown_row(struct buf *out, const struct ledger_rule *rule)
{
    buf_printf(out, "| %s | %s | `%s` | ",
               rule->state == RULE_BROKEN ? "**broken**" : audit_state_name(rule),
               rule->is_must ? "must" : "should", rule->id);
    add_markdown(out, rule->sentence);
    buf_add_text(out, " | ");
    if (rule->state == RULE_BROKEN) {
        buf_add_text(out, "the host ");
        add_markdown(out, rule->did);
        buf_printf(out, " (stimulus %s)<br>`", rule->stimulus);
        for (const char *p = rule->text; *p; p++)
            buf_add_text(out, *p == '|' ? "\\|" : *p == '`' ? "'" : (char[2]){*p});
        buf_add_char(out, '`');
    } else if (rule->state == RULE_UNSEEN) {
        buf_add_text(out, "to see it: ");
        add_markdown(out, rule->needs);
    }
    buf_add_text(out, " |\n");
}

static void report_markdown(const struct audit_result *result)
{
    const struct ledger *ledger = result->ledger;
    struct buf out = {0};

    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            add_markdown_row(&out, &ledger->rules[i]);
    }
    printf("## Audit: %s\n\nRules of: %s\n\n%zu kept, %zu broken, %zu not observed.\n\n"
           "| verdict | level | rule | what the guide says | what happened |\n"
           "|---|---|---|---|---|\n%s",
           ledger->dialect, ledger->guide, ledger_total(ledger, RULE_KEPT),
           ledger_total(ledger, RULE_BROKEN), ledger_total(ledger, RULE_UNSEEN), buf_text(&out));
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->rules[i].state == RULE_BROKEN)
            printf("\n`%s` again:\n\n    %s\n", ledger->rules[i].id, result->again[i]);
    }
    buf_deinit(&out);
}

static const struct {
    const char *name;
    audit_report_fn fn;
} forms[] = {
    {"text",     audit_report_text},
    {"json",     report_json      },
    {"junit",    report_junit     },
    {"markdown", report_markdown  },
};

audit_report_fn audit_report_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (strcmp(forms[i].name, name) == 0)
            return forms[i].fn;
    }
    return NULL;
}
