/*
 * Inside a sweep's planning: the rules, and the record of the fault-free run.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/sweep.h"
#include "sim/fault/fault_plan.h"

struct dialect;
struct run_options;
struct selection;

/* ---- sweep_rules.c ---- */

struct sweep_rule {
    size_t kind; /* in sweep_kinds */
    enum fault_class point_class;
    enum fault_phase phase; /* of WRITE */
    const char *points;     /* only points that begin so; NULL = all of the class */
    unsigned kept;          /* of a group of hits that are alike */
    const char *times;      /* stands behind the place: "*0" = for ever */
    const char *action;
    bool is_honest;
};

extern const struct sweep_rule sweep_rules[];
extern const size_t sweep_rule_count;

/* Whether a point is meant by a word: "flash" means flash.erase, "at.csq" only itself. */
bool sweep_name_begins(const char *name, const char *word);

/* ---- sweep_record.c ---- */

struct sweep_hit {
    char *modem, *name, *text; /* name: of the point or of the family's member; text may be NULL */
    enum fault_class point_class;
    enum fault_phase phase;
    unsigned nth;
    int percent;
    uint64_t bytes;
    const struct dialect *dialect;
};

struct sweep_record {
    struct sweep_hit *hits;
    size_t count, cap;
    const struct dialect *dialect; /* of the modem that is being read */
};

/* Return: 0 or -errno. */
int sweep_record_read(struct sweep_record *record, const char *path);
void sweep_record_deinit(struct sweep_record *record);
/* Whether two hits differ in their number, percentage or text only. */
bool sweep_hit_is_same_place(const struct sweep_hit *a, const struct sweep_hit *b);
/* Whether the text of a hit is the same from run to run. */
bool sweep_hit_has_text(const struct sweep_hit *hit);
/* Append point and triggers of a hit: what stands before the '=' of a fault. */
void sweep_record_add_place(const struct sweep_record *record, size_t index, struct buf *out);

/* ---- sweep_shard.c ---- */

/* "3/16", or "auto": what the scheduler's environment says. Return: 0, or 2 after a message. */
int sweep_shard_parse(struct sweep_filter *filter, const char *value);
/* Keep every N-th trial of the list: the part of a random campaign. */
void sweep_list_take_shard(struct sweep_list *list, const struct sweep_filter *filter);
/* Sixteen hexadecimal digits for what was asked for, the same for all shards. The caller frees. */
char *sweep_plan_name(const struct run_options *options, const struct selection *scenarios,
                      const struct sweep_filter *filter, size_t random_count);
