/*
 * A sweep in parts, on many machines. There is no scheduler here: each machine is told which part
 * is its own, or finds it in what its scheduler says, and writes a file for `report merge`.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/opts.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "harness/sweep_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define SHARD_MAX  4096
#define SOURCE_MAX (1u << 20)

/* ---- which part ---- */

/* What schedulers say, the most explicit one first. A name that is NULL: nobody says it. */
static const struct {
    const char *scheduler, *index, *first, *count;
} sources[] = {
    {"HAYESWIRE_SHARD",         "HAYESWIRE_SHARD",      NULL,                   "HAYESWIRE_SHARDS"      },
    {"Slurm's array",           "SLURM_ARRAY_TASK_ID",  "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT"},
    {"Kubernetes' indexed job", "JOB_COMPLETION_INDEX", "0",                    NULL                    },
    {"CI_NODE_INDEX",           "CI_NODE_INDEX",        NULL,                   "CI_NODE_TOTAL"         },
};

static bool read_number(const char *name, long long *number_out)
{
    const char *text = name ? getenv(name) : NULL;

    return text && text_parse_int(text, number_out) == 0;
}

/* Return: 0, or 2 after a message. */
static int find_shard(struct sweep_filter *filter)
{
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        long long index, first = 1, count;

        if (!read_number(sources[i].index, &index))
            continue;
        if (sources[i].first && !read_number(sources[i].first, &first))
            first = strtoll(sources[i].first, NULL, 10);
        if (!read_number("HAYESWIRE_SHARDS", &count) && !read_number(sources[i].count, &count))
            return usage_error("sweep",
                               "--shard auto: %s says that this is part %lld, but not of "
                               "how many; set HAYESWIRE_SHARDS",
                               sources[i].scheduler, index);
        index -= first - 1;
        if (count > SHARD_MAX || index < 1 || index > count)
            return usage_error("sweep", "--shard auto: %s says part %lld of %lld",
                               sources[i].scheduler, index, count);
        filter->shard = (unsigned)index;
        filter->shard_count = (unsigned)count;
        fprintf(stderr, "hayeswire sweep: --shard auto: %lld/%lld, from %s\n", index, count,
                sources[i].scheduler);
        return 0;
    }
    return usage_error("sweep", "--shard auto: no scheduler says which part this is; set "
                                "HAYESWIRE_SHARD and HAYESWIRE_SHARDS");
}

int sweep_shard_parse(struct sweep_filter *filter, const char *value)
{
    char rest;

    if (strcmp(value, "auto") == 0)
        return find_shard(filter);
    if (sscanf(value, "%u/%u%c", &filter->shard, &filter->shard_count, &rest) != 2 ||
        filter->shard < 1 || filter->shard > filter->shard_count || filter->shard_count > SHARD_MAX)
        return usage_error("sweep", "--shard %s: wants I/N with I from 1 to N, as in 3/16, or auto",
                           value);
    return 0;
}

void sweep_list_take_shard(struct sweep_list *list, const struct sweep_filter *filter)
{
    size_t kept = 0;

    if (filter->shard_count == 0)
        return;
    for (size_t i = 0; i < list->count; i++) {
        if (i % filter->shard_count == filter->shard - 1) {
            list->trials[kept++] = list->trials[i];
        } else {
            trial_plan_deinit(&list->trials[i].plan);
            free(list->trials[i].point);
        }
    }
    list->count = kept;
}

/* ---- which plan ---- */

struct sum {
    uint64_t value; /* FNV-1a */
};

static void add_bytes(struct sum *sum, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i++)
        sum->value = (sum->value ^ p[i]) * 1099511628211u;
}

/* With its end, so that two texts are not one. */
static void add_text(struct sum *sum, const char *text)
{
    add_bytes(sum, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_scenario(struct sum *sum, const struct trial_case *scenario)
{
    struct buf source = {0};

    add_text(sum, scenario->path);
    add_text(sum, scenario->title);
    add_bytes(sum, &scenario->seed, sizeof(scenario->seed));
    if (text_read_file(scenario->path, SOURCE_MAX, &source) == 0)
        add_bytes(sum, source.data, source.len);
    buf_deinit(&source);
}

/*
 * Not the list of trials itself: in real time the number of a host's polls differs from machine to
 * machine, and with it the numbers of the last hits. What was asked for is the same everywhere.
 */
char *sweep_plan_name(const struct run_options *options, const struct selection *scenarios,
                      const struct sweep_filter *filter, size_t random_count)
{
    struct sum sum = {14695981039346656037u};

    add_text(&sum, HAYESWIRE_VERSION);
    for (size_t i = 0; i < scenarios->count; i++)
        add_scenario(&sum, &scenarios->cases[i]);
    for (size_t i = 0; i < filter->points.count; i++)
        add_text(&sum, filter->points.items[i]);
    add_text(&sum, filter->only);
    add_bytes(&sum, &filter->all, sizeof(filter->all));
    add_bytes(&sum, &filter->is_exact, sizeof(filter->is_exact));
    add_bytes(&sum, &filter->limit_us, sizeof(filter->limit_us));
    add_bytes(&sum, &random_count, sizeof(random_count));
    add_bytes(&sum, &options->seed, sizeof(options->seed));
    add_text(&sum, options->dialect);
    for (size_t i = 0; options->command && options->command[i]; i++)
        add_text(&sum, options->command[i]);
    return xasprintf("%016" PRIx64, sum.value);
}
