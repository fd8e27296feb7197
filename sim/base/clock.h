/*
 * The only source of time. Nothing else in Hayeswire reads a clock or sleeps.
 *
 * The clock counts microseconds of *modem time* from 0 and owns a heap of timers, ordered by due
 * time and, at equal times, by order of arrival. It does not know what makes time pass:
 *   - real and scaled: modem time follows the monotonic wall clock, `scale` times as fast;
 *   - manual: time moves only by clock_advance(). Unit tests use it, and it is what a virtual mode
 *     stands on: a driver that sees everybody blocked advances to clock_next_due().
 * The loop (sim/base/loop.h) waits for descriptors and for the next timer; callers see only this.
 * Single thread. Timers are embedded in their owner and never allocated here.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum clock_mode { CLOCK_REAL, CLOCK_MANUAL };

typedef void (*timer_fn)(void *arg);

/* Zero-initialised = idle. */
struct timer {
    uint64_t due_us;
    uint64_t seq;
    size_t slot; /* place in the heap + 1; 0 = not armed */
    timer_fn fn;
    void *arg;
};

struct clock {
    enum clock_mode mode;
    double scale;            /* modem seconds per wall second; 1 in real mode */
    uint64_t wall_origin_us; /* wall clock at modem time 0 */
    uint64_t manual_now_us;
    int64_t real_offset_us; /* added in real mode, by clock_follow_wall() and clock_set_scale() */
    uint64_t next_seq;
    struct timer **heap;
    size_t count, cap;
};

/* scale > 0; ignored in manual mode. */
void clock_init(struct clock *clock, enum clock_mode mode, double scale);
/* Armed timers are forgotten, not run. */
void clock_deinit(struct clock *clock);

/* From now on, without a jump; scale > 0; ignored in manual mode. */
void clock_set_scale(struct clock *clock, double scale);
/* Modem time since clock_init. */
uint64_t clock_now_us(const struct clock *clock);
/* Wall time since clock_init, for reports only. */
uint64_t clock_wall_us(const struct clock *clock);

/* Call fn(arg) once, delay_us of modem time from now. An armed timer is moved to the new time. */
void clock_after(struct clock *clock, struct timer *timer, uint64_t delay_us, timer_fn fn,
                 void *arg);
/* The same at an absolute modem time; a time in the past means as soon as possible. */
void clock_at(struct clock *clock, struct timer *timer, uint64_t due_us, timer_fn fn, void *arg);
/* Safe on an idle timer. */
void clock_cancel(struct clock *clock, struct timer *timer);
bool timer_is_armed(const struct timer *timer);

/* Return: whether a timer is armed; due_us_out is the earliest due time. */
bool clock_next_due(const struct clock *clock, uint64_t *due_us_out);
/* Wall microseconds until the next timer; 0 when one is due, UINT64_MAX when none is armed. */
uint64_t clock_wall_until_due(const struct clock *clock);
/*
 * Run the timers that are due at the time of the call, in order. Timers armed meanwhile wait for
 * the next call, so that a timer that rearms itself with 0 can not starve the descriptors.
 * Return: how many ran.
 */
size_t clock_run_due(struct clock *clock);
/* Manual mode only: move to now + delta_us, running each timer exactly at its own time. */
void clock_advance(struct clock *clock, uint64_t delta_us);
/*
 * Manual mode only: move to the next timer's time (not back when it is overdue) and run that one
 * timer. Return: whether there was one.
 */
bool clock_step(struct clock *clock);
/* Manual mode only: from now on time follows the wall clock, going on from where it stands. */
void clock_follow_wall(struct clock *clock);
