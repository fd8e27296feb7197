/* SPDX-License-Identifier: MIT */
#include "harness/trial_case.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

void trial_result_deinit(struct trial_result *result)
{
    verdict_deinit(&result->verdict);
    names_deinit(&result->notes);
    free(result->time);
    free(result->digest);
    result->time = result->digest = NULL;
}

void trial_case_derive(const struct trial_case *scenario, const struct trial_plan *plan,
                       const char *slug, struct trial_case *item_out)
{
    *item_out = (struct trial_case){
        .path = xstrdup(scenario->path),
        .line = scenario->line,
        .shares_line = scenario->shares_line,
        .index = scenario->index,
        .title = xstrdup(scenario->title),
        .seed = scenario->seed,
        .slug = xstrdup(slug),
        .plan = plan,
    };
}

void trial_case_deinit(struct trial_case *item)
{
    free(item->path);
    free(item->title);
    free(item->slug);
    free(item->dir);
    free(item->again);
    free(item->token);
    names_deinit(&item->faults);
    trial_result_deinit(&item->result);
}

/* JSON takes valid UTF-8 only; what is not becomes visible bytes. NULL stays null. */
static json_t *json_text(const char *text)
{
    json_t *value;
    struct buf visible = {0};

    if (!text)
        return json_null();
    value = json_string(text);
    if (value)
        return value;
    text_add_visible(&visible, text, strlen(text));
    value = json_string(buf_text(&visible));
    buf_deinit(&visible);
    return value;
}

static json_t *json_texts(const struct names *texts)
{
    json_t *array = json_array();

    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(array, json_text(texts->items[i]));
    return array;
}

static json_t *result_to_json(const struct trial_result *result)
{
    const struct verdict *verdict = &result->verdict;
    json_t *rows = json_array(), *object = json_object();

    for (size_t i = 0; i < verdict->row_count; i++) {
        json_t *row = json_array();

        json_array_append_new(row, json_text(verdict->rows[i].label));
        json_array_append_new(row, json_text(verdict->rows[i].text));
        json_array_append_new(rows, row);
    }
    json_object_set_new(object, "outcome", json_integer(verdict->outcome));
    json_object_set_new(object, "result", json_text(outcome_name(verdict->outcome)));
    json_object_set_new(object, "wall_us", json_integer((json_int_t)result->wall_us));
    json_object_set_new(object, "modem_us", json_integer((json_int_t)result->modem_us));
    json_object_set_new(object, "time", json_text(result->time));
    json_object_set_new(object, "digest", json_text(result->digest));
    json_object_set_new(object, "at_file", json_text(verdict->file));
    json_object_set_new(object, "at_line", json_integer(verdict->line));
    json_object_set_new(object, "message", json_text(verdict->message));
    json_object_set_new(object, "rows", rows);
    json_object_set_new(object, "notes", json_texts(&result->notes));
    return object;
}

static void dump(json_t *object, struct buf *out)
{
    char *text = json_dumps(object, JSON_COMPACT);

    buf_add_text(out, text ? text : "{}");
    free(text);
    json_decref(object);
}

void trial_result_encode(const struct trial_result *result, struct buf *out)
{
    dump(result_to_json(result), out);
}

void trial_case_encode(const struct trial_case *item, struct buf *out)
{
    json_t *object = json_object();
    json_t *result = result_to_json(&item->result);

    json_object_set_new(object, "v", json_integer(1));
    json_object_set_new(object, "file", json_text(item->path));
    json_object_set_new(object, "line", json_integer(item->line));
    json_object_set_new(object, "title", json_text(item->title));
    json_object_set_new(object, "seed", json_integer((json_int_t)item->seed));
    json_object_set_new(object, "folder", json_text(item->is_kept ? item->slug : NULL));
    json_object_set_new(object, "slug", json_text(item->slug));
    json_object_set_new(object, "again", json_text(item->again));
    json_object_set_new(object, "token", json_text(item->token));
    if (item->faults.count > 0)
        json_object_set_new(object, "faults", json_texts(&item->faults));
    json_object_update(object, result);
    json_decref(result);
    dump(object, out);
    buf_add_char(out, '\n');
}

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void add_texts(const json_t *array, struct names *texts)
{
    const json_t *item;
    size_t i;

    json_array_foreach(array, i, item)
    {
        if (json_is_string(item))
            names_add(texts, json_string_value(item));
    }
}

static int result_from_json(const json_t *object, struct trial_result *result_out)
{
    const json_t *outcome = json_object_get(object, "outcome"), *item;
    size_t i;

    *result_out = (struct trial_result){0};
    if (!json_is_integer(outcome) || json_integer_value(outcome) < OUTCOME_PASS ||
        json_integer_value(outcome) > OUTCOME_SKIP)
        return -EINVAL;
    verdict_set(&result_out->verdict, (enum outcome)json_integer_value(outcome),
                text_of(object, "at_file"), (int)number_of(object, "at_line"),
                text_of(object, "message"));
    result_out->wall_us = number_of(object, "wall_us");
    result_out->modem_us = number_of(object, "modem_us");
    result_out->time = xstrdup(text_of(object, "time"));
    result_out->digest = xstrdup(text_of(object, "digest"));
    json_array_foreach(json_object_get(object, "rows"), i, item)
    {
        const char *label = json_string_value(json_array_get(item, 0));
        const char *row = json_string_value(json_array_get(item, 1));

        if (label && row)
            verdict_add_row(&result_out->verdict, label, row);
    }
    add_texts(json_object_get(object, "notes"), &result_out->notes);
    return 0;
}

int trial_result_decode(const char *text, size_t len, struct trial_result *result_out)
{
    json_t *object = json_loadb(text, len, 0, NULL);
    int r = result_from_json(object, result_out);

    json_decref(object);
    return r;
}

int trial_case_decode(const char *line, size_t len, const char *results_dir,
                      struct trial_case *item_out)
{
    json_t *object = json_loadb(line, len, 0, NULL);
    const char *file = text_of(object, "file"), *title = text_of(object, "title");
    const char *folder = text_of(object, "folder"), *slug = text_of(object, "slug");
    int r = -EINVAL;

    *item_out = (struct trial_case){0};
    if (file && title && result_from_json(object, &item_out->result) == 0) {
        item_out->path = xstrdup(file);
        item_out->line = (int)number_of(object, "line");
        item_out->title = xstrdup(title);
        item_out->seed = number_of(object, "seed");
        item_out->again = xstrdup(text_of(object, "again"));
        item_out->token = xstrdup(text_of(object, "token"));
        add_texts(json_object_get(object, "faults"), &item_out->faults);
        item_out->is_done = true;
        item_out->is_kept = folder != NULL;
        item_out->slug = xstrdup(slug ? slug : folder ? folder : "case");
        item_out->dir = folder ? xasprintf("%s/%s", results_dir, folder) : NULL;
        r = 0;
    }
    json_decref(object);
    return r;
}
