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

/*
 * Of several descriptors that are ready at once, those of the first rank are served first, whatever
 * order the kernel reports them in, so that one and the same course of things leaves one and the
 * same trace. Events without a rank of their own have LOOP_RANK_SOCKET.
 */
enum loop_rank {
    LOOP_RANK_CARRIER, /* who has opened a port */
    LOOP_RANK_PORT,    /* what came over a port */
    LOOP_RANK_SOCKET,  /* servers and clients */
    LOOP_RANK_OUTPUT,  /* what a program printed */
    LOOP_RANK_EXIT,    /* that a program ended */
    LOOP_RANK_COUNT,
};

struct loop {
    struct event_base *events;
    struct event *tick; /* wakes the loop when the clock's next timer is due */
    struct clock *clock;
    int alarm_fd;      /* the timerfd of tick */
    uint64_t alarm_us; /* wall time it is set to; 0 = not set */
    bool stopped;
    /*
     * Answers of real sockets that somebody waits for, and that do come: whoever starts to wait
     * adds one, and takes it back at the end. A peer of ours that will stay silent on purpose takes
     * one away for as long. A driver that can hold modem time holds it while this is above 0.
     */
    int awaited;
};

/* The clock is borrowed. Return: 0, or -errno when the kernel refuses a poller. */
int loop_init(struct loop *loop, struct clock *clock);
void loop_deinit(struct loop *loop);

/* Wait until a descriptor or a timer is ready (or return at once if !block), and serve it. */
void loop_turn(struct loop *loop, bool block);
/*
 * Serve the descriptors that are ready, rank by rank, and no timer of the clock. Wait up to wait_us
 * of wall time for the first. Return: whether any was ready; the end of the wait is an event, too.
 */
bool loop_serve(struct loop *loop, uint64_t wait_us);
/* Turn until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
