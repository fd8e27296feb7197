/*
 * An audit is a run of a scenario file with one line in it, audit("bc26"), which declares the
 * stimuli of the dialect's rules as scenarios. Each child leaves what it found of each rule in its
 * folder (rules.json); here the findings become one row a rule.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit.h"
#include "harness/audit_token.h"
#include "harness/lua_text.h"
#include "harness/report.h"
#include "harness/run_dir.h"
#include "harness/runner.h"
#include "harness/shell_words.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* ---- the scenario file ---- */

/* Return: 0, or 3 after a message. */
static int write_file(struct audit *audit)
{
    struct buf text = {0};
    FILE *file;
    int status = 0;

    buf_printf(&text, "-- Made by hayeswire audit.\naudit(\"%s\"", audit->dialect);
    if (audit->adapter_path) {
        buf_add_text(&text, ", { adapter = ");
        lua_text_quote(&text, audit->adapter_path, strlen(audit->adapter_path));
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

/* ---- how to see it again ---- */

/* rule: NULL = all that the stimulus shows. */
static void describe_again(const struct audit *audit, const char *stimulus, uint64_t seed,
                           const char *rule, char **token_out, char **again_out)
{
    const struct run_options *options = &audit->options;
    const struct audit_token token = {
        .dialect = (char *)audit->dialect,
        .stimulus = (char *)stimulus,
        .rule = (char *)rule,
        .adapter = (char *)audit->adapter,
        .time = (char *)options->time_text,
        .seed = seed,
    };
    struct buf text = {0}, again = {0};

    audit_token_encode(&token, &text);
    shell_add_word(&again, program_invocation_name); /* it need not be in PATH */
    buf_printf(&again, " replay %s", text.data);
    shell_add_option(&again, "-t", options->timeout_text);
    shell_add_habits(&again, options); /* a token does not hold them */
    shell_add_host(&again, options->command);
    *token_out = buf_take(&text);
    *again_out = buf_take(&again);
}

/* For the page of a stimulus: the first rule that it broke. */
static void set_again(const struct run_options *options, struct trial_case *item)
{
    const struct audit *audit = options->reporter_arg;
    char *rule = ledger_first_broken(item);

    free(item->token);
    free(item->again);
    describe_again(audit, item->slug, item->seed, rule, &item->token, &item->again);
    free(rule);
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

static void take_findings(struct audit *audit)
{
    for (size_t i = 0; i < audit->selection.count; i++) {
        const struct trial_case *item = &audit->selection.cases[i];

        if (item->is_done && item->dir)
            ledger_take(&audit->ledger, item);
    }
}

/* What ended as it should, and broke nothing, is of no use to anybody. */
static void remove_folders(struct audit *audit)
{
    for (size_t i = 0; i < audit->selection.count; i++) {
        const struct trial_case *item = &audit->selection.cases[i];

        if (item->is_done && item->dir && item->result.verdict.outcome == OUTCOME_PASS &&
            !audit->keeps)
            folder_remove(item->dir);
    }
}

/* Print the rows. Return: the exit status. */
static int tell(struct audit *audit, const struct run_summary *summary)
{
    struct ledger *ledger = &audit->ledger;
    struct audit_result result = {
        .ledger = ledger,
        .wall_us = summary->wall_us,
        .is_strict = audit->is_strict,
    };
    int status = 0;

    for (size_t i = 0; i < ledger->count; i++) {
        struct ledger_rule *rule = &ledger->rules[i];

        if (rule->state == RULE_BROKEN)
            describe_again(audit, rule->stimulus, rule->seed, rule->id, &rule->token, &rule->again);
        status |= audit_counts(&result, rule);
    }
    for (size_t i = 0; i < audit->set.count; i++)
        audit->set.items[i].arg = &result;
    report_set_end(&audit->set, summary);
    return report_set_close(&audit->set) < 0 ? 3 : status;
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

static void set_options(struct audit *audit, char *const *scenarios)
{
    struct run_options *options = &audit->options;

    options->scenarios = scenarios;
    options->scenario_count = 1;
    audit->keeps = options->keep;
    options->keep = true; /* a folder goes when its findings were read */
    options->reports.count = 0;
    options->reporter = &reporter_silent;
    options->reporter_arg = audit;
    options->set_again = set_again;
    options->skips_reference = true;
}

/* Before the run: who can not write where he wants to need not wait for it. */
static int open_reports(struct audit *audit)
{
    struct run_options *own = &audit->report_options;
    const struct report base = {
        .options = own,
        .selection = &audit->selection,
        .dir = audit->dir,
    };

    *own = audit->options;
    own->reports = audit->reports;
    own->reporter = NULL;
    return report_set_open(&audit->set, &base) < 0 ? 3 : 0;
}

/* What the stimuli showed. Return: the exit status. */
static int conclude(struct audit *audit, const struct run_summary *summary)
{
    int status = tell_trouble(&audit->selection);

    if (status != 0)
        return status;
    take_findings(audit);
    status = tell(audit, summary);
    remove_folders(audit);
    return summary->interrupted_by ? 128 + summary->interrupted_by : status;
}

static int run(struct audit *audit)
{
    char *const scenarios[] = {audit->file, NULL};
    struct run_summary summary;
    int status;

    set_options(audit, scenarios);
    status = -selection_make(&audit->options, &audit->selection);
    if (status == 0 && audit->selection.count > 0 && !audit->selection.cases[0].is_done)
        status = audit_check_stimuli(audit);
    if (status != 0)
        return status;
    if (!audit->selection.cases[0].is_done)
        audit_choose_stimuli(audit);
    audit_mark_asked(audit);
    status = open_reports(audit);
    if (status == 0 && runner_run(&audit->options, &audit->selection, audit->dir, &summary) < 0)
        status = 3;
    if (status == 0)
        status = conclude(audit, &summary);
    report_set_close(&audit->set); /* when nothing was told */
    return status;
}

int audit_run(struct audit *audit)
{
    struct buf error = {0};
    int status = 0;

    if (run_dir_make(audit->options.out, &audit->dir, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        status = 3;
    }
    buf_deinit(&error);
    if (status == 0)
        status = write_file(audit);
    return status == 0 ? run(audit) : status;
}
