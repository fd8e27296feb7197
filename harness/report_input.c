/* SPDX-License-Identifier: MIT */
#include "harness/report_input.h"

#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

void report_input_deinit(struct report_input *input)
{
    for (size_t i = 0; i < input->selection.count; i++) {
        recording_deinit(&input->recordings[i]);
        recording_deinit(&input->references[i]);
    }
    free(input->recordings);
    free(input->references);
    free(input->plan);
    selection_deinit(&input->selection);
    *input = (struct report_input){0};
}

struct trial_case *report_input_add(struct report_input *input)
{
    struct selection *selection = &input->selection;

    if (selection->count == selection->cap) {
        selection->cap = selection->cap ? selection->cap * 2 : 64;
        selection->cases = xrealloc(selection->cases, selection->cap * sizeof(*selection->cases));
    }
    if (selection->count == input->recording_cap) {
        input->recording_cap = selection->cap;
        input->recordings = xrealloc(input->recordings,
                                     input->recording_cap * sizeof(*input->recordings));
        input->references = xrealloc(input->references,
                                     input->recording_cap * sizeof(*input->references));
    }
    selection->cases[selection->count] = (struct trial_case){0};
    input->recordings[selection->count] = (struct recording){0};
    input->references[selection->count] = (struct recording){0};
    return &selection->cases[selection->count++];
}

void report_input_summarize(const struct report_input *input, struct run_summary *summary_out)
{
    *summary_out = (struct run_summary){.wall_us = input->wall_us, .not_run = input->not_run};
    for (size_t i = 0; i < input->selection.count; i++) {
        const struct trial_case *item = &input->selection.cases[i];

        if (item->is_done)
            report_count(summary_out, item);
        else
            summary_out->not_run++;
        if (input->wall_us == 0)
            summary_out->wall_us += item->result.wall_us;
    }
}

/* ---- a trace, with the case that it belongs to ---- */

/* A trace alone does not say how its scenario ended: it stays a case that is not done. */
static void describe_trace(struct trial_case *item, const struct recording *recording,
                           const char *path)
{
    char *copy = xstrdup(path), *folder = xstrdup(basename(dirname(copy)));

    item->path = xstrdup(path);
    item->title = xstrdup(recording->title ? recording->title : path);
    item->slug = strcmp(folder, ".") == 0 || strcmp(folder, "/") == 0 ? xstrdup("trace")
                                                                      : xstrdup(folder);
    if (recording->count > 0) {
        item->result.modem_us = recording->records[recording->count - 1].t_us;
        item->result.wall_us = recording->records[recording->count - 1].wall_us;
    }
    free(copy);
    free(folder);
}

/* Look in the run's results for the case whose folder holds the trace. */
static bool find_case(struct trial_case *item, const char *trace_path)
{
    char *real = realpath(trace_path, NULL), *folder = real ? dirname(real) : NULL;
    char *slash = folder ? strrchr(folder, '/') : NULL;
    char *results = NULL;
    struct buf text = {0};
    bool is_found = false;

    if (slash) {
        results = xasprintf("%.*s/results.jsonl", (int)(slash - folder), folder);
        recording_read_file(results, RECORDING_BYTES_MAX, &text);
    }
    for (char *line = text.data; line && *line && !is_found;) {
        size_t len = strcspn(line, "\n");
        char *run_dir = xstrndup(folder, (size_t)(slash - folder));

        if (trial_case_decode(line, len, run_dir, item) == 0) {
            is_found = item->dir && strcmp(item->dir, folder) == 0;
            if (!is_found)
                trial_case_deinit(item);
        }
        free(run_dir);
        line += len + (line[len] != '\0');
    }
    if (!is_found)
        *item = (struct trial_case){0};
    buf_deinit(&text);
    free(results);
    free(real);
    return is_found;
}

static int load_trace(struct report_input *input, const char *path, struct buf *error_out)
{
    struct recording recording;
    struct trial_case *item;
    int r = recording_load(path, &recording, error_out);

    if (r < 0)
        return r;
    item = report_input_add(input);
    input->recordings[input->selection.count - 1] = recording;
    if (!find_case(item, path))
        describe_trace(item, &recording, path);
    return 0;
}

/* ---- the folder of a run ---- */

static int add_result(struct report_input *input, const char *line, size_t len, const char *dir)
{
    struct trial_case item;
    struct recording recording = {0};
    struct buf error = {0};
    int r = trial_case_decode(line, len, dir, &item);

    if (r < 0)
        return r;
    if (item.dir) {
        char *path = xasprintf("%s/trace.jsonl", item.dir);

        if (access(path, F_OK) == 0 && recording_load(path, &recording, &error) < 0)
            fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        free(path);
    }
    *report_input_add(input) = item;
    input->recordings[input->selection.count - 1] = recording;
    buf_deinit(&error);
    return 0;
}

