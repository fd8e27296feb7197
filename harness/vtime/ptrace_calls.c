/*
 * Calls of traced hosts: what is answered, what waits without its limit, and how a wait ends.
 * SPDX-License-Identifier: MIT
 */
#ifdef __x86_64__
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "harness/vtime/ptrace.h"

/* What the kernel leaves in rax when a signal breaks a call; not in the C library's headers. */
#define ERESTARTSYS_           512
#define ERESTARTNOINTR_        513
#define ERESTARTNOHAND_        514
#define ERESTART_RESTARTBLOCK_ 516

#define SYSCALL_BYTES  2   /* of the instruction, by which a call is repeated */
#define BELOW_RED_ZONE 512 /* of the stack, where the program keeps nothing */
#define RANDOM_BYTES   4096
#define USER_32_CS     0x23 /* the code segment of 32-bit programs */

/* ---- registers and memory ---- */

bool tracee_read(const struct tracee *tracee, uint64_t address, void *bytes, size_t size)
{
    struct iovec here = {bytes, size}, there = {(void *)(uintptr_t)address, size};

    return process_vm_readv(tracee->tid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

bool tracee_write(const struct tracee *tracee, uint64_t address, const void *bytes, size_t size)
{
    struct iovec here = {(void *)bytes, size}, there = {(void *)(uintptr_t)address, size};

    return process_vm_writev(tracee->tid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* It may have been killed meanwhile: then there is nothing to go on with. */
void tracee_continue(struct tracee *tracee, int request, int signal)
{
    tracee->task->is_parked = false;
    ptrace(request, tracee->tid, NULL, (void *)(long)signal);
}

void tracee_skip(struct tracee *tracee, struct user_regs_struct *regs, long result)
{
    regs->orig_rax = (unsigned long long)-1;
    regs->rax = (unsigned long long)result;
    ptrace(PTRACE_SETREGS, tracee->tid, NULL, regs);
    tracee_continue(tracee, PTRACE_CONT, 0);
}

static void pass(struct tracee *tracee)
{
    tracee_continue(tracee, PTRACE_CONT, 0);
}

/* ---- the begin of a wait ---- */

/*
 * Let the kernel wait as regs say now, without limit; the driver interrupts it at the deadline.
 * began = the registers as the program had set them.
 */
static void wait_until(struct ptrace_backend *tracer, struct tracee *tracee,
                       const struct user_regs_struct *began, struct user_regs_struct *regs,
                       int64_t deadline_ns)
{
    int call = (int)began->orig_rax;

    if (tracee->is_resumed && tracee->kept_ip == began->rip && tracee->call == call)
        deadline_ns = tracee->kept_ns;
    tracee->is_resumed = false;
    tracee->saved = *began;
    tracee->waits = true;
    tracee->is_fired = false;
    tracee->call = call;
    tracee->deadline_ns = deadline_ns;
    tracee->order = tracer->order++;
    ptrace(PTRACE_SETREGS, tracee->tid, NULL, regs);
    tracee_continue(tracee, PTRACE_SYSCALL, 0);
}

static void wait_for_span(struct ptrace_backend *tracer, struct tracee *tracee,
                          const struct user_regs_struct *began, struct user_regs_struct *regs,
                          int64_t span_ns)
{
    int64_t now_ns = tracer->base.now_ns;

    tracee->spin = (struct vtime_spin){0};
    wait_until(tracer, tracee, began, regs,
               span_ns < VTIME_NEVER - now_ns ? now_ns + span_ns : VTIME_NEVER);
}

/* Whether a call that looks without waiting is one too many; then it waits a little. */
static bool is_spinning(struct ptrace_backend *tracer, struct tracee *tracee,
                        const struct user_regs_struct *began)
{
    struct user_regs_struct regs = *began;

    if (!vtime_spin_strikes(&tracee->spin))
        return false;
    tracer->base.spins++;
    tracer->base.spin_tid = tracee->tid;
    regs.orig_rax = SYS_pause;
    wait_until(tracer, tracee, began, &regs, tracer->base.now_ns + VTIME_SPIN_NS);
    return true;
}

static void sleep_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs)
{
    bool is_plain = regs->orig_rax == SYS_nanosleep;
    int64_t base_ns = is_plain ? 0 : vtime_clock_base((int)regs->rdi), span_ns;
    struct user_regs_struct began = *regs;
    struct timespec wanted;

    if (base_ns < 0 ||
        !tracee_read(tracee, is_plain ? regs->rdi : regs->rdx, &wanted, sizeof(wanted)) ||
        wanted.tv_sec < 0 || wanted.tv_nsec < 0 || wanted.tv_nsec >= NS_PER_S) {
        pass(tracee); /* the kernel knows the error */
        return;
    }
    span_ns = ptrace_ns_of(&wanted);
    if (!is_plain && (regs->rsi & TIMER_ABSTIME))
        span_ns -= base_ns + tracer->base.now_ns;
    if (span_ns <= 0 || (tracer->has_go && span_ns <= PTRACE_GO_SLEEP_NS)) {
        if (!is_spinning(tracer, tracee, &began))
            tracee_skip(tracee, regs, 0);
        return;
    }
    regs->orig_rax = SYS_pause;
    wait_for_span(tracer, tracee, &began, regs, span_ns);
}

/* poll and the epoll calls: *limit_ms is the register with the limit. */
static void ms_call(struct ptrace_backend *tracer, struct tracee *tracee,
                    struct user_regs_struct *regs, unsigned long long *limit_ms)
{
    struct user_regs_struct began = *regs;
    int timeout_ms = (int)*limit_ms;

    if (timeout_ms < 0) {
        tracee->spin = (struct vtime_spin){0};
        pass(tracee);
    } else if (timeout_ms > 0) {
        *limit_ms = (unsigned long long)-1;
        wait_for_span(tracer, tracee, &began, regs, (int64_t)timeout_ms * 1000000);
    } else if (!is_spinning(tracer, tracee, &began)) {
        pass(tracee);
    }
}

/* ppoll, select and the like: *limit is the register with the address of a limit. */
static void pointer_call(struct ptrace_backend *tracer, struct tracee *tracee,
                         struct user_regs_struct *regs, unsigned long long *limit)
{
    struct user_regs_struct began = *regs;
    struct timespec span;
    struct timeval tv;
    int64_t span_ns;

    if (!*limit) {
        tracee->spin = (struct vtime_spin){0};
        pass(tracee);
        return;
    }
    if (regs->orig_rax == SYS_select) {
        if (!tracee_read(tracee, *limit, &tv, sizeof(tv))) {
            pass(tracee);
            return;
        }
        span = (struct timespec){tv.tv_sec, tv.tv_usec * 1000};
    } else if (!tracee_read(tracee, *limit, &span, sizeof(span))) {
        pass(tracee);
        return;
    }
    span_ns = ptrace_ns_of(&span);
    if (span_ns > 0) {
        *limit = 0;
        wait_for_span(tracer, tracee, &began, regs, span_ns);
    } else if (!is_spinning(tracer, tracee, &began)) {
        pass(tracee);
    }
}

static void futex_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs)
{
    struct user_regs_struct began = *regs;
    int op = (int)regs->rsi;
    struct timespec limit;
    int64_t span_ns;

    if (!tracee_read(tracee, regs->r10, &limit, sizeof(limit))) {
        pass(tracee);
        return;
    }
    span_ns = ptrace_ns_of(&limit);
    if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) /* an absolute limit */
        span_ns -= tracer->base.now_ns +
                   (op & FUTEX_CLOCK_REALTIME ? VTIME_REALTIME_NS : VTIME_MONOTONIC_NS);
    if (span_ns < 0)
        span_ns = 0;
    regs->r10 = 0;
    wait_for_span(tracer, tracee, &began, regs, span_ns);
}

/* ---- read() of a tty with VTIME ---- */

/* Our own descriptor of the host's file; -1 when it is no pseudo-terminal that waits. */
static int copy_tty(pid_t tgid, int fd)
{
    char path[64], name[64];
    ssize_t len;
    int process, copy;

    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tgid, fd);
    len = readlink(path, name, sizeof(name) - 1);
    if (len <= 0 || strncmp(name, "/dev/pts/", strlen("/dev/pts/")) != 0)
        return -1;
    process = pidfd_open(tgid, 0);
    if (process < 0)
        return -1;
    copy = pidfd_getfd(process, fd, 0);
    close(process);
    return copy;
}

