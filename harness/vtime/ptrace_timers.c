/*
 * Timers of traced hosts: timerfd, alarm, interval timers, POSIX timers.
 * SPDX-License-Identifier: MIT
 */
#ifdef __x86_64__
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "harness/vtime/ptrace.h"
#include "sim/base/mem.h"

static int64_t now_of(const struct ptrace_backend *tracer)
{
    return tracer->base.now_ns;
}

static int64_t rest_of(const struct ptrace_backend *tracer, int64_t deadline_ns)
{
    if (deadline_ns == VTIME_NEVER || deadline_ns <= now_of(tracer))
        return 0;
    return deadline_ns - now_of(tracer);
}

static struct itimerspec spec_of(const struct ptrace_backend *tracer, int64_t deadline_ns,
                                 int64_t interval_ns)
{
    return (struct itimerspec){
        .it_value = ptrace_timespec_of(rest_of(tracer, deadline_ns)),
        .it_interval = ptrace_timespec_of(interval_ns),
    };
}

static int64_t deadline_of(const struct ptrace_backend *tracer, const struct itimerspec *wanted,
                           bool is_absolute, int clock)
{
    int64_t value_ns = ptrace_ns_of(&wanted->it_value);

    if (value_ns == 0)
        return VTIME_NEVER;
    if (is_absolute)
        value_ns -= vtime_clock_base(clock) + now_of(tracer);
    return now_of(tracer) + (value_ns > 0 ? value_ns : 0);
}

/* ---- timerfd ---- */

static struct ptrace_timerfd *find_timerfd(struct ptrace_backend *tracer, pid_t tgid, int fd)
{
    for (size_t i = 0; i < PTRACE_TIMERFD_MAX; i++) {
        struct ptrace_timerfd *timer = &tracer->timerfds[i];

        if (timer->is_used && timer->tgid == tgid && timer->fd == fd)
            return timer;
    }
    return NULL;
}

/* Our own descriptor of the host's timer. */
static int copy_descriptor(pid_t tgid, int fd)
{
    int process = pidfd_open(tgid, 0), copy;

    if (process < 0)
        return -1;
    copy = pidfd_getfd(process, fd, 0);
    close(process);
    return copy;
}

static int clock_of(int fd)
{
    char path[64], text[512];
    ssize_t len = -1;
    const char *found;
    int info;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    info = open(path, O_RDONLY | O_CLOEXEC);
    if (info >= 0) {
        len = read(info, text, sizeof(text) - 1);
        close(info);
    }
    text[len > 0 ? len : 0] = '\0';
    found = strstr(text, "clockid:");
    return found ? atoi(found + 8) : CLOCK_MONOTONIC;
}

static struct ptrace_timerfd *new_timerfd(struct ptrace_backend *tracer, pid_t tgid, int fd)
{
    for (size_t i = 0; i < PTRACE_TIMERFD_MAX; i++) {
        struct ptrace_timerfd *timer = &tracer->timerfds[i];

        if (timer->is_used)
            continue;
        *timer = (struct ptrace_timerfd){
            .is_used = true, .tgid = tgid, .fd = fd, .copy = -1, .deadline_ns = VTIME_NEVER};
        return timer;
    }
    return NULL;
}

static bool timerfd_settime_call(struct ptrace_backend *tracer, struct tracee *tracee,
                                 struct user_regs_struct *regs)
{
    static const struct itimerspec off;
    int fd = (int)regs->rdi;
    struct ptrace_timerfd *timer = find_timerfd(tracer, tracee->tgid, fd);
    struct itimerspec wanted, old;
    int copy;

