/*
 * Waits with a limit between threads: semaphores, condition variables, mutexes, futexes, signals.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

#define MUTEX_RETRY_NS INT64_C(1000000)

/* ---- semaphores: the real wait, broken by the wake signal ---- */

static int wait_for_post(sem_t *semaphore, struct vtime_slot *slot, uint32_t seq)
{
    for (;;) {
        if (shim_is_granted(slot, seq)) {
            if (sem_trywait(semaphore) == 0)
                return 0;
            errno = ETIMEDOUT;
            return -1;
        }
        if (real.sem_wait(semaphore) == 0)
            return 0;
        if (errno != EINTR || !shim_woke)
            return -1;
        shim_woke = 0;
    }
}

static int semaphore_wait(sem_t *semaphore, int64_t deadline_ns)
{
    struct vtime_slot *slot = shim_slot();
    sigset_t wake, before;
    uint32_t seq;
    int r, error;

    if (sem_trywait(semaphore) == 0)
        return 0;
    if (deadline_ns <= shim_now_ns()) {
        shim_count_spin();
        errno = ETIMEDOUT;
        return -1;
    }
    sigemptyset(&wake);
    sigaddset(&wake, VTIME_WAKE_SIGNAL);
    shim_woke = 0;
    seq = shim_wait_begin(slot, deadline_ns, 0, 0);
    /* A signal between here and the sleep is lost: the driver repeats it. */
    real.pthread_sigmask(SIG_UNBLOCK, &wake, &before);
    r = wait_for_post(semaphore, slot, seq);
    error = errno;
    shim_wait_end(slot);
    real.pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return r;
}

SHIM_EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock,
                              const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.sem_clockwait(semaphore, clock, limit);
    return semaphore_wait(semaphore, ns_of(limit) - vtime_clock_base(clock));
}

SHIM_EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.sem_timedwait(semaphore, limit);
    return semaphore_wait(semaphore, ns_of(limit) - VTIME_REALTIME_NS);
}

/* ---- condition variables ----
 * The real wait without limit. A helper thread, woken by the driver when a wait's time has come,
 * broadcasts: for other waiters that is a spurious wake-up, which they have to expect anyway. The
 * driver grants only when every thread sleeps, so the waiter is in its wait by then. */

struct cond_wait {
    pthread_cond_t *cond;
    struct vtime_slot *slot;
    uint32_t seq;
    bool is_expired;
    struct cond_wait *next;
};

/* Which clock a condition variable was made for is not visible in it: remembered. */
#define COND_CLOCK_MAX 256
static struct {
    const pthread_cond_t *cond;
    clockid_t clock;
} cond_clocks[COND_CLOCK_MAX];
static unsigned cond_clock_next;

static struct cond_wait *cond_waits;
static pthread_mutex_t cond_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int helper_tid;
static bool has_helper;

void shim_cond_forked(void)
{
    pthread_mutex_init(&cond_lock, NULL);
    cond_waits = NULL;
    has_helper = false;
    atomic_store(&helper_tid, 0);
}

/* Return: the condition variable of a wait whose time has come, or NULL. */
static pthread_cond_t *take_expired(void)
{
    pthread_cond_t *found = NULL;

    pthread_mutex_lock(&cond_lock);
    for (struct cond_wait *wait = cond_waits; wait && !found; wait = wait->next) {
        if (!wait->is_expired && shim_is_granted(wait->slot, wait->seq)) {
            wait->is_expired = true;
            shim_wait_end(wait->slot); /* it may have to wait for its mutex now */
            found = wait->cond;
        }
    }
    pthread_mutex_unlock(&cond_lock);
    return found;
}

static void *help(void *arg)
{
    sigset_t all, wake;
    siginfo_t info;

    sigfillset(&all);
    real.pthread_sigmask(SIG_BLOCK, &all, NULL);
    sigemptyset(&wake);
    sigaddset(&wake, VTIME_WAKE_SIGNAL);
    atomic_store(&helper_tid, gettid());
    for (;;) {
        pthread_cond_t *cond = take_expired();

        if (cond)
            real.cond_broadcast(cond);
        else
            real.sigtimedwait(&wake, &info, NULL);
    }
    return NULL;
}

static void start_helper(void)
{
    pthread_attr_t small;
    pthread_t thread;

    if (has_helper)
        return;
    has_helper = true;
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    real.pthread_create(&thread, &small, help, NULL);
    pthread_attr_destroy(&small);
    while (atomic_load(&helper_tid) == 0)
        sched_yield();
}

static void forget(struct cond_wait *wait)
{
    struct cond_wait **at = &cond_waits;

    pthread_mutex_lock(&cond_lock);
    while (*at && *at != wait)
        at = &(*at)->next;
    if (*at)
        *at = wait->next;
    pthread_mutex_unlock(&cond_lock);
}

static void forget_cancelled(void *arg)
{
    struct cond_wait *wait = arg;

    shim_wait_end(wait->slot);
    forget(wait);
}

