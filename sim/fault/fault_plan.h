/*
 * Faults: one mechanism of point, trigger and action, with one text form.
 *
 *     bc26.fota.update@37%=power_cut      line.tx@"+CSQ:"=flip:5      download.body@4096=stall:20s
 *     flash.program#37/mid=power_cut      at.csq~0.1*3=fail:10        at.cgatt=delay:40s
 *
 * A point is passed by simulator code through fault_step() or fault_bytes(); a plan decides, counts
 * and tells.
 *
 * Triggers combine: all must hold.
 *   @n        amount n reached: of a stream, the byte at offset n
 *   @n%       percent n reached
 *   @"text"   the text passes (C escapes \r \n \t \" \\ \xNN)
 *   /before /mid /after   phase of a WRITE; without one a fault strikes before the write
 *   #n        the nth hit that satisfies the triggers above (1 = the first), and no later one
 *   ~p        probability p per hit, from the plan's seed
 *   *k        k times (1 when not given; *0 = always); with #n the hits n to n+k-1
 *
 * Actions. Every class takes power_cut[:lost|done|torn|garbled] (the policy is what becomes of
 * unsynced writes, lost when not given), brown_out:DURATION (the supply dips for that long: noise
 * on the lines, unsynced writes torn, then a start), reset and hang.
 *   STEP        fail[:CODE]  delay:LATENCY
 *   COMMAND     fail[:CODE]  delay:LATENCY  silence (swallowed, no answer)  double_echo
 *               wrong_rate[:BAUD] (the UART runs at another rate until the next start)
 *               lose_rate (the autobaud's rate is forgotten: deaf and mute until trained again)
 *   REPLY       fail[:CODE] (done, but refused in words)  delay:LATENCY  silence  dup
 *   URC         lost  dup  delay:LATENCY
 *               collide:before (between a command and its reply)  collide:inside (a reply of
 *               several lines)  collide:split (two reads)  collide:behind (the same read as a
 * reply) MESSAGE     lost  dup RESULT      lie (success is told, the version stays old) fail[:CODE]
 * (failure, by that code) lost (never told)  dup (told twice)  early (told before the reboot) BYTES
 * flip:BIT  drop  insert:"text"  dup  truncate  garble:N  stall:DURATION slice:N (from here on the
 * bytes come in pieces of N) download.*  reset_link (the connection breaks); fail:CODE at
 * download.head is an HTTP status; length:DELTA there changes the announced length; slow:SIZE at
 * download.body is the rate in bytes a second from here on MARK is a place where nothing but the
 * power can go. A LATENCY is constant (2s), drawn from a range (1s..3s), or grows with each firing
 * (1s+500ms).
 *
 * On BYTES every byte is a hit, and with a text trigger every match (matches do not overlap). The
 * action takes the byte of the hit: the last one of a match. flip, drop, dup and truncate do what
 * they say to it, garble spoils it and the N-1 that follow. insert puts its text in front of the
 * byte, but behind a match. What the caller carries out (stall, power_cut ...) comes right after
 * the byte has passed. All of it is independent of how the stream is cut into chunks.
 *
 * When two faults want the same hit the one armed first strikes; the other counts the hit.
 * An unknown point or action, or an action that does not fit, is an error at once. A fault that
 * never fired makes the run invalid: see fault_plan_unfired(). Pure: no I/O, no clock.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault/fault_points.h"

struct buf;
struct rng;
struct trace;

#define FAULT_TEXT_MAX  256 /* bytes of a fault's text form */
#define FAULT_MATCH_MAX 64  /* bytes of a text trigger */
#define FAULT_PLAN_MAX  64  /* faults armed in one plan */

enum fault_class {
    FAULT_STEP,
    FAULT_BYTES,
    FAULT_WRITE,
    FAULT_MARK,
    FAULT_COMMAND,
    FAULT_REPLY,
    FAULT_URC,
    FAULT_MESSAGE,
    FAULT_RESULT,
    FAULT_CLASS_COUNT
};
enum fault_phase { FAULT_ANY, FAULT_BEFORE, FAULT_MID, FAULT_AFTER };

