/*
 * The record of a fault-free run, and how its places are written as triggers.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sweep_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/dialect/registry.h"
#include "sim/modem/dialect.h"

#define RECORD_LINE_MAX 4096

void sweep_record_deinit(struct sweep_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        free(record->hits[i].modem);
        free(record->hits[i].name);
        free(record->hits[i].text);
    }
    free(record->hits);
}

/* "at.*" and "csq" -> "at.csq" */
static char *full_name(const char *point, const char *member)
{
    size_t len = strlen(point);

    if (!member || len < 2 || point[len - 1] != '*')
        return xstrdup(point);
    return xasprintf("%.*s%s", (int)len - 1, point, member);
}

static long long number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void take_line(struct sweep_record *record, const json_t *object)
{
    const char *point = text_of(object, "point"), *text = text_of(object, "text");

    if (!point) {
        record->dialect = dialect_find(text_of(object, "dialect"));
        return;
    }
    if (record->count == record->cap) {
        record->cap = record->cap ? record->cap * 2 : 256;
        record->hits = xrealloc(record->hits, record->cap * sizeof(*record->hits));
    }
    record->hits[record->count++] = (struct sweep_hit){
        .modem = xstrdup(text_of(object, "modem")),
        .name = full_name(point, text_of(object, "member")),
        .text = text && *text ? xstrdup(text) : NULL,
        .point_class = (enum fault_class)number_of(object, "class"),
        .phase = (enum fault_phase)number_of(object, "phase"),
        .nth = (unsigned)number_of(object, "nth"),
        .percent = (int)number_of(object, "percent"),
        .bytes = (uint64_t)number_of(object, "bytes"),
        .dialect = record->dialect,
    };
}

int sweep_record_read(struct sweep_record *record, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[RECORD_LINE_MAX];

    if (!file)
        return -errno;
    while (fgets(line, sizeof(line), file)) {
        json_t *object = json_loads(line, 0, NULL);

        if (object)
            take_line(record, object);
        json_decref(object);
    }
    fclose(file);
    return 0;
}

/* ---- how a place is written ---- */

bool sweep_hit_is_same_place(const struct sweep_hit *a, const struct sweep_hit *b)
{
    return a->phase == b->phase && strcmp(a->name, b->name) == 0 && strcmp(a->modem, b->modem) == 0;
}

/* A text as a trigger takes it: not longer, and with its quotes escaped. */
static void add_trigger(struct buf *out, const char *text)
{
    size_t len = strnlen(text, FAULT_MATCH_MAX);

    buf_add_text(out, "@\"");
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, text[i]);
    }
    buf_add_char(out, '"');
}

/* Commands hold URLs, whose ports change from run to run, and a result is found by itself. */
bool sweep_hit_has_text(const struct sweep_hit *hit)
{
    return hit->text && hit->point_class != FAULT_COMMAND && hit->point_class != FAULT_REPLY &&
           hit->point_class != FAULT_RESULT;
}

/* How many hits up to this one the triggers of its place accept. */
static unsigned turn_of(const struct sweep_record *record, size_t index)
{
    const struct sweep_hit *hit = &record->hits[index];
    char match[FAULT_MATCH_MAX + 1];
    unsigned turn = 0;

    snprintf(match, sizeof(match), "%s", hit->text ? hit->text : "");
    for (size_t i = 0; i <= index; i++) {
        const struct sweep_hit *other = &record->hits[i];

        if (!sweep_hit_is_same_place(other, hit))
            continue;
        if (hit->percent > 0)
            turn += other->percent >= hit->percent;
        else if (sweep_hit_has_text(hit))
            turn += other->text && strstr(other->text, match);
        else
            turn++;
    }
    return turn;
}

void sweep_record_add_place(const struct sweep_record *record, size_t index, struct buf *out)
{
    static const char *const phases[] = {
        [FAULT_ANY] = "", [FAULT_BEFORE] = "", [FAULT_MID] = "/mid", [FAULT_AFTER] = "/after"};
    const struct sweep_hit *hit = &record->hits[index];
    unsigned turn = turn_of(record, index);

    buf_add_text(out, hit->name);
    if (hit->percent > 0)
        buf_printf(out, "@%d%%", hit->percent);
    else if (sweep_hit_has_text(hit))
        add_trigger(out, hit->text);
    buf_add_text(out, phases[hit->phase]);
    if (turn > 1)
        buf_printf(out, "#%u", turn);
}