/* VMIN = 0 only: what counts between bytes is left to the kernel, since it lasts no modem time. */
static bool tty_limit(pid_t tgid, int fd, int64_t *limit_ns_out)
{
    int copy = copy_tty(tgid, fd);
    struct termios settings;
    bool has_limit;

    if (copy < 0)
        return false;
    has_limit = tcgetattr(copy, &settings) == 0 && !(settings.c_lflag & ICANON) &&
                settings.c_cc[VMIN] == 0 && settings.c_cc[VTIME] > 0 &&
                !(fcntl(copy, F_GETFL) & O_NONBLOCK);
    close(copy);
    *limit_ns_out = (int64_t)settings.c_cc[VTIME] * (NS_PER_S / 10);
    return has_limit;
}

static void read_call(struct ptrace_backend *tracer, struct tracee *tracee,
                      struct user_regs_struct *regs)
{
    struct pollfd ready = {.fd = (int)regs->rdi, .events = POLLIN};
    struct user_regs_struct began = *regs;
    uint64_t at = (regs->rsp - BELOW_RED_ZONE) & ~UINT64_C(15);
    bool is_repeated = tracee->passes_read;
    int64_t limit_ns;

    tracee->passes_read = false;
    if (is_repeated || !tty_limit(tracee->tgid, (int)regs->rdi, &limit_ns) ||
        !tracee_write(tracee, at, &ready, sizeof(ready))) {
        pass(tracee);
        return;
    }
    tracee->reads_tty = true;
    regs->orig_rax = SYS_poll;
    regs->rdi = at;
    regs->rsi = 1;
    regs->rdx = (unsigned long long)-1;
    wait_for_span(tracer, tracee, &began, regs, limit_ns);
}

