/*
 * Four commits in a row, each of which takes all settings from one generation to the next.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/base/rng.h"
#include "sim/base/text.h"
#include "sim/modem/nv.h"
#include "tests/write-sweep.h"

#define COMMITS 4

static const char *const keys[] = {"profile", "baud", "url", "mode"};

struct settings {
    const char *path;
    struct fault_plan *plan;
};

/* Return: 0 or MODEM_GONE. done_inout is the generation that was committed last. */
static int commit_all(struct nv *nv, long long *done_inout)
{
    int r = 0;

    while (r == 0 && *done_inout < COMMITS) {
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
            nv_set_int(nv, keys[i], *done_inout + 1);
        r = nv_commit(nv);
        *done_inout += r == 0;
    }
    return r;
}

/* What the next boot finds: another process, or the same memory. */
static struct nv *boot(const struct settings *settings, struct nv *nv)
{
    if (nv_gone_effect(nv).action == FAULT_HANG)
        nv_power_lost(nv, CUT_LOST); /* somebody takes the power of a module that hangs */
    if (!settings->path)
        return nv;
    nv_free(nv);
    return nv_new(settings->path, NULL);
}

/* The generation of all settings; -1 = they are not of one. */
static long long generation(const struct nv *nv)
{
    long long first = nv_int(nv, keys[0], 0);

    for (size_t i = 1; i < ARRAY_LEN(keys); i++) {
        if (nv_int(nv, keys[i], 0) != first)
            return -1;
    }
    return first;
}

static void judge(struct write_sweep *sweep, const struct nv *nv, long long done, const char *fault)
{
    bool is_after = strstr(fault, "/after") != NULL;
    bool is_garbled = !is_after && strstr(fault, ":garbled");
    bool is_done = is_after || strstr(fault, ":done");
    long long wanted = is_garbled ? 0 : is_done ? done + 1 : done;
    long long found = generation(nv);

    if (found < 0)
        write_sweep_wrong(sweep, fault, "settings of two generations");
    else if (found != wanted)
        write_sweep_wrong(sweep, fault, "not the generation that the cut leaves");
    if (nv_was_damaged(nv) != is_garbled)
        write_sweep_wrong(sweep, fault, "damage is told wrong");
}

static bool cut_commits(struct write_sweep *sweep, void *arg, const char *fault)
{
    const struct settings *settings = arg;
    struct nv *nv = nv_new(settings->path, settings->plan);
    long long done = 0;
    bool has_fired;

    fault_plan_clear(settings->plan);
    nv_erase(nv);
    if (fault_plan_add(settings->plan, fault, NULL, NULL) < 0)
        write_sweep_wrong(sweep, fault, "no such fault");
    has_fired = commit_all(nv, &done) == MODEM_GONE;
    fault_plan_clear(settings->plan);
    if (has_fired) {
        nv = boot(settings, nv);
        judge(sweep, nv, done, fault);
    }
    done = 0;
    if (commit_all(nv, &done) != 0 || generation(nv) != COMMITS)
        write_sweep_wrong(sweep, fault, "settings can not be written any more");
    nv_free(nv);
    return has_fired;
}

void write_sweep_nv(const char *path, struct write_sweep *sweep_out)
{
    static const char *const points[] = {"nv.commit"};
    struct settings settings = {.path = path};
    struct rng rng;

    *sweep_out = (struct write_sweep){0};
    rng_init(&rng, 1);
    settings.plan = fault_plan_new(&rng, NULL, "m0");
    write_sweep_run(sweep_out, points, ARRAY_LEN(points), cut_commits, &settings);
    fault_plan_free(settings.plan);
    if (path)
        unlink(path);
}
