/*
 * An M531x between the OneNET platform and a host that is played by the test: it answers as the
 * guide says, and keeps in memory what a real one keeps in flash. Manual time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/onenet.h"
#include "tests/bench-rig.h"
#include "tests/hosts/mipl.h"

#define M531X_OLD        "test0"
#define M531X_NEW        "test000"
#define M531X_IMAGE_SIZE 2500
#define M531X_BLOCK      1024

/* The host's side of things. */
struct played_host {
    char version[48];
    unsigned char image[2 * M531X_IMAGE_SIZE];
    long state, result, saved; /* 5/0/3, 5/0/5, 5/0/26500 */
    long battery;
    long last_mid;
    bool is_registered, is_dead;
    bool stays_silent; /* hears, and answers nothing */
    bool fails_writes; /* +MIPLSOTA=2 for each block */
    bool fails_erase;  /* +MIPLSOTA=4 */
    bool finds_damage; /* after the order to install: result 5, and the old version */
    unsigned blocks;   /* written, those again included */
    struct mipl_parser parser;
};

struct m531x_bench {
    struct rig rig;
    struct onenet *onenet;
    struct played_host host;
    unsigned char package[M531X_IMAGE_SIZE];
    int task;
    unsigned cuts; /* how often the power was found off and came back */
};

/* Options and quirks may be set behind it, then m531x_bench_start(). */
void m531x_bench_init(struct m531x_bench *bench);
void m531x_bench_start(struct m531x_bench *bench);
void m531x_bench_deinit(struct m531x_bench *bench);
/* Let modem time pass, with the host at work; a modem without power gets it back. */
void m531x_bench_run(struct m531x_bench *bench, unsigned seconds);
/* The same until the task has that state, for at most so long. Return: whether it has. */
bool m531x_bench_until(struct m531x_bench *bench, enum onenet_task_state state, unsigned seconds);
/* The host's life begins anew; what it keeps in flash stays. */
void m531x_host_restart(struct m531x_bench *bench);
struct onenet_task_view m531x_bench_task(const struct m531x_bench *bench);
/* Fail the test, with the transcript on stderr. */
void m531x_bench_fail(struct m531x_bench *bench, const char *message);
void m531x_bench_arm(struct m531x_bench *bench, const char *fault);
/* Whether a record of the trace has this text. */
bool m531x_bench_knows(const struct m531x_bench *bench, const char *text);
/*
 * Take the power at each hit of a point in turn, until the fault fires no more; a run is begun by
 * start and judged by check. phase: "", "/before" ... Return: how often the fault fired.
 */
typedef void (*m531x_bench_fn)(struct m531x_bench *bench);
unsigned m531x_bench_sweep(m531x_bench_fn start, m531x_bench_fn check, const char *point,
                           const char *phase, const char *action);
