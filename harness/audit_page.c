/*
 * An audit as pages: index.html is the table of the rules, and each stimulus that left a trace has
 * a page of its own, as a scenario has, which a finding is shown in at its moment.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "harness/case_page.h"
#include "harness/page.h"
#include "harness/recording.h"
#include "harness/report.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "harness/shell_words.h"
#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define US_PER_S 1000000u

/* ---- the pages of the stimuli ---- */

static bool has_page(const struct trial_case *item, const char *dir)
{
    char *path = xasprintf("%s/%s.html", dir, item->slug);
    FILE *file = fopen(path, "re");

    free(path);
    if (file)
        fclose(file);
    return file != NULL;
}

/* An older page is of an older audit: it goes, even when there is no new one. */
static void write_page(struct report *report, const struct trial_case *item)
{
    struct recording own;
    const struct recording *recording;
    char *path = xasprintf("%s/%s.html", report->target, item->slug);
    FILE *file;

    remove(path);
    free(path);
    recording = report_recording(report, item, &own);
    file = recording ? report_open_case(report, item, ".html", &path) : NULL;
    if (file) {
        case_page_write(report, item, recording, NULL, file);
        report_close_case(report, file, path);
    }
    recording_deinit(&own);
}

/* ---- the data ---- */

static void add_names(struct buf *out, const char *key, const struct names *names)
{
    buf_printf(out, "\"%s\":[", key);
    for (size_t i = 0; i < names->count; i++) {
        text_add_json(out, names->items[i], strlen(names->items[i]));
        buf_add_char(out, ',');
    }
    page_close(out, ']');
    buf_add_char(out, ',');
}

static void add_rule(struct buf *out, const struct audit_result *result,
                     const struct ledger_rule *rule)
{
    struct buf why = {0};

    if (rule->state == RULE_UNSEEN)
        ledger_add_why(result->ledger, rule, &why);
    buf_add_char(out, '{');
    page_add_text(out, "id", rule->id);
    page_add_text(out, "level", rule->is_must ? "must" : "should");
    page_add_text(out, "state", audit_state_name(rule));
    page_add_text(out, "sentence", rule->sentence);
    page_add_text(out, "source", rule->source);
    page_add_text(out, "expected", rule->expects);
    page_add_text(out, "needs", rule->needs);
    page_add_text(out, "why", why.data);
    page_add_text(out, "did", rule->did);
    page_add_text(out, "stimulus", rule->stimulus);
    page_add_text(out, "line", rule->text);
    page_add_number(out, "t_us", rule->t_us);
    page_add_number(out, "nth", rule->nth);
    page_add_text(out, "again", rule->again);
    add_names(out, "stimuli", &rule->stimuli);
    add_names(out, "seen", &rule->seen);
    add_names(out, "broken_in", &rule->broken_in);
    page_close(out, '}');
    buf_add_char(out, ',');
    buf_deinit(&why);
}

static void add_stimulus(struct buf *out, const struct trial_case *item, const char *dir)
{
    buf_add_char(out, '{');
    page_add_text(out, "name", item->slug);
    page_add_text(out, "title", item->title);
    page_add_text(out, "time", item->result.time);
    page_add_number(out, "modem_us", item->result.modem_us);
    page_add_number(out, "wall_us", item->result.wall_us);
    page_add_number(out, "seed", item->seed);
    page_add_number(out, "page", has_page(item, dir));
    page_close(out, '}');
    buf_add_char(out, ',');
}

static void add_data(struct buf *out, const struct report *report, const char *host)
{
    const struct audit_result *result = report->arg;
    const struct ledger *ledger = result->ledger;

    buf_add_text(out, "{\"v\":1,\"version\":\"" HAYESWIRE_VERSION "\",");
    page_add_text(out, "dialect", ledger->dialect);
    page_add_text(out, "guide", ledger->guide);
    page_add_text(out, "host", host);
    page_add_number(out, "passed", audit_passed(result));
    page_add_number(out, "strict", result->is_strict);
    page_add_number(out, "wall_us", result->wall_us);
    buf_add_text(out, "\"rules\":[");
    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            add_rule(out, result, &ledger->rules[i]);
    }
    page_close(out, ']');
    buf_add_text(out, ",\"stimuli\":[");
    for (size_t i = 0; i < report->selection->count; i++)
        add_stimulus(out, &report->selection->cases[i], report->target);
    page_close(out, ']');
    buf_add_char(out, ',');
    add_names(out, "notes", &ledger->notes);
    page_close(out, '}');
}