/* ---- clock reads and chance ---- */

static void tell_timespec(struct tracee *tracee, struct user_regs_struct *regs, int64_t ns)
{
    struct timespec now = ptrace_timespec_of(ns);

    tracee_skip(tracee, regs, tracee_write(tracee, regs->rsi, &now, sizeof(now)) ? 0 : -EFAULT);
}

static void clock_call(struct ptrace_backend *tracer, struct tracee *tracee,
                       struct user_regs_struct *regs)
{
    int64_t now_ns = tracer->base.now_ns, base_ns = VTIME_REALTIME_NS;
    struct timeval tv;
    time_t seconds;

    if (regs->orig_rax == SYS_clock_gettime)
        base_ns = vtime_clock_base((int)regs->rdi);
    if (base_ns < 0) {
        pass(tracee);
        return;
    }
    if (is_spinning(tracer, tracee, regs))
        return;
    now_ns += base_ns;
    switch (regs->orig_rax) {
    case SYS_clock_gettime:
        tell_timespec(tracee, regs, now_ns);
        return;
    case SYS_gettimeofday:
        tv = (struct timeval){.tv_sec = now_ns / NS_PER_S, .tv_usec = now_ns % NS_PER_S / 1000};
        if (regs->rdi)
            tracee_write(tracee, regs->rdi, &tv, sizeof(tv));
        tracee_skip(tracee, regs, 0);
        return;
    default: /* time */
        seconds = now_ns / NS_PER_S;
        if (regs->rdi)
            tracee_write(tracee, regs->rdi, &seconds, sizeof(seconds));
        tracee_skip(tracee, regs, (long)seconds);
        return;
    }
}

