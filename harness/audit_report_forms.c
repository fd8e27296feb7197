/* JSON, JUnit and Markdown. SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "harness/selection.h"
#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* ---- JSON ---- */

/* A text may hold any byte: of the host's own, or of a path. */
static json_t *text_to_json(const char *text)
{
    struct buf seen = {0};
    json_t *json;

    visible_add(&seen, VISIBLE_TEXT, text, strlen(text));
    json = json_string(buf_text(&seen));
    buf_deinit(&seen);
    return json;
}

static json_t *names_to_json(const struct names *names)
{
    json_t *list = json_array();

    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->items[i]));
    return list;
}

static void add_broken_members(json_t *row, const struct ledger_rule *rule)
{
    json_object_set_new(row, "did", text_to_json(rule->did));
    json_object_set_new(row, "stimulus", json_string(rule->stimulus));
    json_object_set_new(row, "broken_in", names_to_json(&rule->broken_in));
    json_object_set_new(row, "t_us", json_integer((json_int_t)rule->t_us));
    json_object_set_new(row, "line", text_to_json(rule->text));
    json_object_set_new(row, "transcript", text_to_json(rule->transcript));
    json_object_set_new(row, "seed", json_integer((json_int_t)rule->seed));
    json_object_set_new(row, "token", json_string(rule->token));
    json_object_set_new(row, "again", text_to_json(rule->again));
}

static json_t *rule_to_json(const struct audit_result *result, const struct ledger_rule *rule)
{
    json_t *row = json_object();
    struct buf why = {0};

    json_object_set_new(row, "id", json_string(rule->id));
    json_object_set_new(row, "level", json_string(rule->is_must ? "must" : "should"));
    json_object_set_new(row, "sentence", json_string(rule->sentence));
    json_object_set_new(row, "source", json_string(rule->source));
    json_object_set_new(row, "expected", json_string(rule->expects));
    json_object_set_new(row, "state", json_string(audit_state_name(rule)));
    json_object_set_new(row, "seen_in", names_to_json(&rule->seen));
    if (rule->state == RULE_UNSEEN) {
        ledger_add_why(result->ledger, rule, &why);
        json_object_set_new(row, "needs", json_string(rule->needs));
        json_object_set_new(row, "why", text_to_json(buf_text(&why)));
    } else if (rule->state == RULE_BROKEN) {
        add_broken_members(row, rule);
    }
    buf_deinit(&why);
    return row;
}

static void end_json(struct report *report, const struct run_summary *summary)
{
    const struct audit_result *result = report->arg;
    const struct ledger *ledger = result->ledger;
    json_t *object = json_object(), *rules = json_array(), *notes = json_array();

    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            json_array_append_new(rules, rule_to_json(result, &ledger->rules[i]));
    }
    for (size_t i = 0; i < ledger->notes.count; i++)
        json_array_append_new(notes, text_to_json(ledger->notes.items[i]));
    json_object_set_new(object, "v", json_integer(1));
    json_object_set_new(object, "dialect", json_string(ledger->dialect));
    json_object_set_new(object, "guide", json_string(ledger->guide));
    json_object_set_new(object, "passed", json_boolean(audit_passed(result)));
    json_object_set_new(object, "strict", json_boolean(result->is_strict));
    json_object_set_new(object, "kept", json_integer((json_int_t)ledger_total(ledger, RULE_KEPT)));
    json_object_set_new(object, "broken",
                        json_integer((json_int_t)ledger_total(ledger, RULE_BROKEN)));
    json_object_set_new(object, "not_observed",
                        json_integer((json_int_t)ledger_total(ledger, RULE_UNSEEN)));
    json_object_set_new(object, "stimuli", json_integer((json_int_t)report->selection->count));
    json_object_set_new(object, "wall_us", json_integer((json_int_t)result->wall_us));
    json_object_set_new(object, "dir", text_to_json(report->dir));
    json_object_set_new(object, "rules", rules);
    json_object_set_new(object, "notes", notes);
    json_dumpf(object, report->out, JSON_INDENT(2));
    fputc('\n', report->out);
    json_decref(object);
}

/* ---- JUnit ---- */

static void add_xml(struct buf *out, const char *text)
{
    visible_add(out, VISIBLE_MARKUP, text, strlen(text));
}

/* The body holds all that there is to say: many readers of the format show nothing else. */
static void add_element(struct buf *out, const char *name, const char *message,
                        const struct audit_row *rows, size_t count)
{
    buf_printf(out, "    <%s message=\"", name);
    add_xml(out, message);
    buf_add_text(out, "\">");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%-10s ", rows[i].label);
        add_xml(out, rows[i].text);
        buf_add_char(out, '\n');
    }
    buf_printf(out, "</%s>\n", name);
}

