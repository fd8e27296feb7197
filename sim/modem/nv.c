/*
 * Settings that survive power loss.
 *
 * There are two tables: what is durable, and the writes that still wait for a commit. Reads look
 * into the second first. Everything that makes writes durable (a commit, or a power cut whose
 * policy says that they were done) applies all of them in one atomic step, so a table is always the
 * old one or the new one, or its file is damaged and says so: never something between.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/nv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/modem/nv_private.h"

struct nv {
    char *path; /* NULL = memory only */
    struct fault_plan *plan;
    struct nv_table durable, pending;
    bool was_damaged;
    bool is_memory_damaged; /* what a damaged file is, without a file */
    struct fault_effect gone;
};

/* ---- tables ---- */

static void clear_entry(struct nv_entry *entry)
{
    free(entry->key);
    free(entry->text);
    *entry = (struct nv_entry){0};
}

void nv_table_deinit(struct nv_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        clear_entry(&table->entries[i]);
    free(table->entries);
    *table = (struct nv_table){0};
}

const struct nv_entry *nv_table_find(const struct nv_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->entries[i].key, key) == 0)
            return &table->entries[i];
    }
    return NULL;
}

static struct nv_entry *make_room(struct nv_table *table)
{
    if (table->count == table->cap) {
        table->cap = table->cap ? table->cap * 2 : 16;
        table->entries = xrealloc(table->entries, table->cap * sizeof(struct nv_entry));
    }
    table->entries[table->count] = (struct nv_entry){0};
    return &table->entries[table->count++];
}

void nv_table_put(struct nv_table *table, const struct nv_entry *entry)
{
    const struct nv_entry *old = nv_table_find(table, entry->key);
    struct nv_entry *slot = old ? &table->entries[old - table->entries] : make_room(table);
    struct nv_entry copy = {
        .key = xstrdup(entry->key),
        .kind = entry->kind,
        .number = entry->number,
        .text = xstrdup(entry->text),
    };

    clear_entry(slot); /* after the copy: entry may be what stands there */
    *slot = copy;
}

static void remove_entry(struct nv_table *table, const char *key)
{
    const struct nv_entry *entry = nv_table_find(table, key);
    size_t index;

    if (!entry)
        return;
    index = (size_t)(entry - table->entries);
    clear_entry(&table->entries[index]);
    table->count--;
    memmove(&table->entries[index], &table->entries[index + 1],
            (table->count - index) * sizeof(struct nv_entry));
}

void nv_table_apply(struct nv_table *table, const struct nv_table *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->entries[i].kind == NV_UNSET)
            remove_entry(table, changes->entries[i].key);
        else
            nv_table_put(table, &changes->entries[i]);
    }
}

/* ---- life ---- */

/* Forget what only memory knows. */
static void reload(struct nv *nv)
{
    nv_table_deinit(&nv->pending);
    if (!nv->path) {
        nv->was_damaged = nv->is_memory_damaged;
        return;
    }
    nv_table_deinit(&nv->durable);
    nv_file_discard(nv->path); /* half of a commit was never the settings */
    nv->was_damaged = nv_file_load(nv->path, &nv->durable);
}

struct nv *nv_new(const char *path, struct fault_plan *plan)
{
    struct nv *nv = xcalloc(1, sizeof(*nv));

    nv->path = xstrdup(path);
    nv->plan = plan;
    reload(nv);
    return nv;
}

void nv_free(struct nv *nv)
{
    if (!nv)
        return;
    nv_table_deinit(&nv->durable);
    nv_table_deinit(&nv->pending);
    free(nv->path);
    free(nv);
}

bool nv_was_damaged(const struct nv *nv)
{
    return nv->was_damaged;
}

/* ---- reads and writes ---- */

static const struct nv_entry *find(const struct nv *nv, const char *key, enum nv_kind kind)
{
    const struct nv_entry *entry = nv_table_find(&nv->pending, key);

    if (!entry)
        entry = nv_table_find(&nv->durable, key);
    return entry && entry->kind == kind ? entry : NULL;
}

long long nv_int(const struct nv *nv, const char *key, long long fallback)
{
    const struct nv_entry *entry = find(nv, key, NV_INT);

    return entry ? entry->number : fallback;
}

const char *nv_text(const struct nv *nv, const char *key, const char *fallback)
{
    const struct nv_entry *entry = find(nv, key, NV_TEXT);

    return entry ? entry->text : fallback;
}

static void put_pending(struct nv *nv, struct nv_entry entry)
{
    assert(*entry.key && strlen(entry.key) <= NV_KEY_MAX);
    nv_table_put(&nv->pending, &entry);
}

void nv_set_int(struct nv *nv, const char *key, long long value)
{
    put_pending(nv, (struct nv_entry){.key = (char *)key, .kind = NV_INT, .number = value});
}

