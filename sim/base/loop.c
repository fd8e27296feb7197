/*
 * The loop wakes for the clock by a timerfd of its own. libevent's timers round each wait up to
 * whole milliseconds (50 ms of modem at x50), and its precise ones set a timerfd in every turn;
 * ours is set only when a timer comes before the one it is set to. If that one was cancelled
 * meanwhile, a turn ends early, which no caller can tell from a descriptor without news.
 * SPDX-License-Identifier: MIT
 */
#include "sim/base/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sim/base/clock.h"

/* Long waits are cut into pieces, so that no sum of times overflows. */
#define WAIT_MAX_US 3600000000u

/* The turn ends, and the clock is asked afterwards. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;
    uint64_t expirations;

    if (read(fd, &expirations, sizeof(expirations)) > 0)
        loop->alarm_us = 0;
}

static void set_alarm(struct loop *loop, uint64_t wait_us)
{
    uint64_t us = wait_us < WAIT_MAX_US ? wait_us : WAIT_MAX_US;
    uint64_t alarm_us = clock_wall_us(loop->clock) + us;
    struct itimerspec alarm = {
        .it_value = {.tv_sec = (time_t)(us / 1000000u), .tv_nsec = (long)(us % 1000000u) * 1000}
    };

    if (loop->alarm_us != 0 && loop->alarm_us <= alarm_us)
        return;
    if (timerfd_settime(loop->alarm_fd, 0, &alarm, NULL) < 0)
        assert(!"a relative time below an hour is valid");
    loop->alarm_us = alarm_us;
}

int loop_init(struct loop *loop, struct clock *clock)
{
    int r;

    *loop = (struct loop){.clock = clock};
    loop->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->alarm_fd < 0)
        return -errno;
    loop->events = event_base_new();
    if (!loop->events) {
        r = errno ? -errno : -ENOMEM;
        close(loop->alarm_fd);
        return r;
    }
    /* Events get the middle one of LOOP_RANK_COUNT when they are made. */
    static_assert(LOOP_RANK_COUNT / 2 == LOOP_RANK_SOCKET, "libevent's default is another rank");
    event_base_priority_init(loop->events, LOOP_RANK_COUNT);
    loop->tick = event_new(loop->events, loop->alarm_fd, EV_READ | EV_PERSIST, on_tick, loop);
    assert(loop->tick);
    event_add(loop->tick, NULL); /* and with it the loop never ends because nothing is watched */
    return 0;
}

void loop_deinit(struct loop *loop)
{
    if (!loop->events)
        return;
    event_free(loop->tick);
    event_base_free(loop->events);
    close(loop->alarm_fd);
    *loop = (struct loop){0};
}

void loop_turn(struct loop *loop, bool block)
{
    uint64_t wait_us = clock_wall_until_due(loop->clock);
    int flags = EVLOOP_ONCE;

    if (!block || wait_us == 0)
        flags |= EVLOOP_NONBLOCK;
    else if (wait_us != UINT64_MAX)
        set_alarm(loop, wait_us);
    event_base_loop(loop->events, flags);
    clock_run_due(loop->clock);
}

bool loop_serve(struct loop *loop, uint64_t wait_us)
{
    int flags = EVLOOP_ONCE;

    if (wait_us == 0)
        flags |= EVLOOP_NONBLOCK;
    else
        set_alarm(loop, wait_us);
    event_base_get_max_events(loop->events, EVENT_BASE_COUNT_ACTIVE, 1);
    event_base_loop(loop->events, flags);
    return event_base_get_max_events(loop->events, EVENT_BASE_COUNT_ACTIVE, 0) > 0;
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped)
        loop_turn(loop, true);
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