/* ---- the plain part ---- */

static void add_markup(struct buf *out, const char *text)
{
    visible_add(out, VISIBLE_MARKUP, text, strlen(text));
}

static void add_plain_rule(struct buf *out, const struct report *report,
                           const struct ledger_rule *rule)
{
    const struct audit_result *result = report->arg;
    const struct selection *selection = report->selection;
    struct audit_row rows[AUDIT_ROW_MAX];
    size_t count = audit_rows_make(result->ledger, rule, rows);

    buf_printf(out, "<tr><td>%s</td><td>%s</td><td>", audit_state_name(rule),
               rule->is_must ? "must" : "should");
    add_markup(out, rule->id);
    buf_add_text(out, "</td><td>");
    add_markup(out, rule->sentence);
    buf_add_text(out, " (");
    add_markup(out, rule->source);
    buf_add_char(out, ')');
    if (count > 0)
        buf_add_text(out, "\n<pre>");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%-10s ", rows[i].label);
        add_markup(out, rows[i].text);
        buf_add_char(out, '\n');
    }
    if (count > 0)
        buf_add_text(out, "</pre>");
    for (size_t i = 0; rule->stimulus && i < selection->count; i++) {
        const struct trial_case *item = &selection->cases[i];

        if (strcmp(item->slug, rule->stimulus) == 0 && has_page(item, report->target))
            buf_printf(out, "<a href=\"%s.html#t=%.6f&amp;n=%u\">the record of %s</a>", item->slug,
                       (double)rule->t_us / US_PER_S, rule->nth, item->slug);
    }
    buf_add_text(out, "</td></tr>\n");
    audit_rows_free(rows, count);
}

static void add_plain(struct buf *out, const struct report *report, const char *host)
{
    const struct audit_result *result = report->arg;
    const struct ledger *ledger = result->ledger;

    buf_printf(out, "<h1>Audit: %s</h1>\n<p>", ledger->dialect);
    add_markup(out, ledger->guide);
    buf_add_text(out, "</p>\n<pre>");
    add_markup(out, host);
    buf_printf(out,
               "</pre>\n<p>%zu kept, %zu broken, %zu not observed</p>\n<table>\n"
               "<tr><th>verdict</th><th>level</th><th>rule</th><th>what the guide says</th></tr>\n",
               ledger_total(ledger, RULE_KEPT), ledger_total(ledger, RULE_BROKEN),
               ledger_total(ledger, RULE_UNSEEN));
    for (size_t i = 0; i < ledger->count; i++) {
        if (audit_is_shown(&ledger->rules[i]))
            add_plain_rule(out, report, &ledger->rules[i]);
    }
    buf_add_text(out, "</table>\n");
    for (size_t i = 0; i < ledger->notes.count; i++) {
        buf_add_text(out, "<p>");
        add_markup(out, ledger->notes.items[i]);
        buf_add_text(out, "</p>\n");
    }
}

/* ---- all of it ---- */

static void write_index(struct report *report)
{
    const struct audit_result *result = report->arg;
    char *title = xasprintf("Audit: %s", result->ledger->dialect);
    char *path = xasprintf("%s/index.html", report->target);
    struct buf plain = {0}, data = {0}, host = {0};
    struct page page = {&page_audit, title, &plain, &data};
    FILE *file = fopen(path, "we");

    if (file) {
        for (char *const *word = report->options->command; word && *word; word++)
            shell_add_word(&host, *word);
        add_plain(&plain, report, buf_text(&host));
        add_data(&data, report, buf_text(&host));
        page_write(&page, NULL, file);
        report_close_case(report, file, path);
    } else {
        report_fail(report, path, -errno);
        free(path);
    }
    buf_deinit(&plain);
    buf_deinit(&data);
    buf_deinit(&host);
    free(title);
}

static void end(struct report *report, const struct run_summary *summary)
{
    for (size_t i = 0; i < report->selection->count; i++)
        write_page(report, &report->selection->cases[i]);
    write_index(report);
}

const struct reporter audit_report_html = {.name = "html", .target = REPORT_TO_FOLDER, .end = end};