    if (!tracee_read(tracee, regs->rdx, &wanted, sizeof(wanted)))
        return false;
    copy = copy_descriptor(tracee->tgid, fd);
    if (copy < 0 || timerfd_settime(copy, 0, &off, NULL) < 0) {
        if (copy >= 0)
            close(copy);
        return false; /* no timerfd: the kernel knows the right error */
    }
    if (!timer)
        timer = new_timerfd(tracer, tracee->tgid, fd);
    if (!timer) {
        close(copy);
        tracee_skip(tracee, regs, -ENOMEM);
        return true;
    }
    old = spec_of(tracer, timer->deadline_ns, timer->interval_ns);
    if (regs->r10)
        tracee_write(tracee, regs->r10, &old, sizeof(old));
    if (timer->copy >= 0)
        close(timer->copy); /* the number may name another timer by now */
    timer->copy = copy;
    timer->interval_ns = ptrace_ns_of(&wanted.it_interval);
    timer->deadline_ns = deadline_of(tracer, &wanted, regs->rsi & TFD_TIMER_ABSTIME,
                                     clock_of(copy));
    tracee_skip(tracee, regs, 0);
    return true;
}

static bool timerfd_gettime_call(struct ptrace_backend *tracer, struct tracee *tracee,
                                 struct user_regs_struct *regs)
{
    const struct ptrace_timerfd *timer = find_timerfd(tracer, tracee->tgid, (int)regs->rdi);
    struct itimerspec spec;

    if (!timer)
        return false;
    spec = spec_of(tracer, timer->deadline_ns, timer->interval_ns);
    tracee_skip(tracee, regs, tracee_write(tracee, regs->rsi, &spec, sizeof(spec)) ? 0 : -EFAULT);
    return true;
}

/* A closed one is noticed only here, so that close() need not be trapped. */
static bool is_still_open(const struct ptrace_timerfd *timer)
{
    char path[64], name[64];
    ssize_t len;

    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)timer->tgid, timer->fd);
    len = readlink(path, name, sizeof(name) - 1);
    name[len > 0 ? len : 0] = '\0';
    return strcmp(name, "anon_inode:[timerfd]") == 0;
}

static void fire_timerfd(struct ptrace_timerfd *timer)
{
    static const struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    struct pollfd ready = {.fd = timer->copy, .events = POLLIN};

    if (!is_still_open(timer)) {
        close(timer->copy);
        timer->is_used = false;
        return;
    }
    timer->deadline_ns = timer->interval_ns ? timer->deadline_ns + timer->interval_ns : VTIME_NEVER;
    timerfd_settime(timer->copy, 0, &soon, NULL);
    poll(&ready, 1, 1000); /* the nanosecond */
}

/* ---- alarm and interval timers ---- */

static struct ptrace_timer *new_timer(struct ptrace_backend *tracer, pid_t tgid)
{
    for (size_t i = 0; i < PTRACE_TIMER_MAX; i++) {
        struct ptrace_timer *timer = &tracer->timers[i];

        if (timer->is_used)
            continue;
        *timer = (struct ptrace_timer){
            .is_used = true, .tgid = tgid, .signal = SIGALRM, .deadline_ns = VTIME_NEVER};
        return timer;
    }
    return NULL;
}

static struct ptrace_timer *interval_timer(struct ptrace_backend *tracer, pid_t tgid)
{
    struct ptrace_timer *timer;

    for (size_t i = 0; i < PTRACE_TIMER_MAX; i++) {
        timer = &tracer->timers[i];
        if (timer->is_used && timer->is_itimer && timer->tgid == tgid)
            return timer;
    }
    timer = new_timer(tracer, tgid);
    if (timer)
        timer->is_itimer = true;
    return timer;
}

static struct timeval timeval_of(int64_t ns)
{
    return (struct timeval){.tv_sec = ns / NS_PER_S, .tv_usec = ns % NS_PER_S / 1000};
}

static int64_t ns_of_timeval(const struct timeval *time)
{
    return (int64_t)time->tv_sec * NS_PER_S + (int64_t)time->tv_usec * 1000;
}

static bool itimer_call(struct ptrace_backend *tracer, struct tracee *tracee,
                        struct user_regs_struct *regs)
{
    struct ptrace_timer *timer;
    struct itimerval wanted, old;
    bool is_set = regs->orig_rax == SYS_setitimer;
    uint64_t old_at = is_set ? regs->rdx : regs->rsi;
    int64_t value_ns;

