/*
 * What the tests of downloads stand on: a package server, a download whose sink writes down all it
 * sees, and a server that says what it is told.
 * Where exact modem times matter the clock is manual and stands still while the sockets work;
 * elsewhere it is real, and some tests run it 200 times as fast.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/httpd.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/download.h"
#include "sim/modem/resolver.h"

struct bufferevent;
struct evconnlistener;
struct trace;

#define FILE_BYTES     10000u
#define FAST           200.0
#define MANUAL         0.0
#define TURN_MAX       100000u /* with a manual clock: a test that hangs fails instead */
#define WATCHDOG_S     20.0    /* of wall time: a test that hangs fails instead */
#define CHUNK_TIME_MAX 64
#define URL_TEXT_MAX   128

/* What the sink does besides watching. */
enum misdeed { BEHAVE, STOP_IN_BEGIN, STOP_IN_DATA, FREE_IN_BEGIN, FREE_IN_DATA, BREAK_IN_DATA };

struct bench {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct httpd *httpd;
    struct resolver *resolver;
    struct fault_plan *plan;
    struct download *download;
    struct timer watchdog;
    bool is_late;
    char url[URL_TEXT_MAX];
    uint8_t file[FILE_BYTES];

    /* what the sink saw */
    /* What the sink does besides watching. */
    enum misdeed misdeed;
    unsigned begun, ended, faulted, chunks;
    bool resumed;
    uint64_t total_bytes, done_bytes, begin_us, end_us;
    uint64_t chunk_us[CHUNK_TIME_MAX];
    size_t chunk_len[CHUNK_TIME_MAX];
    struct buf got;
    enum download_result result;
    long status;
    enum fault_action action;
};

struct raw_server {
    struct evconnlistener *listener;
    struct bufferevent *stream;
    const char *reply;
    bool closes;
    struct buf request;
    unsigned port;
};

/* scale MANUAL: time moves by bench_advance() only. */
void bench_init(struct bench *bench, double scale);
void bench_deinit(struct bench *bench);
/* Serve bench->file as /update.bin. */
void bench_publish(struct bench *bench, const struct httpd_habit *habit);
void bench_arm(struct bench *bench, const char *fault);
/* Without a URL: /update.bin of the package server. */
void bench_start(struct bench *bench, struct download_options options);
/* Turn until the sink heard the end, or freed the download. */
void bench_finish(struct bench *bench);
/* Both. */
void bench_run(struct bench *bench, struct download_options options);
void bench_drop(struct bench *bench);
/* Before the next download on the same bench. */
void bench_forget(struct bench *bench);
/* Real clock: turn for so much modem time. */
void bench_turn_for(struct bench *bench, uint64_t modem_us);
/* Manual clock: let the sockets work, in no modem time, until *counter comes to wanted. */
void bench_turn_until(struct bench *bench, const unsigned *counter, unsigned wanted);
void bench_advance(struct bench *bench, uint64_t delta_us);
/* The sink got exactly this part of the file. */
void bench_assert_got(const struct bench *bench, size_t from, size_t len);
bool bench_traced(const struct bench *bench, const char *text);

void raw_server_init(struct raw_server *server, struct bench *bench, const char *reply,
                     bool closes);
void raw_server_deinit(struct raw_server *server);
/* Return: the result of a download from such a server. */
enum download_result bench_run_raw(const char *reply, bool closes, struct download_options options,
                                   struct bench *bench);