static void random_call(struct ptrace_backend *tracer, struct tracee *tracee,
                        struct user_regs_struct *regs)
{
    uint8_t bytes[RANDOM_BYTES];
    size_t size = regs->rsi < sizeof(bytes) ? regs->rsi : sizeof(bytes);

    for (size_t i = 0; i < size; i++) {
        tracer->chance ^= tracer->chance << 13;
        tracer->chance ^= tracer->chance >> 7;
        tracer->chance ^= tracer->chance << 17;
        bytes[i] = (uint8_t)(tracer->chance >> 24);
    }
    tracee_skip(tracee, regs, tracee_write(tracee, regs->rdi, bytes, size) ? (long)size : -EFAULT);
}

/* ---- which call it is ---- */

/* Return: whether it was one that waits. */
static bool wait_call(struct ptrace_backend *tracer, struct tracee *tracee,
                      struct user_regs_struct *regs)
{
    switch (regs->orig_rax) {
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        sleep_call(tracer, tracee, regs);
        return true;
    case SYS_poll:
        ms_call(tracer, tracee, regs, &regs->rdx);
        return true;
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
        ms_call(tracer, tracee, regs, &regs->r10);
        return true;
    case SYS_ppoll:
    case SYS_rt_sigtimedwait:
        pointer_call(tracer, tracee, regs, &regs->rdx);
        return true;
    case SYS_epoll_pwait2:
        pointer_call(tracer, tracee, regs, &regs->r10);
        return true;
    case SYS_select:
    case SYS_pselect6:
        pointer_call(tracer, tracee, regs, &regs->r8);
        return true;
    case SYS_futex:
        futex_call(tracer, tracee, regs);
        return true;
    case SYS_read:
        read_call(tracer, tracee, regs);
        return true;
    default:
        return false;
    }
}

void ptrace_call_begins(struct ptrace_backend *tracer, struct tracee *tracee)
{
    struct user_regs_struct regs;

    if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs) < 0)
        return; /* killed */
    if (regs.cs == USER_32_CS)
        vtime_fail(tracer->base.vtime, true,
                   "pid %d of the host is a 32-bit program, which cannot run in virtual time; use "
                   "--time real",
                   (int)tracee->tgid);
    if (regs.cs == USER_32_CS || wait_call(tracer, tracee, &regs) ||
        ptrace_timer_call(tracer, tracee, &regs)) {
        if (regs.cs == USER_32_CS)
            pass(tracee);
        return;
    }
    switch (regs.orig_rax) {
    case SYS_clock_gettime:
    case SYS_gettimeofday:
    case SYS_time:
        clock_call(tracer, tracee, &regs);
        return;
    case SYS_getrandom:
        random_call(tracer, tracee, &regs);
        return;
    case SYS_io_uring_setup: /* its waits are in nobody's sight; programs know how to do without */
        tracee_skip(tracee, &regs, -ENOSYS);
        return;
    default:
        pass(tracee);
        return;
    }
}

/* ---- the end of a wait ---- */

static bool is_interrupted(long result)
{
    return result == -ERESTARTSYS_ || result == -ERESTARTNOINTR_ || result == -ERESTARTNOHAND_ ||
           result == -ERESTART_RESTARTBLOCK_ || result == -EINTR;
}

static void clear_sets(const struct tracee *tracee)
{
    static const char none[FD_SETSIZE / 8];
    const struct user_regs_struct *saved = &tracee->saved;
    size_t bytes = ((size_t)(int)saved->rdi + 63) / 64 * 8;

    if (bytes > sizeof(none))
        bytes = sizeof(none);
    if (saved->rsi)
        tracee_write(tracee, saved->rsi, none, bytes);
    if (saved->rdx)
        tracee_write(tracee, saved->rdx, none, bytes);
    if (saved->r10)
        tracee_write(tracee, saved->r10, none, bytes);
}

