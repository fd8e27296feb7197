/* SPDX-License-Identifier: MIT */
#include "tests/hosts/at_port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* A module that reports its signal every few seconds is never quiet for long. */
enum { SETTLE_FACTOR = 5 };

int64_t host_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void host_sleep_ms(int64_t duration_ms)
{
    struct timespec ts = {.tv_sec = duration_ms / 1000, .tv_nsec = duration_ms % 1000 * 1000000};

    while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
        ;
}

int64_t host_pause_ms(int64_t pause_ms)
{
    enum { PAUSE_MIN_MS = 1000 };
    const char *text = getenv("HAYESWIRE_TIME_SCALE");
    double scale = text ? strtod(text, NULL) : 1;
    int64_t scaled_ms = scale > 1 ? (int64_t)((double)pause_ms / scale) : pause_ms;

    if (scaled_ms >= PAUSE_MIN_MS)
        return scaled_ms;
    return pause_ms < PAUSE_MIN_MS ? pause_ms : PAUSE_MIN_MS;
}

static int make_raw(int fd)
{
    struct termios tio;

    if (tcgetattr(fd, &tio) < 0)
        return -errno;
    cfmakeraw(&tio);
    tio.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | CRTSCTS);
    tio.c_cflag |= CS8 | CLOCAL | CREAD;
    cfsetispeed(&tio, B115200);
    cfsetospeed(&tio, B115200);
    return tcsetattr(fd, TCSANOW, &tio) < 0 ? -errno : 0;
}

int at_port_open(struct at_port *port, const char *path)
{
    int ret;

    at_port_close(port);
    port->path = path;
    port->partial_len = port->chunk_pos = port->chunk_len = 0;
    port->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (port->fd < 0)
        return -errno;
    ret = make_raw(port->fd);
    if (ret < 0)
        at_port_close(port);
    return ret;
}

void at_port_close(struct at_port *port)
{
    if (port->fd >= 0)
        close(port->fd);
    port->fd = -1;
}

static enum at_status port_gone(struct at_port *port)
{
    at_port_close(port);
    return AT_GONE;
}

enum at_status at_port_write(struct at_port *port, const char *bytes, size_t len)
{
    if (port->fd < 0)
        return AT_GONE;
    while (len > 0) {
        struct pollfd pfd = {.fd = port->fd, .events = POLLOUT};
        ssize_t n = write(port->fd, bytes, len);

        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            if (poll(&pfd, 1, 1000) == 0)
                return AT_TIMEOUT;
            if (pfd.revents & (POLLHUP | POLLERR))
                return port_gone(port);
        } else if (n < 0 && errno != EINTR) {
            return port_gone(port);
        }
    }
    return AT_OK;
}

/* Fill the chunk from the tty: AT_OK with at least one byte, AT_TIMEOUT or AT_GONE. */
static enum at_status fill(struct at_port *port, int64_t wait_ms)
{
    struct pollfd pfd = {.fd = port->fd, .events = POLLIN};
    ssize_t n;

    if (port->fd < 0)
        return AT_GONE;
    if (poll(&pfd, 1, wait_ms > 0 ? (int)wait_ms : 0) <= 0)
        return AT_TIMEOUT;
    n = read(port->fd, port->chunk, sizeof(port->chunk));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return AT_TIMEOUT;
    if (n <= 0)
        return port_gone(port); /* 0 or EIO: the other side hung up */
    port->chunk_pos = 0;
    port->chunk_len = (size_t)n;
    return AT_OK;
}

static void end_line(struct at_port *port, struct at_line *line_out)
{
    port->partial.text[port->partial_len] = '\0';
    port->partial_len = 0;
    *line_out = port->partial;
}

/* Take bytes of the chunk until a line is complete. */
static bool take_line(struct at_port *port, struct at_line *line_out)
{
    while (port->chunk_pos < port->chunk_len) {
        char c = port->chunk[port->chunk_pos++];

        if (c != '\r' && c != '\n') {
            if (c != '\0' && port->partial_len < AT_PORT_LINE_MAX - 1)
                port->partial.text[port->partial_len++] = c;
            continue;
        }
        if (port->partial_len == 0)
            continue;
        end_line(port, line_out);
        return true;
    }
    if ((port->bugs & AT_PORT_TAKES_PIECES) && port->partial_len > 0) {
        end_line(port, line_out);
        return true;
    }
    return false;
}

static enum at_status read_line(struct at_port *port, int64_t wait_ms, struct at_line *line_out)
{
    int64_t deadline_ms = host_now_ms() + wait_ms;

    while (!take_line(port, line_out)) {
        int64_t left_ms = deadline_ms - host_now_ms();
        enum at_status status = fill(port, left_ms);

        if (status == AT_GONE || (status == AT_TIMEOUT && left_ms <= 0))
            return status;
    }
    return AT_OK;
}

static void push_urc(struct at_port *port, const struct at_line *line)
{
    if (port->urc_count == AT_PORT_URC_MAX) {
        port->urc_first = (port->urc_first + 1) % AT_PORT_URC_MAX;
        port->urc_count--;
    }
    port->urcs[(port->urc_first + port->urc_count++) % AT_PORT_URC_MAX] = *line;
}

enum at_status at_port_next_line(struct at_port *port, int64_t wait_ms, struct at_line *line_out)
{
    if (port->urc_count > 0) {
        *line_out = port->urcs[port->urc_first];
        port->urc_first = (port->urc_first + 1) % AT_PORT_URC_MAX;
        port->urc_count--;
        return AT_OK;
    }
    return read_line(port, wait_ms, line_out);
}

