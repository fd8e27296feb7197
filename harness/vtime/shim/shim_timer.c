/*
 * Timers that count by themselves: timerfd, alarm, interval timers, POSIX timers.
 *
 * A timerfd's deadline is kept here; the real one is set to a nanosecond when it is due, so that
 * whoever watches it sees a genuine event. For the others the driver sends the signal.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

#define TIMERFD_MAX 64

/* ---- timerfd ---- */

struct timerfd {
    int fd; /* -1 = free */
    clockid_t clock;
    int64_t deadline_ns, interval_ns;
    uint64_t expirations;
};

static struct timerfd timerfds[TIMERFD_MAX];
static size_t timerfd_count;
static pthread_mutex_t timerfd_lock = PTHREAD_MUTEX_INITIALIZER;

static struct timerfd *find_timerfd(int fd)
{
    for (size_t i = 0; i < timerfd_count; i++) {
        if (timerfds[i].fd == fd)
            return &timerfds[i];
    }
    return NULL;
}

bool shim_timerfd_is_ours(int fd)
{
    return timerfd_count > 0 && find_timerfd(fd);
}

static clockid_t clock_of(int fd)
{
    char path[64], text[512];
    ssize_t len = -1;
    const char *found;
    int info;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    info = open(path, O_RDONLY | O_CLOEXEC);
    if (info >= 0) {
        len = real.read(info, text, sizeof(text) - 1);
        real.close(info);
    }
    text[len > 0 ? len : 0] = '\0';
    found = strstr(text, "clockid:");
    return found ? (clockid_t)atoi(found + 8) : CLOCK_MONOTONIC;
}

static struct timerfd *add_timerfd(int fd)
{
    struct timerfd *place = find_timerfd(-1);

    if (!place && timerfd_count < TIMERFD_MAX)
        place = &timerfds[timerfd_count++];
    if (place)
        *place = (struct timerfd){.fd = fd, .clock = clock_of(fd), .deadline_ns = VTIME_NEVER};
    return place;
}

static void tell(int64_t deadline_ns, int64_t interval_ns, struct itimerspec *out)
{
    int64_t rest_ns = deadline_ns == VTIME_NEVER ? 0 : deadline_ns - shim_now_ns();

    out->it_value = timespec_of(rest_ns > 0 ? rest_ns : 0);
    out->it_interval = timespec_of(interval_ns);
}

static int64_t deadline_of(const struct itimerspec *wanted, bool is_absolute, clockid_t clock)
{
    int64_t value_ns = ns_of(&wanted->it_value);

    if (value_ns == 0)
        return VTIME_NEVER;
    return is_absolute ? value_ns - vtime_clock_base(clock) : shim_deadline_after(value_ns);
}

SHIM_EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *wanted,
                                struct itimerspec *old_out)
{
    static const struct itimerspec off;
    struct timerfd *timer;
    int r;

    if (!shim_ready() || real.timerfd_settime(fd, 0, &off, NULL) < 0)
        return real.timerfd_settime(fd, flags, wanted, old_out);
    pthread_mutex_lock(&timerfd_lock);
    timer = find_timerfd(fd);
    if (!timer)
        timer = add_timerfd(fd);
    r = timer ? 0 : -1;
    if (timer) {
        if (old_out)
            tell(timer->deadline_ns, timer->interval_ns, old_out);
        timer->expirations = 0;
        timer->interval_ns = ns_of(&wanted->it_interval);
        timer->deadline_ns = deadline_of(wanted, flags & TFD_TIMER_ABSTIME, timer->clock);
    }
    pthread_mutex_unlock(&timerfd_lock);
    if (r < 0)
        errno = ENOMEM;
    return r;
}

SHIM_EXPORT int timerfd_gettime(int fd, struct itimerspec *out)
{
    struct timerfd *timer = shim_ready() ? find_timerfd(fd) : NULL;

    if (!timer)
        return real.timerfd_gettime(fd, out);
    tell(timer->deadline_ns, timer->interval_ns, out);
    return 0;
}

int64_t shim_timerfd_next(void)
{
    int64_t next_ns = VTIME_NEVER;

    for (size_t i = 0; i < timerfd_count; i++) {
        if (timerfds[i].fd >= 0 && timerfds[i].deadline_ns < next_ns)
            next_ns = timerfds[i].deadline_ns;
    }
    return next_ns;
}

