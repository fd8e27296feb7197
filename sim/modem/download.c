/*
 * The modem-time half of a download: radio latency, pacing, silence, faults, and what a module
 * makes of the reply (download_reply.c). The sockets are in transfer.c.
 *
 * Everything that calls the sink runs in on_step(), which the clock calls: libcurl only wakes it.
 * So no callback of the sink ever runs inside libcurl or inside a call of the sink's owner, and a
 * callback may free the download: the memory then goes when on_step() has unwound.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/download.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/download_private.h"
#include "sim/modem/transfer.h"

#define CHUNK_DEFAULT_BYTES 512u
/* A module does not report a failed lookup or a refused connection in no time. */
#define UNREACHABLE_US 500000u

static void on_step(void *arg);
static void on_silence(void *arg);

const char *download_result_text(enum download_result result)
{
    switch (result) {
    case DOWNLOAD_OK:
        return "complete";
    case DOWNLOAD_BAD_URL:
        return "bad URL";
    case DOWNLOAD_DNS:
        return "name not found";
    case DOWNLOAD_REFUSED:
        return "no connection";
    case DOWNLOAD_STATUS:
        return "unexpected status";
    case DOWNLOAD_EMPTY:
        return "empty file";
    case DOWNLOAD_TOO_LARGE:
        return "file too large";
    case DOWNLOAD_INCOMPLETE:
        return "connection broke";
    case DOWNLOAD_TIMEOUT:
        return "server silent";
    case DOWNLOAD_BAD_REPLY:
        return "not HTTP";
    case DOWNLOAD_TLS:
        return "no TLS connection";
    }
    return "unknown";
}

/* ---- the machine's own moves ---- */

void download_arm(struct download *download)
{
    clock_at(download->env.clock, &download->step, download->not_before_us, on_step, download);
}

void download_wait(struct download *download, enum download_state state, uint64_t delay_us)
{
    download->state = state;
    download->not_before_us = clock_now_us(download->env.clock) + delay_us;
    download_arm(download);
}

void download_hear(struct download *download)
{
    if (download->options.silence_us > 0)
        clock_after(download->env.clock, &download->silence, download->options.silence_us,
                    on_silence, download);
}

static void cut_connection(struct download *download)
{
    transfer_free(download->transfer);
    download->transfer = NULL;
}

void download_stop(struct download *download)
{
    clock_cancel(download->env.clock, &download->step);
    clock_cancel(download->env.clock, &download->silence);
    cut_connection(download);
    download->state = DOWNLOAD_ENDED;
}

void download_finish(struct download *download, enum download_result result)
{
    if (download->state == DOWNLOAD_ENDED || download->state == DOWNLOAD_ENDING)
        return;
    download_stop(download);
    download->result = result;
    download_wait(download, DOWNLOAD_ENDING, 0);
}

static bool is_stalled(const struct download *download)
{
    return clock_now_us(download->env.clock) < download->stalled_until_us;
}

static void on_silence(void *arg)
{
    struct download *download = arg;
    const uint8_t *bytes;

    /* A radio so slow that one chunk takes longer than that is slow, not silent. */
    if (download->state == DOWNLOAD_BODY && !is_stalled(download) &&
        download_chunk_waiting(download, &bytes) > 0)
        download_hear(download);
    else
        download_finish(download, DOWNLOAD_TIMEOUT);
}

/* From within libcurl. */
static void on_wake(void *arg)
{
    struct download *download = arg;
    uint64_t received = transfer_received_bytes(download->transfer);
    bool is_reading = download->state == DOWNLOAD_HEAD || download->state == DOWNLOAD_BODY;

    if (received > download->seen_bytes && is_reading && !is_stalled(download))
        download_hear(download);
    download->seen_bytes = received;
    if (is_reading)
        download_arm(download);
}

/* ---- faults ---- */

struct fault_effect download_pass(struct download *download, enum fault_point_id id)
{
    return fault_step(download->env.plan, &fault_points[id], NULL);
}

static void stall(struct download *download, uint64_t duration_us, enum download_state then)
{
    uint64_t beat_us = download->not_before_us;

    download_wait(download, then, duration_us);
    download->stalled_until_us = download->not_before_us;
    if (download->not_before_us < beat_us) { /* the radio would not have been faster anyway */
        download->not_before_us = beat_us;
        download_arm(download);
    }
}