    if (regs->rdi != ITIMER_REAL ||
        (is_set && !tracee_read(tracee, regs->rsi, &wanted, sizeof(wanted))))
        return false;
    timer = interval_timer(tracer, tracee->tgid);
    if (!timer)
        return false;
    old.it_value = timeval_of(rest_of(tracer, timer->deadline_ns));
    old.it_interval = timeval_of(timer->interval_ns);
    if (old_at)
        tracee_write(tracee, old_at, &old, sizeof(old));
    if (is_set) {
        value_ns = ns_of_timeval(&wanted.it_value);
        timer->interval_ns = ns_of_timeval(&wanted.it_interval);
        timer->deadline_ns = value_ns ? now_of(tracer) + value_ns : VTIME_NEVER;
    }
    tracee_skip(tracee, regs, 0);
    return true;
}

static bool alarm_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs)
{
    struct ptrace_timer *timer = interval_timer(tracer, tracee->tgid);
    int64_t rest_ns, seconds = (int64_t)(unsigned)regs->rdi;

    if (!timer)
        return false;
    rest_ns = rest_of(tracer, timer->deadline_ns);
    timer->interval_ns = 0;
    timer->deadline_ns = seconds ? now_of(tracer) + seconds * NS_PER_S : VTIME_NEVER;
    tracee_skip(tracee, regs, (long)((rest_ns + NS_PER_S - 1) / NS_PER_S));
    return true;
}

/* ---- POSIX timers ---- */

static bool timer_create_call(struct ptrace_backend *tracer, struct tracee *tracee,
                              struct user_regs_struct *regs)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct ptrace_timer *timer;
    int id;

    if (vtime_clock_base((int)regs->rdi) < 0)
        return false; /* of CPU time: the kernel's own */
    if (regs->rsi && !tracee_read(tracee, regs->rsi, &event, sizeof(event)))
        return false;
    timer = new_timer(tracer, tracee->tgid);
    if (!timer) {
        tracee_skip(tracee, regs, -EAGAIN);
        return true;
    }
    id = (int)(timer - tracer->timers);
    timer->clock = (int)regs->rdi;
    timer->signal = event.sigev_notify == SIGEV_NONE ? 0 : event.sigev_signo;
    timer->tid = event.sigev_notify == SIGEV_THREAD_ID ? event._sigev_un._tid : 0;
    timer->value = regs->rsi ? (uint64_t)(uintptr_t)event.sigev_value.sival_ptr : (uint64_t)id;
    tracee_skip(tracee, regs, tracee_write(tracee, regs->rdx, &id, sizeof(id)) ? 0 : -EFAULT);
    return true;
}

static struct ptrace_timer *timer_of(struct ptrace_backend *tracer, const struct tracee *tracee,
                                     uint64_t id)
{
    struct ptrace_timer *timer = id < PTRACE_TIMER_MAX ? &tracer->timers[id] : NULL;

    return timer && timer->is_used && timer->tgid == tracee->tgid && !timer->is_itimer ? timer
                                                                                       : NULL;
}

static bool timer_settime_call(struct ptrace_backend *tracer, struct tracee *tracee,
                               struct user_regs_struct *regs, struct ptrace_timer *timer)
{
    struct itimerspec wanted, old = spec_of(tracer, timer->deadline_ns, timer->interval_ns);

    if (!tracee_read(tracee, regs->rdx, &wanted, sizeof(wanted)))
        return false;
    if (regs->r10)
        tracee_write(tracee, regs->r10, &old, sizeof(old));
    timer->interval_ns = ptrace_ns_of(&wanted.it_interval);
    timer->deadline_ns = deadline_of(tracer, &wanted, regs->rsi & TIMER_ABSTIME, timer->clock);
    tracee_skip(tracee, regs, 0);
    return true;
}

static bool posix_timer_call(struct ptrace_backend *tracer, struct tracee *tracee,
                             struct user_regs_struct *regs)
{
    struct ptrace_timer *timer = timer_of(tracer, tracee, regs->rdi);
    struct itimerspec spec;

