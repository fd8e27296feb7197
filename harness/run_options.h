/*
 * The command line of `hayeswire run` and of the other verbs that run scenarios.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/report.h"
#include "harness/vtime/vtime.h"

struct dialect;
struct opt_row;
struct reporter;
struct trial_case;
struct trial_plan;

enum trace_habit { TRACE_ON_FAIL, TRACE_ON, TRACE_OFF };
enum seed_habit { SEED_BY_NAME, SEED_GIVEN, SEED_RANDOM };

struct run_options {
    char *const *scenarios; /* FILE, FILE:LINE or folder; borrowed from argv */
    int scenario_count;
    char *const *command; /* after "--", NULL-terminated; NULL = none */

    enum vtime_wish time;
    double time_scale;               /* of real time */
    const char *time_text;           /* "x20" when given, else NULL */
    bool one_cpu, fills_cpus, lines; /* fills_cpus: the verb's one_cpu, asked for or not */
    enum seed_habit seed_habit;
    uint64_t seed;
    const char *dialect;
    uint64_t timeout_us; /* wall time of one scenario */
    const char *timeout_text;
    bool strict, allow_network, keep, quiet, transcript, tap;
    enum trace_habit trace;
    struct report_choices reports;
    const char *out;
    unsigned jobs;
    unsigned fail_max; /* 0 = no limit */
    const char *title_regex;
    const char *tty_link;
    const char *port; /* of the first modem; NULL = a pty */

    /* Of the verb, not of the command line. */
    const struct trial_plan *plan;   /* of each scenario; borrowed; NULL = none */
    const struct reporter *reporter; /* NULL = by tap */
    void *reporter_arg;
    /* Sets the command that runs a case again, and its token; NULL = those of a scenario. */
    void (*set_again)(const struct run_options *options, struct trial_case *item);
    uint64_t budget_us;          /* wall time of all; 0 = no limit */
    bool skips_reference;        /* nobody asks how a failure differs from a run without faults */
    const char *plan_name;       /* of a sweep; NULL = none */
    unsigned shard, shard_count; /* of it; 0 = it is whole */
};

/* A verb that runs scenarios: what it adds to the options that all of them have. */
struct run_verb {
    const char *name;
    void (*print_help)(void);   /* all but the list of options */
    const char *missing;        /* said when no word was given; NULL = that scenarios are */
    const struct opt_row *rows; /* keys from RUN_VERB_KEY on; a row hides that of its name */
    size_t row_count;
    int (*apply)(void *arg, int key, const char *value); /* 0, or 2 after a message */
    void *arg;
    /* Where -j is not given: usually, and with --time xN, when scenarios mostly wait. */
    unsigned jobs_per_core, jobs_per_core_scaled;
    bool fills_cpus; /* its trials are many, and fill all CPUs with a host on each */
};
#define RUN_VERB_KEY 512

/* Return: the dialect of that name, or NULL after a message with the nearest one. */
const struct dialect *dialect_named(const char *verb, const char *name);

/*
 * Return: 0; 1 when help was asked for and printed; or the exit status 2 (4: the host of the
 * command line does not exist), negated, after a message.
 */
int run_options_parse(const struct run_verb *verb, int argc, char **argv,
                      struct run_options *options_out);
