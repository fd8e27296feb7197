/*
 * An audit is a run of a scenario file with one line in it, audit("bc26"), which declares the
 * stimuli of the dialect's rules as scenarios. Each child leaves what it found of each rule in its
 * folder (rules.json); here the findings become one row a rule.
 * SPDX-License-Identifier: MIT
 */
#include "harness/audit_cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "harness/opts.h"
#include "harness/report.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/runner.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/dialect.h"

#define JOBS_PER_CORE        2
#define JOBS_PER_CORE_SCALED 4 /* stimuli mostly wait then */

enum key {
    KEY_ADAPTER = RUN_VERB_KEY,
    KEY_RULE,
    KEY_STIMULUS,
    KEY_STRICT,
    KEY_REPORTER,
};

static const struct opt_row rows[] = {
    {KEY_ADAPTER,  "adapter",  "FILE", "how the host is started and understood (Lua)"   },
    {KEY_RULE,     "rule",     "ID",   "only the stimuli of this rule (may be repeated)"},
    {KEY_STIMULUS, "stimulus", "NAME", "only this stimulus (may be repeated)"           },
    {KEY_STRICT,   "strict",   NULL,   "should rules, and rules not observed, count too"},
    {KEY_REPORTER, "reporter", "FORM", "text, json, junit or markdown (default text)"   },
};

struct audit {
    const char *dialect;
    char *adapter;               /* its whole path; NULL = none */
    struct names rules, stimuli; /* asked for; none = all */
    bool is_strict, keeps;
    audit_report_fn report;

    struct run_options options;
    struct selection selection;
    struct ledger ledger;
    char *dir, *file;
};

static void print_help(void)
{
    fputs(
        "hayeswire audit DIALECT [options] -- HOST ARGS...\n"
        "\n"
        "  hayeswire audit bc26 -- ./build/updater {tty} {url}\n"
        "  hayeswire audit bc26 --adapter host.lua --strict --reporter junit > audit.xml\n"
        "  hayeswire audit bc26 --rule bc.http-error -- ./build/updater {tty} {url}\n"
        "\n"
        "Puts the host into each situation that the rules of the module's guide speak of, and\n"
        "prints a row for each rule: kept, BROKEN, or not observed. In HOST ARGS {tty}\n"
        "{tty:NAME} {url} {report} {dir} {seed} are replaced; {report} is the URL of a collector\n"
        "of reports. hayeswire list rules -d DIALECT prints the rules.\n"
        "\n",
        stdout);
}

/* ---- options ---- */

static int set_adapter(struct audit *audit, const char *value)
{
    free(audit->adapter);
    audit->adapter = realpath(value, NULL);
    if (!audit->adapter)
        return usage_error("audit", "--adapter %s: %s", value, strerror(errno));
    return 0;
}

static int set_reporter(struct audit *audit, const char *value)
{
    audit->report = audit_report_find(value);
    if (!audit->report)
        return usage_error("audit", "--reporter %s: there are text, json, junit, markdown", value);
    return 0;
}

static int apply(void *arg, int key, const char *value)
{
    struct audit *audit = arg;

    switch (key) {
    case KEY_ADAPTER:
        return set_adapter(audit, value);
    case KEY_RULE:
        names_add(&audit->rules, value);
        return 0;
    case KEY_STIMULUS:
        names_add(&audit->stimuli, value);
        return 0;
    case KEY_STRICT:
        audit->is_strict = true;
        return 0;
    case KEY_REPORTER:
        return set_reporter(audit, value);
    }
    return 2;
}

static int take_dialect(struct audit *audit)
{
    char *const *words = audit->options.scenarios;
    const struct dialect *dialect;
    struct buf error = {0};
    int r;

    if (audit->options.scenario_count > 1)
        return usage_error("audit", "\"%s\" is too much: the host stands behind --", words[1]);
    dialect = dialect_named("audit", words[0]);
    if (!dialect)
        return 2;
    audit->dialect = dialect->name;
    r = ledger_init(&audit->ledger, dialect->name, &error);
    if (r == -ENOENT) {
        r = usage_error("audit", "%s", buf_text(&error));
    } else if (r < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        r = 3;
    }
    buf_deinit(&error);
    return r;
}

