/*
 * What a module makes of the reply: whether a 206 continues its file, and the body at the radio's
 * beat, through the faults.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/download_private.h"

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/transfer.h"

#define STATUS_OK            200
#define STATUS_PARTIAL       206
#define STATUS_NO_SUCH_RANGE 416
#define STATUS_FAULT_DEFAULT 500 /* of download.head=fail without a code */

/* ---- the head ---- */

static void trace_head(struct download *download, bool resumed)
{
    struct buf text = {0};

    if (!download->env.trace)
        return;
    buf_printf(&text, "%ld", download->status);
    if (download->has_total)
        buf_printf(&text, ", %llu bytes", (unsigned long long)download->total_bytes);
    if (resumed)
        buf_printf(&text, ", resumed at %llu", (unsigned long long)download->done_bytes);
    trace_addf(download->env.trace, TRACE_HTTP, download->env.who, "%s", buf_text(&text));
    buf_deinit(&text);
}

/* Whether the reply continues the file that the module has the first part of. */
static bool is_continuation(struct download *download, const struct transfer_head *head)
{
    const struct download_options *options = &download->options;

    if (!head->has_range || head->range_first != options->from_byte)
        return false;
    download->has_total = head->has_range_total || head->has_length;
    download->total_bytes = head->has_range_total ? head->range_total
                                                  : head->range_first + head->length_bytes;
    if (!download->has_total)
        return options->expected_total == 0;
    return download->total_bytes >= options->from_byte &&
           (options->expected_total == 0 || download->total_bytes == options->expected_total);
}

static uint64_t chunk_interval_us(const struct download *download)
{
    uint64_t rate = download->options.rate_bytes_per_s;

    return rate == 0 ? 0 : download->options.chunk_bytes * UINT64_C(1000000) / rate;
}

/* A fault: the head announced another length than the body has. */
static void apply_length_error(struct download *download)
{
    long long total = (long long)download->total_bytes + download->length_error;

    if (download->has_total && download->length_error)
        download->total_bytes = total < 0 ? 0 : (uint64_t)total;
    download->length_error = 0;
}

static void accept_body(struct download *download, bool resumed)
{
    uint64_t max_bytes = download->options.max_bytes;

    apply_length_error(download);
    if (download->has_total && download->total_bytes == 0) {
        download_finish(download, DOWNLOAD_EMPTY);
        return;
    }
    if (max_bytes > 0 && download->has_total && download->total_bytes > max_bytes) {
        download_finish(download, DOWNLOAD_TOO_LARGE);
        return;
    }
    fault_bytes_restart(download->env.plan, download->body_point, download->done_bytes);
    fault_bytes_total(download->env.plan, download->body_point, download->total_bytes);
    download_hear(download);
    download_wait(download, DOWNLOAD_BODY, chunk_interval_us(download));
    if (download->sink.begin(download->sink_arg, resumed, download->total_bytes) < 0)
        download_stop(download);
}

void download_judge_head(struct download *download)
{
    struct transfer_head head;
    bool resumed;

    transfer_head(download->transfer, &head);
    resumed = download->asks_range && download->status == STATUS_PARTIAL &&
              is_continuation(download, &head);
    if (resumed) {
        download->done_bytes = download->options.from_byte;
    } else {
        download->done_bytes = 0;
        download->has_total = head.has_length;
        download->total_bytes = head.length_bytes;
    }
    trace_head(download, resumed);
    if (resumed || download->status == STATUS_OK)
        accept_body(download, resumed);
    else if (download->asks_range &&
             (download->status == STATUS_PARTIAL || download->status == STATUS_NO_SUCH_RANGE))
        download_restart(download); /* happens once, since it asks for no range any more */
    else
        download_finish(download, DOWNLOAD_STATUS);
}

static void pass_head(struct download *download, const struct transfer_head *head)
{
    struct fault_effect effect;

    download->status = head->status;
    xstrset(&download->location, head->location);
    effect = download_pass(download, FAULT_POINT_DOWNLOAD_HEAD);
    if (download_is_struck(download, &effect, DOWNLOAD_JUDGING))
        return;
    if (effect.action == FAULT_LENGTH)
        download->length_error = effect.code;
    if (effect.action == FAULT_FAIL)
        download->status = effect.code > 0 ? (long)effect.code : STATUS_FAULT_DEFAULT;
    download_judge_head(download);
}

