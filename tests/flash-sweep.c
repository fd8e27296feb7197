/*
 * An update of a small module with two slots for firmware and one for the package, as a bootloader
 * does it: the package is judged before it is installed, and the settings choose what runs.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/base/rng.h"
#include "sim/modem/flash.h"
#include "sim/modem/nv.h"
#include "sim/modem/package.h"
#include "tests/write-sweep.h"

#define FIRMWARE_SIZE 17000u

enum { APP_A, APP_B, PACKAGE, SLOT_COUNT };

static const struct flash_slot slots[SLOT_COUNT] = {
    {"app-a",   5},
    {"app-b",   5},
    {"package", 6},
};

struct module {
    const char *path;
    struct rng rng;
    struct fault_plan *plan;
    struct flash *flash;
    struct nv *nv;
    struct buf old, new;
};

/* Put the bytes into a slot, page by page. Return: 0 or MODEM_GONE. */
static int store(struct module *module, size_t slot, const char *bytes, size_t len)
{
    int r = 0;

    for (size_t page = 0; r == 0 && page * FLASH_PAGE_SIZE < len; page++) {
        size_t at = page * FLASH_PAGE_SIZE;
        size_t part = len - at < FLASH_PAGE_SIZE ? len - at : FLASH_PAGE_SIZE;

        r = flash_erase_page(module->flash, slot, page);
        if (r == 0)
            r = flash_program_page(module->flash, slot, page, bytes + at, part);
    }
    return r;
}

static void erase(struct module *module, size_t slot)
{
    for (size_t page = 0; page < slots[slot].page_count; page++)
        flash_erase_page(module->flash, slot, page);
}

static bool is_good(struct module *module, size_t slot, struct package_info *info)
{
    static char bytes[5 * FLASH_PAGE_SIZE];

    flash_read(module->flash, slot, 0, bytes, sizeof(bytes));
    return package_check(bytes, sizeof(bytes), info) == PACKAGE_GOOD;
}

/* The slot that runs; one without whole firmware gives way to the other. */
static void find_running(struct module *module, struct package_info *running)
{
    size_t active = (size_t)nv_int(module->nv, "active", APP_A);

    if (!is_good(module, active, running) &&
        !is_good(module, active == APP_A ? APP_B : APP_A, running))
        *running = (struct package_info){0};
}

/* The bootloader: finish an update that is noted, then start what the settings name. */
static int boot(struct module *module, struct package_info *running)
{
    size_t other = nv_int(module->nv, "active", APP_A) == APP_A ? APP_B : APP_A;
    char bytes[FIRMWARE_SIZE];
    int r = 0;

    if (nv_int(module->nv, "update", 0) && is_good(module, PACKAGE, running)) {
        flash_read(module->flash, PACKAGE, 0, bytes, sizeof(bytes));
        r = store(module, other, bytes, sizeof(bytes));
        if (r < 0)
            return r;
        nv_set_int(module->nv, "active", (long long)other);
        nv_set_int(module->nv, "update", 0);
        r = nv_commit(module->nv);
    }
    find_running(module, running);
    return r;
}

static int update(struct module *module)
{
    struct package_info running;
    int r = store(module, PACKAGE, module->new.data, module->new.len);

    if (r < 0)
        return r;
    nv_set_int(module->nv, "update", 1);
    r = nv_commit(module->nv);
    return r < 0 ? r : boot(module, &running);
}

static void install_old(struct module *module)
{
    fault_plan_clear(module->plan);
    nv_erase(module->nv);
    store(module, APP_A, module->old.data, module->old.len);
    erase(module, APP_B);
    erase(module, PACKAGE);
}

/* What the next boot finds: another process, or the same memory. */
static void lose_power(struct module *module)
{
    fault_plan_clear(module->plan);
    nv_power_lost(module->nv, CUT_LOST); /* what a module that hangs is released by */
    if (!module->path)
        return;
    flash_free(module->flash);
    module->flash = flash_new(module->path, slots, SLOT_COUNT, module->plan, &module->rng);
}

static bool runs(const struct package_info *running, const char *version)
{
    return strcmp(running->to, version) == 0;
}

static bool cut_update(struct write_sweep *sweep, void *arg, const char *fault)
{
    struct module *module = arg;
    struct package_info running;
    bool has_fired;

    install_old(module);
    if (fault_plan_add(module->plan, fault, NULL, NULL) < 0)
        write_sweep_wrong(sweep, fault, "no such fault");
    has_fired = update(module) == MODEM_GONE;
    lose_power(module);
    if (boot(module, &running) < 0 || (!runs(&running, "old") && !runs(&running, "new")))
        write_sweep_wrong(sweep, fault, "neither the old firmware runs nor the new one");
    if (update(module) < 0 || boot(module, &running) < 0 || !runs(&running, "new"))
        write_sweep_wrong(sweep, fault, "another try does not reach the new firmware");
    return has_fired;
}

void write_sweep_flash(const char *path, struct write_sweep *sweep_out)
{
    static const char *const points[] = {"flash.erase", "flash.program", "nv.commit"};
    struct module module = {.path = path};

    *sweep_out = (struct write_sweep){0};
    rng_init(&module.rng, 1);
    module.plan = fault_plan_new(&module.rng, NULL, "m0");
    module.flash = flash_new(path, slots, SLOT_COUNT, module.plan, &module.rng);
    module.nv = nv_new(NULL, module.plan);
    package_make("toy", "", "old", FIRMWARE_SIZE, &module.old, NULL);
    package_make("toy", "", "new", FIRMWARE_SIZE, &module.new, NULL);
    write_sweep_run(sweep_out, points, ARRAY_LEN(points), cut_update, &module);
    buf_deinit(&module.old);
    buf_deinit(&module.new);
    nv_free(module.nv);
    flash_free(module.flash);
    fault_plan_free(module.plan);
    if (path)
        unlink(path);
}