static int check_rules(struct audit *audit)
{
    struct names known = {0};
    int status = 0;

    for (size_t i = 0; i < audit->ledger.count; i++)
        names_add(&known, audit->ledger.rules[i].id);
    for (size_t i = 0; i < audit->rules.count && status == 0; i++) {
        struct buf text = {0};

        if (ledger_find(&audit->ledger, audit->rules.items[i]))
            continue;
        buf_printf(&text, "no rule \"%s\"", audit->rules.items[i]);
        names_suggest(&known, audit->rules.items[i], "", &text);
        status = usage_error("audit", "%s", text.data);
        buf_deinit(&text);
    }
    names_deinit(&known);
    return status;
}

/* ---- the run ---- */

static void add_lua_text(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(out, '\\');
        if (*text == '\n')
            buf_add_text(out, "\\n");
        else
            buf_add_char(out, *text);
    }
    buf_add_char(out, '"');
}

/* Return: 0, or 3 after a message. */
static int write_file(struct audit *audit)
{
    struct buf text = {0};
    FILE *file;
    int status = 0;

    buf_printf(&text, "-- Made by hayeswire audit.\naudit(\"%s\"", audit->dialect);
    if (audit->adapter) {
        buf_add_text(&text, ", { adapter = ");
        add_lua_text(&text, audit->adapter);
        buf_add_text(&text, " }");
    }
    buf_add_text(&text, ")\n");
    audit->file = xasprintf("%s/audit.lua", audit->dir);
    file = fopen(audit->file, "we");
    if (!file || fwrite(text.data, 1, text.len, file) != text.len) {
        fprintf(stderr, "hayeswire: %s: %s\n", audit->file, strerror(errno));
        status = 3;
    }
    if (file)
        fclose(file);
    buf_deinit(&text);
    return status;
}

/* ---- which stimuli ---- */

/* The name in front of the colon of a stimulus's title. */
static char *stimulus_of(const struct trial_case *item)
{
    return xstrndup(item->title, strcspn(item->title, ":"));
}

