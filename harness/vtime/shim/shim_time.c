/*
 * Clock reads and plain sleeps.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

int64_t shim_deadline_after(int64_t span_ns)
{
    int64_t now_ns = shim_now_ns();

    return span_ns >= VTIME_NEVER - now_ns ? VTIME_NEVER : now_ns + span_ns;
}

int64_t shim_deadline_of_ms(int timeout_ms)
{
    return timeout_ms < 0 ? VTIME_NEVER : shim_deadline_after((int64_t)timeout_ms * 1000000);
}

SHIM_EXPORT int clock_gettime(clockid_t clock, struct timespec *time_out)
{
    int64_t base_ns = vtime_clock_base(clock);

    if (!shim_ready() || base_ns < 0)
        return real.clock_gettime(clock, time_out);
    shim_count_spin();
    *time_out = timespec_of(base_ns + shim_now_ns());
    return 0;
}

SHIM_EXPORT int gettimeofday(struct timeval *restrict time_out, void *restrict zone)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *time_out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

SHIM_EXPORT time_t time(time_t *time_out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (time_out)
        *time_out = now.tv_sec;
    return now.tv_sec;
}

SHIM_EXPORT int timespec_get(struct timespec *time_out, int base)
{
    if (base != TIME_UTC)
        return 0;
    clock_gettime(CLOCK_REALTIME, time_out);
    return base;
}

static bool is_timespec(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NS_PER_S;
}

SHIM_EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                                struct timespec *rest_out)
{
    int64_t base_ns = vtime_clock_base(clock), deadline_ns;
    int r;

    if (!shim_ready() || base_ns < 0)
        return real.clock_nanosleep(clock, flags, wanted, rest_out);
    if (!is_timespec(wanted))
        return EINVAL;
    deadline_ns = flags & TIMER_ABSTIME ? ns_of(wanted) - base_ns
                                        : shim_deadline_after(ns_of(wanted));
    r = shim_sleep_until(deadline_ns);
    if (r == EINTR && rest_out && !(flags & TIMER_ABSTIME)) {
        int64_t rest_ns = deadline_ns - shim_now_ns();

        *rest_out = timespec_of(rest_ns > 0 ? rest_ns : 0);
    }
    return r;
}

SHIM_EXPORT int nanosleep(const struct timespec *wanted, struct timespec *rest_out)
{
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, rest_out);

    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

SHIM_EXPORT unsigned sleep(unsigned seconds)
{
    struct timespec wanted = {.tv_sec = seconds}, rest = {0};

    if (nanosleep(&wanted, &rest) == 0)
        return 0;
    return (unsigned)rest.tv_sec + (rest.tv_nsec >= NS_PER_S / 2);
}

SHIM_EXPORT int usleep(useconds_t span_us)
{
    struct timespec wanted = {.tv_sec = span_us / 1000000, .tv_nsec = span_us % 1000000 * 1000};

    return nanosleep(&wanted, NULL);
}
