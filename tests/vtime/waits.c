/* SPDX-License-Identifier: MIT */
/*
 * waits: every way to wait that virtual time promises, one after the other, and how long it took
 * on the host's own clocks. The same output is expected from each back-end, to the millisecond.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static sem_t semaphore;
static volatile sig_atomic_t alarms;

static long now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long lap_ms(void)
{
    static long last;
    long now = now_ms(CLOCK_MONOTONIC), lap = now - last;

    last = now;
    return lap;
}

static void say(const char *what, long result)
{
    printf("%s %ld after %ld ms\n", what, result, lap_ms());
    fflush(stdout);
}

static struct timespec in_ms(clockid_t clock, long span_ms)
{
    long at_ms = now_ms(clock) + span_ms;

    return (struct timespec){.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000};
}

static void on_alarm(int number)
{
    alarms++;
}

static void sleeps(void)
{
    struct timespec span = {.tv_sec = 3600, .tv_nsec = 500000000}, at, rest;
    int r;

    say("nanosleep", nanosleep(&span, NULL));
    say("sleep", sleep(86400));
    say("usleep", usleep(250000));
    at = in_ms(CLOCK_REALTIME, 7000);
    say("absolute", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL));
    alarm(100);
    say("sleep cut by alarm", sleep(3600));
    alarm(10);
    span.tv_sec = 30;
    r = nanosleep(&span, &rest);
    say("nanosleep cut by alarm", r < 0 ? (long)rest.tv_sec : -1);
    say("alarms", alarms);
}

static void descriptors(int tty)
{
    struct pollfd ready = {.fd = tty, .events = POLLIN};
    struct timespec span = {.tv_sec = 3};
    struct timeval limit = {.tv_sec = 4};
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    fd_set set;

    epoll_ctl(epoll, EPOLL_CTL_ADD, tty, &event);
    say("poll", poll(&ready, 1, 2500));
    say("ppoll", ppoll(&ready, 1, &span, NULL));
    FD_ZERO(&set);
    FD_SET(tty, &set);
    say("select", select(tty + 1, &set, NULL, NULL, &limit));
    say("select leaves", limit.tv_sec * 1000000 + limit.tv_usec + FD_ISSET(tty, &set));
    FD_SET(tty, &set);
    say("pselect", pselect(tty + 1, &set, NULL, NULL, &span, NULL));
    say("epoll", epoll_wait(epoll, &event, 1, 5000));
    close(epoll);
}

static void timerfds(void)
{
    struct itimerspec spec = {.it_value = {.tv_sec = 1800}, .it_interval = {.tv_sec = 7200}}, left;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    uint64_t count = 0;

    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    timerfd_settime(timer, 0, &spec, NULL);
    say("epoll before the timer", epoll_wait(epoll, &event, 1, 600000));
    timerfd_gettime(timer, &left);
    say("timer has left", left.it_value.tv_sec);
    say("epoll with the timer", epoll_wait(epoll, &event, 1, -1));
    say("timer read", read(timer, &count, sizeof(count)) == sizeof(count) ? (long)count : -1);
    say("timer read again", read(timer, &count, sizeof(count)) == sizeof(count) ? (long)count : -1);
    close(timer);
    close(epoll);
}

static void interval_timers(void)
{
    struct itimerval every = {.it_value = {.tv_sec = 5}, .it_interval = {.tv_sec = 10}}, off = {0};
    sigset_t set;
    struct timespec span = {.tv_sec = 60};

    alarms = 0;
    setitimer(ITIMER_REAL, &every, NULL);
    pause();
    pause();
    setitimer(ITIMER_REAL, &off, NULL);
    say("two alarms", alarms);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    say("sigtimedwait", sigtimedwait(&set, NULL, &span) < 0 ? errno == EAGAIN : -1);
}

static void posix_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec spec = {.it_value = {.tv_sec = 12}};
    timer_t timer;

    alarms = 0;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) {
        say("no POSIX timer", errno);
        return;
    }
    timer_settime(timer, 0, &spec, NULL);
    pause();
    timer_delete(timer);
    say("POSIX timer", alarms);
}

static void *poster(void *arg)
{
    struct timespec span = {.tv_sec = 1000};

    for (int i = 0; i < 2; i++) {
        nanosleep(&span, NULL);
        sem_post(&semaphore);
    }
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void threads(void)
{
    pthread_condattr_t attributes;
    pthread_t thread;
    struct timespec at;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&cond, &attributes);
    sem_init(&semaphore, 0, 0);
    at = in_ms(CLOCK_MONOTONIC, 600000);
    pthread_mutex_lock(&mutex);
    say("condition", pthread_cond_timedwait(&cond, &mutex, &at));
    pthread_create(&thread, NULL, poster, NULL);
    for (int i = 0; i < 3; i++) {
        at = in_ms(CLOCK_REALTIME, 700000);
        say("semaphore", sem_timedwait(&semaphore, &at));
    }
    at = in_ms(CLOCK_MONOTONIC, 5000);
    say("condition", pthread_cond_timedwait(&cond, &mutex, &at));
    pthread_mutex_unlock(&mutex);
    say("join", pthread_join(thread, NULL));
}

static void children(void)
{
    int pipes[2], status = 0;
    char byte = 0;
    pid_t child;

    if (pipe(pipes) < 0)
        return;
    child = fork();
    if (child == 0) {
        sleep(50);
        if (write(pipes[1], "x", 1) != 1)
            _exit(1);
        sleep(50);
        _exit(7);
    }
    say("pipe from a child", read(pipes[0], &byte, 1));
    waitpid(child, &status, 0);
    say("child", WEXITSTATUS(status));
    say("shell", pclose(popen("sleep 20; exit 3", "r")) >> 8);
}

static void vtime_read(int tty)
{
    struct termios settings;
    char bytes[64];

    tcgetattr(tty, &settings);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 30;
    tcsetattr(tty, TCSANOW, &settings);
    say("read with VTIME", read(tty, bytes, sizeof(bytes)));
    if (write(tty, "AT\r", 3) != 3)
        return;
    say("read of an answer", read(tty, bytes, sizeof(bytes)) > 0);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct termios settings;
    int tty = argc == 2 ? open(argv[1], O_RDWR | O_NOCTTY) : -1;
    time_t start = time(NULL);

    if (tty < 0) {
        fprintf(stderr, "usage: waits TTY\n");
        return 2;
    }
    tcgetattr(tty, &settings);
    cfmakeraw(&settings);
    tcsetattr(tty, TCSANOW, &settings);
    sigaction(SIGALRM, &action, NULL);
    lap_ms();
    sleeps();
    descriptors(tty);
    timerfds();
    interval_timers();
    posix_timer();
    threads();
    children();
    vtime_read(tty);
    printf("all in %ld s\n", (long)(time(NULL) - start));
    return 0;
}
