/* SPDX-License-Identifier: MIT */
/*
 * reads HOW TTY URL: asks a BC26 to upgrade and tells each line of the module with its time, until
 * all is written. A line is seen at once, whatever the way to wait for it:
 *   poll       poll() without a limit
 *   limit      poll() with a limit that often passes
 *   select     select(), whose limit the call changes
 *   epoll      epoll, level-triggered
 *   edge       epoll, edge-triggered: reads until nothing is left
 *   byte       poll() before each single byte
 *   block      a blocking read()
 *   stdio      fgetc(), whose read() is the C library's own
 *   signal     SIGIO, whose handler reads, while poll() waits for nothing
 *   nested     the same, and the handler polls as well, while poll() waits for a pipe
 *   child      a child reads and passes everything on by a pipe
 * and two that see lines late, but at the same time in each run:
 *   deaf       waits for a pipe that says nothing, and reads each 3.7 s
 *   flood      fills the tty first, and waits until there is room again
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 256, FLOOD_BYTES = 65536 };

static int tty;
static int silent_pipe[2];
static bool is_over, is_answered;

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what was read ---- */

static void tell(const char *bytes, size_t len)
{
    static char line[LINE_MAX_BYTES];
    static size_t used;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n') {
            if (used < sizeof(line) - 1)
                line[used++] = bytes[i];
            continue;
        }
        line[used] = '\0';
        if (used > 0)
            printf("%ld %s\n", now_ms(), line);
        is_answered |= strcmp(line, "OK") == 0;
        is_over |= strstr(line, "\"UPDATING\",100%") != NULL;
        used = 0;
    }
}

/* Return: whether there was anything. */
static bool read_some(size_t most)
{
    char bytes[512];
    ssize_t got = read(tty, bytes, most < sizeof(bytes) ? most : sizeof(bytes));

    if (got > 0)
        tell(bytes, (size_t)got);
    return got > 0;
}

static void set_flags(int flags)
{
    fcntl(tty, F_SETFL, fcntl(tty, F_GETFL) | flags);
}

/* ---- the ways ---- */

static void by_poll(int limit_ms, size_t most)
{
    struct pollfd ready = {.fd = tty, .events = POLLIN};

    while (!is_over) {
        if (poll(&ready, 1, limit_ms) > 0)
            read_some(most);
    }
}

static void by_select(void)
{
    while (!is_over) {
        struct timeval limit = {.tv_sec = 1};
        fd_set ready;

        FD_ZERO(&ready);
        FD_SET(tty, &ready);
        if (select(tty + 1, &ready, NULL, NULL, &limit) > 0)
            read_some(512);
    }
}

static void by_epoll(unsigned flags)
{
    struct epoll_event event = {.events = EPOLLIN | flags};
    int set = epoll_create1(0);

    set_flags(O_NONBLOCK);
    epoll_ctl(set, EPOLL_CTL_ADD, tty, &event);
    while (!is_over) {
        if (epoll_wait(set, &event, 1, -1) < 1)
            continue;
        while (read_some(512) && flags)
            ;
    }
}

static void by_block(void)
{
    while (!is_over)
        read_some(512);
}

static void by_stdio(void)
{
    FILE *file = fdopen(tty, "r");
    int c;

    while (!is_over && (c = fgetc(file)) != EOF)
        tell((char[]){(char)c}, 1);
}

static void on_input(int number)
{
    int error = errno;

    while (read_some(512))
        ;
    errno = error;
}

static void on_input_polled(int number)
{
    struct pollfd ready = {.fd = tty, .events = POLLIN};
    int error = errno;

    while (poll(&ready, 1, 0) > 0 && read_some(512))
        ;
    errno = error;
}

static void by_signal(void (*handler)(int), int fd)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    sigaction(SIGIO, &action, NULL);
    fcntl(tty, F_SETOWN, getpid());
    set_flags(O_NONBLOCK | O_ASYNC);
    handler(SIGIO); /* what came before */
    while (!is_over)
        poll(&ready, fd < 0 ? 0 : 1, -1);
}

