/*
 * The inside of a download, shared by download.c (start, connecting, the end) and download_reply.c
 * (the response). Nobody else includes it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/modem/download.h"
#include "sim/modem/resolver.h"

struct transfer;

enum download_state {
    DOWNLOAD_LATENCY,    /* the radio takes its time before the request */
    DOWNLOAD_LOOKED_UP,  /* a fault delayed the lookup of the name */
    DOWNLOAD_CONNECTING, /* a fault delays the connection */
    DOWNLOAD_HEAD,       /* the request is out */
    DOWNLOAD_JUDGING,    /* a fault delays the response head */
    DOWNLOAD_BODY,
    DOWNLOAD_ENDING, /* result is known, the sink is not told yet */
    DOWNLOAD_ENDED,  /* nothing follows */
};

struct download {
    struct download_env env;
    struct download_options options;
    struct download_sink sink;
    void *sink_arg;
    struct url url;
    char *url_text;
    char **headers;
    char *tls_texts[3]; /* CA, certificate, key; NULL = none */
    char *post;
    const struct fault_point *body_point;

    enum download_state state;
    struct timer step, silence;
    uint64_t not_before_us;    /* the next step waits for this modem time */
    uint64_t stalled_until_us; /* a fault keeps the module from seeing bytes */
    bool is_in_step, is_freed;

    struct transfer *transfer;
    bool asks_range;
    uint64_t seen_bytes; /* received when silence was last broken */
    long status;
    char *location;

    /* the body */
    uint64_t done_bytes, total_bytes;
    bool has_total;
    long long length_error; /* a fault: bytes that the announced length is wrong by */
    bool is_starved;        /* the radio waits for the network, not the other way round */
    struct buf chunk;

    enum download_result result;
};

/* ---- download.c: the machine's moves ---- */

/* Nothing follows: no step, no callback. */
void download_stop(struct download *download);
/* Stop, and tell the sink at the next step. Without effect once the result is known. */
void download_finish(struct download *download, enum download_result result);
/* Take the next step when not_before_us has come. */
void download_arm(struct download *download);
void download_wait(struct download *download, enum download_state state, uint64_t delay_us);
/* The module heard something: its silence counts from now. */
void download_hear(struct download *download);
/* A STEP point is passed. */
struct fault_effect download_pass(struct download *download, enum fault_point_id id);
/*
 * Carry out what is alike at all points; a delay goes on in after_delay.
 * Return: whether the fault took the power, the link or the time, so that the step is over.
 */
bool download_is_struck(struct download *download, const struct fault_effect *effect,
                        enum download_state after_delay);
/* A new connection, this time for the file from its start. */
void download_restart(struct download *download);

/* ---- download_reply.c ---- */

void download_await_head(struct download *download);
void download_judge_head(struct download *download);
void download_run_body(struct download *download);
/* Return: the size of the chunk that the radio may deliver next, 0 when it has to wait. */
size_t download_chunk_waiting(const struct download *download, const uint8_t **bytes_out);
