/* SPDX-License-Identifier: MIT */
#include "tests/m531x-bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "tests/test.h"

#define TICKS_PER_SECOND 10
#define TICK             "100ms"
#define SWEEP_HITS_MAX   400

void m531x_bench_init(struct m531x_bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    rig_init(&bench->rig, "m531x", NULL);
    bench->onenet = onenet_new(&bench->rig.bench);
    onenet_options(bench->onenet)->retry_us = 20 * UINT64_C(1000000);
    rig_option(&bench->rig, "link_latency", "10ms");
    rig_option(&bench->rig, "ready_delay", "100ms");
    rig_option(&bench->rig, "cpin_delay", "100ms");
    rig_option(&bench->rig, "registration", "100ms");
    rig_option(&bench->rig, "attach", "100ms");
    for (size_t i = 0; i < M531X_IMAGE_SIZE; i++)
        bench->package[i] = (unsigned char)(i * 31 + (i >> 8) + 1);
    bench->host.battery = 100;
    bench->host.last_mid = -1;
    snprintf(bench->host.version, sizeof(bench->host.version), "%s", M531X_OLD);
}

void m531x_bench_start(struct m531x_bench *bench)
{
    struct onenet_task_spec spec = {
        .target = M531X_NEW,
        .package = bench->package,
        .len = M531X_IMAGE_SIZE,
        .lowest_battery = 50,
        .block_size = M531X_BLOCK,
    };

    bench->task = onenet_add_task(bench->onenet, &spec, NULL);
    rig_start(&bench->rig);
}

void m531x_bench_deinit(struct m531x_bench *bench)
{
    onenet_free(bench->onenet);
    rig_deinit(&bench->rig);
}

struct onenet_task_view m531x_bench_task(const struct m531x_bench *bench)
{
    return onenet_task(bench->onenet, bench->task);
}

__attribute__((format(printf, 2, 3))) static void tell(struct m531x_bench *bench,
                                                       const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    if (bench->rig.modem->power != MODEM_ON)
        return;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    buf_add_char(&text, '\r');
    rig_send(&bench->rig, text.data, text.len);
    buf_deinit(&text);
}

static void open_session(struct m531x_bench *bench)
{
    bench->host.is_registered = false;
    tell(bench, "ATE0");
    tell(bench, "AT+CMEE=1");
    tell(bench, "AT+MIPLDELETE=0");
    rig_advance(&bench->rig, TICK);
    tell(bench, "AT+MIPLCREATE");
    tell(bench, "AT+MIPLSOTAVER=\"%s\"", bench->host.version);
    tell(bench, "AT+MIPLOPEN=0,600,60");
}

void m531x_host_restart(struct m531x_bench *bench)
{
    bench->host.last_mid = -1;
    bench->host.parser.is_pending = false;
    rig_heard(&bench->rig);
    open_session(bench);
}

/* ---- answers ---- */

static void answer(struct m531x_bench *bench, const struct mipl_line *line, long resource,
                   const char *value, int index, int flag)
{
    tell(bench, "AT+MIPLREADRSP=0,%ld,1,%ld,%ld,%ld,%d,%zu,\"%s\",%d,%d", line->mid, line->object,
         line->instance, resource, resource == 19 ? 1 : 3, strlen(value), value, index, flag);
}

static void answer_number(struct m531x_bench *bench, const struct mipl_line *line, long resource,
                          long number, int index, int flag)
{
    char text[24];

    snprintf(text, sizeof(text), "%ld", number);
    answer(bench, line, resource, text, index, flag);
}

static void on_read(struct m531x_bench *bench, const struct mipl_line *line)
{
    struct played_host *host = &bench->host;

    if (line->object == 5 && line->resource == MIPL_ANY) {
        answer_number(bench, line, 3, host->state, 2, 1);
        answer_number(bench, line, 5, host->result, 1, 2);
        answer_number(bench, line, 26500, host->saved, 0, 0);
    } else if (line->resource == 26261) {
        answer_number(bench, line, 26261, 256, 0, 0);
    } else if (line->resource == 19) {
        answer(bench, line, 19, host->version, 0, 0);
    } else {
        answer_number(bench, line, 9, host->battery, 0, 0);
    }
}

/* The image that was downloaded, or a word that it is none. */
static void install(struct m531x_bench *bench)
{
    struct played_host *host = &bench->host;
    bool is_good = host->saved == M531X_IMAGE_SIZE && !host->finds_damage &&
                   memcmp(host->image, bench->package, M531X_IMAGE_SIZE) == 0;

    if (is_good)
        snprintf(host->version, sizeof(host->version), "%s", M531X_NEW);
    host->finds_damage = false;
    host->result = is_good ? 1 : 5;
    host->state = host->saved = 0;
    tell(bench, "AT+MIPLUPDATE=0,0,0");
}

static void on_execute(struct m531x_bench *bench, const struct mipl_line *line)
{
    struct played_host *host = &bench->host;

    if (line->resource == 26501 && host->fails_erase) {
        host->fails_erase = false;
        tell(bench, "AT+MIPLSOTA=4");
    } else if (line->resource == 26501) {
        if (host->state != 1 || host->saved == 0) {
            host->state = 1;
            host->result = host->saved = 0;
        }
        tell(bench, "AT+MIPLSOTA=3");
    } else {
        tell(bench, "AT+MIPLEXECUTERSP=0,%ld,2", line->mid);
        if (line->resource == 2) {
            rig_advance(&bench->rig, TICK);
            install(bench);
        }
    }
}