static bool holds(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

static bool is_wanted(struct audit *audit, const char *stimulus)
{
    if (audit->rules.count == 0 && audit->stimuli.count == 0)
        return true;
    for (size_t i = 0; i < audit->rules.count; i++) {
        if (holds(&ledger_find(&audit->ledger, audit->rules.items[i])->stimuli, stimulus))
            return true;
    }
    return holds(&audit->stimuli, stimulus);
}

static int check_stimuli(struct audit *audit)
{
    struct names known = {0};
    int status = 0;

    for (size_t i = 0; i < audit->selection.count; i++) {
        char *name = stimulus_of(&audit->selection.cases[i]);

        names_add(&known, name);
        free(name);
    }
    for (size_t i = 0; i < audit->stimuli.count && status == 0; i++) {
        struct buf text = {0};

        if (holds(&known, audit->stimuli.items[i]))
            continue;
        buf_printf(&text, "no stimulus \"%s\"", audit->stimuli.items[i]);
        names_suggest(&known, audit->stimuli.items[i], "", &text);
        status = usage_error("audit", "%s", text.data);
        buf_deinit(&text);
    }
    names_deinit(&known);
    return status;
}

static void choose_stimuli(struct audit *audit)
{
    struct selection *selection = &audit->selection;
    size_t count = 0;

    for (size_t i = 0; i < selection->count; i++) {
        struct trial_case *item = &selection->cases[i];
        char *name = stimulus_of(item);

        if (is_wanted(audit, name)) {
            free(item->slug);
            item->slug = name;
            selection->cases[count++] = *item;
        } else {
            free(name);
            trial_case_deinit(item);
        }
    }
    selection->count = count;
}

/* Of a rule that was not asked for, what the stimuli do not show is no finding. */
static void mark_asked(struct audit *audit)
{
    for (size_t i = 0; i < audit->ledger.count; i++) {
        struct ledger_rule *rule = &audit->ledger.rules[i];
        bool is_run = false;

        for (size_t j = 0; j < audit->selection.count; j++)
            is_run = is_run || holds(&rule->stimuli, audit->selection.cases[j].slug);
        rule->is_asked = audit->rules.count > 0 ? holds(&audit->rules, rule->id) : is_run;
    }
}

/* ---- the end ---- */

/* What is no finding about the host. Return: the exit status, 0 = none of that. */
static int tell_trouble(const struct selection *selection)
{
    const char *last = "";
    int status = 0;

    for (size_t i = 0; i < selection->count; i++) {
        const struct verdict *verdict = &selection->cases[i].result.verdict;
        const char *message = verdict->message ? verdict->message : "";
        int own = verdict->outcome == OUTCOME_ERROR        ? 3
                  : verdict->outcome == OUTCOME_INVALID    ? 2
                  : verdict->outcome == OUTCOME_HOST_START ? 4
                                                           : 0;

        if (own == 0 || !selection->cases[i].is_done)
            continue;
        if (strcmp(message, last) != 0) /* they mostly have the same trouble */
            fprintf(stderr, "hayeswire: %s: %s:%d: %s\n", selection->cases[i].slug,
                    verdict->file ? verdict->file : "", verdict->line, message);
        last = message;
        if (status == 0 || own == 3)
            status = own;
    }
    return status;
}

static void add_word(struct buf *out, const char *word)
{
    bool is_plain = *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:=@%+{}") == strlen(word);

    buf_printf(out, " %s", is_plain ? "" : "'");
    for (const char *p = word; *p; p++)
        buf_add_text(out, *p == '\'' ? "'\\''" : (char[2]){*p});
    buf_add_text(out, is_plain ? "" : "'");
}

/* The command that shows a broken rule again. The caller frees it. */
static char *again_of(const struct audit *audit, const struct ledger_rule *rule)
{
    struct buf text = {0};

    buf_add_text(&text, program_invocation_name);
    buf_printf(&text, " audit %s --stimulus %s --seed %" PRIu64, audit->dialect, rule->stimulus,
               rule->seed);
    if (audit->options.time_text)
        buf_printf(&text, " --time %s", audit->options.time_text);
    if (audit->adapter) {
        buf_add_text(&text, " --adapter");
        add_word(&text, audit->adapter);
    }
    if (audit->options.command)
        buf_add_text(&text, " --");
    for (size_t i = 0; audit->options.command && audit->options.command[i]; i++)
        add_word(&text, audit->options.command[i]);
    return buf_take(&text);
}

/* What ended as it should, and broke nothing, is of no use to anybody. */
static void take_findings(struct audit *audit)
{
    for (size_t i = 0; i < audit->selection.count; i++) {
        const struct trial_case *item = &audit->selection.cases[i];

        if (!item->is_done || !item->dir)
            continue;
        ledger_take(&audit->ledger, item, item->slug);
        if (item->result.verdict.outcome == OUTCOME_PASS && !audit->keeps)
            folder_remove(item->dir);
    }
}

/* Print the rows. Return: 1 when the audit failed, else 0. */
static int tell(struct audit *audit, const struct run_summary *summary)
{
    const struct ledger *ledger = &audit->ledger;
    char **again = xcalloc(ledger->count, sizeof(*again));
    struct audit_result result = {
        .ledger = ledger,
        .again = (const char *const *)again,
        .stimulus_count = audit->selection.count,
        .wall_us = summary->wall_us,
        .dir = audit->dir,
        .host = audit->options.command,
        .is_strict = audit->is_strict,
    };
    int status = 0;

    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->rules[i].state == RULE_BROKEN)
            again[i] = again_of(audit, &ledger->rules[i]);
        status |= audit_counts(&result, &ledger->rules[i]);
    }
    audit->report(&result);
    fflush(stdout);
    if (audit->options.time_scale > 1)
        fputs("hayeswire: the modem's time ran faster than the host's own pauses: a host that was "
              "only slow may seem to wait for ever; --time virtual has no such doubt\n",
              stderr);
    for (size_t i = 0; i < ledger->count; i++)
        free(again[i]);
    free(again);
    return status;
}

