/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tests/bench/measure.h"

int client_open(const char *tty)
{
    struct termios raw = {0};
    int fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        die("%s: %s", tty, strerror(errno));
    cfmakeraw(&raw);
    raw.c_cflag |= CREAD | CLOCAL | CS8;
    /* The tty's own limit for reads costs no further system call, as poll would. */
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = CLIENT_LIMIT_S * 10;
    cfsetspeed(&raw, B115200);
    if (tcsetattr(fd, TCSANOW, &raw) < 0)
        die("%s: %s", tty, strerror(errno));
    return fd;
}

/* Count results in bytes that come in any portions. Return: how many ended in this one. */
static size_t count_results(const char *bytes, size_t len, size_t *matched)
{
    static const char result[] = "OK\r\n";
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == result[*matched])
            ++*matched;
        else
            *matched = bytes[i] == result[0];
        if (*matched == sizeof(result) - 1) {
            *matched = 0;
            count++;
        }
    }
    return count;
}

void client_exchange(int fd, const char *text, size_t len, size_t replies)
{
    size_t matched = 0, count = 0;
    char chunk[4096];

    if (write(fd, text, len) != (ssize_t)len)
        die("a tty does not take %zu bytes", len);
    while (count < replies) {
        ssize_t got = read(fd, chunk, sizeof(chunk));

        if (got <= 0)
            die("no answer within %d s", CLIENT_LIMIT_S);
        count += count_results(chunk, (size_t)got, &matched);
    }
}
