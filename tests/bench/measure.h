/*
 * What the parts of the benchmark share: a table, time, processes that serve, and a client.
 *
 * Whatever is compared is measured in one run, in turns (A B A B ...), so that a machine that
 * drifts does so under all of them. Every function that can not measure stops the program with a
 * message and exit status 1: a figure that is silently wrong would be worse than none.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bench_plan {
    bool quick;            /* only to see that it works: few rounds, small numbers */
    const char *self;      /* this program */
    const char *hayeswire; /* the program beside it in the build tree */
    const char *upgrade;   /* the scenario that is swept */
};

/* ---- measure.c: table, time, numbers ---- */

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* One line of the table. Texts are for people; NULL leaves a column empty. */
struct row {
    const char *what;
    double figure;
    const char *unit;
    double reference; /* 0: none */
    double ratio;     /* 0: none */
    const char *goal;
    bool has_verdict, is_met;
};
void print_head(void);
void print_row(const struct row *row);

uint64_t now_ns(void);
/* CPU time that a process has used so far; 0 is the caller itself. */
uint64_t cpu_ns(pid_t pid);

/*
 * Keep this process (and those that it starts) on the CPU that is the index-th of those it may use,
 * or with PIN_NONE on any. Where a scheduler happens to put a client and its server decides more
 * than all that is measured here. With a single CPU nothing is done.
 */
#define PIN_NONE   -1
#define PIN_CLIENT 0
#define PIN_SERVER 1
void pin(int index);

struct samples {
    double *values;
    size_t count, cap;
};
void samples_add(struct samples *samples, double value);
/* Sorts. Return: the value in the middle; 0 when there is none. */
double samples_median(struct samples *samples);
void samples_deinit(struct samples *samples);

/* ---- process.c: programs, and folders for them ---- */

/* stdout_fd: -1 sends it nowhere. Return: the process. */
pid_t process_spawn(char *const *argv, int stdout_fd);
/* Return: milliseconds of a program from start to end; it has to succeed. */
double process_run(char *const *argv);
/* A folder of its own, and what is in it. Return: the path, to be freed. */
char *tree_make(void);
void tree_remove(const char *dir);

/* ---- serve.c: forked processes with a pty each ---- */

struct server {
    pid_t pid;
    char tty[64];
};

/* Answers each line with OK and nothing else: what a pty costs at the least. */
void server_start_raw(struct server *server);
/* A modem of that dialect, booted, on an event loop as in any other use. */
void server_start_modem(struct server *server, const char *dialect);
void server_stop(struct server *server);
/* The hidden verb serve-one: a modem on a pty, whose path is printed once it answers; for ever. */
int serve_one(const char *dialect);

/* ---- client.c: the host's side ---- */

/* Open a tty in raw mode; reads give up after CLIENT_LIMIT_S. Return: the descriptor. */
#define CLIENT_LIMIT_S 10
int client_open(const char *tty);
/* Write text at once and read until `replies` results OK have come. */
void client_exchange(int fd, const char *text, size_t len, size_t replies);

/* ---- the measurements ---- */

void measure_round_trip(const struct bench_plan *plan);
void measure_throughput(const struct bench_plan *plan);
void measure_start_up(const struct bench_plan *plan);
void measure_memory(const struct bench_plan *plan);
void measure_sweep(const struct bench_plan *plan);
void measure_writes(const struct bench_plan *plan);