static void fire_one(struct timerfd *timer, int64_t now_ns)
{
    static const struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    struct pollfd ready = {.fd = timer->fd, .events = POLLIN};

    while (timer->deadline_ns <= now_ns) {
        timer->expirations++;
        timer->deadline_ns = timer->interval_ns ? timer->deadline_ns + timer->interval_ns
                                                : VTIME_NEVER;
    }
    real.timerfd_settime(timer->fd, 0, &soon, NULL);
    real.ppoll(&ready, 1, NULL, NULL); /* the nanosecond */
}

void shim_timerfd_fire(void)
{
    int64_t now_ns;

    if (timerfd_count == 0)
        return;
    now_ns = shim_now_ns();
    pthread_mutex_lock(&timerfd_lock);
    for (size_t i = 0; i < timerfd_count; i++) {
        if (timerfds[i].fd >= 0 && timerfds[i].deadline_ns <= now_ns)
            fire_one(&timerfds[i], now_ns);
    }
    pthread_mutex_unlock(&timerfd_lock);
}

bool shim_timerfd_read(int fd, void *bytes, size_t size, ssize_t *result_out)
{
    struct timerfd *timer = timerfd_count > 0 ? find_timerfd(fd) : NULL;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    if (!timer)
        return false;
    shim_timerfd_fire();
    if (!(fcntl(fd, F_GETFL) & O_NONBLOCK) && poll(&ready, 1, -1) < 0) {
        *result_out = -1;
        return true;
    }
    *result_out = real.read(fd, bytes, size);
    if (*result_out == (ssize_t)sizeof(uint64_t)) {
        memcpy(bytes, &timer->expirations, sizeof(uint64_t));
        timer->expirations = 0;
    }
    return true;
}

void shim_timerfd_closed(int fd)
{
    struct timerfd *timer = timerfd_count > 0 && fd >= 0 ? find_timerfd(fd) : NULL;

    if (timer)
        timer->fd = -1;
}

/* ---- timers of which the driver sends the signal ---- */

static struct vtime_timer *new_timer(void)
{
    for (size_t i = 0; i < VTIME_TIMER_MAX; i++) {
        struct vtime_timer *timer = &shim_page->timers[i];
        int expected = 0;

        if (!atomic_compare_exchange_strong(&timer->used, &expected, 1))
            continue;
        atomic_store(&timer->deadline_ns, VTIME_NEVER);
        atomic_store(&timer->interval_ns, 0);
        atomic_store(&timer->tid, 0);
        atomic_store(&timer->value, 0);
        atomic_store(&timer->is_itimer, 0);
        atomic_store(&timer->pid, getpid());
        return timer;
    }
    errno = EAGAIN;
    return NULL;
}

/* The one of this process; made when it is missing. */
static struct vtime_timer *interval_timer(void)
{
    struct vtime_timer *timer;
    int pid = getpid();

    for (size_t i = 0; i < VTIME_TIMER_MAX; i++) {
        timer = &shim_page->timers[i];
        if (atomic_load(&timer->used) && atomic_load(&timer->is_itimer) &&
            atomic_load(&timer->pid) == pid)
            return timer;
    }
    timer = new_timer();
    if (timer) {
        atomic_store(&timer->signal, SIGALRM);
        atomic_store(&timer->is_itimer, 1);
    }
    return timer;
}

static struct timeval timeval_of(int64_t ns)
{
    return (struct timeval){.tv_sec = ns / NS_PER_S, .tv_usec = ns % NS_PER_S / 1000};
}

static void tell_interval(const struct vtime_timer *timer, struct itimerval *out)
{
    int64_t deadline_ns = atomic_load(&timer->deadline_ns);
    int64_t rest_ns = deadline_ns == VTIME_NEVER ? 0 : deadline_ns - shim_now_ns();

    out->it_value = timeval_of(rest_ns > 0 ? rest_ns : 0);
    out->it_interval = timeval_of(atomic_load(&timer->interval_ns));
}

static int64_t ns_of_timeval(const struct timeval *time)
{
    return (int64_t)time->tv_sec * NS_PER_S + (int64_t)time->tv_usec * 1000;
}

SHIM_EXPORT int setitimer(__itimer_which_t which, const struct itimerval *restrict wanted,
                          struct itimerval *restrict old_out)
{
    struct vtime_timer *timer;
    int64_t value_ns;