static void add_case(struct buf *out, const struct audit_result *result,
                     const struct ledger_rule *rule)
{
    /* What does not make the audit fail must not make a reader of the file say that it did. */
    const char *name = audit_counts(result, rule) ? "failure" : "skipped";
    struct audit_row rows[AUDIT_ROW_MAX];
    size_t count = audit_rows_make(result->ledger, rule, rows);

    buf_printf(out, "  <testcase classname=\"%s.%s\" name=\"", result->ledger->dialect,
               rule->is_must ? "must" : "should");
    add_xml(out, rule->id);
    buf_add_text(out, "\">\n");
    if (rule->state == RULE_BROKEN) {
        char *message = xasprintf("%s: the host %s", rule->id, rule->did);

        add_element(out, name, message, rows, count);
        free(message);
    } else if (rule->state == RULE_UNSEEN) {
        add_element(out, name, "not observed", rows, count);
    }
    buf_add_text(out, "  </testcase>\n");
    audit_rows_free(rows, count);
}

static void end_junit(struct report *report, const struct run_summary *summary)
{
    const struct audit_result *result = report->arg;
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
        add_case(&out, result, rule);
    }
    fprintf(report->out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"hayeswire audit\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
            "time=\"%.3f\">\n"
            "<testsuite name=\"hayeswire audit %s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
            "skipped=\"%zu\" time=\"%.3f\">\n%s</testsuite>\n</testsuites>\n",
            tests, failures, (double)result->wall_us / 1e6, ledger->dialect, tests, failures,
            skipped, (double)result->wall_us / 1e6, buf_text(&out));
    buf_deinit(&out);
}

/* ---- Markdown ---- */

static void add_markdown(struct buf *out, const char *text)
{
    struct buf line = {0};

    visible_add(&line, VISIBLE_LINE, text, strlen(text));
    for (const char *p = buf_text(&line); *p; p++) {
        if (strchr("|\\`*_<[]", *p))
            buf_add_char(out, '\\');
        buf_add_char(out, *p);
    }
    buf_deinit(&line);
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
    } else if (rule->state == RULE_UNSEEN) {
        buf_add_text(out, "to see it: ");
        add_markdown(out, rule->needs);
    }
    buf_add_text(out, " |\n");
}

/* Indented blocks stand as they are, whatever is in them. */
static void add_markdown_rows(struct buf *out, const struct audit_result *result,
                              const struct ledger_rule *rule)
{
    struct audit_row rows[AUDIT_ROW_MAX];
    size_t count = audit_rows_make(result->ledger, rule, rows);

    if (count > 0)
        buf_printf(out, "\n`%s`\n\n", rule->id);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "    %-10s ", rows[i].label);
        visible_add(out, VISIBLE_LINE, rows[i].text, strlen(rows[i].text));
        buf_add_char(out, '\n');
    }
    audit_rows_free(rows, count);
}

static void end_markdown(struct report *report, const struct run_summary *summary)
{
    const struct audit_result *result = report->arg;
    const struct ledger *ledger = result->ledger;
    struct buf out = {0}, rows = {0};

    for (size_t i = 0; i < ledger->count; i++) {
        if (!audit_is_shown(&ledger->rules[i]))
            continue;
        add_markdown_row(&out, &ledger->rules[i]);
        add_markdown_rows(&rows, result, &ledger->rules[i]);
    }
    fprintf(report->out,
            "## Audit: %s\n\nRules of: %s\n\n%zu kept, %zu broken, %zu not observed.\n\n"
            "| verdict | level | rule | what the guide says | what happened |\n"
            "|---|---|---|---|---|\n%s%s",
            ledger->dialect, ledger->guide, ledger_total(ledger, RULE_KEPT),
            ledger_total(ledger, RULE_BROKEN), ledger_total(ledger, RULE_UNSEEN), buf_text(&out),
            buf_text(&rows));
    buf_deinit(&out);
    buf_deinit(&rows);
}

const struct reporter audit_report_json = {
    .name = "json",
    .target = REPORT_TO_STDOUT,
    .end = end_json,
};
const struct reporter audit_report_junit = {
    .name = "junit",
    .target = REPORT_TO_STDOUT,
    .end = end_junit,
};
const struct reporter audit_report_markdown = {
    .name = "markdown",
    .target = REPORT_TO_STDOUT,
    .end = end_markdown,
};
