/*
 * A merge that leaves out what it did not get would turn a lost machine into a green sweep. So it
 * wants to know how many shards there are, and refuses any set that is not exactly these: each one
 * once, complete to its end mark, all of one plan, and no trial in two of them.
 * SPDX-License-Identifier: MIT
 */
#include "harness/report_merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/opts.h"
#include "harness/report_input.h"
#include "harness/run.h"
#include "harness/run_options.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define EXIT_USAGE     2
#define EXIT_FAILED    3
#define SHARD_MAX      4096
#define PROBLEMS_SHOWN 20

enum key { KEY_EXPECT = 256, KEY_REPORTER };

static const struct opt_row rows[] = {
    {KEY_EXPECT,   "expect-shards", "N",    "how many shards there must be"                       },
    {KEY_REPORTER, "reporter",      "LIST", "forms of the whole, as in run (default pretty)"      },
    {'o',          "output",        "FILE", "the whole as one stream; compressed when it ends .gz"},
};

static const struct opts opts = {"report merge", rows, ARRAY_LEN(rows)};

struct merge {
    unsigned expected;
    struct report_choices choices;
    struct report_input whole;
    char *plan;
    const char **seen; /* the file of each shard; NULL = not yet */
    unsigned problems;
};

__attribute__((format(printf, 2, 3))) static void complain(struct merge *merge, const char *format,
                                                           ...)
{
    struct buf text = {0};
    va_list args;

    if (merge->problems++ < PROBLEMS_SHOWN) {
        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        fprintf(stderr, "hayeswire report merge: %s\n", text.data);
        buf_deinit(&text);
    }
}

/* Return: whether its cases may be taken: they are not there yet. */
static bool check_shard(struct merge *merge, const struct report_input *shard, const char *path)
{
    if (!shard->is_stream || shard->shard == 0 || !shard->plan) {
        complain(merge, "%s: not a shard of a sweep", path);
        return false;
    }
    if (!shard->is_complete)
        complain(merge, "%s: incomplete: it has no end mark", path);
    if (shard->not_run > 0)
        complain(merge, "%s: %zu of its trials were not run", path, shard->not_run);
    if (shard->shard_count != merge->expected)
        complain(merge, "%s: shard %u of %u, but %u are expected", path, shard->shard,
                 shard->shard_count, merge->expected);
    if (!merge->plan)
        merge->plan = xstrdup(shard->plan);
    else if (strcmp(merge->plan, shard->plan) != 0)
        complain(merge, "%s: of another plan (%s, not %s)", path, shard->plan, merge->plan);
    if (shard->shard > merge->expected)
        return false;
    if (merge->seen[shard->shard - 1]) {
        complain(merge, "%s: shard %u is in %s already", path, shard->shard,
                 merge->seen[shard->shard - 1]);
        return false;
    }
    merge->seen[shard->shard - 1] = path;
    return true;
}

/* Move the cases over. Shards number their folders each for itself. */
static void take_cases(struct merge *merge, struct report_input *shard)
{
    for (size_t i = 0; i < shard->selection.count; i++) {
        struct trial_case *item = report_input_add(&merge->whole);
        char *slug;

        *item = shard->selection.cases[i];
        merge->whole.recordings[merge->whole.selection.count - 1] = shard->recordings[i];
        merge->whole.references[merge->whole.selection.count - 1] = shard->references[i];
        slug = xasprintf("%u-%s", shard->shard, item->slug);
        free(item->slug);
        item->slug = slug;
    }
    shard->selection.count = 0; /* what they held has another owner now */
    if (shard->wall_us > merge->whole.wall_us)
        merge->whole.wall_us = shard->wall_us; /* they ran at the same time */
}

static int load_shard(struct merge *merge, const char *path)
{
    struct report_input shard = {0};
    struct buf error = {0};
    int r = report_input_load(&shard, path, &error);

    if (r < 0) {
        complain(merge, "%s", buf_text(&error));
    } else {
        if (check_shard(merge, &shard, path))
            take_cases(merge, &shard);
    }
    report_input_deinit(&shard);
    buf_deinit(&error);
    return r;
}

/* ---- order ---- */

static int compare_texts(const struct names *a, const struct names *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = strcmp(a->items[i], b->items[i]);

        if (order != 0)
            return order;
    }
    return (a->count > b->count) - (a->count < b->count);
}

