/* SPDX-License-Identifier: MIT */
#include "tests/engine-fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/modem/download.h"
#include "sim/modem/line.h"
#include "sim/modem/package.h"
#include "sim/port/port.h"

#define STEP_MAX 1000000

int fixture_setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));

    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/hayeswire-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    clock_init(&fixture->clock, CLOCK_MANUAL, 1);
    assert_int_equal(loop_init(&fixture->loop, &fixture->clock), 0);
    fixture->trace = trace_new(&fixture->clock);
    fixture->bench = (struct bench){
        .clock = &fixture->clock,
        .loop = &fixture->loop,
        .trace = fixture->trace,
        .resolver = resolver_new(false),
        .catalog = package_catalog_new(),
    };
    rng_init(&fixture->bench.rng, 42);
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    *state = fixture;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *ftw)
{
    return remove(path);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;

    engine_free(fixture->engine);
    verdict_deinit(&fixture->loaded);
    package_catalog_free(fixture->bench.catalog);
    resolver_free(fixture->bench.resolver);
    trace_free(fixture->trace);
    loop_deinit(&fixture->loop);
    clock_deinit(&fixture->clock);
    nftw(fixture->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return 0;
}

const char *fixture_write(struct fixture *fixture, const char *name, const char *text)
{
    FILE *file;

    snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->dir, name);
    for (char *slash = strchr(fixture->path + strlen(fixture->dir) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(fixture->path, 0777);
        *slash = '/';
    }
    file = fopen(fixture->path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return fixture->path;
}

void fixture_configure(struct fixture *fixture, struct engine_config config)
{
    engine_free(fixture->engine);
    config.bench = &fixture->bench;
    fixture->engine = engine_new(&config);
}

static void on_send(void *arg)
{
    const struct pending_send *pending = arg;
    const struct send *send = &pending->send;
    struct modem *modem = engine_modem(pending->fixture->engine, send->modem);
    struct port *port;

    assert_non_null(modem);
    port = modem->lines[0]->port;
    port->up->rx(port->arg, send->bytes, strlen(send->bytes));
}

void fixture_send(struct fixture *fixture, uint64_t at_ms, const char *bytes)
{
    struct pending_send *pending = &fixture->sends[fixture->send_count++];

    assert_true(fixture->send_count <= SEND_MAX);
    pending->fixture = fixture;
    pending->send = (struct send){.at_ms = at_ms, .bytes = bytes};
    clock_at(&fixture->clock, &pending->timer, at_ms * 1000, on_send, pending);
}

int fixture_load(struct fixture *fixture, const char *source)
{
    return engine_load(fixture->engine, fixture_write(fixture, "scenario.lua", source),
                       &fixture->loaded);
}

struct verdict *fixture_run(struct fixture *fixture, size_t index, uint64_t max_s)
{
    uint64_t due_us;

    engine_start(fixture->engine, index);
    for (size_t step = 0; step < STEP_MAX; step++) {
        engine_pump(fixture->engine);
        if (engine_done(fixture->engine) || !clock_next_due(&fixture->clock, &due_us) ||
            due_us > max_s * 1000000)
            break;
        clock_advance(&fixture->clock, due_us - clock_now_us(&fixture->clock));
        loop_turn(&fixture->loop, false);
    }
    return engine_verdict(fixture->engine);
}

struct verdict *fixture_play(struct fixture *fixture, const char *body)
{
    struct buf source = {0};
    int r;

    buf_printf(&source, "scenario(\"a test\", function(t)\n%s\nend)\n", body);
    r = fixture_load(fixture, buf_text(&source));
    buf_deinit(&source);
    if (r < 0)
        fail_msg("%s:%d: %s", fixture->loaded.file, fixture->loaded.line, fixture->loaded.message);
    fixture_run(fixture, 0, 100000);
    assert_true(engine_done(fixture->engine));
    return engine_verdict(fixture->engine);
}

const char *row_of(const struct verdict *verdict, const char *label)
{
    for (size_t i = 0; i < verdict->row_count; i++) {
        if (strcmp(verdict->rows[i].label, label) == 0)
            return verdict->rows[i].text;
    }
    return "";
}

void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text ? text : "(null)");
}

void assert_verdict(const struct verdict *verdict, enum outcome outcome, int line,
                    const char *message)
{
    if (verdict->outcome != outcome)
        fail_msg("%s, line %d: %s", outcome_name(verdict->outcome), verdict->line,
                 verdict->message ? verdict->message : "");
    if (message)
        assert_contains(verdict->message, message);
    if (line)
        assert_int_equal(verdict->line, line);
}
