/*
 * One audit: what was asked for, and what came of it. Shared by the files of the verb.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "harness/audit_ledger.h"
#include "harness/audit_report.h"
#include "harness/names.h"
#include "harness/run_options.h"
#include "harness/selection.h"

struct audit {
    const char *verb; /* for messages: "audit", "replay" */
    const char *dialect;
    const char *adapter;         /* as it was given; NULL = none */
    char *adapter_path;          /* whole */
    struct names rules, stimuli; /* asked for; none = all */
    bool is_strict, is_replay;
    bool keeps; /* folders of stimuli that broke nothing */
    struct report_choices reports;

    struct run_options options;
    struct run_options report_options; /* the same, with the reports of the audit */
    struct report_set set;
    struct selection selection;
    struct ledger ledger;
    char *dir, *file;
};

/* ---- audit_choice.c: which rules and stimuli ---- */

/* Return: 0, or 2 after a message with the nearest name. */
int audit_check_rules(struct audit *audit);
int audit_check_stimuli(struct audit *audit);
/* Leave the stimuli that were asked for; the folder of each has its name. */
void audit_choose_stimuli(struct audit *audit);
/* Of a rule that was not asked for, what the stimuli do not show is no finding. */
void audit_mark_asked(struct audit *audit);

/* ---- audit_run.c ---- */

/* Return: the exit status. */
int audit_run(struct audit *audit);

/* ---- audit_cmd.c ---- */

/* The command line of an audit, with the host that it names, and the run. Return: exit status. */
int audit_main(struct audit *audit, int argc, char **argv);