/* What a trial is: the same on every machine. */
static int compare_cases(const struct trial_case *a, const struct trial_case *b)
{
    int order = strcmp(a->path, b->path);

    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    if (order == 0)
        order = strcmp(a->title, b->title);
    if (order == 0)
        order = compare_texts(&a->faults, &b->faults);
    return order;
}

struct entry {
    struct trial_case item;
    struct recording recording, reference;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    return compare_cases(&left->item, &right->item);
}

static void sort_cases(struct report_input *input)
{
    size_t count = input->selection.count;
    struct entry *entries = xcalloc(count + 1, sizeof(*entries));

    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){input->selection.cases[i], input->recordings[i],
                                    input->references[i]};
    qsort(entries, count, sizeof(*entries), compare_entries);
    for (size_t i = 0; i < count; i++) {
        input->selection.cases[i] = entries[i].item;
        input->recordings[i] = entries[i].recording;
        input->references[i] = entries[i].reference;
    }
    free(entries);
}

static void check_whole(struct merge *merge)
{
    const struct selection *selection = &merge->whole.selection;

    for (unsigned i = 0; i < merge->expected; i++) {
        if (!merge->seen[i])
            complain(merge, "shard %u of %u is missing", i + 1, merge->expected);
    }
    for (size_t i = 1; i < selection->count; i++) {
        const struct trial_case *item = &selection->cases[i];

        if (item->faults.count > 0 && compare_cases(item - 1, item) == 0)
            complain(merge, "doubled: %s in %s and %s", item->faults.items[0], item[-1].slug,
                     item->slug);
    }
    if (merge->problems > PROBLEMS_SHOWN)
        fprintf(stderr, "hayeswire report merge: and %u more\n", merge->problems - PROBLEMS_SHOWN);
}

/* ---- all of it ---- */

static int merge_all(struct merge *merge, char **paths, int count)
{
    struct run_options options = {0};
    struct run_summary summary;
    int status = EXIT_FAILED;

    merge->seen = xcalloc(merge->expected, sizeof(*merge->seen));
    for (int i = 0; i < count; i++)
        load_shard(merge, paths[i]);
    sort_cases(&merge->whole);
    check_whole(merge);
    if (merge->problems == 0 && report_input_tell(&merge->whole, &merge->choices, NULL) == 0) {
        report_input_summarize(&merge->whole, &summary);
        status = run_exit_status(&options, &summary);
    }
    report_input_deinit(&merge->whole);
    free(merge->seen);
    free(merge->plan);
    return status;
}

static int set_expected(struct merge *merge, const char *value)
{
    long long number;

    if (text_parse_int(value, &number) < 0 || number < 1 || number > SHARD_MAX)
        return usage_error(opts.verb, "--expect-shards %s: wants a number from 1 to %d", value,
                           SHARD_MAX);
    merge->expected = (unsigned)number;
    return 0;
}

static int set_output(struct merge *merge, const char *value)
{
    if (merge->choices.count == REPORT_CHOICE_MAX)
        return usage_error(opts.verb, "too many forms at once");
    merge->choices.items[merge->choices.count++] = (struct report_choice){&reporter_jsonl, value};
    return 0;
}

int report_merge(int argc, char **argv, void (*print_help)(void))
{
    struct merge merge = {0};
    const char *value, *output = NULL;
    int rest, key, status = 0;

    while (status == 0 && (key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == KEY_EXPECT)
            status = set_expected(&merge, value);
        else if (key == KEY_REPORTER)
            status = report_choices_add(opts.verb, &merge.choices, (char *)value);
        else if (key == 'o')
            output = value;
        else if (key != 'h')
            status = EXIT_USAGE;
        if (key == 'h') {
            print_help();
            return 0;
        }
    }
    if (status != 0)
        return status;
    if (merge.expected == 0)
        return usage_error(opts.verb, "--expect-shards N is needed: nobody else knows how many "
                                      "there were");
    if (rest == argc)
        return usage_error(opts.verb, "which shards? For instance: shard-*.jsonl.gz");
    report_choices_default(&merge.choices);
    if (output)
        status = set_output(&merge, output);
    return status != 0 ? status : merge_all(&merge, argv + rest, argc - rest);
}
