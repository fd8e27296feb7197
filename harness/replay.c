/* SPDX-License-Identifier: MIT */
#include "harness/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/audit_cmd.h"
#include "harness/audit_token.h"
#include "harness/opts.h"
#include "harness/run.h"
#include "harness/run_dir.h"
#include "harness/runner.h"
#include "harness/sweep_report.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define WORD_MAX 64 /* that a token adds to the command line */

enum key { KEY_SHRINK = RUN_VERB_KEY };

static const struct opt_row rows[] = {
    {KEY_SHRINK, "shrink", NULL, "find the fewest and simplest faults that still fail so"},
};

static void print_help(void)
{
    fputs("hayeswire replay TOKEN [options] [-- HOST ARGS...]\n"
          "\n"
          "  hayeswire replay hw1mjrv2... -- ./updater {tty} {url}\n"
          "  hayeswire replay hw1mjrv2... --shrink -v -- ./updater {tty} {url}\n"
          "\n"
          "Repeats exactly the trial that printed the token: scenario, seed, faults, time mode.\n"
          "A token of an audit (hwa1...) shows the host break the rule again; its options are\n"
          "those of audit.\n"
          "The options are those of run.\n"
          "\n",
          stdout);
}

static int apply(void *arg, int key, const char *value)
{
    struct replay *replay = arg;

    replay->shrinks = true;
    return 0;
}

/* ---- one run ---- */

/* Keeps what the run said of its one case. */
struct catcher {
    const struct reporter *reporter; /* that tells people; NULL = nobody */
    struct buf *message;
};

static void begin(struct report *report)
{
    const struct catcher *catcher = report->arg;

    if (catcher->reporter)
        catcher->reporter->begin(report);
}

static void tell(struct report *report, const struct trial_case *item)
{
    const struct catcher *catcher = report->arg;
    const struct verdict *verdict = &item->result.verdict;

    if (verdict->outcome != OUTCOME_PASS && verdict->message)
        buf_add_text(catcher->message, verdict->message);
    if (catcher->reporter)
        catcher->reporter->tell(report, item);
    else
        report->told++;
}

static void tell_not_run(struct report *report, const struct trial_case *item)
{
    report->told++;
}

static void end(struct report *report, const struct run_summary *summary)
{
    const struct catcher *catcher = report->arg;

    if (catcher->reporter)
        catcher->reporter->end(report, summary);
}

static const struct reporter reporter_catcher = {
    .begin = begin,
    .tell = tell,
    .tell_not_run = tell_not_run,
    .end = end,
};

static int run_case(struct replay *replay, const struct trial_plan *plan,
                    const struct reporter *reporter, struct run_summary *summary_out,
                    struct buf *message_out)
{
    struct catcher catcher = {reporter, message_out};
    struct run_options options = replay->options;
    struct trial_case item;
    struct selection selection = {.cases = &item, .count = 1, .cap = 1};
    char *dir = xasprintf("%s/%zu", replay->dir, ++replay->runs);
    int r;

    trial_case_derive(replay->scenario, plan, "trial", &item);
    options.reporter = &reporter_catcher;
    options.reporter_arg = &catcher;
    if (!reporter || reporter == &reporter_record) /* nobody is to know of this one */
        options.reports.count = 0;
    r = mkdir(dir, 0777) < 0 ? -errno : runner_run(&options, &selection, dir, summary_out);
    if (r == 0)
        summary_out->dir = NULL; /* the name goes now */
    trial_case_deinit(&item);
    free(dir);
    return r;
}

int replay_run(struct replay *replay, const struct names *faults, const struct reporter *reporter,
               int *status_out, struct buf *message_out)
{
    struct trial_plan plan = replay->token.plan;
    struct run_summary summary;
    int r;

    plan.faults = *faults;
    plan.reference = replay->course;
    r = run_case(replay, &plan, reporter, &summary, message_out);
    if (r < 0)
        return r;
    *status_out = run_exit_status(&replay->options, &summary);
    return 0;
}

/* The fault-free run, for the first difference. Return: 0, or the exit status after a message. */
static int record(struct replay *replay)
{
    struct trial_plan plan = {.mode = TRIAL_RECORD};
    struct run_summary summary;
    struct buf message = {0};
    int status = 3;

    if (replay->token.plan.mode != TRIAL_STRIKE)
        return 0;
    replay->course = xasprintf("%s/course.txt", replay->dir);
    plan.reference = replay->course;
    plan.points = xasprintf("%s/points.jsonl", replay->dir);
    if (run_case(replay, &plan, &reporter_record, &summary, &message) == 0)
        status = run_exit_status(&replay->options, &summary);
    if (status != 0)
        fputs("hayeswire replay: the fault-free run does not pass\n", stderr);
    free(plan.points);
    buf_deinit(&message);
    return status;
}

/* ---- the command line: the token's own words, then the user's ---- */

