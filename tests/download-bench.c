/* SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include "tests/download-bench.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/rng.h"
#include "sim/base/trace.h"

/* ---- the sink ---- */

void bench_drop(struct bench *bench)
{
    download_free(bench->download);
    bench->download = NULL;
}

static int on_begin(void *arg, bool resumed, uint64_t total_bytes)
{
    struct bench *bench = arg;

    bench->begun++;
    bench->resumed = resumed;
    bench->total_bytes = total_bytes;
    bench->begin_us = clock_now_us(&bench->clock);
    if (bench->misdeed == FREE_IN_BEGIN)
        bench_drop(bench);
    return bench->misdeed == STOP_IN_BEGIN ? -1 : 0;
}

static int on_data(void *arg, const void *bytes, size_t len,
                   const struct download_progress *progress)
{
    struct bench *bench = arg;

    assert_true(len > 0);
    assert_true(progress->done_bytes > bench->done_bytes || bench->chunks == 0);
    assert_true(progress->total_bytes == bench->total_bytes);
    bench->done_bytes = progress->done_bytes;
    if (bench->chunks < CHUNK_TIME_MAX) {
        bench->chunk_us[bench->chunks] = clock_now_us(&bench->clock);
        bench->chunk_len[bench->chunks] = len;
    }
    bench->chunks++;
    if (bench->misdeed == FREE_IN_DATA)
        bench_drop(bench);
    if (bench->misdeed == BREAK_IN_DATA)
        download_break(bench->download);
    buf_add(&bench->got, bytes, len); /* readable to the end of the call, whatever was freed */
    return bench->misdeed == STOP_IN_DATA ? -1 : 0;
}

static void on_ended(void *arg, enum download_result result, long status)
{
    struct bench *bench = arg;

    bench->ended++;
    bench->result = result;
    bench->status = status;
    bench->end_us = clock_now_us(&bench->clock);
    bench_drop(bench); /* each test frees from within */
}

static void on_fault(void *arg, const struct fault_effect *effect)
{
    struct bench *bench = arg;

    bench->faulted++;
    bench->action = effect->action;
    bench_drop(bench);
}

static const struct download_sink sink = {
    .begin = on_begin,
    .data = on_data,
    .ended = on_ended,
    .fault = on_fault,
};

/* ---- the bench ---- */

static void on_watchdog(void *arg)
{
    *(bool *)arg = true;
}

void bench_init(struct bench *bench, double scale)
{
    struct buf error = {0};
    struct rng rng;

    *bench = (struct bench){0};
    clock_init(&bench->clock, scale > 0 ? CLOCK_REAL : CLOCK_MANUAL, scale > 0 ? scale : 1);
    assert_int_equal(loop_init(&bench->loop, &bench->clock), 0);
    bench->trace = trace_new(&bench->clock);
    bench->resolver = resolver_new(false);
    rng_init(&rng, 7);
    bench->plan = fault_plan_new(&rng, bench->trace, "m0");
    rng_bytes(&rng, bench->file, sizeof(bench->file));
    assert_int_equal(httpd_new(&bench->loop, bench->trace, "http", 0, &bench->httpd, &error), 0);
    buf_deinit(&error);
    if (scale > 0)
        clock_after(&bench->clock, &bench->watchdog, (uint64_t)(WATCHDOG_S * scale * 1e6),
                    on_watchdog, &bench->is_late);
}

void bench_deinit(struct bench *bench)
{
    download_free(bench->download);
    httpd_free(bench->httpd);
    fault_plan_free(bench->plan);
    resolver_free(bench->resolver);
    trace_free(bench->trace);
    buf_deinit(&bench->got);
    loop_deinit(&bench->loop);
    clock_deinit(&bench->clock);
}

void bench_publish(struct bench *bench, const struct httpd_habit *habit)
{
    httpd_publish(bench->httpd, "/update.bin", bench->file, sizeof(bench->file), habit);
}

void bench_start(struct bench *bench, struct download_options options)
{
    struct download_env env = {
        .loop = &bench->loop,
        .clock = &bench->clock,
        .trace = bench->trace,
        .who = "m0",
        .resolver = bench->resolver,
        .plan = bench->plan,
    };

    if (!options.url) {
        snprintf(bench->url, sizeof(bench->url), "http://127.0.0.1:%u/update.bin",
                 httpd_port(bench->httpd));
        options.url = bench->url;
    }
    bench->download = download_start(&env, &options, &sink, bench);
    memset(bench->url, 0, sizeof(bench->url)); /* options are copied */
    assert_int_equal(bench->begun + bench->ended + bench->faulted, 0);
}

