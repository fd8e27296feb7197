/*
 * The driver of virtual time, as its own files see it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/host.h"
#include "harness/names.h"
#include "harness/vtime/backend.h"
#include "harness/vtime/vtime.h"

#define VTIME_BACKEND_MAX 2
#define VTIME_LEADER_MAX  64

struct vtime {
    struct vtime_config config;
    struct vtime_backend *shim, *ptrace; /* NULL until a host needs them */
    struct host_minder minders[VTIME_BACKEND_MAX];
    pid_t leaders[VTIME_LEADER_MAX];
    size_t leader_count;
    unsigned shim_hosts, ptrace_hosts;
    bool is_resting;          /* the hosts slept when a modem's timer ran, which came next, */
    uint64_t rested_at;       /* and this was the next record of the trace */
    bool is_trusted;          /* they were seen asleep, and bytes or time are all they got since */
    unsigned pty_changes;     /* as they were then */
    bool has_sent;            /* bytes are on their way to hosts */
    uint64_t busy_since_us;   /* wall time since when the hosts compute; 0 = they rest */
    uint64_t silent_since_us; /* wall time since when real answers are awaited in vain; 0 = not */
    int given_up;             /* how many awaited answers are not waited for any more */
    uint64_t window_us, window_jumps;
    bool is_polling_told, is_host_unfit;
    char *problem, *reality; /* reality: why time is real after all */
    struct names warnings;
};

/* NULL while no host needs it. */
static inline struct vtime_backend *vtime_backend_at(const struct vtime *vtime, size_t index)
{
    return index == 0 ? vtime->shim : vtime->ptrace;
}
