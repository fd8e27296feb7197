/*
 * Inside the fault layer: what an armed fault and a plan are made of.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"

#define FAULT_KNOWN_MAX  8       /* arrays of points that dialects added to one plan */
#define FAULT_GARBLE_MAX 1048576 /* bytes that one garble spoils */
#define FAULT_TIMES_MAX  1000000000

struct fault {
    char *text;
    const struct fault_point *point;
    char *name;         /* of the point, as written */
    const char *member; /* of a family, within name; NULL = any */

    /* Triggers. */
    enum fault_phase phase;
    bool has_percent, has_amount, has_nth, has_chance;
    unsigned percent;
    uint64_t amount;
    uint64_t nth;
    double chance;
    unsigned wanted; /* 0 = always */
    char match[FAULT_MATCH_MAX];
    unsigned char fallback[FAULT_MATCH_MAX]; /* see fault_match_prepare() */
    size_t match_len;

    /* The action and its argument. */
    enum fault_action action;
    enum cut_policy policy;
    long long code;
    uint64_t duration_us;
    uint64_t duration_max_us; /* of a range; 0 = constant */
    uint64_t growth_us;       /* added at each further firing */
    unsigned bit;
    uint64_t garble_len;
    uint64_t slice_len;
    char insert[FAULT_TEXT_MAX];
    size_t insert_len;

    /* What happened so far. */
    struct rng rng;
    size_t matched; /* bytes of match that the stream ended with */
    uint64_t hits;  /* that satisfied phase, member, text and amounts */
    unsigned fired;
    uint64_t first_t_us;
};

/* What a plan remembers of the stream at one BYTES point. */
struct fault_stream {
    const struct fault_point *point;
    uint64_t offset; /* of the next byte */
    uint64_t total_bytes;
    bool truncated;
    struct fault *garbler; /* whose noise is laid over the next garble_left bytes */
    uint64_t garble_left;
    uint64_t slice_len; /* the stream comes in pieces of so many bytes; 0 = as it comes */
    uint64_t slice_left;
    uint64_t passed; /* over all restarts */
};

struct fault_known {
    const struct fault_point *points;
    size_t count;
};

/* How often a place was passed: the next hit's number. */
struct fault_place {
    const struct fault_point *point;
    char *member;
    enum fault_phase phase;
    unsigned hits;
};

struct fault_record {
    bool is_on;
    struct fault_place *places;
    size_t place_count;
    struct fault_hit *hits;
    size_t hit_count, hit_cap;
};

struct fault_plan {
    struct rng seed;
    struct trace *trace;
    char *who;
    struct fault_known known[FAULT_KNOWN_MAX];
    size_t known_count;
    fault_member_fn member_exists; /* NULL = each member is accepted */
    void *member_arg;
    struct fault *faults[FAULT_PLAN_MAX];
    size_t count;
    struct fault_stream *streams;
    size_t stream_count;
    struct fault_record record;
};

/* fault_points.c */

bool fault_point_is(const struct fault_point *a, const struct fault_point *b);
bool fault_point_is_family(const struct fault_point *point);
bool fault_point_is_download(const struct fault_point *point);
/*
 * The point called name. For "at.csq" that is the family "at.*" and member_out is "csq"; for
 * "at.*" itself, which stands for each member, member_out is NULL. Both are borrowed.
 * Return: the point, or NULL.
 */
const struct fault_point *fault_point_find(const struct fault_plan *plan, const char *name,
                                           const char **member_out);
/* The known name nearest to a wrong one. Return: whether there is one near enough. */
bool fault_point_suggest(const struct fault_plan *plan, const char *name, struct buf *out);

/* fault_text.c */

/* How far a fault's text form is read. */
struct fault_reader {
    const struct fault_plan *plan;
    const char *text;
    const char *at; /* what was not read yet */
    struct fault *fault;
    struct buf *error; /* may be NULL */
};

/* Fill a zeroed fault from its text form, all but text and rng. Return: 0 or -EINVAL. */
int fault_parse(const struct fault_plan *plan, const char *text, struct fault *fault_out,
                struct buf *error_out);
/* Put `fault "...": ` and the message into the reader's error. Return: -EINVAL. */
int fault_refuse(struct fault_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A text in quotes; the opening one is read already. Return: 0 or -EINVAL. */
int fault_read_quoted(struct fault_reader *reader, char *out, size_t max_len, size_t *len_out);

/* fault_action.c: what stands behind the '='. Return: 0 or -EINVAL. */
int fault_read_action(struct fault_reader *reader);

/* fault_plan.c */

/*
 * A hit that satisfies the triggers of place and text: count it.
 * Return: whether the fault wants to strike. Each fault draws its own lots, so that what one of
 * them does never depends on which others are armed.
 */
bool fault_count_hit(struct fault *fault);
/* The fault strikes: count, record, and say what happens. */
struct fault_effect fault_fire(struct fault_plan *plan, struct fault *fault);

/* fault_record.c */

void fault_record_hit(struct fault_plan *plan, const struct fault_point *point,
                      const struct fault_at *at);
void fault_record_deinit(struct fault_record *record);

/* fault_bytes.c */

void fault_match_prepare(struct fault *fault);
