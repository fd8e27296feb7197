/*
 * The fewest and simplest faults that still fail so.
 *
 * First ddmin (Zeller and Hildebrandt, 2002) over the plan: leave out parts of it, larger ones
 * first, as long as the failure stays. Then, fault by fault, leave out triggers and what follows
 * the action's colon. The failure is the same while its message is.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/replay.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/fault/fault_plan.h"

#define PIECE_MAX 16 /* triggers of one fault */

static bool fails_so(struct replay *replay, const struct names *faults, const char *message)
{
    struct buf got = {0};
    int status = 0;
    bool is_same = replay_run(replay, faults, NULL, &status, &got) == 0 && status == 1 &&
                   strcmp(buf_text(&got), message) == 0;

    fprintf(stderr, "%s  ", is_same ? "fails " : "passes");
    for (size_t i = 0; i < faults->count; i++)
        fprintf(stderr, "%s%s", i > 0 ? "  " : "", faults->items[i]);
    fputc('\n', stderr);
    buf_deinit(&got);
    return is_same;
}

/* The faults without those from `from` to before `to`. */
static void leave_out(const struct names *faults, size_t from, size_t to, struct names *rest_out)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (i < from || i >= to)
            names_add(rest_out, faults->items[i]);
    }
}

static void replace(struct names *faults, struct names *by)
{
    names_deinit(faults);
    *faults = *by;
    *by = (struct names){0};
}

static void minimise(struct replay *replay, const char *message)
{
    struct names *faults = &replay->token.plan.faults;
    size_t parts = 2;

    while (faults->count > 1) {
        bool is_smaller = false;

        for (size_t i = 0; i < parts && !is_smaller; i++) {
            struct names rest = {0};

            leave_out(faults, i * faults->count / parts, (i + 1) * faults->count / parts, &rest);
            is_smaller = rest.count < faults->count && rest.count > 0 &&
                         fails_so(replay, &rest, message);
            if (is_smaller)
                replace(faults, &rest);
            names_deinit(&rest);
        }
        if (is_smaller)
            parts = parts > 2 ? parts - 1 : 2;
        else if (parts < faults->count)
            parts = parts * 2 < faults->count ? parts * 2 : faults->count;
        else
            return;
    }
}

/* ---- simpler texts ---- */

/* A fault's text as its pieces: the point, each trigger, and "=ACTION" with its argument apart. */
struct pieces {
    char *items[PIECE_MAX];
    size_t count;
};

static size_t trigger_len(const char *text)
{
    size_t len = 1;

    if (text[0] == '@' && text[1] == '"') {
        for (len = 2; text[len] && text[len] != '"'; len++)
            len += text[len] == '\\' && text[len + 1];
        return text[len] ? len + 1 : len;
    }
    return len + strcspn(text + 1, "@#/~*=");
}

static void add_piece(struct pieces *pieces, const char *text, size_t len)
{
    pieces->items[pieces->count++] = xstrndup(text, len);
}

static void take_apart(const char *fault, struct pieces *pieces)
{
    size_t len = strcspn(fault, "@#/~*=");

    if (len > 0 && fault[len] == '*' && fault[len - 1] == '.')
        len++; /* the star of "at.*" */
    add_piece(pieces, fault, len);
    for (fault += len; *fault && *fault != '=' && pieces->count < PIECE_MAX - 2; fault += len) {
        len = trigger_len(fault);
        add_piece(pieces, fault, len);
    }
    len = strcspn(fault, ":");
    add_piece(pieces, fault, len);
    if (fault[len])
        add_piece(pieces, fault + len, strlen(fault + len));
}

/* The text without one of its pieces, or NULL if that piece has to stay. */
static char *without(const struct pieces *pieces, size_t index)
{
    struct buf text = {0};

    if (index == 0 || pieces->items[index][0] == '=')
        return NULL;
    for (size_t i = 0; i < pieces->count; i++) {
        if (i != index)
            buf_add_text(&text, pieces->items[i]);
    }
    return buf_take(&text);
}

static bool try_instead(struct replay *replay, size_t index, const char *text, const char *message)
{
    struct names *faults = &replay->token.plan.faults, tried = {0};
    bool works;

    for (size_t i = 0; i < faults->count; i++)
        names_add(&tried, i == index ? text : faults->items[i]);
    works = fails_so(replay, &tried, message);
    if (works)
        replace(faults, &tried);
    names_deinit(&tried);
    return works;
}

/* Return: whether the fault became simpler. */
static bool simplify(struct replay *replay, size_t index, const char *message)
{
    struct pieces pieces = {0};
    bool is_simpler = false;

    take_apart(replay->token.plan.faults.items[index], &pieces);
    for (size_t i = pieces.count; i-- > 1 && !is_simpler;) {
        char *text = without(&pieces, i);

        is_simpler = text && try_instead(replay, index, text, message);
        free(text);
    }
    for (size_t i = 0; i < pieces.count; i++)
        free(pieces.items[i]);
    return is_simpler;
}

int replay_shrink(struct replay *replay, const char *message)
{
    size_t before = replay->token.plan.faults.count;

    minimise(replay, message);
    for (size_t i = 0; i < replay->token.plan.faults.count; i++) {
        while (simplify(replay, i, message))
            continue;
    }
    printf("shrunk from %zu to %zu fault%s in %zu runs\n", before, replay->token.plan.faults.count,
           replay->token.plan.faults.count == 1 ? "" : "s", replay->runs);
    return 0;
}