struct words {
    char *items[WORD_MAX];
    size_t count;
};

static void add_word(struct words *words, const char *word)
{
    if (words->count + 1 < WORD_MAX)
        words->items[words->count++] = xstrdup(word);
}

static void add_token_words(const struct token *token, struct words *words)
{
    char seed[24];

    add_word(words, "replay");
    add_word(words, token->path);
    if (token->time[0]) {
        add_word(words, "--time");
        add_word(words, token->time);
    }
    snprintf(seed, sizeof(seed), "%" PRIu64, token->seed);
    add_word(words, "--seed");
    add_word(words, seed);
    if (token->dialect[0]) {
        add_word(words, "-d");
        add_word(words, token->dialect);
    }
}

/* Return: where the token stands in argv, or 0. */
static int find_token(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (text_has_prefix(argv[i], "hw"))
            return i;
    }
    return 0;
}

static const struct trial_case *find_scenario(const struct replay *replay)
{
    for (size_t i = 0; i < replay->scenarios.count; i++) {
        const struct trial_case *item = &replay->scenarios.cases[i];

        if (item->index == replay->token.index && item->line > 0)
            return token_fits_title(&replay->token, item->title) ? item : NULL;
    }
    return NULL;
}

/* ---- all of it ---- */

static void print_faults(const struct replay *replay)
{
    const struct names *faults = &replay->token.plan.faults;

    for (size_t i = 0; i < faults->count; i++)
        printf("%s  %s\n", i == 0 ? "faults" : "      ", faults->items[i]);
    fflush(stdout);
}

static int run_token(struct replay *replay)
{
    struct buf message = {0};
    int status = record(replay);

    print_faults(replay);
    if (status == 0 &&
        replay_run(replay, &replay->token.plan.faults, &reporter_pretty, &status, &message) < 0)
        status = 3;
    if (status == 1 && replay->shrinks) {
        status = replay_shrink(replay, buf_text(&message));
        print_faults(replay);
        buf_clear(&message);
        if (status == 0 &&
            replay_run(replay, &replay->token.plan.faults, &reporter_pretty, &status, &message) < 0)
            status = 3;
    }
    buf_deinit(&message);
    return status == 77 ? 1 : status; /* not reached: the fault never fired */
}

static int run_replay(struct replay *replay)
{
    struct buf error = {0};
    int status = -selection_make(&replay->options, &replay->scenarios);

    if (status != 0)
        return status;
    if (replay->token.plan.mode == TRIAL_STRIKE)
        replay->options.fills_cpus = true; /* as in the sweep */
    replay->scenario = find_scenario(replay);
    if (!replay->scenario)
        return usage_error("replay", "%s has no such scenario any more: it changed since",
                           replay->token.path);
    if (run_dir_make(replay->options.out, &replay->dir, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", error.data);
        buf_deinit(&error);
        return 3;
    }
    return run_token(replay);
}

static int parse_and_run(struct replay *replay, int argc, char **argv, int at)
{
    const struct run_verb verb = {
        .name = "replay",
        .print_help = print_help,
        .rows = rows,
        .row_count = ARRAY_LEN(rows),
        .apply = apply,
        .arg = replay,
        .jobs_per_core = 1,
        .jobs_per_core_scaled = 1,
    };
    struct words words = {0};
    char **all = xcalloc((size_t)argc + WORD_MAX, sizeof(*all));
    size_t count;
    int r;

    if (at > 0)
        add_token_words(&replay->token, &words);
    else
        add_word(&words, "replay");
    for (count = 0; count < words.count; count++)
        all[count] = words.items[count];
    for (int i = 1; i < argc; i++) {
        if (i != at || at == 0)
            all[count++] = argv[i];
    }
    r = run_options_parse(&verb, (int)count, all, &replay->options);
    if (r == 0)
        r = run_replay(replay);
    else
        r = r > 0 ? 0 : -r;
    for (size_t i = 0; i < words.count; i++)
        free(words.items[i]);
    free(all);
    return r;
}

int replay_command(int argc, char **argv)
{
    struct replay replay = {0};
    struct buf error = {0};
    int at = find_token(argc, argv), status;

    if (at == 0 && argc > 1 && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0)
        return usage_error("replay", "which token? Failures print one, as in hw1mjrv2...");
    if (at > 0 && audit_token_is_one(argv[at]))
        return audit_replay(argc, argv, at);
    if (at > 0 && token_decode(argv[at], &replay.token, &error) < 0) {
        status = usage_error("replay", "%s", error.data);
        buf_deinit(&error);
        return status;
    }
    if (at == 0 && argc <= 1)
        return usage_error("replay", "which token? Failures print one, as in hw1mjrv2...");
    status = parse_and_run(&replay, argc, argv, at);
    selection_deinit(&replay.scenarios);
    token_deinit(&replay.token);
    free(replay.dir);
    free(replay.course);
    return status;
}
