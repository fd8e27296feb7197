/*
 * Hosts under ptrace: who is there, their stops, and the end of their waits.
 *
 * The leader of a host stays a zombie until host.c reaps it, so exits are collected thread by
 * thread, and never the leader's. A child may stop, and even end, before its parent's own report of
 * having made it: both orders are taken.
 * SPDX-License-Identifier: MIT
 */
#include "harness/vtime/ptrace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

#ifdef __x86_64__

#define SYSCALL_STOP (SIGTRAP | 0x80)
#define OPTIONS                                                                               \
    (PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
     PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)

static struct ptrace_backend *ptrace_of(struct vtime_backend *backend)
{
    return (struct ptrace_backend *)backend;
}

/* ---- who is there ---- */

static struct tracee *find(const struct ptrace_backend *tracer, pid_t tid)
{
    struct tracee *tracee = tracer->tracees;

    while (tracee && tracee->tid != tid)
        tracee = tracee->next;
    return tracee;
}

/* Return: it, or NULL when it has gone already. */
static struct tracee *add(struct ptrace_backend *tracer, pid_t tid)
{
    struct tracee *tracee = find(tracer, tid);
    struct vtime_task *task;
    pid_t tgid, ppid;

    if (tracee || !vtime_task_parents(tid, &tgid, &ppid))
        return tracee;
    task = vtime_tasks_add(&tracer->base.tasks, tgid, tid);
    if (!task)
        return NULL;
    tracee = xcalloc(1, sizeof(*tracee));
    *tracee = (struct tracee){.next = tracer->tracees, .task = task, .tid = tid, .tgid = tgid};
    tracer->tracees = tracee;
    return tracee;
}

static void drop(struct ptrace_backend *tracer, struct tracee *tracee)
{
    struct tracee **at = &tracer->tracees;

    while (*at != tracee)
        at = &(*at)->next;
    *at = tracee->next;
    if (tracee->tid == tracee->tgid)
        ptrace_timers_forget(tracer, tracee->tgid, true);
    vtime_tasks_remove(&tracer->base.tasks, tracee->task);
    free(tracee);
}

/*
 * Collect those that have ended: only then do their parents get to know it.
 * Return: whether there were any.
 */
static bool collect_ended(struct ptrace_backend *tracer)
{
    struct tracee *next;
    bool any = false;

    for (struct tracee *tracee = tracer->tracees; tracee; tracee = next) {
        siginfo_t info = {0};
        int r;

        next = tracee->next;
        if (vtime_is_leader(tracer->base.vtime, tracee->tid)) {
            if (tracee->task->state == 'Z')
                tracee->waits = false;
            continue;
        }
        if (tracee->task->state != 'Z' && tracee->task->state != 'X')
            continue;
        r = waitid(P_PID, (id_t)tracee->tid, &info, WEXITED | WNOHANG | __WALL);
        if ((r == 0 && info.si_pid == tracee->tid) || (r < 0 && errno == ECHILD)) {
            drop(tracer, tracee);
            any = true;
        }
    }
    return any;
}

/* A thread has gone from /proc, or is about to: its state decides in collect_ended(). */
static void refresh(struct vtime_backend *backend)
{
    struct ptrace_backend *tracer = ptrace_of(backend);
    struct tracee *next;

    for (struct tracee *tracee = tracer->tracees; tracee; tracee = next) {
        char text[8];

        next = tracee->next;
        if (pread(tracee->task->stat_fd, text, sizeof(text), 0) <= 0 &&
            !vtime_is_leader(backend->vtime, tracee->tid))
            drop(tracer, tracee);
    }
    collect_ended(tracer);
}

/* ---- stops ---- */

static void resume(struct tracee *tracee, int signal)
{
    tracee_continue(tracee, tracee->waits ? PTRACE_SYSCALL : PTRACE_CONT, signal);
}

