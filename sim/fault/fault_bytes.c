/*
 * Faults on streams of bytes.
 *
 * A stream is worked through byte by byte, and everything that must be remembered from one byte to
 * the next lies in the plan: the offset, the noise that is still to come, and for each fault how
 * much of its text the stream just ended with. Nothing depends on where a chunk ends. Faults look
 * at the bytes as they came in; what another fault made of them is for the receiver only.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/fault/fault_private.h"

#define SLICE_GAP_US 10000u

/*
 * The table of Knuth, Morris and Pratt: fallback[i] is the length of the longest proper prefix of
 * the text that is also an end of its first i + 1 bytes.
 */
void fault_match_prepare(struct fault *fault)
{
    size_t len = 0;

    static_assert(FAULT_MATCH_MAX <= 255, "fallback holds lengths in a byte");
    for (size_t i = 1; i < fault->match_len; i++) {
        while (len > 0 && fault->match[i] != fault->match[len])
            len = fault->fallback[len - 1];
        if (fault->match[i] == fault->match[len])
            len++;
        fault->fallback[i] = (unsigned char)len;
    }
}

/* Return: whether a match ends with this byte. The next match begins after it. */
static bool match_byte(struct fault *fault, char byte)
{
    while (fault->matched > 0 && fault->match[fault->matched] != byte)
        fault->matched = fault->fallback[fault->matched - 1];
    if (fault->match[fault->matched] == byte)
        fault->matched++;
    if (fault->matched < fault->match_len)
        return false;
    fault->matched = 0;
    return true;
}

static struct fault_stream *stream_of(struct fault_plan *plan, const struct fault_point *point)
{
    assert(point->point_class == FAULT_BYTES);
    for (size_t i = 0; i < plan->stream_count; i++) {
        if (fault_point_is(plan->streams[i].point, point))
            return &plan->streams[i];
    }
    plan->streams = xrealloc(plan->streams, (plan->stream_count + 1) * sizeof(struct fault_stream));
    plan->streams[plan->stream_count] = (struct fault_stream){.point = point};
    return &plan->streams[plan->stream_count++];
}

void fault_bytes_restart(struct fault_plan *plan, const struct fault_point *point, uint64_t offset)
{
    struct fault_stream *stream;

    if (!plan)
        return;
    stream = stream_of(plan, point);
    *stream = (struct fault_stream){.point = point, .offset = offset, .passed = stream->passed};
    for (size_t i = 0; i < plan->count; i++) {
        if (fault_point_is(plan->faults[i]->point, point))
            plan->faults[i]->matched = 0;
    }
}

void fault_bytes_total(struct fault_plan *plan, const struct fault_point *point,
                       uint64_t total_bytes)
{
    if (plan)
        stream_of(plan, point)->total_bytes = total_bytes;
}

void fault_bytes_skip(struct fault_plan *plan, const struct fault_point *point, uint64_t len)
{
    struct fault_stream *stream;

    if (!plan)
        return;
    stream = stream_of(plan, point);
    stream->offset += len;
    stream->passed += len;
}

bool fault_bytes_armed(const struct fault_plan *plan, const struct fault_point *point)
{
    for (size_t i = 0; plan && i < plan->count; i++) {
        if (fault_point_is(plan->faults[i]->point, point))
            return true;
    }
    return false;
}

bool fault_bytes_truncated(const struct fault_plan *plan, const struct fault_point *point)
{
    for (size_t i = 0; plan && i < plan->stream_count; i++) {
        if (fault_point_is(plan->streams[i].point, point))
            return plan->streams[i].truncated;
    }
    return false;
}

/* Whether the stream, with the byte that is passing now, has come to the fault's percentage. */
static bool has_reached(const struct fault_stream *stream, unsigned percent)
{
    return stream->total_bytes > 0 && (stream->offset + 1) * 100 >= stream->total_bytes * percent;
}

static bool is_hit(struct fault *fault, const struct fault_stream *stream, char byte)
{
    bool matches = fault->match_len == 0 || match_byte(fault, byte);

    if (fault->has_amount && stream->offset < fault->amount)
        return false;
    if (fault->has_percent && !has_reached(stream, fault->percent))
        return false;
    return matches;
}