static int load_results(struct report_input *input, const char *path, struct buf *error_out)
{
    char *copy = xstrdup(path), *dir = dirname(copy);
    struct buf text = {0};
    int r = recording_read_file(path, RECORDING_BYTES_MAX, &text);
    unsigned number = 1;

    if (r < 0)
        buf_printf(error_out, "%s: %s", path, strerror(-r));
    for (const char *line = text.data; r == 0 && line && *line; number++) {
        size_t len = strcspn(line, "\n");

        r = add_result(input, line, len, dir);
        if (r < 0)
            buf_printf(error_out, "%s:%u: not the result of a scenario", path, number);
        line += len + (line[len] != '\0');
    }
    buf_deinit(&text);
    free(copy);
    return r;
}

/* ---- a stream ---- */

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static int take_mark(struct report_input *input, const json_t *object, const char *kind)
{
    if (strcmp(kind, "run") == 0) {
        input->is_stream = true;
        xstrset(&input->plan, json_string_value(json_object_get(object, "plan")));
        input->shard = (unsigned)number_of(object, "shard");
        input->shard_count = (unsigned)number_of(object, "shards");
        return number_of(object, "v") == 1 ? 0 : -EINVAL;
    }
    input->is_complete = true;
    input->wall_us += number_of(object, "wall_us");
    input->not_run += number_of(object, "not_run");
    return 0;
}

static int add_line(struct report_input *input, size_t first, const char *line, size_t len)
{
    json_t *object = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
    const char *kind = json_string_value(json_object_get(object, "k"));
    uint64_t number = number_of(object, "c");
    int r = -EINVAL;

    if (kind && (strcmp(kind, "run") == 0 || strcmp(kind, "end") == 0)) {
        r = take_mark(input, object, kind);
    } else if (kind && strcmp(kind, "case") == 0) {
        struct trial_case item;

        r = trial_case_decode(line, len, ".", &item);
        if (r == 0) {
            /* Its folder is on the machine where it ran. */
            item.is_kept = false;
            xstrset(&item.dir, NULL);
            *report_input_add(input) = item;
        }
    } else if (kind && number > 0 && first + number <= input->selection.count) {
        size_t last = input->selection.count - 1;

        r = recording_add_line(number_of(object, "r") ? &input->references[last]
                                                      : &input->recordings[last],
                               line, len);
    }
    json_decref(object);
    return r;
}

static int load_stream(struct report_input *input, const char *path, const struct buf *text,
                       struct buf *error_out)
{
    size_t first = input->selection.count;
    unsigned number = 1;
    int r = 0;

    input->is_complete = false;
    for (size_t at = 0; at < text->len && r == 0; number++) {
        const char *end = memchr(text->data + at, '\n', text->len - at);
        size_t len = end ? (size_t)(end - text->data) - at : text->len - at;

        r = add_line(input, first, text->data + at, len);
        /* A run that was killed may have left half a line. */
        if (r < 0 && !end)
            r = 0;
        if (r < 0)
            buf_printf(error_out, "%s:%u: not a line of a report", path, number);
        at += len + 1;
    }
    return r;
}

/* ---- which of them it is ---- */

static int load_file(struct report_input *input, const char *path, struct buf *error_out)
{
    struct buf text = {0};
    int r = recording_read_file(path, RECORDING_BYTES_MAX, &text);
    json_t *first = NULL;
    const char *kind;

    if (r < 0) {
        buf_printf(error_out, "%s: %s", path,
                   r == -EIO ? "damaged, or not complete" : strerror(-r));
        buf_deinit(&text);
        return r;
    }
    first = json_loadb(buf_text(&text), strcspn(buf_text(&text), "\n"), JSON_ALLOW_NUL, NULL);
    kind = json_string_value(json_object_get(first, "k"));
    if (kind && strcmp(kind, "run") == 0)
        r = load_stream(input, path, &text, error_out);
    else if (kind && strcmp(kind, "header") == 0)
        r = load_trace(input, path, error_out);
    else if (json_is_integer(json_object_get(first, "outcome")))
        r = load_results(input, path, error_out);
    else
        r = -EINVAL;
    if (r == -EINVAL && error_out->len == 0)
        buf_printf(error_out, "%s: neither a trace nor the results of a run", path);
    json_decref(first);
    buf_deinit(&text);
    return r;
}

int report_input_load(struct report_input *input, const char *path, struct buf *error_out)
{
    static const char *const inside[] = {"results.jsonl", "trace.jsonl"};
    struct stat st;

    if (stat(path, &st) < 0) {
        buf_printf(error_out, "%s: %s", path, strerror(errno));
        return -errno;
    }
    if (!S_ISDIR(st.st_mode))
        return load_file(input, path, error_out);
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        char *file = xasprintf("%s/%s", path, inside[i]);
        bool is_there = access(file, F_OK) == 0;
        int r = is_there ? load_file(input, file, error_out) : 0;

        free(file);
        if (is_there)
            return r;
    }
    buf_printf(error_out, "%s: no results.jsonl and no trace.jsonl in it", path);
    return -ENOENT;
}
