/*
 * Settings that survive power loss: one readable JSON file per modem, replaced atomically.
 *
 * nv_set_*() is pending, as a write in a module's RAM cache is; nv_commit() makes all pending
 * writes durable in one step (temporary file, fsync, rename). A power cut between the two does to
 * the pending writes what its policy says: CUT_LOST discards them; CUT_DONE commits them; CUT_TORN
 * leaves half of the new file beside the old one, which the next load throws away, so that settings
 * that were written together are never of two generations; CUT_GARBLED destroys the file, and the
 * next load starts from factory settings, reporting so.
 * Without a directory the settings live in memory only (they still survive a power cut).
 *
 * Keys are short words ("baud", "fota.url"). Values are strings or integers.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault/fault_plan.h"

#define NV_VALUE_MAX 1024 /* bytes of a string value */
#define NV_KEY_MAX   48

struct nv;

/*
 * Open the settings of `path` (NULL: memory only); a file that is absent or damaged gives factory
 * settings (nv_was_damaged tells). plan is borrowed and may be NULL: point nv.commit.
 */
struct nv *nv_new(const char *path, struct fault_plan *plan);
/* Pending writes are discarded. */
void nv_free(struct nv *nv);
bool nv_was_damaged(const struct nv *nv);

/* Reads see pending writes. Return: the value, or fallback. Strings are borrowed until a set. */
long long nv_int(const struct nv *nv, const char *key, long long fallback);
const char *nv_text(const struct nv *nv, const char *key, const char *fallback);
/* Text longer than NV_VALUE_MAX is cut there (asserted by callers that own the bound). */
void nv_set_int(struct nv *nv, const char *key, long long value);
void nv_set_text(struct nv *nv, const char *key, const char *value);
void nv_unset(struct nv *nv, const char *key);

/* Return: 0; MODEM_GONE when a fault cut the power in it; -errno of the file system. */
int nv_commit(struct nv *nv);
/* The effect of the fault that made nv_commit return MODEM_GONE (power_cut, reset or hang). */
struct fault_effect nv_gone_effect(const struct nv *nv);
/*
 * The power went: apply the policy to pending writes, then forget them and reload what is durable.
 * nv_commit() does so itself before it returns MODEM_GONE (not for a hang), and calling it again
 * changes nothing, as nothing is pending then. Return: 0, or -errno of the file system.
 */
int nv_power_lost(struct nv *nv, enum cut_policy policy);
/* Back to factory settings, durable at once. Return: 0, or -errno of the file system. */
int nv_erase(struct nv *nv);
