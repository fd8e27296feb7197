/*
 * The page that the driver of virtual time shares with the preload shim in each host process.
 *
 * A thread that waits with a limit has its slot in WAIT with the limit as deadline; it sleeps in a
 * system call without limit. When the time has come the driver writes granted = seq and sends
 * VTIME_WAKE_SIGNAL, which is unblocked only inside that call. Times are nanoseconds of modem time.
 *
 * A thread that is about to wait for descriptors looks at them first. Such looks are numbered, and
 * a look that found nothing becomes the wait's word: "from here to the end of this wait I do
 * nothing, unless somebody sends me something after look number N".
 * Both sides are built from this header; the shim refuses a page of another layout.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define VTIME_MAGIC       0x48575654u
#define VTIME_ABI         3u
#define VTIME_SLOT_MAX    512
#define VTIME_TIMER_MAX   128
#define VTIME_LINES_MAX   64
#define VTIME_NEVER       INT64_MAX
#define VTIME_WAKE_SIGNAL 60 /* a real-time signal that the host cannot use meanwhile */

/* CLOCK_REALTIME at modem time 0 is 2025-01-01T00:00:00Z, CLOCK_MONOTONIC a thousand seconds. */
#define VTIME_REALTIME_NS  (INT64_C(1735689600) * 1000000000)
#define VTIME_MONOTONIC_NS (INT64_C(1000) * 1000000000)

#define VTIME_PAGE_VARIABLE "HAYESWIRE_VTIME_PAGE" /* the page's path */

/* What a clock shows at modem time 0; -1 for those that are not virtual (CPU time). */
static inline int64_t vtime_clock_base(int clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        return VTIME_REALTIME_NS;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        return VTIME_MONOTONIC_NS;
    }
    return -1;
}

/*
 * A host that reads the clock over and over without waiting once would stand still for ever. Many
 * programs read it some thousand times while they start, so the first grace is long, and a program
 * that has used it up gets less and less. It counts reads and no time, to be the same in each run.
 */
#define VTIME_SPIN_READS     5000u
#define VTIME_SPIN_READS_MIN 20u
#define VTIME_SPIN_LESS      10u /* each grace is so many times shorter */
#define VTIME_SPIN_NS        INT64_C(1000000)

struct vtime_spin {
    unsigned reads, grace;
};

/* Count one read. Return: whether it is to wait. Zero the struct when the thread has waited. */
static inline int vtime_spin_strikes(struct vtime_spin *spin)
{
    if (spin->grace == 0)
        spin->grace = VTIME_SPIN_READS;
    if (++spin->reads <= spin->grace)
        return 0;
    spin->reads = 0;
    spin->grace /= VTIME_SPIN_LESS;
    if (spin->grace < VTIME_SPIN_READS_MIN)
        spin->grace = VTIME_SPIN_READS_MIN;
    return 1;
}

enum vtime_state { VTIME_RUN, VTIME_WAIT };

/*
 * What tells one program in a process from the next one: the start of its stack, field 28 of
 * /proc/PID/stat. rest = the line behind the name's ")".
 */
static inline uint64_t vtime_image(const char *rest)
{
    for (int field = 2; *rest && field < 28; rest++)
        field += *rest == ' ';
    return strtoull(rest, NULL, 10);
}

struct vtime_slot {
    _Atomic int used;
    _Atomic int pid, tid;
    _Atomic uint64_t image; /* of the program that has loaded the shim: an exec may load another */
    _Atomic int wake_tid;   /* who gets the signal: the thread itself, or its process's helper */
    _Atomic int state;
    _Atomic int64_t deadline_ns;
    _Atomic uint64_t order; /* of arrival, among equal deadlines */
    _Atomic uint32_t seq;   /* number of the wait */
    _Atomic uint32_t granted;
    _Atomic uint32_t look; /* number of the last look at descriptors; never 0 */
    _Atomic uint32_t word; /* the look that found nothing and led to this wait; 0 = none */
};

/* alarm(), setitimer(ITIMER_REAL), timer_create(): the driver sends the signal. */
struct vtime_timer {
    _Atomic int used;
    _Atomic int pid;
    _Atomic int tid; /* 0 = the process */
    _Atomic int signal;
    _Atomic int is_itimer;
    _Atomic uint64_t value; /* of the signal */
    _Atomic int64_t deadline_ns, interval_ns;
};

/* Modem-control lines of one tty, as bits of TIOCMGET. */
struct vtime_lines {
    _Atomic uint64_t tty;    /* its device number; 0 = free */
    _Atomic uint32_t host;   /* TIOCM_DTR, TIOCM_RTS: what the host drives */
    _Atomic uint32_t modem;  /* TIOCM_CTS, TIOCM_DSR, TIOCM_CD, TIOCM_RI: what the modem drives */
    _Atomic uint32_t change; /* futex: counts changes of `modem` */
};

struct vtime_page {
    uint32_t magic, abi, size_bytes;
    uint32_t seed;
    uint32_t has_time, has_lines; /* which of its two jobs the shim does */
    _Atomic int64_t now_ns;
    _Atomic uint64_t order;
    _Atomic uint32_t bell;         /* futex: rung by who is about to wait or to end, */
    _Atomic uint32_t is_listening; /* while the driver listens */
    _Atomic uint32_t spins;        /* how often the spin guard struck, */
    _Atomic int spin_tid;          /* and whom last */
    _Atomic uint32_t slot_count;   /* of those that were ever used: the rest is not looked at */
    struct vtime_slot slots[VTIME_SLOT_MAX];
    struct vtime_timer timers[VTIME_TIMER_MAX];
    struct vtime_lines lines[VTIME_LINES_MAX];
};
