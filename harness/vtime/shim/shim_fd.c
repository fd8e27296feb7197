/*
 * Waits for descriptors: poll, select, epoll, and read() of a tty with VTIME.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

static const struct timespec at_once;

/* ---- poll ---- */

struct poll_args {
    struct pollfd *fds;
    nfds_t count;
};

static int do_poll(void *arg, bool wait, const sigset_t *mask)
{
    struct poll_args *args = arg;

    return real.ppoll(args->fds, args->count, wait ? NULL : &at_once, mask);
}

SHIM_EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                      const sigset_t *mask)
{
    struct poll_args args = {fds, count};

    if (!shim_ready())
        return real.ppoll(fds, count, timeout, mask);
    return shim_wait_for(do_poll, &args,
                         timeout ? shim_deadline_after(ns_of(timeout)) : VTIME_NEVER, mask);
}

SHIM_EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec timeout = timespec_of((int64_t)timeout_ms * 1000000);

    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

/* The names that programs built with _FORTIFY_SOURCE call. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                const sigset_t *mask, size_t room);

SHIM_EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
    return poll(fds, count, timeout_ms);
}

SHIM_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                            const sigset_t *mask, size_t room)
{
    return ppoll(fds, count, timeout, mask);
}

/* ---- select ---- */

struct select_args {
    int count;
    fd_set *sets[3];
    fd_set wanted[3]; /* the call spoils its arguments */
};

static int do_select(void *arg, bool wait, const sigset_t *mask)
{
    struct select_args *args = arg;

    for (size_t i = 0; i < 3; i++) {
        if (args->sets[i])
            *args->sets[i] = args->wanted[i];
    }
    return real.pselect(args->count, args->sets[0], args->sets[1], args->sets[2],
                        wait ? NULL : &at_once, mask);
}

static int wait_select(struct select_args *args, int64_t deadline_ns, const sigset_t *mask)
{
    for (size_t i = 0; i < 3; i++) {
        if (args->sets[i])
            args->wanted[i] = *args->sets[i];
    }
    return shim_wait_for(do_select, args, deadline_ns, mask);
}

SHIM_EXPORT int pselect(int count, fd_set *restrict in, fd_set *restrict out,
                        fd_set *restrict except, const struct timespec *restrict timeout,
                        const sigset_t *restrict mask)
{
    struct select_args args = {
        .count = count, .sets = {in, out, except}
    };

    if (!shim_ready())
        return real.pselect(count, in, out, except, timeout, mask);
    return wait_select(&args, timeout ? shim_deadline_after(ns_of(timeout)) : VTIME_NEVER, mask);
}

static int select_real(struct select_args *args, struct timeval *timeout)
{
    struct timespec span = {0};

    if (timeout)
        span = (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000};
    return real.pselect(args->count, args->sets[0], args->sets[1], args->sets[2],
                        timeout ? &span : NULL, NULL);
}

SHIM_EXPORT int select(int count, fd_set *restrict in, fd_set *restrict out,
                       fd_set *restrict except, struct timeval *restrict timeout)
{
    struct select_args args = {
        .count = count, .sets = {in, out, except}
    };
    int64_t deadline_ns = VTIME_NEVER, rest_ns;
    int r;

    if (!shim_ready())
        return select_real(&args, timeout);
    if (timeout)
        deadline_ns = shim_deadline_after((int64_t)timeout->tv_sec * NS_PER_S +
                                          timeout->tv_usec * 1000);
    r = wait_select(&args, deadline_ns, NULL);
    if (timeout && r >= 0) { /* Linux tells what is left */
        rest_ns = deadline_ns > shim_now_ns() ? deadline_ns - shim_now_ns() : 0;
        timeout->tv_sec = rest_ns / NS_PER_S;
        timeout->tv_usec = rest_ns % NS_PER_S / 1000;
    }
    return r;
}

/* ---- epoll ---- */

struct epoll_args {
    int fd, count;
    struct epoll_event *events;
};

static int do_epoll(void *arg, bool wait, const sigset_t *mask)
{
    struct epoll_args *args = arg;

    return real.epoll_pwait(args->fd, args->events, args->count, wait ? -1 : 0, mask);
}

SHIM_EXPORT int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout_ms,
                            const sigset_t *mask)
{
    struct epoll_args args = {fd, count, events};

    if (!shim_ready())
        return real.epoll_pwait(fd, events, count, timeout_ms, mask);
    return shim_wait_for(do_epoll, &args, shim_deadline_of_ms(timeout_ms), mask);
}

SHIM_EXPORT int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
    return epoll_pwait(fd, events, count, timeout_ms, NULL);
}

SHIM_EXPORT int epoll_pwait2(int fd, struct epoll_event *events, int count,
                             const struct timespec *timeout, const sigset_t *mask)
{
    struct epoll_args args = {fd, count, events};
    int timeout_ms = timeout ? (int)(ns_of(timeout) / 1000000) : -1;

    if (!shim_ready())
        return real.epoll_pwait(fd, events, count, timeout_ms, mask);
    return shim_wait_for(do_epoll, &args,
                         timeout ? shim_deadline_after(ns_of(timeout)) : VTIME_NEVER, mask);
}

/* ---- read ---- */

static bool waits_at_all(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && !(flags & O_NONBLOCK);
}

/* A tty whose reads end by themselves: VTIME is a limit that the kernel would keep. */
static bool has_vtime(int fd, struct termios *settings_out)
{
    int error = errno;
    bool yes = tcgetattr(fd, settings_out) == 0 && !(settings_out->c_lflag & ICANON) &&
               settings_out->c_cc[VTIME] > 0 && waits_at_all(fd);

    errno = error;
    return yes;
}

/*
 * VMIN = 0: the limit counts from the call. VMIN > 0: it counts from the first byte and again after
 * each, until VMIN bytes or as many as wanted are there.
 */
static int await_bytes(int fd, const struct termios *settings, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    struct poll_args args = {&ready, 1};
    int64_t limit_ns = (int64_t)settings->c_cc[VTIME] * (NS_PER_S / 10);
    int wanted = settings->c_cc[VMIN], there, before = 0, r;

    r = shim_wait_for(do_poll, &args, wanted ? VTIME_NEVER : shim_deadline_after(limit_ns), NULL);
    if (r <= 0 || wanted <= 1)
        return r;
    while (real.ioctl(fd, FIONREAD, &there) == 0 && there > before && there < wanted &&
           (size_t)there < size) {
        before = there;
        if (shim_sleep_until(shim_deadline_after(limit_ns)) != 0)
            break;
    }
    return 1;
}

SHIM_EXPORT ssize_t read(int fd, void *bytes, size_t size)
{
    struct termios settings;
    ssize_t result;
    int flags, error, r;

    if (!shim_ready())
        return real.read(fd, bytes, size);
    if (shim_timerfd_read(fd, bytes, size, &result))
        return result;
    if (!has_vtime(fd, &settings))
        return real.read(fd, bytes, size);
    r = await_bytes(fd, &settings, size);
    if (r <= 0)
        return r;
    flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    result = real.read(fd, bytes, size);
    error = errno;
    fcntl(fd, F_SETFL, flags);
    errno = error;
    return result;
}

SHIM_EXPORT int close(int fd)
{
    if (shim_ready())
        shim_timerfd_closed(fd);
    return real.close(fd);
}
