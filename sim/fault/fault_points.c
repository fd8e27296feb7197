/*
 * The list of points, and how a name finds its point.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/fault/fault_private.h"

const struct fault_point fault_points[FAULT_POINT_COUNT] = {
#define X(id, name, cls, doc) {name, FAULT_##cls, doc},
    FAULT_POINTS(X)
#undef X
};

const char *fault_class_name(enum fault_class point_class)
{
    static const char *const names[FAULT_CLASS_COUNT] = {
        [FAULT_STEP] = "STEP", [FAULT_BYTES] = "BYTES",     [FAULT_WRITE] = "WRITE",
        [FAULT_MARK] = "MARK", [FAULT_COMMAND] = "COMMAND", [FAULT_REPLY] = "REPLY",
        [FAULT_URC] = "URC",   [FAULT_MESSAGE] = "MESSAGE", [FAULT_RESULT] = "RESULT",
    };

    return names[point_class];
}

/* By name, because a dialect's array may be seen through more than one translation unit. */
bool fault_point_is(const struct fault_point *a, const struct fault_point *b)
{
    return a == b || strcmp(a->name, b->name) == 0;
}

bool fault_point_is_family(const struct fault_point *point)
{
    size_t len = strlen(point->name);

    return len > 2 && strcmp(point->name + len - 2, ".*") == 0;
}

bool fault_point_is_download(const struct fault_point *point)
{
    return text_has_prefix(point->name, "download.");
}

static bool member_exists(const struct fault_plan *plan, const struct fault_point *family,
                          const char *member)
{
    if (!*member)
        return false;
    for (const char *p = member; *p; p++) {
        if (isupper((unsigned char)*p))
            return false;
    }
    return !plan->member_exists || plan->member_exists(plan->member_arg, family, member);
}

static bool has_name(const struct fault_plan *plan, const struct fault_point *point,
                     const char *name, const char **member_out)
{
    size_t stem = strlen(point->name) - 1; /* "at." of "at.*" */

    *member_out = NULL;
    if (strcmp(point->name, name) == 0)
        return true;
    if (!fault_point_is_family(point) || strncmp(point->name, name, stem) != 0)
        return false;
    *member_out = name + stem;
    return member_exists(plan, point, *member_out);
}

static size_t point_count(const struct fault_plan *plan)
{
    size_t count = FAULT_POINT_COUNT;

    for (size_t i = 0; i < plan->known_count; i++)
        count += plan->known[i].count;
    return count;
}

static const struct fault_point *point_at(const struct fault_plan *plan, size_t index)
{
    if (index < FAULT_POINT_COUNT)
        return &fault_points[index];
    index -= FAULT_POINT_COUNT;
    for (size_t i = 0; i < plan->known_count; i++) {
        if (index < plan->known[i].count)
            return &plan->known[i].points[index];
        index -= plan->known[i].count;
    }
    return NULL;
}

const struct fault_point *fault_point_find(const struct fault_plan *plan, const char *name,
                                           const char **member_out)
{
    const struct fault_point *point;

    for (size_t i = 0; (point = point_at(plan, i)); i++) {
        if (has_name(plan, point, name, member_out))
            return point;
    }
    return NULL;
}

/*
 * Members can be asked for but not listed, so the suggestion is found by trying every text one
 * typing slip away: a letter too much, two swapped, one wrong, one missing.
 */
static bool try_slips(const struct fault_plan *plan, const struct fault_point *family, char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char wrong[FAULT_TEXT_MAX + 2];
    size_t len = strlen(word);

    memcpy(wrong, word, len + 1);
    for (size_t i = 0; i < len; i++) {
        memcpy(word, wrong, i);
        memcpy(word + i, wrong + i + 1, len - i);
        if (member_exists(plan, family, word))
            return true;
        memcpy(word, wrong, len + 1);
        if (i + 1 < len) {
            word[i] = wrong[i + 1];
            word[i + 1] = wrong[i];
            if (member_exists(plan, family, word))
                return true;
        }
    }
    for (size_t i = 0; i <= len; i++) {
        for (const char *letter = letters; *letter; letter++) {
            memcpy(word, wrong, len + 1);
            if (i < len) {
                word[i] = *letter;
                if (member_exists(plan, family, word))
                    return true;
            }
            memcpy(word + i + 1, wrong + i, len - i + 1);
            word[i] = *letter;
            if (member_exists(plan, family, word))
                return true;
        }
    }
    return false;
}

static bool suggest_member(const struct fault_plan *plan, const struct fault_point *family,
                           const char *name, struct buf *out)
{
    size_t stem = strlen(family->name) - 1;
    char word[FAULT_TEXT_MAX + 2]; /* a slip may add one letter */
    size_t len = 0;

    if (strncmp(family->name, name, stem) != 0)
        return false;
    for (const char *p = name + stem; *p && len < FAULT_TEXT_MAX; p++)
        word[len++] = (char)tolower((unsigned char)*p);
    word[len] = '\0';
    if (!member_exists(plan, family, word) &&
        (!plan->member_exists || !try_slips(plan, family, word)))
        return false;
    buf_printf(out, "%.*s%s", (int)stem, family->name, word);
    return true;
}

bool fault_point_suggest(const struct fault_plan *plan, const char *name, struct buf *out)
{
    size_t count = point_count(plan);
    const char **names = xcalloc(count, sizeof(names[0]));
    const struct fault_point *point;
    const char *nearest;
    bool found = false;

    for (size_t i = 0; (point = point_at(plan, i)); i++) {
        names[i] = point->name;
        if (!found && fault_point_is_family(point))
            found = suggest_member(plan, point, name, out);
    }
    if (!found && (nearest = text_nearest(name, names, count))) {
        buf_add_text(out, nearest);
        found = true;
    }
    free(names);
    return found;
}