static void by_child(void)
{
    int passed[2];
    char bytes[512];
    ssize_t got;
    pid_t child;

    if (pipe(passed) < 0)
        exit(1);
    child = fork();
    if (child == 0) {
        while ((got = read(tty, bytes, sizeof(bytes))) > 0 &&
               write(passed[1], bytes, (size_t)got) == got)
            ;
        _exit(0);
    }
    while (!is_over) {
        struct pollfd ready = {.fd = passed[0], .events = POLLIN};

        if (poll(&ready, 1, -1) > 0 && (got = read(passed[0], bytes, sizeof(bytes))) > 0)
            tell(bytes, (size_t)got);
    }
    kill(child, SIGKILL);
}

static void by_visits(void)
{
    struct pollfd silent = {.fd = silent_pipe[0], .events = POLLIN};

    set_flags(O_NONBLOCK);
    while (!is_over) {
        poll(&silent, 1, 3700);
        while (read_some(512))
            ;
    }
}

/* ---- what is asked ---- */

static void say(const char *text)
{
    size_t len = strlen(text);

    if (write(tty, text, len) != (ssize_t)len)
        exit(1);
}

/* Until it is answered: the module has to find out our rate first. */
static void ask(const char *text)
{
    struct pollfd ready = {.fd = tty, .events = POLLIN};

    is_answered = false;
    while (!is_answered) {
        say(text);
        while (!is_answered && poll(&ready, 1, 500) > 0)
            read_some(512);
    }
}

/* A line that is too long for any modem, and another end of it for the answer to come. */
static void flood(void)
{
    struct pollfd room = {.fd = tty, .events = POLLOUT};
    char bytes[1000];
    size_t sent = 0;

    memset(bytes, '#', sizeof(bytes));
    set_flags(O_NONBLOCK);
    while (sent < FLOOD_BYTES) {
        ssize_t n = write(tty, bytes, sizeof(bytes));

        if (n > 0)
            sent += (size_t)n;
        else
            poll(&room, 1, -1);
    }
    poll(&room, 1, -1);
    say("\r");
    printf("%ld flooded\n", now_ms());
}

static void open_tty(const char *path)
{
    struct termios settings;

    tty = open(path, O_RDWR | O_NOCTTY);
    if (tty < 0 || tcgetattr(tty, &settings) < 0)
        exit(1);
    cfmakeraw(&settings);
    tcsetattr(tty, TCSANOW, &settings);
}

int main(int argc, char **argv)
{
    const char *how = argc == 4 ? argv[1] : "";
    char command[LINE_MAX_BYTES];

    if (argc != 4 || pipe(silent_pipe) < 0)
        return 2;
    open_tty(argv[2]);
    if (strcmp(how, "flood") == 0)
        flood();
    ask("AT\r");
    ask("AT+IPR=115200\r"); /* after its restart it would be silent until it had found it out again
                             */
    snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"\r", argv[3]);
    say(command);
    if (strcmp(how, "poll") == 0 || strcmp(how, "flood") == 0)
        by_poll(-1, 512);
    else if (strcmp(how, "limit") == 0)
        by_poll(170, 512);
    else if (strcmp(how, "select") == 0)
        by_select();
    else if (strcmp(how, "epoll") == 0)
        by_epoll(0);
    else if (strcmp(how, "edge") == 0)
        by_epoll(EPOLLET);
    else if (strcmp(how, "byte") == 0)
        by_poll(-1, 1);
    else if (strcmp(how, "block") == 0)
        by_block();
    else if (strcmp(how, "stdio") == 0)
        by_stdio();
    else if (strcmp(how, "signal") == 0)
        by_signal(on_input, -1);
    else if (strcmp(how, "nested") == 0)
        by_signal(on_input_polled, silent_pipe[0]);
    else if (strcmp(how, "child") == 0)
        by_child();
    else if (strcmp(how, "deaf") == 0)
        by_visits();
    else
        return 2;
    return 0;
}
