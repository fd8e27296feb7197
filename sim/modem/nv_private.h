/*
 * Inside the settings: the table of keys, and the file that keeps it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NV_FILE_MAX (1u << 20) /* a larger file is taken as damaged */

/* NV_UNSET stands among the pending writes for a key that is to vanish. */
enum nv_kind { NV_INT, NV_TEXT, NV_UNSET };

struct nv_entry {
    char *key;
    enum nv_kind kind;
    long long number;
    char *text;
};

struct nv_table {
    struct nv_entry *entries; /* in the order of the first write */
    size_t count, cap;
};

void nv_table_deinit(struct nv_table *table);
const struct nv_entry *nv_table_find(const struct nv_table *table, const char *key);
/* The entry's strings are copied. NV_UNSET is kept like a value. */
void nv_table_put(struct nv_table *table, const struct nv_entry *entry);
/* Write the entries of changes into table; NV_UNSET removes the key there. */
void nv_table_apply(struct nv_table *table, const struct nv_table *changes);

/* Fill an empty table. Return: whether the file was damaged; the table is empty then. */
bool nv_file_load(const char *path, struct nv_table *table_out);
/* The two halves of an atomic replacement, and the way back. Return: 0 or -errno. */
int nv_file_prepare(const char *path, const struct nv_table *table);
int nv_file_replace(const char *path);
void nv_file_discard(const char *path);
/* What a replacement leaves that is cut off: half of the text, beside the file. */
int nv_file_tear(const char *path, const struct nv_table *table);
/* What a write in place leaves when it is cut off: the first half of the text. */
int nv_file_damage(const char *path, const struct nv_table *table);
