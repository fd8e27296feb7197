/*
 * A bench with an engine and a manual clock, for the tests of lua/. The host's bytes are put into
 * the modem's line by timers, so that a run is the same each time and takes no wall time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/test.h"

#include "lua/engine.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/modem.h"

#define SEND_MAX 16

/* What the host sends to a modem (by order of creation) at a modem time. */
struct send {
    uint64_t at_ms;
    const char *bytes;
    size_t modem;
};

struct pending_send {
    struct fixture *fixture;
    struct send send;
    struct timer timer;
};

struct fixture {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct bench bench;
    struct engine *engine;
    char dir[64], path[128];
    struct pending_send sends[SEND_MAX];
    size_t send_count;
    struct verdict loaded; /* of a load that failed */
};

/* cmocka setup and teardown; *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Write a file into the fixture's folder, making folders on the way. Return: its path (static). */
const char *fixture_write(struct fixture *fixture, const char *name, const char *text);
/* Make the engine anew with a configuration; bench is filled in. */
void fixture_configure(struct fixture *fixture, struct engine_config config);
void fixture_send(struct fixture *fixture, uint64_t at_ms, const char *bytes);
/* Load source as scenario.lua. Return: as engine_load, with the verdict in fixture->loaded. */
int fixture_load(struct fixture *fixture, const char *source);
/* Run the loaded scenario of that index to its end, at most to max_s of modem time. */
struct verdict *fixture_run(struct fixture *fixture, size_t index, uint64_t max_s);
/* Load a body as the function of one scenario and run it. Its first line is line 2. */
struct verdict *fixture_play(struct fixture *fixture, const char *body);
/* Return: the text of the row of that label, "" when absent. */
const char *row_of(const struct verdict *verdict, const char *label);

void assert_verdict(const struct verdict *verdict, enum outcome outcome, int line,
                    const char *message);
void assert_contains(const char *text, const char *part);