static int condition_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ns)
{
    struct cond_wait wait = {.cond = cond, .slot = shim_slot()};
    int r;

    if (deadline_ns <= shim_now_ns()) {
        shim_count_spin();
        pthread_mutex_unlock(mutex); /* as the real call would, for those who wait for it */
        pthread_mutex_lock(mutex);
        return ETIMEDOUT;
    }
    pthread_mutex_lock(&cond_lock);
    start_helper();
    wait.next = cond_waits;
    cond_waits = &wait;
    wait.seq = shim_wait_begin(wait.slot, deadline_ns, atomic_load(&helper_tid), 0);
    pthread_mutex_unlock(&cond_lock);
    pthread_cleanup_push(forget_cancelled, &wait);
    r = real.cond_wait(cond, mutex);
    pthread_cleanup_pop(1);
    return r == 0 && wait.is_expired ? ETIMEDOUT : r;
}

SHIM_EXPORT int pthread_cond_init(pthread_cond_t *restrict cond,
                                  const pthread_condattr_t *restrict attributes)
{
    clockid_t clock = CLOCK_REALTIME;

    if (attributes)
        pthread_condattr_getclock(attributes, &clock);
    if (shim_ready()) {
        unsigned place = cond_clock_next++ % COND_CLOCK_MAX;

        cond_clocks[place].cond = cond;
        cond_clocks[place].clock = clock;
    }
    return real.cond_init(cond, attributes);
}

/* One that was not seen being made, or long ago: the two clocks are decades apart. */
static clockid_t cond_clock(const pthread_cond_t *cond, const struct timespec *limit)
{
    for (unsigned i = 1; i <= COND_CLOCK_MAX; i++) {
        unsigned place = (cond_clock_next - i) % COND_CLOCK_MAX;

        if (cond_clocks[place].cond == cond)
            return cond_clocks[place].clock;
    }
    return ns_of(limit) > VTIME_REALTIME_NS / 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

SHIM_EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond,
                                       pthread_mutex_t *restrict mutex,
                                       const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.cond_timedwait(cond, mutex, limit);
    return condition_wait(cond, mutex, ns_of(limit) - vtime_clock_base(cond_clock(cond, limit)));
}

SHIM_EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict cond,
                                       pthread_mutex_t *restrict mutex, clockid_t clock,
                                       const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.cond_clockwait(cond, mutex, clock, limit);
    return condition_wait(cond, mutex, ns_of(limit) - vtime_clock_base(clock));
}

/* ---- mutexes: rare enough to look again every millisecond ---- */

static int mutex_wait(pthread_mutex_t *mutex, int64_t deadline_ns)
{
    int r;

    while ((r = pthread_mutex_trylock(mutex)) == EBUSY) {
        int64_t now_ns = shim_now_ns();

        if (now_ns >= deadline_ns)
            return ETIMEDOUT;
        shim_sleep_until(deadline_ns - now_ns < MUTEX_RETRY_NS ? deadline_ns
                                                               : now_ns + MUTEX_RETRY_NS);
    }
    return r;
}

SHIM_EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
                                        const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.mutex_timedlock(mutex, limit);
    return mutex_wait(mutex, ns_of(limit) - VTIME_REALTIME_NS);
}

SHIM_EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                                        const struct timespec *restrict limit)
{
    if (!shim_ready())
        return real.mutex_clocklock(mutex, clock, limit);
    return mutex_wait(mutex, ns_of(limit) - vtime_clock_base(clock));
}

/* ---- signals ---- */

SHIM_EXPORT int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info_out,
                             const struct timespec *restrict timeout)
{
    struct vtime_slot *slot;
    sigset_t with_wake = *set;
    siginfo_t info;
    int64_t deadline_ns;
    uint32_t seq;
    int r;

    if (!shim_ready() || !timeout)
        return real.sigtimedwait(set, info_out, timeout);
    slot = shim_slot();
    deadline_ns = shim_deadline_after(ns_of(timeout));
    sigaddset(&with_wake, VTIME_WAKE_SIGNAL);
    seq = shim_wait_begin(slot, deadline_ns, 0, 0);
    do {
        bool is_over = shim_is_granted(slot, seq) || deadline_ns <= shim_now_ns();
        struct timespec none = {0};

        r = real.sigtimedwait(is_over ? set : &with_wake, &info, is_over ? &none : NULL);
    } while (r == VTIME_WAKE_SIGNAL);
    shim_wait_end(slot);
    if (r >= 0 && info_out)
        *info_out = info;
    return r;
}

/* ---- futexes through syscall(), as Rust's standard library waits ---- */

long shim_futex_wait(uint32_t *word, int op, uint32_t value, const struct timespec *limit,
                     uint32_t *word2, uint32_t bits)
{
    struct vtime_slot *slot = shim_slot();
    bool is_absolute = (op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
    clockid_t clock = op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int64_t deadline_ns = is_absolute ? ns_of(limit) - vtime_clock_base(clock)
                                      : shim_deadline_after(ns_of(limit));
    sigset_t wake, before;
    uint32_t seq;
    long r;
    int error;

    sigemptyset(&wake);
    sigaddset(&wake, VTIME_WAKE_SIGNAL);
    shim_woke = 0;
    seq = shim_wait_begin(slot, deadline_ns, 0, 0);
    real.pthread_sigmask(SIG_UNBLOCK, &wake, &before);
    do {
        bool is_over = shim_is_granted(slot, seq) || deadline_ns <= shim_now_ns();

        shim_woke = 0;
        errno = ETIMEDOUT;
        r = is_over ? -1
                    : real.syscall(SYS_futex, word, op & ~FUTEX_CLOCK_REALTIME, value, NULL, word2,
                                   bits);
        error = errno;
    } while (r < 0 && error == EINTR && shim_woke);
    shim_wait_end(slot);
    real.pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return r;
}
