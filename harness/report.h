/*
 * Forms of the results. A reporter is told of cases in the order of the selection, by a run as they
 * end and by `hayeswire report` from what a run left behind.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/trial_case.h"

struct buf;
struct recording;
struct run_options;
struct selection;

struct run_summary {
    size_t passed, failed, invalid, errors, no_host, skipped, not_run;
    uint64_t wall_us;
    const char *dir;    /* of the run; NULL when nothing is in it */
    int interrupted_by; /* signal, 0 = none */
    bool is_budget_spent;
    const char *first_error; /* of Hayeswire itself; NULL = none */
};

/* Cases that one form tells of as a whole. */
struct report_group {
    size_t first, end; /* within the selection */
    size_t points;     /* those of the groups so far */
    bool is_good;
};

#define FAULT_FREE_FILE                                                      \
    "fault-free.txt" /* in a failure's folder: the course of the run without \
                      */

/* One reporter at work. */
struct report {
    const struct run_options *options;
    const struct selection *selection;
    const char *dir; /* of the run */
    /* One for each case of the selection when they are in memory; NULL: they are in its folder. */
    const struct recording *recordings;
    const struct recording *references; /* the same of the fault-free runs, or NULL */
    const struct recording *reference;  /* for all cases; NULL = each has its own, or none */
    FILE *out;                          /* stdout, or the file that the target names */
    const char *target;                 /* FILE or DIR of NAME=TARGET */
    size_t told;                        /* cases so far */
    size_t place_width, title_width;
    size_t column; /* of signs on a line */
    struct report_group group;
    int is_colored;
    int error;        /* the first -errno of writing */
    void *arg;        /* of the verb that brought the reporter */
    bool keep_folder; /* tell() may clear it: the case's folder is not worth keeping */
};

enum report_target {
    REPORT_TO_STDOUT, /* to a file when one is named */
    REPORT_TO_TALK,   /* to stdout, unless another report has it for itself */
    REPORT_TO_FILE,
    REPORT_TO_FOLDER,
};

/* What need not be said is NULL. */
struct reporter {
    const char *name;
    enum report_target target;
    bool needs_trace; /* of passing cases too */
    void (*begin)(struct report *report);
    void (*tell)(struct report *report, const struct trial_case *item);
    /* A case that was not started: the run was stopped before. */
    void (*tell_not_run)(struct report *report, const struct trial_case *item);
    void (*end)(struct report *report, const struct run_summary *summary);
    /* A case ended, maybe out of order; for progress. May be NULL. */
    void (*progress)(struct report *report, const struct trial_case *item);
};

extern const struct reporter reporter_pretty;
extern const struct reporter reporter_dot;
extern const struct reporter reporter_tap;
extern const struct reporter reporter_tap13;
extern const struct reporter reporter_junit;
extern const struct reporter reporter_jsonl;
extern const struct reporter reporter_github;
extern const struct reporter reporter_html;
extern const struct reporter reporter_pcapng;
extern const struct reporter reporter_asciicast;

/* "file:line" of the scenario. */
void report_place(const struct trial_case *item, struct buf *out);
/* Its title; of a trial of a sweep, its faults behind it. */
void report_title(const struct trial_case *item, struct buf *out);
/* Passed or skipped. */
bool report_is_good(const struct trial_case *item);
void report_count(struct run_summary *summary, const struct trial_case *item);
/*
 * The trace of a case. The caller deinits *own_out, which may stay empty.
 * Return: the recording, or NULL when none was kept.
 */
const struct recording *report_recording(const struct report *report, const struct trial_case *item,
                                         struct recording *own_out);
/* The fault-free run of the same scenario, for comparison; as above. */
const struct recording *report_reference(const struct report *report, const struct trial_case *item,
                                         struct recording *own_out);
/* Keep the first error of writing `path`, and say it. */
void report_fail(struct report *report, const char *path, int error);
/* A file of its own for a case, in the folder that the reporter has as its target. */
FILE *report_open_case(struct report *report, const struct trial_case *item, const char *suffix,
                       char **path_out);
void report_close_case(struct report *report, FILE *file, char *path);

/* ---- failure.c: the text of a failure, the same in every report ---- */

/*
 * All that follows the first line of a failure: message, source, rows, how to run it again, what
 * was kept. Each line starts with `indent` spaces.
 */
void failure_text(const struct report *report, const struct trial_case *item, unsigned indent,
                  struct buf *out);
/* Set the command and the token that run a case again. */
void failure_set_again(const struct run_options *options, struct trial_case *item);

/* ---- report_set.c: several reporters at once ---- */

#define REPORT_CHOICE_MAX 16

struct report_choice {
    const struct reporter *reporter;
    const char *target; /* NULL = stdout */
};

struct report_choices {
    struct report_choice items[REPORT_CHOICE_MAX];
    size_t count;
    /* What there is to choose from; NULL = the reporters of a run. */
    const struct reporter *const *known;
    size_t known_count;
};

struct report_set {
    struct report items[REPORT_CHOICE_MAX + 1];
    const struct reporter *reporters[REPORT_CHOICE_MAX + 1];
    size_t count;
};

/*
 * Add those of a list as in "pretty,junit=FILE,html=DIR". The text is cut in place, and borrowed.
 * Return: 0, or 2 after a message.
 */
int report_choices_add(const char *verb, struct report_choices *choices, char *list);
/* What was not chosen: pretty, or under GitHub's Actions dot and annotations. */
void report_choices_default(struct report_choices *choices);
bool report_choices_need_trace(const struct report_choices *choices);
/* Whether one of them writes to stdout. */
bool report_choices_have_stdout(const struct report_choices *choices);
/* Whether TAP has stdout. */
bool report_choices_have_tap(const struct report_choices *choices);
/* pretty and dot: a verb may have words of its own in their place. */
bool reporter_is_for_people(const struct reporter *reporter);
const struct reporter *reporter_find(const char *name);
/* "pretty|tap|...", a word each, for help. Return: the name, or NULL at the end. */
const char *reporter_name(size_t index);

/*
 * base: what all reports share. The verb's own reporter, if its options have one, takes the place
 * of pretty and dot. Return: 0, or -errno after a message.
 */
int report_set_open(struct report_set *set, const struct report *base);
void report_set_begin(struct report_set *set);
/* is_kept: of the item; the first reporter may find that its folder is not worth keeping. */
void report_set_tell(struct report_set *set, struct trial_case *item);
/* A case ended, maybe out of order. */
void report_set_progress(struct report_set *set, const struct trial_case *item);
void report_set_tell_not_run(struct report_set *set, const struct trial_case *item);
void report_set_end(struct report_set *set, const struct run_summary *summary);
/* Return: 0, or the first -errno of them. */
int report_set_close(struct report_set *set);