enum fault_action {
    FAULT_NONE,
    FAULT_POWER_CUT,
    FAULT_RESET,
    FAULT_HANG,
    FAULT_FAIL,
    FAULT_DELAY,
    FAULT_FLIP,
    FAULT_DROP,
    FAULT_INSERT,
    FAULT_DUP,
    FAULT_TRUNCATE,
    FAULT_GARBLE,
    FAULT_STALL,
    FAULT_RESET_LINK,
    FAULT_BROWN_OUT,
    FAULT_SILENCE,
    FAULT_DOUBLE_ECHO,
    FAULT_WRONG_RATE,
    FAULT_LOSE_RATE,
    FAULT_LOST,
    FAULT_COLLIDE,
    FAULT_LIE,
    FAULT_EARLY,
    FAULT_SLICE,
    FAULT_LENGTH,
    FAULT_SLOW,
};

/* How a URC meets a reply: fault_effect.code of COLLIDE. */
enum fault_collision { COLLIDE_BEFORE, COLLIDE_INSIDE, COLLIDE_SPLIT, COLLIDE_BEHIND };

/* What becomes of a write that was not synced when the power went. */
enum cut_policy { CUT_LOST, CUT_DONE, CUT_TORN, CUT_GARBLED };

struct fault_point {
    const char *name;
    enum fault_class point_class;
    const char *doc; /* one sentence */
};

enum fault_point_id {
#define X(id, name, cls, doc) FAULT_POINT_##id,
    FAULT_POINTS(X)
#undef X
        FAULT_POINT_COUNT
};
extern const struct fault_point fault_points[FAULT_POINT_COUNT];

/* Where exactly a point is hit. Zero-initialise what does not apply. */
struct fault_at {
    const char *member; /* of a family: "csq" for at.csq */
    bool has_percent;
    unsigned percent;
    bool has_amount;
    uint64_t amount; /* what @n looks at: the number of a page, for instance */
    enum fault_phase phase;
    const char *text; /* what @"..." looks at; borrowed */
    size_t text_len;
};

/* What happens now. action FAULT_NONE = nothing. */
struct fault_effect {
    enum fault_action action;
    /* FAIL: the code, WRONG_RATE: the rate, 0 when none was given; COLLIDE: how; LENGTH: bytes;
       SLOW: bytes a second */
    long long code;
    uint64_t duration_us;   /* DELAY, STALL, BROWN_OUT */
    enum cut_policy policy; /* POWER_CUT, BROWN_OUT */
    const char *text;       /* the fault's text form, borrowed from the plan */
};

struct fault_status {
    const char *text;       /* borrowed */
    unsigned fired, wanted; /* wanted 0 = any number of times */
    uint64_t first_t_us;    /* modem time of the first firing; valid when fired > 0 */
};

struct fault_plan;

/* trace receives a FAULT record at each firing, as from `who`; both borrowed. trace may be NULL. */
struct fault_plan *fault_plan_new(const struct rng *seed, struct trace *trace, const char *who);
void fault_plan_free(struct fault_plan *plan);
/* Make the points of a dialect known as well. The array is borrowed. */
void fault_plan_know(struct fault_plan *plan, const struct fault_point *points, size_t count);
/* For a family: whether "at.<member>" exists. Without it each member is accepted. */
typedef bool (*fault_member_fn)(void *arg, const struct fault_point *family, const char *member);
void fault_plan_check_members(struct fault_plan *plan, fault_member_fn fn, void *arg);

/*
 * Arm a fault from its text form.
 * Return: 0 and its number (from 0) in index_out (may be NULL); -EINVAL with a one-line message in
 * error_out that names the part at fault and the nearest known spelling; -ENOSPC when full.
 */
int fault_plan_add(struct fault_plan *plan, const char *text, size_t *index_out,
                   struct buf *error_out);