static struct fault *find_striker(struct fault_plan *plan, const struct fault_stream *stream,
                                  char byte)
{
    struct fault *striker = NULL;

    for (size_t i = 0; i < plan->count; i++) {
        struct fault *fault = plan->faults[i];

        if (!fault_point_is(fault->point, stream->point))
            continue;
        if (is_hit(fault, stream, byte) && fault_count_hit(fault) && !striker)
            striker = fault;
    }
    return striker;
}

/* Noise that never happens to equal the byte it replaces. */
static char apply_noise(struct fault_stream *stream, char byte)
{
    if (stream->garble_left == 0)
        return byte;
    stream->garble_left--;
    return (char)(byte ^ (int)(1 + rng_below(&stream->garbler->rng, 255)));
}

/*
 * Let one byte pass, the way the fault that strikes at it (or NULL) wants it.
 * Return: true when the fault's action is for the caller to carry out.
 */
static bool pass_byte(struct fault_stream *stream, struct fault *striker, char byte,
                      struct buf *out)
{
    enum fault_action action = striker ? striker->action : FAULT_NONE;

    if (action == FAULT_GARBLE) {
        stream->garbler = striker;
        stream->garble_left = striker->garble_len;
    }
    if (action == FAULT_SLICE) {
        stream->slice_len = striker->slice_len;
        stream->slice_left = 1; /* this byte ends the first piece */
    }
    byte = apply_noise(stream, byte);
    switch (action) {
    case FAULT_FLIP:
        buf_add_char(out, (char)(byte ^ (1 << striker->bit)));
        return false;
    case FAULT_DROP:
        return false;
    case FAULT_TRUNCATE:
        stream->truncated = true;
        return false;
    case FAULT_INSERT:
        if (striker->match_len > 0)
            buf_add_char(out, byte);
        buf_add(out, striker->insert, striker->insert_len);
        if (striker->match_len == 0)
            buf_add_char(out, byte);
        return false;
    case FAULT_DUP:
        buf_add_char(out, byte);
        buf_add_char(out, byte);
        return false;
    case FAULT_NONE:
    case FAULT_GARBLE:
    case FAULT_SLICE:
        buf_add_char(out, byte);
        return false;
    case FAULT_POWER_CUT:
    case FAULT_RESET:
    case FAULT_HANG:
    case FAULT_STALL:
    case FAULT_RESET_LINK:
    case FAULT_FAIL:
    case FAULT_DELAY:
    case FAULT_BROWN_OUT:
    case FAULT_SILENCE:
    case FAULT_DOUBLE_ECHO:
    case FAULT_WRONG_RATE:
    case FAULT_LOSE_RATE:
    case FAULT_LOST:
    case FAULT_COLLIDE:
    case FAULT_LIE:
    case FAULT_EARLY:
    case FAULT_LENGTH:
    case FAULT_SLOW:
        break;
    }
    buf_add_char(out, byte);
    return true;
}

/* Pieces of a sliced stream are a moment apart, so that the receiver reads each by itself. */
static bool ends_a_piece(struct fault_stream *stream)
{
    if (stream->slice_len == 0 || --stream->slice_left > 0)
        return false;
    stream->slice_left = stream->slice_len;
    return true;
}

struct fault_effect fault_bytes(struct fault_plan *plan, const struct fault_point *point,
                                const void *bytes, size_t len, struct buf *out, size_t *used_out)
{
    const char *in = bytes;
    struct fault_stream *stream;

    *used_out = len;
    if (!fault_bytes_armed(plan, point)) {
        fault_bytes_skip(plan, point, len);
        buf_add(out, bytes, len);
        return (struct fault_effect){0};
    }
    stream = stream_of(plan, point);
    for (size_t i = 0; i < len; i++) {
        struct fault_effect effect = {0};
        struct fault *striker;
        bool is_for_caller;

        if (stream->truncated) {
            stream->offset += len - i;
            stream->passed += len - i;
            break;
        }
        striker = find_striker(plan, stream, in[i]);
        if (striker)
            effect = fault_fire(plan, striker);
        is_for_caller = pass_byte(stream, striker, in[i], out);
        stream->offset++;
        stream->passed++;
        if (!is_for_caller && ends_a_piece(stream)) {
            effect = (struct fault_effect){.action = FAULT_STALL, .duration_us = SLICE_GAP_US};
            is_for_caller = true;
        }
        if (is_for_caller) {
            *used_out = i + 1;
            return effect;
        }
    }
    return (struct fault_effect){0};
}