/* ---- all of it ---- */

static void say_nothing(struct report *report)
{
}

static void tell_nothing(struct report *report, const struct trial_case *item)
{
    report->told++;
}

static void end_silently(struct report *report, const struct run_summary *summary)
{
}

static const struct reporter reporter_silent = {
    .begin = say_nothing,
    .tell = tell_nothing,
    .tell_not_run = tell_nothing,
    .end = end_silently,
};

static int run(struct audit *audit)
{
    char *const scenarios[] = {audit->file, NULL};
    struct run_summary summary;
    int status;

    audit->options.scenarios = scenarios;
    audit->options.scenario_count = 1;
    audit->keeps = audit->options.keep;
    audit->options.keep = true; /* a folder goes when its findings were read */
    audit->options.reporter = &reporter_silent;
    audit->options.skips_reference = true;
    status = -selection_make(&audit->options, &audit->selection);
    if (status == 0 && audit->selection.count > 0 && !audit->selection.cases[0].is_done)
        status = check_stimuli(audit);
    if (status != 0)
        return status;
    if (!audit->selection.cases[0].is_done)
        choose_stimuli(audit);
    mark_asked(audit);
    if (runner_run(&audit->options, &audit->selection, audit->dir, &summary) < 0)
        return 3;
    if (summary.interrupted_by)
        return 128 + summary.interrupted_by;
    status = tell_trouble(&audit->selection);
    if (status != 0)
        return status;
    take_findings(audit);
    return tell(audit, &summary);
}

static int make_dir(struct audit *audit)
{
    struct buf error = {0};
    int r = run_dir_make(audit->options.out, &audit->dir, &error);

    if (r < 0)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    buf_deinit(&error);
    return r < 0 ? 3 : 0;
}

static void deinit(struct audit *audit)
{
    selection_deinit(&audit->selection);
    ledger_deinit(&audit->ledger);
    names_deinit(&audit->rules);
    names_deinit(&audit->stimuli);
    free(audit->adapter);
    free(audit->dir);
    free(audit->file);
}

static int judge(struct audit *audit)
{
    int status = take_dialect(audit);

    if (status == 0)
        status = check_rules(audit);
    if (status == 0 && !audit->options.command && !audit->adapter)
        status = usage_error("audit", "which host? Its command stands behind --, or in an adapter");
    if (status == 0)
        status = make_dir(audit);
    if (status == 0)
        status = write_file(audit);
    return status == 0 ? run(audit) : status;
}

int audit_command(int argc, char **argv)
{
    struct audit audit = {.report = audit_report_text};
    const struct run_verb verb = {
        .name = "audit",
        .print_help = print_help,
        .missing = "which dialect? For instance: hayeswire audit bc26 -- ./updater {tty} {url}",
        .rows = rows,
        .row_count = ARRAY_LEN(rows),
        .apply = apply,
        .arg = &audit,
        .jobs_per_core = JOBS_PER_CORE,
        .jobs_per_core_scaled = JOBS_PER_CORE_SCALED,
    };
    int r = run_options_parse(&verb, argc, argv, &audit.options);
    int status = r > 0 ? 0 : r < 0 ? -r : judge(&audit);

    deinit(&audit);
    return status;
}
