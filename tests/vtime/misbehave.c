/* SPDX-License-Identifier: MIT */
/*
 * misbehave HOW: hosts that are hard on virtual time.
 *   spin       looks at the clock until a second has passed
 *   peek       polls without waiting until a second has passed
 *   compute    computes for ever
 *   tick       sleeps a millisecond at a time, for two minutes
 *   forever    waits for nothing, without a limit
 *   stopped    stops itself; a child wakes it after a minute
 *   orphan     leaves a child behind, in a session of its own, that sleeps and then says so
 *   killed     dies of a signal while a thread of it sleeps
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void spin(void)
{
    long end_ms = now_ms() + 1000;

    while (now_ms() < end_ms)
        ;
}

static void peek(void)
{
    long end_ms = now_ms() + 1000;

    while (now_ms() < end_ms)
        poll(NULL, 0, 0);
}

static volatile unsigned long steps; /* kept by the compiler, since somebody might look */

static void compute(void)
{
    for (;;)
        steps++;
}

static void tick(void)
{
    long end_ms = now_ms() + 120000;

    while (now_ms() < end_ms)
        usleep(1000);
}

static void stopped(void)
{
    pid_t self = getpid();

    if (fork() == 0) {
        sleep(60);
        kill(self, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
}

static void orphan(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            sleep(100);
            printf("the orphan slept\n");
            fflush(stdout);
            _exit(0);
        }
        _exit(0);
    }
    sleep(200);
}

static void *sleeper(void *arg)
{
    sleep(10);
    raise(SIGKILL);
    return NULL;
}

static void killed(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, sleeper, NULL);
    pthread_join(thread, NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} habits[] = {
    {"spin",    spin   },
    {"peek",    peek   },
    {"compute", compute},
    {"tick",    tick   },
    {"stopped", stopped},
    {"orphan",  orphan },
    {"killed",  killed },
};

int main(int argc, char **argv)
{
    long start_ms = now_ms();

    if (argc == 2 && strcmp(argv[1], "forever") == 0)
        for (;;)
            pause();
    for (size_t i = 0; argc == 2 && i < sizeof(habits) / sizeof(habits[0]); i++) {
        if (strcmp(argv[1], habits[i].name) != 0)
            continue;
        habits[i].run();
        printf("%s took %ld ms\n", argv[1], now_ms() - start_ms);
        return 0;
    }
    return 2;
}