/* Disarm all; their status is forgotten. */
void fault_plan_clear(struct fault_plan *plan);

size_t fault_plan_count(const struct fault_plan *plan);
/* Whether points are to be passed at all: a fault is armed, or the run is recorded. */
bool fault_plan_watches(const struct fault_plan *plan);
struct fault_status fault_plan_status(const struct fault_plan *plan, size_t index);
/* Return: the text of the first armed fault that never fired, or NULL. */
const char *fault_plan_unfired(const struct fault_plan *plan);

/*
 * A STEP or WRITE point is passed. Costs one comparison when nothing is armed. Here and below plan
 * may be NULL (nothing armed), and so may at.
 */
struct fault_effect fault_step(struct fault_plan *plan, const struct fault_point *point,
                               const struct fault_at *at);
/*
 * Bytes pass a BYTES point. The bytes that go on are appended to out.
 * Returns an effect that the caller must carry out after passing on out: POWER_CUT, RESET, HANG,
 * STALL, RESET_LINK, DELAY; *used_out says how many of the input bytes were consumed; the caller
 * feeds the rest afterwards (or drops it with the power). action FAULT_NONE: all were consumed.
 * TRUNCATE swallows the rest of this stream until fault_bytes_restart().
 */
struct fault_effect fault_bytes(struct fault_plan *plan, const struct fault_point *point,
                                const void *bytes, size_t len, struct buf *out, size_t *used_out);
/* The stream of a BYTES point starts again (new connection, power-up): its offset is 0. */
void fault_bytes_restart(struct fault_plan *plan, const struct fault_point *point, uint64_t offset);
/* The length of the stream became known; without it @n% never strikes there. 0 = unknown. */
void fault_bytes_total(struct fault_plan *plan, const struct fault_point *point,
                       uint64_t total_bytes);
/*
 * Whether any fault is armed at a BYTES point: without one callers skip the copy. They tell how
 * much passed by fault_bytes_skip(), so that the offsets of a fault that is armed later are right.
 */
bool fault_bytes_armed(const struct fault_plan *plan, const struct fault_point *point);
void fault_bytes_skip(struct fault_plan *plan, const struct fault_point *point, uint64_t len);
/* Whether a TRUNCATE struck: nothing more will pass, and the receiver may see an early end. */
bool fault_bytes_truncated(const struct fault_plan *plan, const struct fault_point *point);

/* ---- the record of a run: which points it passed ---- */

#define FAULT_HIT_MAX      100000u /* hits kept; more are counted only */
#define FAULT_HIT_TEXT_MAX 80      /* bytes of a hit's text that are kept */

/* One hit of a point that is no BYTES point: "NAME[/PHASE]#NTH" is the place where it was. */
struct fault_hit {
    const struct fault_point *point;
    const char *member; /* of a family, else NULL */
    enum fault_phase phase;
    unsigned nth;
    int percent; /* -1 = none */
    char text[FAULT_HIT_TEXT_MAX + 1];
};

/* Record from now on. */
void fault_plan_record(struct fault_plan *plan);
size_t fault_plan_hit_count(const struct fault_plan *plan);
const struct fault_hit *fault_plan_hit(const struct fault_plan *plan, size_t index);
/* Bytes that passed a BYTES point, over all its streams: the hits of "NAME#n". */
uint64_t fault_plan_byte_count(const struct fault_plan *plan, const struct fault_point *point);
/* The BYTES points that streams passed, one after the other; NULL past the end. */
const struct fault_point *fault_plan_stream(const struct fault_plan *plan, size_t index);

/* How many times any fault of the plan fired. */
unsigned fault_plan_fired(const struct fault_plan *plan);
/* Whether the power of the modem is what an action takes. */
bool fault_takes_power(enum fault_action action);

/* "STEP", "BYTES", "WRITE" ...; "flip", "reset_link" ... */
const char *fault_class_name(enum fault_class point_class);
const char *fault_action_name(enum fault_action action);
