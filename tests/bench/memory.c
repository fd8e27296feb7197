/*
 * What an idle modem costs: heap, resident memory, and CPU time of a process full of them.
 *
 * Each number of modems is measured in a process of its own. The trace belongs to the stand, not
 * to the modems, and grows with what happens: at the end it is freed, and what that gives back is
 * shown apart and not counted as the modems'.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/port/port.h"
#include "tests/bench/measure.h"
#include "tests/bench/stand.h"

#define HEAP_GOAL_KIB 8.0
#define SPARE_FDS     64

struct result {
    double heap_kib, trace_kib, resident_kib; /* a modem */
    double idle_cpu_ms;
    size_t pair_count; /* modems that got a socket pair, since there were no more ptys */
};

static double heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total, resident;

    if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2)
        die("/proc/self/statm can not be read");
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* A modem has a master, a slave held open and the client's descriptor. */
static void allow_descriptors(size_t modems)
{
    struct rlimit limit;
    rlim_t needed = modems * 3 + SPARE_FDS;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("RLIMIT_NOFILE: %s", strerror(errno));
    if (limit.rlim_cur >= needed)
        return;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("RLIMIT_NOFILE: %s", strerror(errno));
}

/* Return: the client's descriptor of a new modem. */
static int open_modem(struct stand *stand, size_t index, struct modem **modem_out,
                      struct result *result)
{
    char name[32];
    struct port *port;
    int r, host_fd;

    snprintf(name, sizeof(name), "m%zu", index);
    *modem_out = stand_modem(stand, "bc26", name);
    if (result->pair_count == 0) {
        r = stand_start(*modem_out, NULL);
        if (r == 0)
            return client_open(modem_tty(*modem_out, NULL));
        if (r != -ENOSPC)
            die("modem %zu: %s", index, strerror(-r));
    }
    result->pair_count++;
    r = pair_port_new(&stand->loop, &line_port_up, NULL, &port, &host_fd);
    if (r < 0 || (r = stand_start(*modem_out, port)) < 0)
        die("modem %zu: %s", index, strerror(-r));
    return host_fd;
}

/* The client's side lives in the same process here: serve the loop until the answer is there. */
static void exchange(struct stand *stand, int fd)
{
    char heard[1024];
    size_t len = 0;
    uint64_t limit_ns = now_ns() + CLIENT_LIMIT_S * UINT64_C(1000000000);

    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || write(fd, "AT\r", 3) != 3)
        die("a tty does not take a command");
    while (len < 4 || !memmem(heard, len, "OK\r\n", 4)) {
        ssize_t got;

        /* Without blocking: the kernel may still be carrying the answer when the loop is idle. */
        loop_turn(&stand->loop, false);
        if (now_ns() > limit_ns)
            die("no answer within %d s", CLIENT_LIMIT_S);
        got = read(fd, heard + len, sizeof(heard) - len);
        if (got > 0)
            len += (size_t)got;
        if (len == sizeof(heard))
            die("a modem says other things than OK");
    }
}

static void on_end(void *arg)
{
    loop_stop(arg);
}

static double idle_cpu_ms(struct stand *stand, uint64_t span_us)
{
    struct timer end = {0};
    uint64_t before;

    while (stand->clock.count > 0) /* what the network still has to say */
        loop_turn(&stand->loop, true);
    before = cpu_ns(0);
    clock_after(&stand->clock, &end, span_us, on_end, &stand->loop);
    loop_run(&stand->loop);
    return (double)(cpu_ns(0) - before) / 1e6;
}

/* A modem that is booted, registered, and has answered once. Return: the client's descriptor. */
static int add_modem(struct stand *stand, size_t index, struct modem **modem_out,
                     struct result *result)
{
    int fd = open_modem(stand, index, modem_out, result);

    while (!net_registered(&(*modem_out)->net))
        loop_turn(&stand->loop, true);
    exchange(stand, fd);
    return fd;
}

/* One modem comes and goes before the count: it pays for what a process has only once. */
static void warm_up(struct stand *stand)
{
    struct result ignored = {0};
    struct modem *modem;

    close(add_modem(stand, 0, &modem, &ignored));
    modem_free(modem);
    trace_free(stand->trace);
    stand->trace = stand->bench.trace = trace_new(&stand->clock);
}

static void measure_here(size_t count, uint64_t idle_us, struct result *result)
{
    struct modem *modem;
    struct stand stand;
    double heap, resident, all;

    allow_descriptors(count);
    stand_init(&stand);
    warm_up(&stand);
    malloc_trim(0); /* what our parent freed is resident here too, and would take the modems in */
    heap = heap_bytes();
    resident = resident_bytes();
    for (size_t i = 0; i < count; i++)
        add_modem(&stand, i, &modem, result);
    if (idle_us > 0)
        result->idle_cpu_ms = idle_cpu_ms(&stand, idle_us);
    result->resident_kib = (resident_bytes() - resident) / 1024 / (double)count;
    all = heap_bytes();
    trace_free(stand.trace);
    result->trace_kib = (all - heap_bytes()) / 1024 / (double)count;
    result->heap_kib = (heap_bytes() - heap) / 1024 / (double)count;
}

static void measure_apart(size_t count, uint64_t idle_us, struct result *result)
{
    int pipe_fds[2];
    pid_t pid;

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        die("no pipe: %s", strerror(errno));
    fflush(stdout);
    pid = fork();
    if (pid < 0)
        die("no process: %s", strerror(errno));
    if (pid == 0) {
        struct result mine = {0};

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        measure_here(count, idle_us, &mine);
        _exit(write(pipe_fds[1], &mine, sizeof(mine)) == sizeof(mine) ? 0 : 1);
    }
    close(pipe_fds[1]);
    if (read(pipe_fds[0], result, sizeof(*result)) != sizeof(*result))
        die("%zu modems can not be measured", count);
    close(pipe_fds[0]);
    waitpid(pid, NULL, 0);
}

static void print_result(size_t count, const struct result *result)
{
    const char *each = count == 1 ? "1 idle bc26" : "idle bc26s";
    char what[64];

    snprintf(what, sizeof(what), count == 1 ? "heap of 1 idle bc26" : "heap of an idle bc26 of %zu",
             count);
    print_row(&(struct row){.what = what,
                            .figure = result->heap_kib,
                            .unit = "KiB",
                            .goal = "at most 8 KiB",
                            .has_verdict = true,
                            .is_met = result->heap_kib <= HEAP_GOAL_KIB});
    print_row(&(struct row){.what = "  its trace so far (the stand's, not counted)",
                            .figure = result->trace_kib,
                            .unit = "KiB"});
    print_row(&(struct row){.what = "  its resident memory, trace included",
                            .figure = result->resident_kib,
                            .unit = "KiB"});
    if (result->pair_count > 0)
        printf("  (%zu of the %s have a socket pair: no more ptys)\n", result->pair_count, each);
}

void measure_memory(const struct bench_plan *plan)
{
    static const size_t counts[] = {1, 100, 1000}, quick_counts[] = {1, 10, 100};
    uint64_t idle_us = plan->quick ? 200000 : 2000000;
    struct result result;
    char what[64];

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        size_t count = plan->quick ? quick_counts[i] : counts[i];

        measure_apart(count, i == 1 ? idle_us : 0, &result);
        print_result(count, &result);
        if (i != 1)
            continue;
        snprintf(what, sizeof(what), "CPU of %zu idle bc26 in %.1f s", count,
                 (double)idle_us / 1e6);
        print_row(&(struct row){
            .what = what, .figure = result.idle_cpu_ms, .unit = "ms", .goal = "near zero"});
    }
}
