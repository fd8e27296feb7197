/*
 * Pseudo-terminals.
 *
 * Raw mode is set in openpty itself, or the kernel would echo the modem's own words back to it. We
 * keep a slave descriptor open, because a master without slave reports HUP for ever; the price is
 * that the host's open and close are invisible on the master, so inotify on the slave's path tells
 * them. A UART has no memory: what is said while no host has the port open is lost, and what a
 * host left unread when it closed is gone as well.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <termios.h>
#include <unistd.h>

#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/port/port.h"
#include "sim/port/rate.h"
#include "sim/port/stream.h"

struct pty {
    struct stream stream;        /* first */
    int slave_fd;                /* ours, so that the master never hangs up; while detached it
                                    keeps the number from other programs */
    int watch;                   /* inotify watch descriptor */
    bool was_opened, was_closed; /* by hosts, since they were told of */
    unsigned round;              /* of pty_serve() that has looked here */
    struct termios settings;     /* as they were in the read numbered settings_reading */
    uint64_t settings_reading;   /* 0: never looked at */
    struct pty *next;
};

/*
 * One inotify instance serves all ptys of a loop: a user may have only 128 instances
 * (fs.inotify.max_user_instances), but there may be 1,000 modems.
 */
static struct {
    struct loop *loop;
    int fd;
    struct event *event;
    struct pty *ptys;
    unsigned round;
    unsigned changes; /* see pty_changes() */
    void (*sends)(void *arg, bool is_sent, size_t len);
    void *sends_arg;
} watcher = {.fd = -1};

static void set_hosts(struct pty *pty, unsigned hosts)
{
    struct port *port = &pty->stream.port;

    if (port->hosts == hosts)
        return;
    port->hosts = hosts;
    watcher.changes++;
    if (hosts == 0)
        tcflush(pty->slave_fd, TCIFLUSH);
    if (port->up->hosts)
        port->up->hosts(port->arg, hosts);
}

static int watch_path(struct pty *pty)
{
    pty->watch = inotify_add_watch(watcher.fd, pty->stream.port.path,
                                   IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE);
    return pty->watch < 0 ? -errno : 0;
}

/*
 * Whether a host has the port open. Events cannot be counted: inotify reports two opens in a row
 * as one. But the master says when no slave is left, if ours is out of the way for a moment.
 */
