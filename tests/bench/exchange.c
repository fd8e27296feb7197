/*
 * Round trips, and sixteen commands at once: a raw responder, a plain modem and a BC26 in turns.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "tests/bench/measure.h"

#define DEPTH 16

enum { RAW, GPP, BC26, CONTENDER_COUNT };

struct contender {
    const char *name; /* a dialect; NULL is the raw responder */
    struct server server;
    int fd;
    struct samples elapsed_us;
    uint64_t cpu_ns;
    size_t commands;
};

static void open_all(struct contender *contenders)
{
    static const char *const names[CONTENDER_COUNT] = {[GPP] = "gpp", [BC26] = "bc26"};

    for (size_t i = 0; i < CONTENDER_COUNT; i++) {
        struct contender *contender = &contenders[i];

        *contender = (struct contender){.name = names[i]};
        pin(PIN_SERVER);
        if (contender->name)
            server_start_modem(&contender->server, contender->name);
        else
            server_start_raw(&contender->server);
        pin(PIN_CLIENT);
        contender->fd = client_open(contender->server.tty);
        client_exchange(contender->fd, "ATE0\r", 5, 1);
    }
}

static void close_all(struct contender *contenders)
{
    for (size_t i = 0; i < CONTENDER_COUNT; i++) {
        close(contenders[i].fd);
        server_stop(&contenders[i].server);
    }
    pin(PIN_NONE);
}

static void forget(struct contender *contenders)
{
    for (size_t i = 0; i < CONTENDER_COUNT; i++) {
        samples_deinit(&contenders[i].elapsed_us);
        contenders[i].cpu_ns = contenders[i].commands = 0;
    }
}

/* One turn of one contender: `count` times text, each with `replies` results. */
static void take_turn(struct contender *contender, const char *text, size_t replies, size_t count)
{
    size_t len = strlen(text);
    uint64_t cpu_before = cpu_ns(contender->server.pid);

    for (size_t i = 0; i < count; i++) {
        uint64_t start = now_ns();

        client_exchange(contender->fd, text, len, replies);
        samples_add(&contender->elapsed_us, (double)(now_ns() - start) / 1000.0);
    }
    contender->cpu_ns += cpu_ns(contender->server.pid) - cpu_before;
    contender->commands += count * replies;
}

static void take_turns(struct contender *contenders, const char *text, size_t replies,
                       size_t rounds, size_t count)
{
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < CONTENDER_COUNT; i++)
            take_turn(&contenders[i], text, replies, count);
    }
}

static double cpu_us(const struct contender *contender)
{
    return (double)contender->cpu_ns / 1000.0 / (double)contender->commands;
}

static void print_round_trip(struct contender *contenders, const char *command)
{
    double raw_us = samples_median(&contenders[RAW].elapsed_us);
    char what[64];

    for (size_t i = GPP; i < CONTENDER_COUNT; i++) {
        struct contender *contender = &contenders[i];
        double us = samples_median(&contender->elapsed_us);

        snprintf(what, sizeof(what), "round trip of %s, %s / raw", command, contender->name);
        print_row(&(struct row){.what = what,
                                .figure = us,
                                .unit = "us",
                                .reference = raw_us,
                                .ratio = us / raw_us,
                                .goal = "at most 1.10 x raw",
                                .has_verdict = true,
                                .is_met = us <= 1.1 * raw_us});
        snprintf(what, sizeof(what), "  CPU of the server a command, %s / raw", contender->name);
        print_row(&(struct row){.what = what,
                                .figure = cpu_us(contender),
                                .unit = "us",
                                .reference = cpu_us(&contenders[RAW]),
                                .ratio = cpu_us(contender) / cpu_us(&contenders[RAW])});
    }
}

void measure_round_trip(const struct bench_plan *plan)
{
    static const char *const commands[] = {"AT", "AT+CSQ"};
    struct contender contenders[CONTENDER_COUNT];
    size_t rounds = plan->quick ? 2 : 400, count = plan->quick ? 10 : 50;
    char text[16];

    open_all(contenders);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        snprintf(text, sizeof(text), "%s\r", commands[i]);
        take_turns(contenders, text, 1, 1, count); /* warm up */
        forget(contenders);
        take_turns(contenders, text, 1, rounds, count);
        print_round_trip(contenders, commands[i]);
    }
    forget(contenders);
    close_all(contenders);
}

static void print_throughput(struct contender *contenders)
{
    /* Commands a second, from the median time that DEPTH of them take. */
    double raw = DEPTH * 1e6 / samples_median(&contenders[RAW].elapsed_us);
    char what[64];

    for (size_t i = GPP; i < CONTENDER_COUNT; i++) {
        double rate = DEPTH * 1e6 / samples_median(&contenders[i].elapsed_us);

        snprintf(what, sizeof(what), "%d x AT at once, %s / raw", DEPTH, contenders[i].name);
        print_row(&(struct row){.what = what,
                                .figure = rate,
                                .unit = "/s",
                                .reference = raw,
                                .ratio = rate / raw,
                                .goal = "at least 0.80 x raw",
                                .has_verdict = true,
                                .is_met = rate >= 0.8 * raw});
    }
}

void measure_throughput(const struct bench_plan *plan)
{
    struct contender contenders[CONTENDER_COUNT];
    size_t rounds = plan->quick ? 2 : 200, count = plan->quick ? 5 : 25;
    struct buf text = {0};

    for (int i = 0; i < DEPTH; i++)
        buf_add_text(&text, "AT\r");
    open_all(contenders);
    take_turns(contenders, text.data, DEPTH, 1, count); /* warm up */
    forget(contenders);
    take_turns(contenders, text.data, DEPTH, rounds, count);
    print_throughput(contenders);
    forget(contenders);
    close_all(contenders);
    buf_deinit(&text);
}
