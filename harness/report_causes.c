/* SPDX-License-Identifier: MIT */
#include "harness/report_causes.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define WORD_SET_BITS 256

struct word_set {
    unsigned char bits[WORD_SET_BITS / 8];
};

/* The message with each number as one '#'; digits of a word, as of a version, stay. */
static char *key_of(const struct trial_case *item)
{
    const char *text = item->result.verdict.message;
    struct buf key = {0};

    buf_printf(&key, "%s: ", outcome_name(item->result.verdict.outcome));
    for (const char *p = text ? text : ""; *p;) {
        if (isdigit((unsigned char)*p)) {
            buf_add_char(&key, '#');
            while (isdigit((unsigned char)*p) || *p == '.')
                p++;
        }
        while (isalnum((unsigned char)*p))
            buf_add_char(&key, *p++);
        if (*p)
            buf_add_char(&key, *p++);
    }
    return buf_take(&key);
}

static struct report_cause *find(const struct report_causes *causes, const char *key)
{
    for (size_t i = 0; i < causes->count; i++) {
        if (strcmp(causes->items[i].key, key) == 0)
            return &causes->items[i];
    }
    return NULL;
}

static int more_frequent_first(const void *a, const void *b)
{
    const struct report_cause *left = a, *right = b;

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return left->first < right->first ? -1 : left->first > right->first;
}

void report_causes_make(const struct selection *selection, struct report_causes *causes_out)
{
    *causes_out = (struct report_causes){0};
    for (size_t i = 0; i < selection->count; i++) {
        const struct trial_case *item = &selection->cases[i];
        struct report_cause *cause;
        char *key;

        if (!item->is_done || report_is_good(item))
            continue;
        key = key_of(item);
        cause = find(causes_out, key);
        if (cause) {
            cause->count++;
            free(key);
            continue;
        }
        if (causes_out->count == causes_out->cap) {
            causes_out->cap = causes_out->cap ? causes_out->cap * 2 : 16;
            causes_out->items = xrealloc(causes_out->items,
                                         causes_out->cap * sizeof(*causes_out->items));
        }
        causes_out->items[causes_out->count++] = (struct report_cause){key, item, 1};
    }
    if (causes_out->count > 1)
        qsort(causes_out->items, causes_out->count, sizeof(*causes_out->items),
              more_frequent_first);
}

int report_causes_find(const struct report_causes *causes, const struct trial_case *item)
{
    const struct report_cause *cause;
    char *key;

    if (!item->is_done || report_is_good(item))
        return -1;
    key = key_of(item);
    cause = find(causes, key);
    free(key);
    return cause ? (int)(cause - causes->items) : -1;
}

void report_causes_deinit(struct report_causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        free(causes->items[i].key);
    free(causes->items);
    *causes = (struct report_causes){0};
}

/* ---- how different two are: by the words that they do not share ---- */

static struct word_set words_of(const char *text)
{
    struct word_set set = {0};

    while (*text) {
        size_t len = strcspn(text, " \":,");
        unsigned hash = 0;

        for (size_t i = 0; i < len; i++)
            hash = hash * 31 + (unsigned char)text[i];
        if (len > 0)
            set.bits[hash % WORD_SET_BITS / 8] |= (unsigned char)(1u << hash % 8);
        text += len + (text[len] != '\0');
    }
    return set;
}

static unsigned difference(const struct word_set *a, const struct word_set *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < sizeof(a->bits); i++)
        count += (unsigned)__builtin_popcount(a->bits[i] ^ b->bits[i]);
    return count;
}

void report_causes_spread(struct report_causes *causes, size_t wanted)
{
    struct word_set *sets;

    if (causes->count <= wanted)
        return;
    sets = xcalloc(causes->count, sizeof(*sets));
    for (size_t i = 0; i < causes->count; i++)
        sets[i] = words_of(causes->items[i].key);
    for (size_t chosen = 1; chosen < wanted; chosen++) {
        size_t best = chosen;
        unsigned best_distance = 0;

        for (size_t i = chosen; i < causes->count; i++) {
            unsigned nearest = WORD_SET_BITS;

            for (size_t j = 0; j < chosen; j++) {
                unsigned distance = difference(&sets[i], &sets[j]);

                nearest = distance < nearest ? distance : nearest;
            }
            if (nearest > best_distance) {
                best = i;
                best_distance = nearest;
            }
        }
        struct report_cause cause = causes->items[best];
        struct word_set set = sets[best];

        causes->items[best] = causes->items[chosen];
        causes->items[chosen] = cause;
        sets[best] = sets[chosen];
        sets[chosen] = set;
    }
    free(sets);
}