void nv_set_text(struct nv *nv, const char *key, const char *value)
{
    char *kept;

    assert(value);
    kept = xstrndup(value, strnlen(value, NV_VALUE_MAX));
    put_pending(nv, (struct nv_entry){.key = (char *)key, .kind = NV_TEXT, .text = kept});
    free(kept);
}

void nv_unset(struct nv *nv, const char *key)
{
    put_pending(nv, (struct nv_entry){.key = (char *)key, .kind = NV_UNSET});
}

/* ---- durability ---- */

/* The table as it is once the pending writes are done. The caller deinits it. */
static struct nv_table table_after(const struct nv *nv)
{
    struct nv_table table = {0};

    nv_table_apply(&table, &nv->durable);
    nv_table_apply(&table, &nv->pending);
    return table;
}

/* The table becomes the durable one, which it is in the file already. */
static void adopt(struct nv *nv, struct nv_table *table)
{
    nv_table_deinit(&nv->durable);
    nv->durable = *table;
    *table = (struct nv_table){0};
    nv->is_memory_damaged = false;
}

static int store(struct nv *nv, struct nv_table *table)
{
    int r = nv->path ? nv_file_prepare(nv->path, table) : 0;

    if (r == 0 && nv->path)
        r = nv_file_replace(nv->path);
    if (r == 0)
        adopt(nv, table);
    return r;
}

/* Write what the pending writes would have made, as far as a cut lets it come. */
static int spoil(struct nv *nv, int (*write)(const char *path, const struct nv_table *table))
{
    struct nv_table intended;
    int r;

    if (!nv->path)
        return 0;
    intended = table_after(nv);
    r = write(nv->path, &intended);
    nv_table_deinit(&intended);
    return r;
}

static int destroy(struct nv *nv)
{
    if (!nv->path) {
        nv_table_deinit(&nv->durable);
        nv->is_memory_damaged = true;
    }
    return spoil(nv, nv_file_damage);
}

static int keep_all(struct nv *nv)
{
    struct nv_table table = table_after(nv);
    int r = store(nv, &table);

    nv_table_deinit(&table);
    return r;
}

int nv_power_lost(struct nv *nv, enum cut_policy policy)
{
    int r = 0;

    if (nv->pending.count > 0) { /* only what was on its way can be done or spoilt */
        switch (policy) {
        case CUT_LOST:
            break;
        case CUT_DONE:
            r = keep_all(nv);
            break;
        case CUT_TORN:
            r = spoil(nv, nv_file_tear);
            break;
        case CUT_GARBLED:
            r = destroy(nv);
            break;
        }
    }
    reload(nv);
    return r;
}

/* Pass the point nv.commit; @"..." looks at the keys. Return: 0 or MODEM_GONE. */
static int pass(struct nv *nv, enum fault_phase phase, const struct buf *keys)
{
    struct fault_effect effect = fault_step(
        nv->plan, &fault_points[FAULT_POINT_NV_COMMIT],
        &(struct fault_at){.phase = phase, .text = buf_text(keys), .text_len = keys->len});

    if (effect.action == FAULT_NONE)
        return 0;
    nv->gone = effect;
    if (phase == FAULT_MID && nv->path)
        nv_file_discard(nv->path);
    /* A module that hangs keeps its RAM until somebody takes the power. */
    if (effect.action != FAULT_HANG)
        nv_power_lost(nv, effect.policy);
    return MODEM_GONE;
}

static int replace_durable(struct nv *nv, struct nv_table *next, const struct buf *keys)
{
    int r = pass(nv, FAULT_BEFORE, keys);

    if (r == 0 && nv->path)
        r = nv_file_prepare(nv->path, next);
    if (r == 0)
        r = pass(nv, FAULT_MID, keys);
    if (r == 0 && nv->path)
        r = nv_file_replace(nv->path);
    if (r < 0)
        return r;
    adopt(nv, next);
    nv_table_deinit(&nv->pending);
    return pass(nv, FAULT_AFTER, keys);
}

int nv_commit(struct nv *nv)
{
    struct nv_table next;
    struct buf keys = {0};
    int r;

    if (nv->pending.count == 0)
        return 0;
    for (size_t i = 0; i < nv->pending.count; i++)
        buf_printf(&keys, "%s%s", i > 0 ? " " : "", nv->pending.entries[i].key);
    next = table_after(nv);
    r = replace_durable(nv, &next, &keys);
    nv_table_deinit(&next);
    buf_deinit(&keys);
    return r;
}

struct fault_effect nv_gone_effect(const struct nv *nv)
{
    return nv->gone;
}

int nv_erase(struct nv *nv)
{
    struct nv_table factory = {0};
    int r;

    nv_table_deinit(&nv->pending);
    r = store(nv, &factory);
    nv->was_damaged = false;
    return r;
}
