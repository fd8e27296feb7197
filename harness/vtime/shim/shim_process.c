/*
 * Threads, processes, signals, chance, and the raw way into the kernel.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

/* ---- threads and processes ---- */

struct beginning {
    void *(*fn)(void *);
    void *arg;
};

static void *begin_thread(void *arg)
{
    struct beginning beginning = *(struct beginning *)arg;

    free(arg);
    shim_slot();
    return beginning.fn(beginning.arg);
}

SHIM_EXPORT int pthread_create(pthread_t *restrict thread,
                               const pthread_attr_t *restrict attributes, void *(*fn)(void *),
                               void *restrict arg)
{
    struct beginning *beginning;
    int r;

    if (!shim_ready())
        return real.pthread_create(thread, attributes, fn, arg);
    beginning = malloc(sizeof(*beginning));
    if (!beginning)
        return EAGAIN;
    *beginning = (struct beginning){fn, arg};
    r = real.pthread_create(thread, attributes, begin_thread, beginning);
    if (r != 0)
        free(beginning);
    return r;
}

/* It returns twice into its caller's frame, which a wrapper has left by then: so it is a fork. */
SHIM_EXPORT pid_t vfork(void)
{
    shim_ready();
    return real.fork();
}

/* ---- signals: the host must not take the wake signal away ---- */

SHIM_EXPORT int sigaction(int number, const struct sigaction *restrict action,
                          struct sigaction *restrict old_out)
{
    if (shim_ready() && number == VTIME_WAKE_SIGNAL) {
        errno = EINVAL; /* as for the C library's own */
        return -1;
    }
    return real.sigaction(number, action, old_out);
}

/* ---- chance ---- */

/* A stream per thread would depend on the order of their births; per call it would repeat. */
static _Thread_local uint64_t chance;

static uint64_t next_chance(void)
{
    if (chance == 0)
        chance = 0x9E3779B97F4A7C15u * (shim_page->seed + UINT64_C(1));
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

SHIM_EXPORT ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
    uint8_t *at = bytes;

    if (!shim_ready())
        return real.syscall(SYS_getrandom, bytes, size, flags);
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(next_chance() >> 24);
    return (ssize_t)size;
}

SHIM_EXPORT int getentropy(void *bytes, size_t size)
{
    if (size > 256) {
        errno = EIO;
        return -1;
    }
    return getrandom(bytes, size, 0) == (ssize_t)size ? 0 : -1;
}

/* ---- the raw way ---- */

static bool is_limited_futex_wait(int op, const void *limit)
{
    int command = op & FUTEX_CMD_MASK;

    return limit && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET);
}

SHIM_EXPORT long syscall(long number, ...)
{
    long a[6];
    va_list args;

    va_start(args, number);
    for (size_t i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (!shim_ready())
        return real.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    switch (number) {
    case SYS_clock_gettime:
        return clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
    case SYS_futex:
        if (!is_limited_futex_wait((int)a[1], (void *)a[3]))
            break;
        return shim_futex_wait((uint32_t *)a[0], (int)a[1], (uint32_t)a[2],
                               (const struct timespec *)a[3], (uint32_t *)a[4], (uint32_t)a[5]);
    case SYS_nanosleep:
        return nanosleep((const struct timespec *)a[0], (struct timespec *)a[1]);
    case SYS_getrandom:
        return getrandom((void *)a[0], (size_t)a[1], (unsigned)a[2]);
    default:
        break;
    }
    return real.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