void bench_finish(struct bench *bench)
{
    while (bench->download && !bench->ended && !bench->faulted && !bench->is_late)
        loop_turn(&bench->loop, true);
    assert_false(bench->is_late);
}

void bench_run(struct bench *bench, struct download_options options)
{
    bench_start(bench, options);
    bench_finish(bench);
}

void bench_turn_until(struct bench *bench, const unsigned *counter, unsigned wanted)
{
    for (unsigned i = 0; i < TURN_MAX && *counter < wanted; i++)
        loop_turn(&bench->loop, true);
    assert_int_equal(*counter, wanted);
}

void bench_advance(struct bench *bench, uint64_t delta_us)
{
    clock_advance(&bench->clock, delta_us);
}

void bench_forget(struct bench *bench)
{
    bench->begun = bench->ended = bench->faulted = bench->chunks = 0;
    bench->done_bytes = 0;
    buf_clear(&bench->got);
}

void bench_turn_for(struct bench *bench, uint64_t modem_us)
{
    uint64_t end_us = clock_now_us(&bench->clock) + modem_us;
    bool is_over = false;
    struct timer timer = {0};

    clock_at(&bench->clock, &timer, end_us, on_watchdog, &is_over);
    while (!is_over)
        loop_turn(&bench->loop, true);
}

void bench_assert_got(const struct bench *bench, size_t from, size_t len)
{
    assert_int_equal(bench->got.len, len);
    assert_memory_equal(bench->got.data, bench->file + from, len);
}

void bench_arm(struct bench *bench, const char *text)
{
    struct buf error = {0};

    assert_int_equal(fault_plan_add(bench->plan, text, NULL, &error), 0);
    buf_deinit(&error);
}

bool bench_traced(const struct bench *bench, const char *text)
{
    for (uint64_t seq = trace_first(bench->trace); seq < trace_next(bench->trace); seq++) {
        if (strstr(trace_get(bench->trace, seq)->data, text))
            return true;
    }
    return false;
}

/* ---- a server that says what it is told, and nothing else ---- */

static void on_raw_written(struct bufferevent *stream, void *arg)
{
    struct raw_server *server = arg;

    if (!server->closes || server->request.len == 0) /* libevent also calls once at the start */
        return;
    bufferevent_free(server->stream);
    server->stream = NULL;
}

static void on_raw_bytes(struct bufferevent *stream, void *arg)
{
    struct raw_server *server = arg;
    char bytes[512];
    size_t len;

    while ((len = bufferevent_read(stream, bytes, sizeof(bytes))) > 0)
        buf_add(&server->request, bytes, len);
    if (!strstr(buf_text(&server->request), "\r\n\r\n"))
        return;
    bufferevent_write(stream, server->reply, strlen(server->reply));
    if (!*server->reply)
        on_raw_written(stream, server);
}

static void on_raw_connected(struct evconnlistener *listener, evutil_socket_t fd,
                             struct sockaddr *address, int len, void *arg)
{
    struct raw_server *server = arg;

    if (server->stream) /* of an earlier request */
        bufferevent_free(server->stream);
    buf_clear(&server->request);
    server->stream = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
                                            BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(server->stream, on_raw_bytes, on_raw_written, NULL, server);
    bufferevent_enable(server->stream, EV_READ | EV_WRITE);
}

void raw_server_init(struct raw_server *server, struct bench *bench, const char *reply, bool closes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    *server = (struct raw_server){.reply = reply, .closes = closes};
    server->listener = evconnlistener_new_bind(bench->loop.events, on_raw_connected, server,
                                               LEV_OPT_CLOSE_ON_FREE, 4,
                                               (struct sockaddr *)&address, sizeof(address));
    assert_non_null(server->listener);
    getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address, &len);
    server->port = ntohs(address.sin_port);
}

void raw_server_deinit(struct raw_server *server)
{
    if (server->stream)
        bufferevent_free(server->stream);
    evconnlistener_free(server->listener);
    buf_deinit(&server->request);
}

enum download_result bench_run_raw(const char *reply, bool closes, struct download_options options,
                                   struct bench *bench)
{
    struct raw_server server;
    char url[URL_TEXT_MAX];

    raw_server_init(&server, bench, reply, closes);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/f", server.port);
    options.url = url;
    bench_run(bench, options);
    raw_server_deinit(&server);
    return bench->result;
}
