/* SPDX-License-Identifier: MIT */
/*
 * at-day TTY: the smallest host that lives for a day. It polls the signal every quarter of an hour
 * in a poll() loop, and prints what the modem says with the host's own wall time.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { DAY_MS = 86400000, PERIOD_MS = 900000, ANSWER_MS = 5000 };

static int tty;
static char line[256], chunk[64];
static size_t line_len, chunk_at;
static ssize_t chunk_len;

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const char *what, const char *more)
{
    struct timespec now;
    struct tm day;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &day);
    printf("%02d %02d:%02d:%02d.%03ld %s%s\n", day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec,
           now.tv_nsec / 1000000, what, more);
}

/* Return: whether there is one. */
static int next_char(long limit_ms, char *c_out)
{
    struct pollfd ready = {.fd = tty, .events = POLLIN};
    long left_ms;

    if (chunk_at == (size_t)chunk_len) {
        left_ms = limit_ms - now_ms();
        if (poll(&ready, 1, left_ms > 0 ? (int)left_ms : 0) <= 0)
            return 0;
        chunk_len = read(tty, chunk, sizeof(chunk));
        chunk_at = 0;
        if (chunk_len <= 0) {
            chunk_len = 0;
            return 0;
        }
    }
    *c_out = chunk[chunk_at++];
    return 1;
}

/* Return: whether a line came before the limit. */
static int next_line(long limit_ms)
{
    char c;

    while (next_char(limit_ms, &c)) {
        if (c != '\n' && c != '\r' && line_len < sizeof(line) - 1) {
            line[line_len++] = c;
            continue;
        }
        line[line_len] = '\0';
        if (line_len == 0)
            continue;
        line_len = 0;
        return 1;
    }
    return 0;
}

static int command(const char *text)
{
    long limit_ms = now_ms() + ANSWER_MS;
    char bytes[64];
    int len = snprintf(bytes, sizeof(bytes), "%s\r", text);

    if (write(tty, bytes, (size_t)len) != len)
        return 1;
    while (next_line(limit_ms)) {
        if (strcmp(line, "OK") == 0) {
            say(text, " OK");
            return 0;
        }
    }
    say(text, " had no answer");
    return 1;
}

int main(int argc, char **argv)
{
    struct termios settings;
    long start_ms = now_ms(), next_ms = start_ms;
    int failures;

    tty = argc == 2 ? open(argv[1], O_RDWR | O_NOCTTY) : -1;
    if (tty < 0 || tcgetattr(tty, &settings) < 0)
        return 2;
    cfmakeraw(&settings);
    tcsetattr(tty, TCSANOW, &settings);
    failures = command("ATE0");
    while (now_ms() - start_ms < DAY_MS) {
        if (now_ms() >= next_ms) {
            failures += command("AT+CSQ");
            next_ms += PERIOD_MS;
        } else if (next_line(next_ms)) {
            say("< ", line);
        }
    }
    say("end", "");
    return failures > 0;
}