void at_port_await(struct at_port *const *ports, size_t count, int64_t wait_ms)
{
    struct pollfd fds[AT_PORT_AWAIT_MAX];
    int limit_ms = wait_ms < 0 ? 0 : wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;

    for (size_t i = 0; i < count && i < AT_PORT_AWAIT_MAX; i++) {
        fds[i] = (struct pollfd){.fd = ports[i]->fd, .events = POLLIN};
        if (ports[i]->urc_count > 0 || ports[i]->chunk_pos < ports[i]->chunk_len)
            return;
    }
    poll(fds, count < AT_PORT_AWAIT_MAX ? count : AT_PORT_AWAIT_MAX, limit_ms);
}

/* True if the line is a final result; it is then stored. */
static bool is_final(const char *text, enum at_status *status_out, struct at_reply *reply)
{
    if (strcmp(text, "OK") == 0) {
        *status_out = AT_OK;
        return true;
    }
    *status_out = AT_ERROR;
    if (strncmp(text, "+CME ERROR:", 11) == 0 || strncmp(text, "+CIS ERROR:", 11) == 0) {
        reply->cme = atoi(text + 11);
        return true;
    }
    /* "ERROR: DUPLICATED" and "COMMAND NOT SUPPORT" are Huawei's and its descendants'. */
    return strcmp(text, "ERROR") == 0 || strncmp(text, "ERROR: ", 7) == 0 ||
           strcmp(text, "NO CARRIER") == 0 || strcmp(text, "COMMAND NOT SUPPORT") == 0;
}

static bool is_information(const char *text, const char *prefix)
{
    return prefix ? strncmp(text, prefix, strlen(prefix)) == 0 : text[0] != '+';
}

enum at_status at_port_command(struct at_port *port, const char *command, const char *prefix,
                               int64_t timeout_ms, struct at_reply *reply_out)
{
    char bytes[AT_PORT_LINE_MAX];
    int len = snprintf(bytes, sizeof(bytes), "%s\r", command);
    int64_t deadline_ms = host_now_ms() + timeout_ms;
    enum at_status status;
    struct at_line line;

    reply_out->line_count = 0;
    reply_out->cme = -1;
    if (len >= (int)sizeof(bytes))
        return AT_ERROR; /* too long for any line of the modem: it would be refused there */
    status = at_port_write(port, bytes, (size_t)len);
    while (status == AT_OK) {
        enum at_status result;

        status = read_line(port, deadline_ms - host_now_ms(), &line);
        if (status != AT_OK || is_final(line.text, &result, reply_out))
            return status == AT_OK ? result : status;
        bool is_echo = strcmp(line.text, command) == 0;

        if (is_echo && !(port->bugs & AT_PORT_TAKES_ECHO))
            continue;
        if ((is_echo || is_information(line.text, prefix)) &&
            reply_out->line_count < AT_PORT_REPLY_LINES)
            reply_out->lines[reply_out->line_count++] = line;
        else if (!(port->bugs & AT_PORT_DROPS_URCS))
            push_urc(port, &line);
    }
    return status;
}

enum at_status at_port_commands(struct at_port *port, const char *const *commands, size_t count,
                                int64_t timeout_ms)
{
    enum at_status status = AT_OK;
    struct at_reply reply;

    for (size_t i = 0; i < count && status == AT_OK; i++)
        status = at_port_command(port, commands[i], NULL, timeout_ms, &reply);
    return status;
}

enum at_status at_port_ask_twice(struct at_port *port, at_port_ask_fn ask, void *answer_out,
                                 size_t size_bytes)
{
    enum { ASK_MAX = 5 };
    unsigned char before[AT_PORT_LINE_MAX] = {0};
    enum at_status status = AT_OK;

    for (int i = 0; i < ASK_MAX && status == AT_OK; i++) {
        if (i > 0)
            memcpy(before, answer_out, size_bytes);
        memset(answer_out, 0, size_bytes);
        status = ask(port, answer_out);
        if (i > 0 && status == AT_OK && memcmp(before, answer_out, size_bytes) == 0)
            return AT_OK;
    }
    return status == AT_OK ? AT_ERROR : status;
}

void at_port_drop_urcs(struct at_port *port)
{
    port->urc_first = port->urc_count = 0;
}

enum at_status at_port_settle(struct at_port *port, int64_t quiet_ms)
{
    int64_t stop_ms = host_now_ms() + SETTLE_FACTOR * quiet_ms;
    enum at_status status = AT_OK;
    struct at_line line;

    while (host_now_ms() < stop_ms && (status = read_line(port, quiet_ms, &line)) == AT_OK) {
        if (strcmp(line.text, "OK") != 0 && strcmp(line.text, "AT") != 0)
            push_urc(port, &line);
    }
    return status == AT_TIMEOUT ? AT_OK : status;
}

enum at_status at_port_synchronise(struct at_port *port, int64_t limit_ms)
{
    enum { SYNC_MS = 500, SETTLE_MS = 200, WORDS_TRY = 8 };
    int64_t stop_ms = host_now_ms() + limit_ms;
    struct at_reply reply;
    enum at_status status;
    unsigned tries = 0;

    do {
        /* A spoilt command may have switched the words of results off; AT alone trains the rate. */
        const char *command = ++tries % WORDS_TRY == 0 ? "ATV1" : "AT";

        status = at_port_command(port, command, NULL, SYNC_MS, &reply);
    } while ((status == AT_TIMEOUT || status == AT_ERROR) && host_now_ms() < stop_ms);
    /* Answers to the earlier lines may still be under way. */
    return status == AT_OK ? at_port_settle(port, SETTLE_MS) : status;
}
