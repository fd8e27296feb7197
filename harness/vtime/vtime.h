/*
 * Virtual time: modems and unmodified hosts on one clock that jumps to the next deadline when
 * everybody is blocked.
 *
 * The driver takes the place of loop_run() over a clock in manual mode. It moves time only when
 *   - every thread of every host is asleep, by the evidence of tasks.h, or by its own word where it
 *     has one (shim_word.c),
 *   - nothing is in flight on a pty, and no descriptor of the loop has anything to say,
 *   - no real answer is awaited (loop->awaited).
 * Then one thing happens: the modem timer or the host's wait that is due first, the modem first at
 * equal times. One thing at a time is what makes the traces equal. How hosts are put on the clock
 * is a back-end's matter: a preload shim for programs that load it, ptrace for the rest.
 *
 * Time stands while hosts compute, so a host that never waits would hold it for ever: limits in
 * wall time end that with a sentence that names the thread.
 * Single thread. Errors: negative errno with one line of text.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct clock;
struct host_minder;
struct loop;
struct names;
struct trace;
struct vtime;
struct vtime_page;

/* How time is asked for: --time. */
enum vtime_wish {
    VTIME_WISH_REAL,
    VTIME_WISH_AUTO,    /* virtual, but real from the first host on that cannot be virtual */
    VTIME_WISH_VIRTUAL, /* such a host is an error */
    VTIME_WISH_SHIM,
    VTIME_WISH_PTRACE,
};

#define VTIME_BUSY_MAX_US 30000000u /* see busy_us */
#define VTIME_SILENCE_US  5000000u  /* wall time that a real server may take for its next byte */

struct vtime_config {
    struct clock *clock;       /* in manual mode, but for VTIME_WISH_REAL; borrowed */
    struct loop *loop;         /* borrowed */
    const struct trace *trace; /* of all that happens; borrowed */
    enum vtime_wish wish;
    uint64_t seed;
    uint64_t busy_us; /* wall time that hosts may compute between two waits */
    pid_t bystander;  /* a child of ours that is no host; 0 = none */
    bool lines;       /* modem-control lines for hosts that load the shim */
};

struct vtime *vtime_new(const struct vtime_config *config);
/* Safe on NULL. Hosts must be gone. */
void vtime_free(struct vtime *vtime);

/*
 * A host is to be started. Adds to its environment, and hands out what host_start() has to call;
 * *minder_out is NULL when there is nothing.
 * Return: 0, or -ENOTSUP with the reason when it cannot be put on modem time and has to be.
 */
int vtime_adopt(struct vtime *vtime, const char *program, struct names *env,
                const struct host_minder **minder_out, struct buf *error_out);
/* host_start() failed in the minder. Return: whether real time is allowed, and on from now. */
bool vtime_give_up(struct vtime *vtime, const char *reason);

/* Whether time is virtual (still). When not, loop_turn() moves things. */
bool vtime_is_virtual(const struct vtime *vtime);

enum vtime_turn {
    VTIME_TURNED,  /* something was done, or time has moved by one step */
    VTIME_AT_WORK, /* hosts compute; the caller may look at limits and signals, and turns again */
    VTIME_STUCK,   /* nothing can go on: vtime_problem() says why */
};

/* One step. */
enum vtime_turn vtime_turn(struct vtime *vtime);
/*
 * Somebody but the modems may have reached a host: a signal, a connection that ended. Before time
 * moves it is looked at again.
 */
void vtime_disturb(struct vtime *vtime);
/*
 * Wait until the hosts sleep, time standing still and nothing served; for limit_us of wall time,
 * and for busy_us at most.
 */
void vtime_settle(struct vtime *vtime, uint64_t limit_us);

/* Take in what has happened to the hosts, and no more: for waiting for their end. */
void vtime_pump(struct vtime *vtime);

/* Whether the problem is that a host cannot be on modem time, and not what it does there. */
bool vtime_is_host_unfit(const struct vtime *vtime);
/* Why there is no going on: one line; and one line for each thread of the hosts. */
const char *vtime_problem(const struct vtime *vtime);
void vtime_describe_threads(const struct vtime *vtime, struct buf *out);
/* What makes the result doubtful; for the end. */
const struct names *vtime_warnings(struct vtime *vtime);
/* The way chosen: "virtual (shim)", "real: setuid". */
void vtime_describe(const struct vtime *vtime, struct buf *out);

/* ---- modem-control lines ---- */

/* The shared page when --lines is on; else NULL. */
struct vtime_page *vtime_lines_page(struct vtime *vtime);