static void on_write(struct m531x_bench *bench, const struct mipl_line *line)
{
    struct played_host *host = &bench->host;

    if (line->len == 0) {
        host->state = host->result = host->saved = 0;
        tell(bench, "AT+MIPLWRITERSP=0,%ld,2", line->mid);
        return;
    }
    if (line->flag == 1)
        host->saved = 0;
    if (host->fails_writes || !line->is_whole || host->state != 1 ||
        (line->flag == 2 && host->saved == 0) ||
        (size_t)host->saved + line->len > sizeof(host->image)) {
        host->fails_writes = false;
        host->state = host->saved = 0;
        tell(bench, "AT+MIPLSOTA=2");
        return;
    }
    if (line->mid != host->last_mid) {
        memcpy(host->image + host->saved, line->bytes, line->len);
        host->saved += (long)line->len;
        host->state = line->flag == 0 ? 2 : 1;
        host->last_mid = line->mid;
        host->blocks++;
    }
    tell(bench, "AT+MIPLSOTA=1");
}

static void on_event(struct m531x_bench *bench, long event)
{
    if (event == 6)
        bench->host.is_registered = true;
    else if (event == 3 || event == 7 || event == 8 || event == 9 || event == 12 || event == 31)
        tell(bench, "AT+MIPLOPEN=0,600,60");
    else if (event == 14)
        tell(bench, "AT+MIPLUPDATE=0,0,0");
    else if (event == 41)
        bench->host.state = bench->host.saved = 0;
}

static void on_line(struct m531x_bench *bench, const char *text)
{
    struct mipl_line line;

    if (!mipl_parse(&bench->host.parser, text, &line))
        return;
    if (line.kind == MIPL_READY)
        open_session(bench);
    if (bench->host.stays_silent && line.kind != MIPL_EVENT)
        return;
    if (line.kind == MIPL_EVENT)
        on_event(bench, line.mid);
    else if (line.kind == MIPL_READ)
        on_read(bench, &line);
    else if (line.kind == MIPL_EXECUTE)
        on_execute(bench, &line);
    else if (line.kind == MIPL_WRITE)
        on_write(bench, &line);
}

/* Whole lines only; the rest waits. */
static void listen(struct m531x_bench *bench)
{
    struct buf *heard = &bench->rig.heard[0];
    const char *end;

    rig_listen(&bench->rig);
    while (heard->len > 0 && (end = memchr(heard->data, '\n', heard->len))) {
        size_t len = (size_t)(end - heard->data);
        char *line = xstrndup(heard->data, len);

        buf_drop_front(heard, len + 1);
        line[strcspn(line, "\r")] = '\0';
        if (*line && !bench->host.is_dead)
            on_line(bench, line);
        free(line);
        rig_listen(&bench->rig);
    }
}

static void tick(struct m531x_bench *bench)
{
    rig_advance(&bench->rig, TICK);
    listen(bench);
    if (bench->rig.modem->power == MODEM_OFF) {
        bench->cuts++;
        rig_heard(&bench->rig);
        bench->host.parser.is_pending = false;
        modem_power_on(bench->rig.modem);
    }
}

void m531x_bench_run(struct m531x_bench *bench, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * TICKS_PER_SECOND; i++)
        tick(bench);
}

bool m531x_bench_until(struct m531x_bench *bench, enum onenet_task_state state, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * TICKS_PER_SECOND; i++) {
        if (m531x_bench_task(bench).state == state)
            return true;
        tick(bench);
    }
    return m531x_bench_task(bench).state == state;
}

/* ---- judging ---- */

void m531x_bench_fail(struct m531x_bench *bench, const char *message)
{
    trace_write_transcript(bench->rig.trace, stderr);
    fail_msg("%s; the task is %s (%s)", message,
             onenet_task_state_name(m531x_bench_task(bench).state), m531x_bench_task(bench).reason);
}

void m531x_bench_arm(struct m531x_bench *bench, const char *fault)
{
    struct buf error = {0};

    if (modem_fault(bench->rig.modem, fault, &error) < 0)
        fail_msg("%s", buf_text(&error));
}

bool m531x_bench_knows(const struct m531x_bench *bench, const char *text)
{
    for (uint64_t seq = trace_first(bench->rig.trace); seq < trace_next(bench->rig.trace); seq++) {
        const struct trace_record *record = trace_get(bench->rig.trace, seq);

        if (strstr(record->data, text))
            return true;
    }
    return false;
}

/* Return: whether the fault fired. */
static bool sweep_one(m531x_bench_fn start, m531x_bench_fn check, const char *fault)
{
    struct m531x_bench bench;
    bool fired;

    m531x_bench_init(&bench);
    start(&bench);
    m531x_bench_arm(&bench, fault);
    check(&bench);
    fired = fault_plan_unfired(bench.rig.modem->plan) == NULL;
    m531x_bench_deinit(&bench);
    return fired;
}

unsigned m531x_bench_sweep(m531x_bench_fn start, m531x_bench_fn check, const char *point,
                           const char *phase, const char *action)
{
    char fault[96];
    unsigned n = 0;

    do {
        if (++n > SWEEP_HITS_MAX)
            fail_msg("%s does not end", point);
        snprintf(fault, sizeof(fault), "%s#%u%s=%s", point, n, phase, action);
    } while (sweep_one(start, check, fault));
    return n - 1;
}