    if (!shim_ready() || which != ITIMER_REAL)
        return real.setitimer((int)which, wanted, old_out);
    timer = interval_timer();
    if (!timer)
        return -1;
    if (old_out)
        tell_interval(timer, old_out);
    value_ns = ns_of_timeval(&wanted->it_value);
    atomic_store(&timer->interval_ns, ns_of_timeval(&wanted->it_interval));
    atomic_store(&timer->deadline_ns, value_ns ? shim_deadline_after(value_ns) : VTIME_NEVER);
    return 0;
}

SHIM_EXPORT int getitimer(__itimer_which_t which, struct itimerval *out)
{
    struct vtime_timer *timer;

    if (!shim_ready() || which != ITIMER_REAL)
        return real.getitimer((int)which, out);
    timer = interval_timer();
    if (!timer)
        return -1;
    tell_interval(timer, out);
    return 0;
}

SHIM_EXPORT unsigned alarm(unsigned seconds)
{
    struct itimerval wanted = {.it_value = {.tv_sec = seconds}}, old = {0};

    setitimer(ITIMER_REAL, &wanted, &old);
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

/*
 * POSIX timers by signal. A timer that calls a function in a thread would need a thread of ours:
 * ENOSYS, which programs know from kernels built without these timers.
 */
SHIM_EXPORT int timer_create(clockid_t clock, struct sigevent *restrict event,
                             timer_t *restrict timer_out)
{
    struct vtime_timer *timer;

    if (!shim_ready() || vtime_clock_base(clock) < 0)
        return real.timer_create(clock, event, timer_out);
    if (event && event->sigev_notify == SIGEV_THREAD) {
        errno = ENOSYS;
        return -1;
    }
    timer = new_timer();
    if (!timer)
        return -1;
    atomic_store(&timer->signal, SIGALRM);
    if (event) {
        atomic_store(&timer->signal, event->sigev_notify == SIGEV_NONE ? 0 : event->sigev_signo);
        atomic_store(&timer->value, (uint64_t)(uintptr_t)event->sigev_value.sival_ptr);
        if (event->sigev_notify == SIGEV_THREAD_ID)
            atomic_store(&timer->tid, event->_sigev_un._tid);
    }
    /* Odd, so that it is none of the C library's: those are indices or aligned pointers. */
    *timer_out = (timer_t)(uintptr_t)(((size_t)(timer - shim_page->timers) << 1) | 1 |
                                      ((size_t)(clock & 0xff) << 32) | ((size_t)1 << 62));
    return 0;
}

static struct vtime_timer *timer_of(timer_t id)
{
    size_t number = (size_t)(uintptr_t)id;

    if (!shim_ready() || !(number & 1) || !(number & ((size_t)1 << 62)))
        return NULL;
    return &shim_page->timers[(number >> 1) % VTIME_TIMER_MAX];
}

SHIM_EXPORT int timer_settime(timer_t id, int flags, const struct itimerspec *restrict wanted,
                              struct itimerspec *restrict old_out)
{
    struct vtime_timer *timer = timer_of(id);
    clockid_t clock = (clockid_t)(((size_t)(uintptr_t)id >> 32) & 0xff);

    if (!timer)
        return real.timer_settime(id, flags, wanted, old_out);
    if (old_out)
        tell(atomic_load(&timer->deadline_ns), atomic_load(&timer->interval_ns), old_out);
    atomic_store(&timer->interval_ns, ns_of(&wanted->it_interval));
    atomic_store(&timer->deadline_ns, deadline_of(wanted, flags & TIMER_ABSTIME, clock));
    return 0;
}

SHIM_EXPORT int timer_gettime(timer_t id, struct itimerspec *out)
{
    struct vtime_timer *timer = timer_of(id);

    if (!timer)
        return real.timer_gettime(id, out);
    tell(atomic_load(&timer->deadline_ns), atomic_load(&timer->interval_ns), out);
    return 0;
}

SHIM_EXPORT int timer_delete(timer_t id)
{
    struct vtime_timer *timer = timer_of(id);

    if (!timer)
        return real.timer_delete(id);
    atomic_store(&timer->used, 0);
    return 0;
}

SHIM_EXPORT int timer_getoverrun(timer_t id)
{
    return timer_of(id) ? 0 : real.timer_getoverrun(id);
}