    if (!timer)
        return false;
    switch (regs->orig_rax) {
    case SYS_timer_settime:
        return timer_settime_call(tracer, tracee, regs, timer);
    case SYS_timer_gettime:
        spec = spec_of(tracer, timer->deadline_ns, timer->interval_ns);
        tracee_write(tracee, regs->rsi, &spec, sizeof(spec));
        break;
    case SYS_timer_delete:
        timer->is_used = false;
        break;
    default: /* timer_getoverrun: signals are sent one at a time */
        break;
    }
    tracee_skip(tracee, regs, 0);
    return true;
}

bool ptrace_timer_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs)
{
    switch (regs->orig_rax) {
    case SYS_timerfd_settime:
        return timerfd_settime_call(tracer, tracee, regs);
    case SYS_timerfd_gettime:
        return timerfd_gettime_call(tracer, tracee, regs);
    case SYS_alarm:
        return alarm_call(tracer, tracee, regs);
    case SYS_setitimer:
    case SYS_getitimer:
        return itimer_call(tracer, tracee, regs);
    case SYS_timer_create:
        return timer_create_call(tracer, tracee, regs);
    case SYS_timer_settime:
    case SYS_timer_gettime:
    case SYS_timer_delete:
    case SYS_timer_getoverrun:
        return posix_timer_call(tracer, tracee, regs);
    default:
        return false;
    }
}

/* ---- when they are due ---- */

int64_t ptrace_timers_next(const struct ptrace_backend *tracer)
{
    int64_t next_ns = VTIME_NEVER;

    for (size_t i = 0; i < PTRACE_TIMERFD_MAX; i++) {
        if (tracer->timerfds[i].is_used && tracer->timerfds[i].deadline_ns < next_ns)
            next_ns = tracer->timerfds[i].deadline_ns;
    }
    for (size_t i = 0; i < PTRACE_TIMER_MAX; i++) {
        if (tracer->timers[i].is_used && tracer->timers[i].deadline_ns < next_ns)
            next_ns = tracer->timers[i].deadline_ns;
    }
    return next_ns;
}

static void send_signal(struct ptrace_timer *timer)
{
    siginfo_t info = {0};

    timer->deadline_ns = timer->interval_ns ? timer->deadline_ns + timer->interval_ns : VTIME_NEVER;
    info.si_signo = timer->signal;
    info.si_code = SI_TIMER;
    info.si_value.sival_ptr = (void *)(uintptr_t)timer->value;
    if (timer->is_itimer)
        kill(timer->tgid, timer->signal);
    else if (timer->signal && timer->tid)
        syscall(SYS_rt_tgsigqueueinfo, timer->tgid, timer->tid, timer->signal, &info);
    else if (timer->signal)
        syscall(SYS_rt_sigqueueinfo, timer->tgid, timer->signal, &info);
}

bool ptrace_timers_fire(struct ptrace_backend *tracer)
{
    for (size_t i = 0; i < PTRACE_TIMERFD_MAX; i++) {
        if (tracer->timerfds[i].is_used && tracer->timerfds[i].deadline_ns <= now_of(tracer)) {
            fire_timerfd(&tracer->timerfds[i]);
            return true;
        }
    }
    for (size_t i = 0; i < PTRACE_TIMER_MAX; i++) {
        if (tracer->timers[i].is_used && tracer->timers[i].deadline_ns <= now_of(tracer)) {
            send_signal(&tracer->timers[i]);
            return true;
        }
    }
    return false;
}

void ptrace_timers_forget(struct ptrace_backend *tracer, pid_t tgid, bool has_ended)
{
    for (size_t i = 0; i < PTRACE_TIMERFD_MAX; i++) {
        struct ptrace_timerfd *timer = &tracer->timerfds[i];

        if (!timer->is_used || timer->tgid != tgid)
            continue;
        if (timer->copy >= 0)
            close(timer->copy);
        timer->is_used = false;
    }
    for (size_t i = 0; i < PTRACE_TIMER_MAX; i++) {
        struct ptrace_timer *timer = &tracer->timers[i];

        /* alarm() survives an exec, POSIX timers do not. */
        if (timer->is_used && timer->tgid == tgid && (has_ended || !timer->is_itimer))
            timer->is_used = false;
    }
}
#endif
