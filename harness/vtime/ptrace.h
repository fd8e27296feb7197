/*
 * Hosts on modem time by ptrace: any x86-64 program, static ones included. Private to the back-end.
 *
 * A seccomp filter traps the calls that know of time, and no others. A clock read is answered from
 * modem time. A wait with a limit loses its limit, and the kernel does the waiting; when the limit
 * has come the thread is interrupted, and the result of its call is made that of a time-out.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>
#include <time.h>

#include "harness/vtime/backend.h"
#include "harness/vtime/page.h"

#define NS_PER_S INT64_C(1000000000)
/*
 * Go's runtime sleeps for up to 10 ms when its threads race, or does not; its programs' own
 * sleeps go another way. Such sleeps of a Go program take no modem time, or the same course of
 * things would happen at other microseconds in each run.
 */
#define PTRACE_GO_SLEEP_NS INT64_C(10000000)
#define PTRACE_TIMERFD_MAX 128
#define PTRACE_TIMER_MAX   128

struct tracee {
    struct tracee *next;
    struct vtime_task *task;
    pid_t tid, tgid;
    bool waits;          /* in a call of which we took the limit */
    bool is_fired;       /* the limit has come: interrupted */
    int call;            /* the call that it made */
    int64_t deadline_ns; /* VTIME_NEVER = none */
    uint64_t order;
    struct user_regs_struct saved; /* as they were at the call's begin */
    /* A signal without handler makes the kernel repeat the call: it keeps its deadline. */
    bool is_resumed;
    int64_t kept_ns;
    uint64_t kept_ip;
    bool reads_tty;   /* its read() was made a poll(), and will be repeated */
    bool passes_read; /* that repetition */
    struct vtime_spin spin;
};

struct ptrace_timerfd {
    bool is_used;
    pid_t tgid;
    int fd, copy; /* the host's number, and our descriptor of the same timer */
    int64_t deadline_ns, interval_ns;
};

struct ptrace_timer {
    bool is_used, is_itimer;
    pid_t tgid, tid; /* tid 0 = the process */
    int clock, signal;
    uint64_t value;
    int64_t deadline_ns, interval_ns;
};

struct ptrace_backend {
    struct vtime_backend base;
    struct tracee *tracees;
    uint64_t order;
    uint64_t chance; /* of getrandom() */
    bool has_go;
    struct ptrace_timerfd timerfds[PTRACE_TIMERFD_MAX];
    struct ptrace_timer timers[PTRACE_TIMER_MAX];
};

/* ---- registers and memory (ptrace_calls.c) ---- */

bool tracee_read(const struct tracee *tracee, uint64_t address, void *bytes, size_t size);
bool tracee_write(const struct tracee *tracee, uint64_t address, const void *bytes, size_t size);
/* Let it go on: PTRACE_CONT or PTRACE_SYSCALL, with a signal or 0. */
void tracee_continue(struct tracee *tracee, int request, int signal);
/* The call is not made; its result is `result`. */
void tracee_skip(struct tracee *tracee, struct user_regs_struct *regs, long result);

/* At the begin of a trapped call, and at the end of one with `waits`. */
void ptrace_call_begins(struct ptrace_backend *tracer, struct tracee *tracee);
void ptrace_call_ends(struct ptrace_backend *tracer, struct tracee *tracee);

static inline int64_t ptrace_ns_of(const struct timespec *time)
{
    if (time->tv_sec > VTIME_NEVER / 4 / NS_PER_S)
        return VTIME_NEVER / 4;
    return (int64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

static inline struct timespec ptrace_timespec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* ---- timers (ptrace_timers.c) ---- */

/* Return: whether the call was one of theirs, and is answered. */
bool ptrace_timer_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs);
int64_t ptrace_timers_next(const struct ptrace_backend *tracer);
/* Fire the first one that is due. Return: whether there was one. */
bool ptrace_timers_fire(struct ptrace_backend *tracer);
/* The process has ended, or become another program. */
void ptrace_timers_forget(struct ptrace_backend *tracer, pid_t tgid, bool has_ended);

/* ---- the start of a program (ptrace_filter.c) ---- */

/* In the child: trap the calls, and let addresses not depend on chance. */
void ptrace_filter_install(void);
/* The new program must not see the vDSO, nor random bytes. */
void ptrace_hide_vdso(const struct tracee *tracee);