/* Of all threads of the process only this one is left, with the leader's number. */
static void on_exec(struct ptrace_backend *tracer, struct tracee *tracee)
{
    struct tracee *next;

    for (struct tracee *other = tracer->tracees; other; other = next) {
        next = other->next;
        if (other != tracee && other->tgid == tracee->tgid)
            drop(tracer, other);
    }
    tracee->waits = tracee->is_resumed = tracee->reads_tty = tracee->passes_read = false;
    ptrace_timers_forget(tracer, tracee->tgid, false);
    ptrace_hide_vdso(tracee);
    resume(tracee, 0);
}

static void on_birth(struct ptrace_backend *tracer, struct tracee *parent)
{
    unsigned long child = 0;

    if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &child) == 0)
        add(tracer, (pid_t)child);
    resume(parent, 0);
}

static bool is_stop_signal(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Begin of a thread's life, an interruption of ours, or a job-control stop. */
static void on_group_stop(struct tracee *tracee, int signal)
{
    if (!is_stop_signal(signal)) {
        resume(tracee, 0);
        return;
    }
    tracee->task->is_parked = true;
    ptrace(PTRACE_LISTEN, tracee->tid, NULL, NULL);
}

/* Whether the program has a handler for the signal. */
static bool is_caught(const struct tracee *tracee, int signal)
{
    char path[64], text[4096];
    const char *mask;
    ssize_t len = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)tracee->tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    text[len > 0 ? len : 0] = '\0';
    mask = strstr(text, "\nSigCgt:");
    return mask && (strtoull(mask + 8, NULL, 16) >> (signal - 1) & 1);
}

static void on_stop(struct ptrace_backend *tracer, pid_t tid, int status)
{
    struct tracee *tracee = add(tracer, tid);
    int signal = status & 0xff, event = status >> 8;

    if (!tracee)
        return;
    if (signal == SYSCALL_STOP) {
        if (tracee->waits)
            ptrace_call_ends(tracer, tracee);
        else
            resume(tracee, 0);
        return;
    }
    switch (event) {
    case PTRACE_EVENT_SECCOMP:
        ptrace_call_begins(tracer, tracee);
        break;
    case PTRACE_EVENT_EXEC:
        on_exec(tracer, tracee);
        break;
    case PTRACE_EVENT_CLONE:
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
        on_birth(tracer, tracee);
        break;
    case PTRACE_EVENT_STOP:
        on_group_stop(tracee, signal);
        break;
    default: /* a signal on its way to the program */
        if (is_caught(tracee, signal))
            tracee->is_resumed = false; /* the call ends with EINTR after the handler */
        resume(tracee, signal);
        break;
    }
}

static void pump(struct vtime_backend *backend)
{
    siginfo_t info = {0};

    while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG | __WALL) == 0 && info.si_pid != 0) {
        on_stop(ptrace_of(backend), info.si_pid, info.si_status);
        info = (siginfo_t){0};
    }
    collect_ended(ptrace_of(backend));
}

/* ---- begin and end of a host ---- */

static void in_child(struct vtime_backend *backend)
{
    ptrace_filter_install();
}

static int born(struct vtime_backend *backend, pid_t pid, struct buf *error_out)
{
    sigset_t child;

    /* So that sigtimedwait() can wait for what the hosts do. */
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) < 0) {
        buf_printf(error_out,
                   "ptrace is forbidden here (%s): a container may need --cap-add SYS_PTRACE or "
                   "another seccomp profile; or use --time real",
                   strerror(errno));
        return -ENOTSUP;
    }
    if (!add(ptrace_of(backend), pid) || backend->tasks.error != 0) {
        buf_printf(error_out, "virtual time needs /proc/%d/syscall and schedstat", (int)pid);
        return -ENOTSUP;
    }
    return 0;
}

static bool has_threads(const struct ptrace_backend *tracer, pid_t tgid)
{
    for (const struct tracee *tracee = tracer->tracees; tracee; tracee = tracee->next) {
        if (tracee->tgid == tgid && tracee->tid != tgid)
            return true;
    }
    return false;
}