bool download_is_struck(struct download *download, const struct fault_effect *effect,
                        enum download_state after_delay)
{
    switch ((int)effect->action) {
    case FAULT_POWER_CUT:
    case FAULT_BROWN_OUT:
    case FAULT_RESET:
    case FAULT_HANG:
        download_stop(download);
        if (download->sink.fault)
            download->sink.fault(download->sink_arg, effect);
        return true;
    case FAULT_RESET_LINK:
    case FAULT_TRUNCATE:
        download_finish(download, DOWNLOAD_INCOMPLETE);
        return true;
    case FAULT_DELAY:
    case FAULT_STALL:
        stall(download, effect->duration_us, after_delay);
        return true;
    case FAULT_SLOW:
        download->options.rate_bytes_per_s = (uint64_t)effect->code;
        return false;
    default: /* nothing, or what the caller or the bytes show */
        return false;
    }
}

/* ---- connecting ---- */

static void trace_request(struct download *download)
{
    struct buf text = {0};

    buf_printf(&text, "%s %s", download->post ? "POST" : "GET", download->url_text);
    if (download->asks_range)
        buf_printf(&text, " Range: bytes=%llu-", (unsigned long long)download->options.from_byte);
    trace_addf(download->env.trace, TRACE_HTTP, download->env.who, "%s", buf_text(&text));
    buf_deinit(&text);
}

/* Return: libcurl's CONNECT_TO text for a mapped name, which the caller frees, or NULL. */
static char *mapped_address(const struct download *download)
{
    const struct url *url = &download->url;
    unsigned port;

    if (resolver_find(download->env.resolver, url, &port) != REACH_MAPPED)
        return NULL;
    return xasprintf(url->is_ipv6 ? "[%s]:%u:127.0.0.1:%u" : "%s:%u:127.0.0.1:%u", url->host,
                     url->port, port);
}

static void open_connection(struct download *download)
{
    char *connect_to = mapped_address(download);
    struct transfer_request request = {
        .url = download->url_text,
        .connect_to = connect_to,
        .has_range = download->asks_range,
        .from_byte = download->options.from_byte,
        .headers = (const char *const *)download->headers,
        .header_count = download->options.header_count,
        .verify_tls = download->options.verify_tls,
        .tls = {download->tls_texts[0], download->tls_texts[1], download->tls_texts[2]},
        .post = download->post,
    };
    const char *error = NULL;

    if (download->env.trace)
        trace_request(download);
    download->state = DOWNLOAD_HEAD;
    download->not_before_us = 0;
    download->seen_bytes = 0;
    download->transfer = transfer_new(download->env.loop, &request, on_wake, download, &error);
    free(connect_to);
    if (download->transfer)
        return;
    if (download->env.trace)
        trace_addf(download->env.trace, TRACE_NOTE, download->env.who, "%s", error);
    download_finish(download, DOWNLOAD_REFUSED);
}

static void begin_connection(struct download *download)
{
    struct fault_effect effect;

    download_hear(download);
    effect = download_pass(download, FAULT_POINT_DOWNLOAD_CONNECT);
    if (download_is_struck(download, &effect, DOWNLOAD_CONNECTING))
        return;
    if (effect.action == FAULT_FAIL)
        download_finish(download, DOWNLOAD_REFUSED);
    else
        open_connection(download);
}

/* An address needs no lookup. */
static bool is_name(const struct url *url)
{
    return !url->is_ipv6 && strspn(url->host, "0123456789.") != strlen(url->host);
}

static void begin_lookup(struct download *download)
{
    struct fault_effect effect;

    if (!is_name(&download->url)) {
        begin_connection(download);
        return;
    }
    download_hear(download);
    effect = download_pass(download, FAULT_POINT_NET_DNS);
    if (download_is_struck(download, &effect, DOWNLOAD_LOOKED_UP))
        return;
    if (effect.action == FAULT_FAIL)
        download_finish(download, DOWNLOAD_DNS);
    else
        begin_connection(download);
}

void download_restart(struct download *download)
{
    cut_connection(download);
    download->asks_range = false;
    download_wait(download, DOWNLOAD_LATENCY, 0);
}

/* ---- the clock's calls ---- */

static void tell_end(struct download *download)
{
    download->state = DOWNLOAD_ENDED;
    if (download->env.trace)
        trace_addf(download->env.trace, TRACE_HTTP, download->env.who, "%s, %llu bytes",
                   download_result_text(download->result),
                   (unsigned long long)download->done_bytes);
    download->sink.ended(download->sink_arg, download->result, download->status);
}

