/* SPDX-License-Identifier: MIT */
#include "tests/bench/measure.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/mem.h"

void die(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    _exit(1);
}

/* ---- the table ---- */

#define ROW_FORMAT "%-46s %14s %14s %7s  %-22s %s\n"

void print_head(void)
{
    printf(ROW_FORMAT, "measured", "figure", "reference", "ratio", "goal", "");
}

static void format_figure(char *out, size_t size_bytes, double value, const char *unit)
{
    int digits = value >= 1000 ? 0 : value >= 10 ? 1 : 2;

    snprintf(out, size_bytes, "%.*f %s", digits, value, unit);
}

void print_row(const struct row *row)
{
    char figure[32], reference[32] = "", ratio[16] = "";
    const char *verdict = !row->has_verdict ? "" : row->is_met ? "met" : "missed";

    format_figure(figure, sizeof(figure), row->figure, row->unit);
    if (row->reference > 0)
        format_figure(reference, sizeof(reference), row->reference, row->unit);
    if (row->ratio > 0)
        snprintf(ratio, sizeof(ratio), "%.2f", row->ratio);
    printf(ROW_FORMAT, row->what, figure, reference, ratio, row->goal ? row->goal : "", verdict);
    fflush(stdout);
}

/* ---- time ---- */

static uint64_t read_clock(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) < 0)
        die("a clock can not be read");
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t cpu_ns(pid_t pid)
{
    clockid_t id;

    if (clock_getcpuclockid(pid, &id) != 0)
        die("process %d has no CPU clock", (int)pid);
    return read_clock(id);
}

void pin(int index)
{
    static cpu_set_t allowed;
    cpu_set_t chosen = {0};

    if (CPU_COUNT(&allowed) == 0 && sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
        die("the CPUs are not known");
    if (index >= CPU_COUNT(&allowed))
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE && index >= 0; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && index-- == 0)
            CPU_SET(cpu, &chosen);
    }
    if (CPU_COUNT(&chosen) == 0)
        chosen = allowed;
    if (sched_setaffinity(0, sizeof(chosen), &chosen) < 0)
        die("the scheduler takes no orders");
}

/* ---- numbers ---- */

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->cap) {
        samples->cap = samples->cap ? samples->cap * 2 : 1024;
        samples->values = xrealloc(samples->values, samples->cap * sizeof(double));
    }
    samples->values[samples->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double samples_median(struct samples *samples)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof(double), compare);
    return samples->values[samples->count / 2];
}

void samples_deinit(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}
