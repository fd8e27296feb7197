/*
 * What the driver of virtual time asks of a way to put a host on modem time. There are two: the
 * preload shim and ptrace. Times are nanoseconds of modem time. Private to harness/vtime.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/host.h"
#include "harness/vtime/tasks.h"

struct buf;
struct names;
struct vtime;

struct vtime_backend;

/* What a host says of itself; see page.h. */
enum vtime_word {
    VTIME_WORD_NONE,    /* it says nothing: look at it */
    VTIME_WORD_AWAITED, /* what it was sent makes it speak again, as far as is known */
    VTIME_WORD_RESTS,
};

struct vtime_backend_ops {
    const char *name;
    /* In the host's child right before its exec: async-signal-safe calls only. May be NULL. */
    void (*in_child)(struct vtime_backend *backend);
    /* The child is there; with in_child it waits for its exec. Return: 0, or -errno and why. */
    int (*born)(struct vtime_backend *backend, pid_t pid, struct buf *error_out);
    /* Kill what is left of a host and let go of it; its leader is not reaped. */
    void (*gone)(struct vtime_backend *backend, pid_t pid);
    /* Take in what has happened to the hosts. */
    void (*pump)(struct vtime_backend *backend);
    /* After a look that found all asleep: whether nothing has to be done before time moves. */
    bool (*is_settled)(struct vtime_backend *backend);
    /*
     * The hosts have been proven asleep, and since then nothing has reached them but bytes on a tty
     * and the end of their waits: may they be believed? NULL = they say nothing.
     */
    enum vtime_word (*word)(struct vtime_backend *backend);
    /* Let the hosts run until it comes. */
    void (*await_word)(struct vtime_backend *backend, unsigned limit_us);
    /* Bytes are to be written to hosts, and were: words from before that are void. */
    void (*sending)(struct vtime_backend *backend);
    void (*sent)(struct vtime_backend *backend, size_t len);
    /* The hosts were seen asleep, with nothing in flight: words given up to now hold. */
    void (*hold_words)(struct vtime_backend *backend);
    /* Who is left after a thread has ended. */
    void (*refresh)(struct vtime_backend *backend);
    /* The earliest deadline of the hosts; VTIME_NEVER = none. */
    int64_t (*next_ns)(struct vtime_backend *backend);
    /* Release the one waiter whose deadline has come; the oldest first. */
    void (*fire)(struct vtime_backend *backend);
    void (*set_now)(struct vtime_backend *backend, int64_t now_ns);
    /* Let the hosts run for a moment. */
    void (*pause)(struct vtime_backend *backend, unsigned pause_us);
    void (*free)(struct vtime_backend *backend);
};

struct vtime_backend {
    const struct vtime_backend_ops *ops;
    struct vtime *vtime;
    struct vtime_tasks tasks;
    int64_t now_ns;
    unsigned spins; /* how often a thread read the clock too often, */
    pid_t spin_tid; /* and which one last */
};

struct vtime_backend *vtime_shim_new(struct vtime *vtime, struct buf *error_out);
struct vtime_backend *vtime_ptrace_new(struct vtime *vtime, struct buf *error_out);
/* One of the hosts is a Go program. */
void vtime_ptrace_expect_go(struct vtime_backend *backend);

/* ---- what back-ends ask of the driver ---- */

/* Whether pid is the leader of a host: host.c reaps it, nobody else. */
bool vtime_is_leader(const struct vtime *vtime, pid_t pid);
/* Whether another back-end looks after that process. */
bool vtime_is_elsewhere(const struct vtime *vtime, const struct vtime_backend *backend, pid_t tgid);
/* Something that makes the rest worthless: the first sentence wins. */
void vtime_fail(struct vtime *vtime, bool is_host_unfit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Something that makes the result doubtful: told once with it. */
void vtime_warn(struct vtime *vtime, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint32_t vtime_seed(const struct vtime *vtime);
/* Wall time, for limits on the hosts only. */
uint64_t vtime_wall_us(const struct vtime *vtime);

/* ---- the shim's page, which also carries the modem-control lines ---- */

struct vtime_page;
/* What the host's environment needs. */
void vtime_shim_environment(struct vtime_backend *backend, const char *asan, struct names *env);
struct vtime_page *vtime_shim_page(struct vtime_backend *backend);
