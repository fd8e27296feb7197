/* SPDX-License-Identifier: MIT */
#include "tests/bench-rig.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/dialect/registry.h"
#include "sim/modem/download.h"
#include "sim/modem/line.h"
#include "sim/modem/package.h"
#include "sim/port/port.h"
#include "tests/test.h"

/* A turn serves one batch of events; an exchange is a few of them. */
#define SETTLE_TURNS 4
/* Modem time moves in steps, so that descriptors are served in between. */
#define ADVANCE_STEP_US 100000u

void rig_init(struct rig *rig, enum clock_mode mode, double scale, const char *dialect,
              const char *dir)
{
    rig_init_dialect(rig, mode, scale, dialect_find(dialect), dir);
}

void rig_init_dialect(struct rig *rig, enum clock_mode mode, double scale,
                      const struct dialect *dialect, const char *dir)
{
    memset(rig, 0, sizeof(*rig));
    assert(dialect);
    clock_init(&rig->clock, mode, scale);
    assert(loop_init(&rig->loop, &rig->clock) == 0);
    rig->trace = trace_new(&rig->clock);
    rig->bench = (struct bench){
        .clock = &rig->clock,
        .loop = &rig->loop,
        .trace = rig->trace,
        .resolver = resolver_new(false),
        .catalog = package_catalog_new(),
        .dir = dir,
    };
    rng_init(&rig->bench.rng, 1);
    rig->modem = modem_new(&rig->bench, dialect, dialect->name);
}

void rig_deinit(struct rig *rig)
{
    for (size_t i = 0; i < rig->modem->line_count; i++)
        close(rig->host_fds[i]);
    modem_free(rig->modem);
    resolver_free(rig->bench.resolver);
    package_catalog_free(rig->bench.catalog);
    trace_free(rig->trace);
    loop_deinit(&rig->loop);
    clock_deinit(&rig->clock);
    for (size_t i = 0; i < MODEM_LINE_MAX; i++)
        buf_deinit(&rig->heard[i]);
    buf_deinit(&rig->shown);
}

void rig_option(struct rig *rig, const char *name, const char *value)
{
    struct buf error = {0};

    if (modem_set_option(rig->modem, name, value, &error) < 0)
        fail_msg("%s", buf_text(&error));
}

void rig_quirk(struct rig *rig, const char *name)
{
    struct buf error = {0};

    if (modem_set_quirk(rig->modem, name, &error) < 0)
        fail_msg("%s", buf_text(&error));
}

void rig_start(struct rig *rig)
{
    size_t count = modem_line_count(rig->modem);
    struct port *ports[MODEM_LINE_MAX];
    struct buf error = {0};

    for (size_t i = 0; i < count; i++) {
        assert(pair_port_new(&rig->loop, &line_port_up, NULL, &ports[i], &rig->host_fds[i]) == 0);
        assert(fcntl(rig->host_fds[i], F_SETFL, O_NONBLOCK) == 0);
    }
    assert(modem_start_on(rig->modem, ports, count, &error) == 0);
    modem_power_on(rig->modem);
}

static void settle(struct rig *rig)
{
    for (int i = 0; i < SETTLE_TURNS; i++)
        loop_turn(&rig->loop, false);
}

void rig_send_on(struct rig *rig, size_t line, const void *bytes, size_t len)
{
    assert_int_equal(write(rig->host_fds[line], bytes, len), len);
    settle(rig);
}

void rig_send(struct rig *rig, const void *bytes, size_t len)
{
    rig_send_on(rig, 0, bytes, len);
}

void rig_advance(struct rig *rig, const char *duration)
{
    uint64_t left_us;

    assert_int_equal(text_parse_duration(duration, &left_us), 0);
    while (left_us > 0) {
        uint64_t step_us = left_us < ADVANCE_STEP_US ? left_us : ADVANCE_STEP_US;

        clock_advance(&rig->clock, step_us);
        settle(rig);
        left_us -= step_us;
        rig_listen(rig);
    }
}

void rig_listen(struct rig *rig)
{
    char chunk[4096];
    ssize_t got;

    for (size_t i = 0; i < rig->modem->line_count; i++) {
        while ((got = read(rig->host_fds[i], chunk, sizeof(chunk))) > 0)
            buf_add(&rig->heard[i], chunk, (size_t)got);
    }
}

static void on_nothing(void *arg)
{
}

bool rig_wait_on(struct rig *rig, size_t line, const char *text, const char *within)
{
    struct buf *heard = &rig->heard[line];
    struct timer limit = {0};
    uint64_t limit_us;
    bool came;

    assert_int_equal(text_parse_duration(within, &limit_us), 0);
    clock_after(&rig->clock, &limit, limit_us, on_nothing, NULL);
    do {
        loop_turn(&rig->loop, true);
        rig_listen(rig);
        came = memmem(buf_text(heard), heard->len, text, strlen(text)) != NULL;
    } while (!came && timer_is_armed(&limit) && rig->modem->power != MODEM_OFF);
    clock_cancel(&rig->clock, &limit);
    return came;
}

bool rig_wait(struct rig *rig, const char *text, const char *within)
{
    return rig_wait_on(rig, 0, text, within);
}

const char *rig_heard_on(struct rig *rig, size_t line)
{
    settle(rig);
    rig_listen(rig);
    buf_clear(&rig->shown);
    buf_add(&rig->shown, buf_text(&rig->heard[line]), rig->heard[line].len);
    buf_clear(&rig->heard[line]);
    return buf_text(&rig->shown);
}

const char *rig_heard(struct rig *rig)
{
    return rig_heard_on(rig, 0);
}

void rig_expect(struct rig *rig, const char *text, const char *wanted)
{
    rig_send(rig, text, strlen(text));
    assert_string_equal(rig_heard(rig), wanted);
}
