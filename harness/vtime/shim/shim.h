/*
 * libhayeswire-vtime.so: loaded into a host by LD_PRELOAD, it puts the host on modem time, and
 * gives it modem-control lines on a pty. Private to the shim.
 *
 * The shim keeps no descriptor open in the host and starts no thread unless the host waits for a
 * condition variable with a limit. Without a page it passes every call on.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "harness/vtime/page.h"

#define SHIM_EXPORT __attribute__((visibility("default")))
#define NS_PER_S    INT64_C(1000000000)

/* The C library's own functions, found by shim_ready(). */
struct shim_real {
    int (*clock_gettime)(clockid_t, struct timespec *);
    int (*clock_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
    int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    int (*pselect)(int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
    int (*epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
    ssize_t (*read)(int, void *, size_t);
    int (*close)(int);
    int (*ioctl)(int, unsigned long, ...);
    int (*timerfd_settime)(int, int, const struct itimerspec *, struct itimerspec *);
    int (*timerfd_gettime)(int, struct itimerspec *);
    int (*setitimer)(int, const struct itimerval *, struct itimerval *);
    int (*getitimer)(int, struct itimerval *);
    int (*timer_create)(clockid_t, struct sigevent *, timer_t *);
    int (*timer_settime)(timer_t, int, const struct itimerspec *, struct itimerspec *);
    int (*timer_gettime)(timer_t, struct itimerspec *);
    int (*timer_delete)(timer_t);
    int (*timer_getoverrun)(timer_t);
    int (*sigaction)(int, const struct sigaction *, struct sigaction *);
    int (*pthread_sigmask)(int, const sigset_t *, sigset_t *);
    int (*sigtimedwait)(const sigset_t *, siginfo_t *, const struct timespec *);
    int (*sem_wait)(sem_t *);
    int (*sem_timedwait)(sem_t *, const struct timespec *);
    int (*sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
    int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
    int (*cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    int (*cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
    int (*cond_broadcast)(pthread_cond_t *);
    int (*cond_init)(pthread_cond_t *, const pthread_condattr_t *);
    int (*mutex_timedlock)(pthread_mutex_t *, const struct timespec *);
    int (*mutex_clocklock)(pthread_mutex_t *, clockid_t, const struct timespec *);
    int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    pid_t (*fork)(void);
    long (*syscall)(long, ...);
};

extern struct shim_real real;
extern struct vtime_page *shim_page; /* NULL = every call is passed on */

/*
 * Find the real functions and the page. Cheap afterwards. Other libraries' constructors may call us
 * before ours has run. Return: whether the host is on modem time.
 */
bool shim_ready(void);

/* ---- time ---- */

static inline int64_t ns_of(const struct timespec *time)
{
    if (time->tv_sec > VTIME_NEVER / 4 / NS_PER_S)
        return VTIME_NEVER / 4;
    return (int64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

static inline struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

static inline int64_t shim_now_ns(void)
{
    return atomic_load(&shim_page->now_ns);
}

/* A deadline after a span; never beyond VTIME_NEVER. */
int64_t shim_deadline_after(int64_t span_ns);
/* A wait in milliseconds as poll() takes it to a deadline; negative = VTIME_NEVER. */
int64_t shim_deadline_of_ms(int timeout_ms);

/* ---- waiting ---- */

/* This thread's slot. */
struct vtime_slot *shim_slot(void);
/* A look at descriptors begins. Return: its number. */
uint32_t shim_look_begin(struct vtime_slot *slot);
/*
 * Begin a wait; the caller goes to sleep next. wake_tid 0 = this thread; look = the number of the
 * look that found nothing, 0 = there was none. Return: the wait's number.
 */
uint32_t shim_wait_begin(struct vtime_slot *slot, int64_t deadline_ns, int wake_tid, uint32_t look);
void shim_wait_end(struct vtime_slot *slot);
/* Whether the driver has ended wait number seq. */
static inline bool shim_is_granted(const struct vtime_slot *slot, uint32_t seq)
{
    return atomic_load(&slot->granted) == seq;
}
/* Cleared before a sleep, set by the wake signal's handler. */
extern _Thread_local volatile sig_atomic_t shim_woke;

/* Sleep until then. Return: 0, or EINTR when a signal was handled first. */
int shim_sleep_until(int64_t deadline_ns);
/* A call that looks at the clock without waiting: many in a row become a short wait. */
void shim_count_spin(void);
void shim_forget_spin(void);

/* Wait for descriptors: fn looks at them (wait = false) or sleeps on them under the mask. */
typedef int (*shim_wait_fn)(void *arg, bool wait, const sigset_t *mask);
int shim_wait_for(shim_wait_fn fn, void *arg, int64_t deadline_ns, const sigset_t *mask);

/* ---- timers that a wait for descriptors has to look after ---- */

/* The next deadline of this process's timerfds. */
int64_t shim_timerfd_next(void);
/* Make those that are due readable. */
void shim_timerfd_fire(void);
bool shim_timerfd_is_ours(int fd);
/* read() of a timerfd: whether it was one of ours; then *result_out is the call's result. */
bool shim_timerfd_read(int fd, void *bytes, size_t size, ssize_t *result_out);
void shim_timerfd_closed(int fd);

/* In the child of a fork: what was the parent's alone. */
void shim_cond_forked(void);
/* Futex with a limit through syscall(). */
long shim_futex_wait(uint32_t *word, int op, uint32_t value, const struct timespec *limit,
                     uint32_t *word2, uint32_t bits);
