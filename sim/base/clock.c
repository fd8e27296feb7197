/* SPDX-License-Identifier: MIT */
#include "sim/base/clock.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "sim/base/mem.h"

static uint64_t wall_now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

void clock_init(struct clock *clock, enum clock_mode mode, double scale)
{
    assert(scale > 0);
    *clock = (struct clock){
        .mode = mode,
        .scale = mode == CLOCK_MANUAL ? 1 : scale,
        .wall_origin_us = wall_now_us(),
    };
}

void clock_deinit(struct clock *clock)
{
    for (size_t i = 0; i < clock->count; i++)
        clock->heap[i]->slot = 0;
    free(clock->heap);
    clock->heap = NULL;
    clock->count = clock->cap = 0;
}

uint64_t clock_wall_us(const struct clock *clock)
{
    return wall_now_us() - clock->wall_origin_us;
}

uint64_t clock_now_us(const struct clock *clock)
{
    if (clock->mode == CLOCK_MANUAL)
        return clock->manual_now_us;
    return (uint64_t)((double)clock_wall_us(clock) * clock->scale) +
           (uint64_t)clock->real_offset_us;
}

void clock_set_scale(struct clock *clock, double scale)
{
    uint64_t now_us = clock_now_us(clock);

    assert(scale > 0);
    if (clock->mode == CLOCK_MANUAL)
        return;
    clock->scale = scale;
    clock->real_offset_us = (int64_t)now_us -
                            (int64_t)((double)clock_wall_us(clock) * clock->scale);
}

/* ---- the heap: a binary heap by (due, order of arrival) ---- */

static bool earlier(const struct timer *a, const struct timer *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->seq < b->seq;
}

static void place(struct clock *clock, size_t index, struct timer *timer)
{
    clock->heap[index] = timer;
    timer->slot = index + 1;
}

static void sift_up(struct clock *clock, size_t index)
{
    struct timer *timer = clock->heap[index];

    while (index > 0 && earlier(timer, clock->heap[(index - 1) / 2])) {
        place(clock, index, clock->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place(clock, index, timer);
}

static void sift_down(struct clock *clock, size_t index)
{
    struct timer *timer = clock->heap[index];

    for (;;) {
        size_t child = 2 * index + 1;

        if (child >= clock->count)
            break;
        if (child + 1 < clock->count && earlier(clock->heap[child + 1], clock->heap[child]))
            child++;
        if (!earlier(clock->heap[child], timer))
            break;
        place(clock, index, clock->heap[child]);
        index = child;
    }
    place(clock, index, timer);
}

void clock_at(struct clock *clock, struct timer *timer, uint64_t due_us, timer_fn fn, void *arg)
{
    assert(fn);
    clock_cancel(clock, timer);
    if (clock->count == clock->cap) {
        clock->cap = clock->cap ? clock->cap * 2 : 16;
        clock->heap = xrealloc(clock->heap, clock->cap * sizeof(struct timer *));
    }
    timer->due_us = due_us;
    timer->seq = clock->next_seq++;
    timer->fn = fn;
    timer->arg = arg;
    place(clock, clock->count++, timer);
    sift_up(clock, timer->slot - 1);
}

void clock_after(struct clock *clock, struct timer *timer, uint64_t delay_us, timer_fn fn,
                 void *arg)
{
    clock_at(clock, timer, clock_now_us(clock) + delay_us, fn, arg);
}

void clock_cancel(struct clock *clock, struct timer *timer)
{
    size_t index = timer->slot - 1;
    struct timer *last;

    if (timer->slot == 0)
        return;
    assert(index < clock->count && clock->heap[index] == timer);
    timer->slot = 0;
    last = clock->heap[--clock->count];
    if (last == timer)
        return;
    place(clock, index, last);
    sift_down(clock, index);
    sift_up(clock, last->slot - 1);
}

bool timer_is_armed(const struct timer *timer)
{
    return timer->slot != 0;
}

bool clock_next_due(const struct clock *clock, uint64_t *due_us_out)
{
    if (clock->count == 0)
        return false;
    *due_us_out = clock->heap[0]->due_us;
    return true;
}

uint64_t clock_wall_until_due(const struct clock *clock)
{
    uint64_t due_us, now_us = clock_now_us(clock);

    if (!clock_next_due(clock, &due_us))
        return UINT64_MAX;
    if (due_us <= now_us)
        return 0;
    return (uint64_t)ceil((double)(due_us - now_us) / clock->scale);
}

static void run_first(struct clock *clock)
{
    struct timer *timer = clock->heap[0];

    clock_cancel(clock, timer);
    timer->fn(timer->arg);
}

size_t clock_run_due(struct clock *clock)
{
    uint64_t now_us = clock_now_us(clock), seq_limit = clock->next_seq;
    size_t ran = 0;

    while (clock->count > 0 && clock->heap[0]->due_us <= now_us &&
           clock->heap[0]->seq < seq_limit) {
        run_first(clock);
        ran++;
    }
    return ran;
}

bool clock_step(struct clock *clock)
{
    assert(clock->mode == CLOCK_MANUAL);
    if (clock->count == 0)
        return false;
    if (clock->heap[0]->due_us > clock->manual_now_us)
        clock->manual_now_us = clock->heap[0]->due_us;
    run_first(clock);
    return true;
}

void clock_advance(struct clock *clock, uint64_t delta_us)
{
    uint64_t end_us = clock->manual_now_us + delta_us;

    assert(clock->mode == CLOCK_MANUAL);
    while (clock->count > 0 && clock->heap[0]->due_us <= end_us)
        clock_step(clock);
    clock->manual_now_us = end_us;
}

void clock_follow_wall(struct clock *clock)
{
    assert(clock->mode == CLOCK_MANUAL);
    clock->mode = CLOCK_REAL;
    clock->real_offset_us = (int64_t)(clock->manual_now_us - clock_wall_us(clock));
}
