/*
 * Which points a run passed. A sweep is made from it: each hit is a place where a fault can strike
 * in the next run. A hit is numbered by its place (point, member, phase), as "#n" counts.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/fault/fault_private.h"

void fault_plan_record(struct fault_plan *plan)
{
    plan->record.is_on = true;
}

void fault_record_deinit(struct fault_record *record)
{
    for (size_t i = 0; i < record->place_count; i++)
        free(record->places[i].member);
    free(record->places);
    free(record->hits);
    *record = (struct fault_record){0};
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct fault_place *place_of(struct fault_record *record, const struct fault_point *point,
                                    const struct fault_at *at)
{
    for (size_t i = 0; i < record->place_count; i++) {
        struct fault_place *place = &record->places[i];

        if (place->phase == at->phase && fault_point_is(place->point, point) &&
            is_same_text(place->member, at->member))
            return place;
    }
    record->places = xrealloc(record->places,
                              (record->place_count + 1) * sizeof(struct fault_place));
    record->places[record->place_count] = (struct fault_place){
        .point = point,
        .member = xstrdup(at->member),
        .phase = at->phase,
    };
    return &record->places[record->place_count++];
}

void fault_record_hit(struct fault_plan *plan, const struct fault_point *point,
                      const struct fault_at *at)
{
    struct fault_record *record = &plan->record;
    struct fault_place *place = place_of(record, point, at);
    size_t len = at->text_len < FAULT_HIT_TEXT_MAX ? at->text_len : FAULT_HIT_TEXT_MAX;
    struct fault_hit *hit;

    place->hits++;
    if (record->hit_count == FAULT_HIT_MAX)
        return;
    if (record->hit_count == record->hit_cap) {
        record->hit_cap = record->hit_cap ? record->hit_cap * 2 : 256;
        record->hits = xrealloc(record->hits, record->hit_cap * sizeof(struct fault_hit));
    }
    hit = &record->hits[record->hit_count++];
    *hit = (struct fault_hit){
        .point = point,
        .member = place->member,
        .phase = at->phase,
        .nth = place->hits,
        .percent = at->has_percent ? (int)at->percent : -1,
    };
    if (at->text)
        memcpy(hit->text, at->text, len);
}

size_t fault_plan_hit_count(const struct fault_plan *plan)
{
    return plan->record.hit_count;
}

const struct fault_hit *fault_plan_hit(const struct fault_plan *plan, size_t index)
{
    return &plan->record.hits[index];
}

const struct fault_point *fault_plan_stream(const struct fault_plan *plan, size_t index)
{
    return index < plan->stream_count ? plan->streams[index].point : NULL;
}

uint64_t fault_plan_byte_count(const struct fault_plan *plan, const struct fault_point *point)
{
    for (size_t i = 0; i < plan->stream_count; i++) {
        if (fault_point_is(plan->streams[i].point, point))
            return plan->streams[i].passed;
    }
    return 0;
}