/* The result of the call when its limit has come. */
static long result_at_limit(struct ptrace_backend *tracer, struct tracee *tracee)
{
    const struct user_regs_struct *saved = &tracee->saved;
    int64_t now_ns = tracer->base.now_ns;
    struct timespec ts;
    struct timeval tv;

    switch (tracee->call) {
    case SYS_futex:
        return -ETIMEDOUT;
    case SYS_rt_sigtimedwait:
        return -EAGAIN;
    case SYS_select:
    case SYS_pselect6:
        clear_sets(tracee);
        return 0;
    case SYS_clock_gettime: /* the spin guard's wait is over */
        ts = ptrace_timespec_of(now_ns + vtime_clock_base((int)saved->rdi));
        tracee_write(tracee, saved->rsi, &ts, sizeof(ts));
        return 0;
    case SYS_gettimeofday:
        now_ns += VTIME_REALTIME_NS;
        tv = (struct timeval){.tv_sec = now_ns / NS_PER_S, .tv_usec = now_ns % NS_PER_S / 1000};
        if (saved->rdi)
            tracee_write(tracee, saved->rdi, &tv, sizeof(tv));
        return 0;
    case SYS_time:
        return (long)((now_ns + VTIME_REALTIME_NS) / NS_PER_S);
    default:
        return 0;
    }
}

/* Linux tells what is left of the limit. */
static void tell_rest(const struct ptrace_backend *tracer, const struct tracee *tracee,
                      bool is_broken)
{
    const struct user_regs_struct *saved = &tracee->saved;
    int64_t rest_ns = tracee->deadline_ns - tracer->base.now_ns;
    struct timespec ts = ptrace_timespec_of(rest_ns > 0 ? rest_ns : 0);
    struct timeval tv = {.tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000};

    if (tracee->call == SYS_select && saved->r8 && !is_broken)
        tracee_write(tracee, saved->r8, &tv, sizeof(tv));
    else if (tracee->call == SYS_pselect6 && saved->r8 && !is_broken)
        tracee_write(tracee, saved->r8, &ts, sizeof(ts));
    else if (tracee->call == SYS_nanosleep && saved->rsi && is_broken)
        tracee_write(tracee, saved->rsi, &ts, sizeof(ts));
    else if (tracee->call == SYS_clock_nanosleep && saved->r10 && is_broken &&
             !(saved->rsi & TIMER_ABSTIME))
        tracee_write(tracee, saved->r10, &ts, sizeof(ts));
}

void ptrace_call_ends(struct ptrace_backend *tracer, struct tracee *tracee)
{
    struct user_regs_struct regs, after = tracee->saved;
    bool is_broken, reads_tty = tracee->reads_tty;

    tracee->waits = tracee->reads_tty = false;
    if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs) < 0)
        return;
    is_broken = is_interrupted((long)regs.rax);
    after.rax = regs.rax;
    after.rip = regs.rip;
    after.rcx = regs.rcx;
    after.r11 = regs.r11;
    if (is_broken && tracee->is_fired) {
        after.rax = (unsigned long long)result_at_limit(tracer, tracee);
        tell_rest(tracer, tracee, false);
    } else if (is_broken) {
        /* EINTR if a handler runs; if not, the call is made again, and keeps its deadline. */
        tell_rest(tracer, tracee, true);
        if ((long)regs.rax != -EINTR)
            after.rax = (unsigned long long)(tracee->call == SYS_read ? -ERESTARTSYS_
                                                                      : -ERESTARTNOHAND_);
        tracee->is_resumed = true;
        tracee->kept_ns = tracee->deadline_ns;
        tracee->kept_ip = tracee->saved.rip;
    } else if (reads_tty) { /* something is there: now the read itself, which will not wait */
        tracee->passes_read = true;
        after.rax = SYS_read;
        after.rip = tracee->saved.rip - SYSCALL_BYTES;
        after.orig_rax = (unsigned long long)-1;
    } else {
        tell_rest(tracer, tracee, false);
    }
    ptrace(PTRACE_SETREGS, tracee->tid, NULL, &after);
    tracee_continue(tracee, PTRACE_CONT, 0);
}
#endif
