/*
 * The event loop: libevent for descriptors, the clock for time.
 * Everything that waits for a descriptor adds its event to loop->events; nobody adds libevent
 * timers, since those would not follow modem time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct event;
struct event_base;

struct loop {
    struct event_base *events;
    struct event *tick; /* wakes the loop when the clock's next timer is due */
    struct clock *clock;
    int alarm_fd;      /* the timerfd of tick */
    uint64_t alarm_us; /* wall time it is set to; 0 = not set */
    bool stopped;
};

/* The clock is borrowed. Return: 0, or -errno when the kernel refuses a poller. */
int loop_init(struct loop *loop, struct clock *clock);
void loop_deinit(struct loop *loop);

/* Wait until a descriptor or a timer is ready (or return at once if !block), and serve it. */
void loop_turn(struct loop *loop, bool block);
/* Turn until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
