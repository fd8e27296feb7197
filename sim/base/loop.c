/* SPDX-License-Identifier: MIT */
#include "sim/base/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <sys/time.h>

#include "sim/base/clock.h"

/* Long waits are cut into pieces, which keeps the arithmetic of struct timeval out of trouble. */
#define WAIT_MAX_US 3600000000u

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    /* Nothing to do: the turn ends, and the clock is asked afterwards. */
}

int loop_init(struct loop *loop, struct clock *clock)
{
    struct event_config *config = event_config_new();

    *loop = (struct loop){.clock = clock};
    assert(config);
    /* Without it libevent rounds each wait up to whole milliseconds: 50 ms of modem at x50. */
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    loop->events = event_base_new_with_config(config);
    event_config_free(config);
    if (!loop->events)
        return errno ? -errno : -ENOMEM;
    loop->tick = event_new(loop->events, -1, 0, on_tick, NULL);
    assert(loop->tick);
    return 0;
}

void loop_deinit(struct loop *loop)
{
    if (loop->tick)
        event_free(loop->tick);
    if (loop->events)
        event_base_free(loop->events);
    *loop = (struct loop){0};
}

void loop_turn(struct loop *loop, bool block)
{
    uint64_t wait_us = clock_wall_until_due(loop->clock);
    int flags = EVLOOP_ONCE;

    if (!block || wait_us == 0) {
        flags |= EVLOOP_NONBLOCK;
    } else {
        /* Armed even without timers: the loop must not end because nothing is watched. */
        uint64_t us = wait_us < WAIT_MAX_US ? wait_us : WAIT_MAX_US;
        struct timeval tv = {.tv_sec = (time_t)(us / 1000000u),
                             .tv_usec = (suseconds_t)(us % 1000000u)};

        event_add(loop->tick, &tv);
    }
    event_base_loop(loop->events, flags);
    clock_run_due(loop->clock);
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