/* The leader can be reaped only when its other threads were, and those only by us. */
static void gone(struct vtime_backend *backend, pid_t pid)
{
    struct ptrace_backend *tracer = ptrace_of(backend);
    struct tracee *leader;

    while (has_threads(tracer, pid)) {
        pump(backend);
        vtime_tasks_look(&backend->tasks, false);
        refresh(backend);
    }
    leader = find(tracer, pid);
    if (leader)
        drop(tracer, leader);
}

/* ---- deadlines ---- */

/* Oldest deadline first, then order of arrival, as everywhere. */
static struct tracee *first_waiter(const struct ptrace_backend *tracer)
{
    struct tracee *first = NULL;

    for (struct tracee *tracee = tracer->tracees; tracee; tracee = tracee->next) {
        if (!tracee->waits || tracee->is_fired || tracee->deadline_ns == VTIME_NEVER ||
            tracee->task->is_parked)
            continue;
        if (!first || tracee->deadline_ns < first->deadline_ns ||
            (tracee->deadline_ns == first->deadline_ns && tracee->order < first->order))
            first = tracee;
    }
    return first;
}

static int64_t next_ns(struct vtime_backend *backend)
{
    const struct tracee *first = first_waiter(ptrace_of(backend));
    int64_t timers_ns = ptrace_timers_next(ptrace_of(backend));

    return first && first->deadline_ns < timers_ns ? first->deadline_ns : timers_ns;
}

static void fire(struct vtime_backend *backend)
{
    struct tracee *first = first_waiter(ptrace_of(backend));

    if (ptrace_timers_fire(ptrace_of(backend)) || !first || first->deadline_ns > backend->now_ns)
        return;
    first->is_fired = true;
    ptrace(PTRACE_INTERRUPT, first->tid, NULL, NULL);
}

static bool is_settled(struct vtime_backend *backend)
{
    /* Births are reported: the looks have seen each thread. */
    return !collect_ended(ptrace_of(backend));
}

static void set_now(struct vtime_backend *backend, int64_t now_ns)
{
    backend->now_ns = now_ns;
}

/* Without giving up the CPU for ever to a thread that may share it with us. */
static void pause_for(struct vtime_backend *backend, unsigned pause_us)
{
    struct timespec limit = {.tv_nsec = (long)pause_us * 1000};
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigtimedwait(&child, NULL, &limit);
}

static void backend_free(struct vtime_backend *backend)
{
    struct ptrace_backend *tracer = ptrace_of(backend);

    while (tracer->tracees) {
        kill(tracer->tracees->tgid, SIGKILL);
        drop(tracer, tracer->tracees);
    }
    vtime_tasks_deinit(&backend->tasks);
    free(tracer);
}

static const struct vtime_backend_ops ptrace_ops = {
    .name = "ptrace",
    .in_child = in_child,
    .born = born,
    .gone = gone,
    .pump = pump,
    .is_settled = is_settled,
    .refresh = refresh,
    .next_ns = next_ns,
    .fire = fire,
    .set_now = set_now,
    .pause = pause_for,
    .free = backend_free,
};

void vtime_ptrace_expect_go(struct vtime_backend *backend)
{
    ptrace_of(backend)->has_go = true;
}

struct vtime_backend *vtime_ptrace_new(struct vtime *vtime, struct buf *error_out)
{
    struct ptrace_backend *tracer = xcalloc(1, sizeof(*tracer));

    tracer->base = (struct vtime_backend){.ops = &ptrace_ops, .vtime = vtime};
    tracer->chance = 0x9E3779B97F4A7C15u * (vtime_seed(vtime) + UINT64_C(1));
    return &tracer->base;
}

#else

void vtime_ptrace_expect_go(struct vtime_backend *backend)
{
}

struct vtime_backend *vtime_ptrace_new(struct vtime *vtime, struct buf *error_out)
{
    buf_add_text(error_out, "virtual time by ptrace works on x86-64 only; use --time real");
    return NULL;
}

#endif