static void release(struct download *download)
{
    for (size_t i = 0; i < download->options.header_count; i++)
        free(download->headers[i]);
    free(download->headers);
    free(download->url_text);
    free(download->location);
    free(download->post);
    for (size_t i = 0; i < ARRAY_LEN(download->tls_texts); i++)
        free(download->tls_texts[i]);
    buf_deinit(&download->chunk);
    free(download);
}

static void on_step(void *arg)
{
    struct download *download = arg;

    download->is_in_step = true;
    switch (download->state) {
    case DOWNLOAD_LATENCY:
        begin_lookup(download);
        break;
    case DOWNLOAD_LOOKED_UP:
        begin_connection(download);
        break;
    case DOWNLOAD_CONNECTING:
        open_connection(download);
        break;
    case DOWNLOAD_HEAD:
        download_await_head(download);
        break;
    case DOWNLOAD_JUDGING:
        download_judge_head(download);
        break;
    case DOWNLOAD_BODY:
        download_run_body(download);
        break;
    case DOWNLOAD_ENDING:
        tell_end(download);
        break;
    case DOWNLOAD_ENDED:
        break;
    }
    download->is_in_step = false;
    if (download->is_freed)
        release(download);
}

/* ---- start and stop ---- */

static void copy_options(struct download *download, const struct download_options *options)
{
    download->options = *options;
    download->url_text = xstrdup(options->url);
    download->headers = xcalloc(options->header_count + 1, sizeof(char *));
    for (size_t i = 0; i < options->header_count; i++)
        download->headers[i] = xstrdup(options->headers[i]);
    download->post = xstrdup(options->post);
    download->tls_texts[0] = xstrdup(options->tls.ca);
    download->tls_texts[1] = xstrdup(options->tls.certificate);
    download->tls_texts[2] = xstrdup(options->tls.key);
    download->body_point = options->body_point ? options->body_point
                                               : &fault_points[FAULT_POINT_DOWNLOAD_BODY];
    /* The caller's pointers must not be used later. */
    download->options.url = download->url_text;
    download->options.headers = NULL;
    download->options.post = NULL;
    download->options.tls = (struct download_tls){0};
    if (download->options.chunk_bytes == 0)
        download->options.chunk_bytes = CHUNK_DEFAULT_BYTES;
    if (download->options.chunk_bytes > DOWNLOAD_BUFFER_MAX / 2)
        download->options.chunk_bytes = DOWNLOAD_BUFFER_MAX / 2;
    download->asks_range = options->from_byte > 0;
}

static bool url_is_good(struct download *download)
{
    return strlen(download->url_text) <= DOWNLOAD_URL_MAX &&
           url_parse(download->url_text, &download->url) == 0 &&
           (!download->url.is_https || download->options.allow_https);
}

static void fail_later(struct download *download, enum download_result result, uint64_t delay_us)
{
    download->result = result;
    download_wait(download, DOWNLOAD_ENDING, delay_us);
}

struct download *download_start(const struct download_env *env,
                                const struct download_options *options,
                                const struct download_sink *sink, void *sink_arg)
{
    struct download *download = xcalloc(1, sizeof(*download));
    uint64_t latency_us = options->first_byte_us;
    unsigned port;

    assert(env->loop && env->clock && env->resolver);
    assert(sink->begin && sink->data && sink->ended);
    download->env = *env;
    download->sink = *sink;
    download->sink_arg = sink_arg;
    copy_options(download, options);
    if (!url_is_good(download)) {
        fail_later(download, DOWNLOAD_BAD_URL, 0);
        return download;
    }
    switch (resolver_find(env->resolver, &download->url, &port)) {
    case REACH_DIRECT:
    case REACH_MAPPED:
        download_wait(download, DOWNLOAD_LATENCY, latency_us);
        break;
    case REACH_NO_NAME:
        fail_later(download, DOWNLOAD_DNS, latency_us + UNREACHABLE_US);
        break;
    case REACH_REFUSED:
        fail_later(download, DOWNLOAD_REFUSED, latency_us + UNREACHABLE_US);
        break;
    }
    return download;
}

void download_free(struct download *download)
{
    if (!download)
        return;
    download_stop(download);
    if (download->is_in_step)
        download->is_freed = true;
    else
        release(download);
}

void download_break(struct download *download)
{
    download_finish(download, DOWNLOAD_INCOMPLETE);
}

const char *download_location(const struct download *download)
{
    return download->location;
}