static bool is_open(struct pty *pty)
{
    struct pollfd master = {.fd = pty->stream.fd};

    inotify_rm_watch(watcher.fd, pty->watch); /* what we do here is nobody's business */
    close(pty->slave_fd);
    poll(&master, 1, 0);
    pty->slave_fd = open(pty->stream.port.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    watch_path(pty);
    return !(master.revents & POLLHUP);
}

static void note_event(const struct inotify_event *event)
{
    for (struct pty *pty = watcher.ptys; pty; pty = pty->next) {
        if (pty->watch != event->wd)
            continue;
        pty->was_opened |= (event->mask & IN_OPEN) != 0;
        pty->was_closed |= (event->mask & (IN_CLOSE_WRITE | IN_CLOSE_NOWRITE)) != 0;
        return;
    }
}

/* Return: whether there was a port to tell of its hosts; the call may attach and detach ports. */
static bool tell_one(void)
{
    for (struct pty *pty = watcher.ptys; pty; pty = pty->next) {
        bool was_closed = pty->was_closed;

        if (!pty->was_opened && !was_closed)
            continue;
        if (pty->was_opened) {
            pty->was_opened = false;
            set_hosts(pty, 1);
        } else {
            pty->was_closed = false;
            set_hosts(pty, is_open(pty));
        }
        return true;
    }
    return false;
}

/*
 * Take in what inotify has to tell; also called when a stale answer would do harm.
 * Return: whether there was anything.
 */
static bool watcher_pump(void)
{
    char events[sizeof(struct inotify_event) * 64 + NAME_MAX + 1]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    bool any = false;
    ssize_t got;

    while ((got = read(watcher.fd, events, sizeof(events))) > 0) {
        for (char *at = events; at < events + got;) {
            const struct inotify_event *event = (const struct inotify_event *)at;

            note_event(event);
            at += sizeof(*event) + event->len;
        }
    }
    while (watcher.fd >= 0 && tell_one())
        any = true;
    return any;
}

static void on_watcher(evutil_socket_t fd, short what, void *arg)
{
    watcher_pump();
}

static int watcher_join(struct pty *pty)
{
    int r;

    if (watcher.fd < 0) {
        watcher.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (watcher.fd < 0)
            return -errno;
        watcher.loop = pty->stream.loop;
        watcher.event = event_new(watcher.loop->events, watcher.fd, EV_READ | EV_PERSIST,
                                  on_watcher, NULL);
        assert(watcher.event);
        event_priority_set(watcher.event, LOOP_RANK_CARRIER);
        event_add(watcher.event, NULL);
    }
    assert(watcher.loop == pty->stream.loop); /* one loop per process at a time */
    r = watch_path(pty);
    if (r < 0)
        return r;
    pty->was_opened = pty->was_closed = false;
    pty->next = watcher.ptys;
    watcher.ptys = pty;
    watcher.changes++;
    return 0;
}

static void watcher_leave(struct pty *pty)
{
    struct pty **at = &watcher.ptys;

    while (*at && *at != pty)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = pty->next;
    watcher.changes++;
    inotify_rm_watch(watcher.fd, pty->watch);
    if (watcher.ptys)
        return;
    event_free(watcher.event);
    close(watcher.fd);
    watcher.fd = -1;
}

/* ---- for a driver that holds time ---- */

/*
 * poll() makes the kernel finish what its worker has yet to deliver to the host; FIONREAD does not.
 * In the other direction a read does as much, once it has found nothing.
 */
static void sync_one(struct pty *pty)
{
    struct pollfd slave = {.fd = pty->slave_fd, .events = POLLIN};

    if (!pty->stream.has_sent)
        return;
    pty->stream.has_sent = false;
    poll(&slave, 1, 0);
}

void pty_tell_sends(void (*fn)(void *arg, bool is_sent, size_t len), void *arg)
{
    watcher.sends = fn;
    watcher.sends_arg = arg;
}

static void on_send(struct stream *stream, bool is_sent, size_t len)
{
    if (watcher.sends)
        watcher.sends(watcher.sends_arg, is_sent, len);
}

unsigned pty_changes(void)
{
    return watcher.changes;
}

void pty_sync(void)
{
    for (struct pty *pty = watcher.ptys; pty; pty = pty->next)
        sync_one(pty);
}

void pty_synced(void)
{
    for (struct pty *pty = watcher.ptys; pty; pty = pty->next)
        pty->stream.has_sent = false;
}

static struct pty *next_of_round(void)
{
    for (struct pty *pty = watcher.ptys; pty; pty = pty->next) {
        if (pty->round != watcher.round)
            return pty;
    }
    return NULL;
}

bool pty_serve(void)
{
    bool any = watcher.fd >= 0 && watcher_pump();
    struct pty *pty;
    size_t count;

    watcher.round++;
    /* What a port receives may attach and detach ports: the list is walked anew each time. */
    while ((pty = next_of_round()) != NULL) {
        pty->round = watcher.round;
        sync_one(pty);
        count = stream_read_all(&pty->stream);
        any |= count > 0;
        watcher.changes += count >= STREAM_READ_MAX; /* a host may have waited for room */
    }
    return any;
}

static void release(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int pty_attach(struct port *port)
{
    struct pty *pty = (struct pty *)port;
    struct termios raw = {0};
    char path[PATH_MAX];
    int master, held = pty->slave_fd, r;

    if (pty->stream.fd >= 0)
        return 0;
    if (!port->wants_new_path)
        release(&held);
    pty->slave_fd = -1;
    cfmakeraw(&raw);
    raw.c_cflag |= CREAD | CLOCAL | CS8;
    raw.c_cc[VMIN] = 1;
    cfsetspeed(&raw, B115200);
    r = openpty(&master, &pty->slave_fd, path, &raw, NULL) < 0 ? -errno : 0;
    release(&held);
    if (r < 0)
        return r; /* ENOSPC: kernel.pty.max is used up */
    /* A host that inherits it would keep its own tty open for ever. */
    fcntl(pty->slave_fd, F_SETFD, FD_CLOEXEC);
    xstrset(&port->path, path);
    r = stream_open(&pty->stream, master);
    if (r < 0) {
        close(master);
        release(&pty->slave_fd);
        return r;
    }
    return watcher_join(pty);
}

static void pty_detach(struct port *port)
{
    struct pty *pty = (struct pty *)port;

    if (pty->stream.fd < 0)
        return;
    watcher_leave(pty);
    stream_close(&pty->stream); /* the path goes with the master */
    port->hosts = 0;
    pty->settings_reading = 0;
}

static void pty_flush(struct port *port)
{
    watcher.changes++; /* a host may have waited for room */
    stream_discard((struct stream *)port);
}

static int pty_write(struct port *port, const void *bytes, size_t len)
{
    struct pty *pty = (struct pty *)port;

    if (pty->stream.fd >= 0 && port->hosts == 0)
        watcher_pump(); /* the open may be on its way behind the bytes that we answer */
    if (port->hosts == 0)
        return 0;
    return stream_write(port, bytes, len);
}

/*
 * What the host has set, which may change at any time. Only while one read is served the first
 * answer holds for all: rate and echo are asked several times for each command.
 * Return: the settings, or NULL.
 */
static const struct termios *get_termios(struct port *port)
{
    struct pty *pty = (struct pty *)port;
    struct stream *stream = &pty->stream;

    if (stream->fd < 0)
        return NULL;
    if (stream->is_reading && pty->settings_reading == stream->reading)
        return &pty->settings;
    pty->settings_reading = 0;
    if (tcgetattr(stream->fd, &pty->settings) < 0)
        return NULL;
    if (stream->is_reading)
        pty->settings_reading = stream->reading;
    return &pty->settings;
}

static long pty_baud(struct port *port)
{
    const struct termios *settings = get_termios(port);

    return settings ? rate_of_speed(cfgetospeed(settings)) : 0;
}

static bool pty_peer_echoes(struct port *port)
{
    const struct termios *settings = get_termios(port);

    return settings && (settings->c_lflag & ECHO);
}

static void pty_free(struct port *port)
{
    pty_detach(port);
    release(&((struct pty *)port)->slave_fd);
    buf_deinit(&((struct pty *)port)->stream.queue);
    free(port->path);
    free(port);
}

static const struct port_ops pty_ops = {
    .write = pty_write,
    .flush = pty_flush,
    .baud = pty_baud,
    .peer_echoes = pty_peer_echoes,
    .attach = pty_attach,
    .detach = pty_detach,
    .free = pty_free,
};

int pty_port_new(struct loop *loop, const struct port_up *up, void *arg, struct port **port_out)
{
    struct pty *pty = xcalloc(1, sizeof(*pty));
    int r;

    pty->stream.port = (struct port){.ops = &pty_ops, .up = up, .arg = arg};
    pty->stream.loop = loop;
    pty->stream.sends = on_send;
    pty->stream.fd = pty->slave_fd = -1;
    r = pty_attach(&pty->stream.port);
    if (r < 0) {
        pty_free(&pty->stream.port);
        return r;
    }
    *port_out = &pty->stream.port;
    return 0;
}
