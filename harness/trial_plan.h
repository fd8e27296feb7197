/*
 * What a sweep wants of one run of a scenario: a record of the points it passes, or faults to arm
 * and the questions to ask once one has struck.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"

struct buf;
struct engine;
struct modem;
struct trace;

enum trial_mode {
    TRIAL_BODY,   /* the scenario as it stands, with the faults armed */
    TRIAL_RECORD, /* the fault-free run: write what it passes */
    TRIAL_STRIKE, /* the body ends when a fault fires; then the questions safe and live */
};

#define TRIAL_LIMIT_US \
    1200000000u /* modem time that a host has to recover, unless told otherwise */

struct trial_plan {
    enum trial_mode mode;
    char *modem; /* where the faults are armed; NULL = the first modem */
    struct names faults;
    bool disarms;      /* RECORD: the scenario's own faults are not armed, and it need not pass */
    bool is_honest;    /* live: the host may give up, if it says so */
    uint64_t limit_us; /* of live, modem time */
    char *points;      /* RECORD: the file for the points; owned */
    char *reference;   /* RECORD: the file for the course of the run; STRIKE: read from; owned */
};

void trial_plan_deinit(struct trial_plan *plan);
/* Arm or record a modem that has just started. Return: 0, or -EINVAL with a message. */
int trial_plan_begin(const struct trial_plan *plan, struct modem *modem, bool is_first,
                     struct buf *error_out);
/* Whether any fault of the modems fired. */
bool trial_has_fired(struct engine *engine);
/* RECORD: write the two files. Return: 0 or -errno. */
int trial_plan_write_record(const struct trial_plan *plan, struct engine *engine,
                            const struct trace *trace);

/* ---- difference.c: two runs of the same scenario ---- */

/* Write the course of a run: commands and URCs, line by line. Return: 0 or -errno. */
int course_write(const struct trace *trace, const char *path);
/*
 * Where this run first differs from the course in the file, as one line for people; nothing when
 * it does not. Times and repetitions do not count, and each speaker is compared by itself, since
 * who of two is faster may change from run to run.
 */
void course_difference(const struct trace *trace, const char *path, struct buf *out);
