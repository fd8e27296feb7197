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
/* Wall time that a real answer may take before a test gives up on it. */
#define ANSWER_MAX_US  20000000u
#define ANSWER_STEP_US 1000u

void rig_init(struct rig *rig, const char *dialect, const char *dir)
{
    rig_init_dialect(rig, dialect_find(dialect), dir);
}

void rig_init_dialect(struct rig *rig, const struct dialect *dialect, const char *dir)
{
    memset(rig, 0, sizeof(*rig));
    assert(dialect);
    clock_init(&rig->clock, CLOCK_MANUAL, 1);
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

/*
 * Serve descriptors until nothing is ready and no real answer (of a server on loopback) is on its
 * way: time stands still meanwhile, so that no machine is too slow for a test.
 */
static void serve_all(struct rig *rig)
{
    uint64_t begun_us = clock_wall_us(&rig->clock);

    for (;;) {
        while (loop_serve(&rig->loop, 0))
            rig_listen(rig);
        if (rig->loop.awaited <= 0)
            return;
        if (clock_wall_us(&rig->clock) - begun_us > ANSWER_MAX_US)
            fail_msg("an answer is awaited for too long");
        loop_serve(&rig->loop, ANSWER_STEP_US);
    }
}

/* Move to the next timer, but not beyond limit_us. */
static void step_to(struct rig *rig, uint64_t limit_us)
{
    uint64_t now_us = clock_now_us(&rig->clock), due_us = limit_us;

    serve_all(rig);
    if (clock_next_due(&rig->clock, &due_us) && due_us < limit_us)
        limit_us = due_us;
    clock_advance(&rig->clock, limit_us > now_us ? limit_us - now_us : 0);
    settle(rig);
    rig_listen(rig);
}

void rig_turn(struct rig *rig)
{
    uint64_t due_us;

    serve_all(rig);
    step_to(rig, clock_next_due(&rig->clock, &due_us) ? due_us : clock_now_us(&rig->clock));
}

void rig_advance(struct rig *rig, const char *duration)
{
    uint64_t span_us, end_us;

    assert_int_equal(text_parse_duration(duration, &span_us), 0);
    end_us = clock_now_us(&rig->clock) + span_us;
    while (clock_now_us(&rig->clock) < end_us)
        step_to(rig, end_us);
    serve_all(rig);
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
        rig_turn(rig);
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
