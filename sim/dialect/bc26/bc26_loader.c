/*
 * BC26: the bootloader. It judges the package in flash, installs it, and leaves the result in NV
 * for the application (S2 3.1; sheet 5, power-cut matrix). SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* The note of S2 3.1 prints the forced upgrade with spaces; its main text prints none. */
static void say_updating(struct modem *modem, unsigned percent)
{
    bool spaced = bc26_of(modem)->is_forced && !modem_quirk(modem, BC26_FORCED_COMPACT);
    const char *gap = spaced ? " " : "";
    const char *first = spaced || modem_quirk(modem, BC26_2018_SPACING) ? " " : "";

    if (modem_quirk(modem, BC26_PERCENT_PLAIN))
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u", first, percent);
    else if (modem_quirk(modem, BC26_UPDATING_NO_COUNTS))
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u%%", first, percent);
    else
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"UPDATING\",%s%u%%,%s1,%s1", first, percent, gap,
                       gap);
}

void bc26_drop_installer(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->installer)
        installer_deinit(bc26->installer);
    free(bc26->installer);
    bc26->installer = NULL;
}

/* The bootloader is done: what the application will tell goes to NV, in one step with the switch.
 */
static int leave_loader(struct modem *modem, enum bc26_err err)
{
    struct bc26 *bc26 = bc26_of(modem);
    struct fota_tale tale;
    int r = fota_pass_result(modem, err, &tale);

    if (r < 0)
        return r;
    if (tale.installs)
        installer_finish(modem, bc26->installer);
    nv_unset(modem->nv, "fota.updating");
    nv_unset(modem->nv, "fota.begun");
    if (tale.times > 1)
        nv_set_int(modem->nv, "fota.end_times", tale.times);
    if (tale.is_early || (tale.code == BC26_ERR_OK && tale.times > 0 &&
                          modem_quirk(modem, BC26_END_NO_REBOOT_LINES))) {
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"END\",%lld", tale.code);
        if (!tale.is_early)
            nv_set_int(modem->nv, "fota.silent_boot", 1);
    } else if (tale.times > 0) {
        nv_set_int(modem->nv, "fota.end", tale.code);
    }
    if (modem->going || modem_commit(modem) < 0)
        return MODEM_GONE;
    bc26_set_fota(modem, BC26_FOTA_IDLE);
    return 0;
}

static int finish_update(struct modem *modem)
{
    int r = bc26_pass(modem, BC26_POINT_SWITCH, 100);

    if (r == 0)
        r = leave_loader(modem, BC26_ERR_OK);
    return r < 0 ? r : modem_restart(modem);
}

static int on_update_tick(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r = installer_advance(modem, bc26->installer, ++bc26->percent);

    if (r == MODEM_GONE)
        return r;
    if (r < 0) { /* the disk below the flash refuses: the module can only report failure */
        r = leave_loader(modem, BC26_ERR_UNKNOWN);
        return r < 0 ? r : modem_restart(modem);
    }
    r = bc26_pass(modem, BC26_POINT_UPDATE, bc26->percent);
    if (r < 0)
        return r;
    say_updating(modem, bc26->percent);
    if (modem->going)
        return MODEM_GONE;
    if (bc26->percent == 100)
        return finish_update(modem);
    modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_UPDATE_TIME) / 100,
                on_update_tick, NULL);
    return 0;
}

static enum bc26_err error_of(enum package_verdict verdict)
{
    switch (verdict) {
    case PACKAGE_GOOD:
        return BC26_ERR_OK;
    case PACKAGE_OTHER_BASE:
    case PACKAGE_OTHER_DIALECT:
        return BC26_ERR_MISMATCH;
    case PACKAGE_UNKNOWN:
    case PACKAGE_TRUNCATED:
    case PACKAGE_DAMAGED:
        return BC26_ERR_INVALID;
    }
    return BC26_ERR_UNKNOWN;
}

static int begin_update(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    enum package_verdict verdict;

    bc26->installer = xcalloc(1, sizeof(*bc26->installer));
    verdict = installer_begin(modem, bc26->installer, (size_t)nv_int(modem->nv, "fota.size", 0));
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "bootloader: the package is %s",
               package_verdict_text(verdict));
    if (verdict != PACKAGE_GOOD) {
        modem_set_power(modem, MODEM_BOOTING);
        return leave_loader(modem, error_of(verdict)); /* the application boots, and tells */
    }
    bc26->percent = 0;
    modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_UPDATE_TIME) / 100,
                on_update_tick, NULL);
    return BOOT_STEP_WAITS;
}

int bc26_loader(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (!nv_int(modem->nv, "fota.updating", 0))
        return 0;
    modem_set_power(modem, MODEM_FLASHING);
    bc26_set_fota(modem, BC26_FOTA_UPDATING);
    bc26->is_forced = nv_int(modem->nv, "fota.begun", 0) != 0;
    if (bc26->is_forced) {
        bc26_boot_line(modem, "+QIND: \"FOTA\",\"START\"");
    } else {
        nv_set_int(modem->nv, "fota.begun", 1);
        if (modem_commit(modem) < 0)
            return MODEM_GONE;
    }
    return modem->going ? MODEM_GONE : begin_update(modem);
}
