/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/bench/measure.h"
#include "tests/bench/stand.h"

#define RAW_REPLY  "\r\nOK\r\n"
#define RAW_CHUNK  4096
#define RAW_OUTPUT (RAW_CHUNK * (sizeof(RAW_REPLY) - 1)) /* a chunk of nothing but CR */

/* ---- the raw responder ---- */

/* All that one read brought is answered with one write, as the modem does. */
static void answer(int master)
{
    static char in[RAW_CHUNK], out[RAW_OUTPUT];
    size_t len = 0;
    ssize_t got = read(master, in, sizeof(in));

    if (got < 0)
        die("raw responder: %s", strerror(errno));
    for (ssize_t i = 0; i < got; i++) {
        if (in[i] != '\r')
            continue;
        memcpy(out + len, RAW_REPLY, sizeof(RAW_REPLY) - 1);
        len += sizeof(RAW_REPLY) - 1;
    }
    if (len > 0 && write(master, out, len) != (ssize_t)len)
        die("raw responder: %s", strerror(errno));
}

static void tell_tty(int fd, const char *tty)
{
    size_t size = strlen(tty) + 1;

    if (write(fd, tty, size) != (ssize_t)size)
        die("the client does not listen");
}

static void run_raw(int tell_fd, const char *arg)
{
    struct termios raw = {0};
    struct pollfd poller = {.events = POLLIN};
    char tty[64];
    int slave;

    cfmakeraw(&raw);
    raw.c_cflag |= CREAD | CLOCAL | CS8;
    raw.c_cc[VMIN] = 1;
    cfsetspeed(&raw, B115200);
    if (openpty(&poller.fd, &slave, tty, &raw, NULL) < 0)
        die("no pseudo-terminal: %s", strerror(errno));
    tell_tty(tell_fd, tty);
    for (;;) {
        if (poll(&poller, 1, -1) > 0)
            answer(poller.fd);
    }
}

/* ---- a modem ---- */

static struct modem *open_modem(struct stand *stand, const char *dialect)
{
    struct modem *modem;
    int r;

    stand_init(stand);
    modem = stand_modem(stand, dialect, dialect);
    r = stand_start(modem, NULL);
    if (r < 0)
        die("no pseudo-terminal: %s", strerror(-r));
    stand_boot(stand, modem);
    return modem;
}

static void run_modem(int tell_fd, const char *dialect)
{
    struct stand stand;
    struct modem *modem = open_modem(&stand, dialect);

    while (!net_registered(&modem->net) || modem->timers)
        loop_turn(&stand.loop, true);
    tell_tty(tell_fd, modem_tty(modem, NULL));
    loop_run(&stand.loop);
}

int serve_one(const char *dialect)
{
    struct stand stand;
    struct modem *modem = open_modem(&stand, dialect);

    tell_tty(STDOUT_FILENO, modem_tty(modem, NULL));
    loop_run(&stand.loop);
    return 0;
}

/* ---- processes ---- */

static void start(struct server *server, void (*run)(int tell_fd, const char *arg), const char *arg)
{
    int pipe_fds[2];

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        die("no pipe: %s", strerror(errno));
    fflush(stdout);
    server->pid = fork();
    if (server->pid < 0)
        die("no process: %s", strerror(errno));
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left behind if the client dies */
        close(pipe_fds[0]);
        run(pipe_fds[1], arg);
        _exit(0);
    }
    close(pipe_fds[1]);
    if (read(pipe_fds[0], server->tty, sizeof(server->tty)) <= 0)
        die("a server did not start");
    close(pipe_fds[0]);
}

void server_start_raw(struct server *server)
{
    start(server, run_raw, NULL);
}

void server_start_modem(struct server *server, const char *dialect)
{
    start(server, run_modem, dialect);
}

void server_stop(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}