void download_await_head(struct download *download)
{
    struct transfer_head head;
    enum download_result end;

    if (transfer_head(download->transfer, &head))
        pass_head(download, &head);
    else if (transfer_is_done(download->transfer, &end))
        /* libcurl lets a head that breaks off pass for the end of a reply. */
        download_finish(download, end == DOWNLOAD_OK ? DOWNLOAD_INCOMPLETE : end);
}

/* ---- the body ---- */

/* Chunks are full but for the last, so that they do not depend on how the network cuts bytes. */
size_t download_chunk_waiting(const struct download *download, const uint8_t **bytes_out)
{
    enum download_result end;
    size_t len = transfer_waiting(download->transfer, bytes_out);

    if (len >= download->options.chunk_bytes)
        return download->options.chunk_bytes;
    return transfer_is_done(download->transfer, &end) ? len : 0;
}

static bool is_over_maximum(const struct download *download, size_t len)
{
    uint64_t max_bytes = download->options.max_bytes;

    return max_bytes > 0 &&
           (download->done_bytes > max_bytes || len > max_bytes - download->done_bytes);
}

/* The module counts: it takes what the head announced and no more. */
static void give_chunk(struct download *download)
{
    size_t len = download->chunk.len;
    struct download_progress progress;

    if (download->has_total && len > download->total_bytes - download->done_bytes)
        len = (size_t)(download->total_bytes - download->done_bytes);
    if (len == 0)
        return;
    if (is_over_maximum(download, len)) { /* the head had no length to refuse */
        download_finish(download, DOWNLOAD_TOO_LARGE);
        return;
    }
    download->done_bytes += len;
    progress = (struct download_progress){.done_bytes = download->done_bytes,
                                          .total_bytes = download->total_bytes};
    download_hear(download);
    if (download->env.trace)
        trace_add_progress(download->env.trace, download->env.who, "download",
                           download->done_bytes - len, download->done_bytes, download->total_bytes);
    if (download->sink.data(download->sink_arg, download->chunk.data, len, &progress) < 0)
        download_stop(download);
}

static void deliver(struct download *download, const uint8_t *bytes, size_t len)
{
    struct fault_plan *plan = download->env.plan;
    struct fault_effect effect;
    uint64_t from_us = download->is_starved ? clock_now_us(download->env.clock)
                                            : download->not_before_us;
    size_t used;

    /* The radio's beat is kept by the beat itself, so that a late timer does not slow it down. */
    download->not_before_us = from_us + chunk_interval_us(download);
    download->is_starved = false;
    /* A copy in each case: consuming lets libcurl move the bytes, and the sink may cut it. */
    buf_clear(&download->chunk);
    effect = fault_bytes(plan, download->body_point, bytes, len, &download->chunk, &used);
    transfer_consume(download->transfer, used);
    give_chunk(download);
    if (download->state == DOWNLOAD_BODY && !download_is_struck(download, &effect, DOWNLOAD_BODY) &&
        fault_bytes_truncated(plan, download->body_point))
        download_finish(download, DOWNLOAD_INCOMPLETE);
}

static bool is_complete(const struct download *download)
{
    return download->has_total && download->done_bytes >= download->total_bytes;
}

/* Nothing waits. Either the network is slow, or there is no more. */
static void end_or_starve(struct download *download)
{
    enum download_result end;

    if (!transfer_is_done(download->transfer, &end)) {
        download->is_starved = true; /* the transfer wakes us */
        return;
    }
    if (end == DOWNLOAD_OK && download->has_total)
        end = DOWNLOAD_INCOMPLETE; /* bytes were lost on the way */
    else if (end == DOWNLOAD_OK && download->done_bytes == 0)
        end = DOWNLOAD_EMPTY;
    download_finish(download, end);
}

void download_run_body(struct download *download)
{
    while (download->state == DOWNLOAD_BODY) {
        const uint8_t *bytes;
        size_t len = download_chunk_waiting(download, &bytes);

        if (is_complete(download)) {
            download_finish(download, DOWNLOAD_OK);
        } else if (clock_now_us(download->env.clock) < download->not_before_us) {
            download_arm(download);
            return;
        } else if (len > 0) {
            deliver(download, bytes, len);
        } else {
            end_or_starve(download);
            return;
        }
    }
}
