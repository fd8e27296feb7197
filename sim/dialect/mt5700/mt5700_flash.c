/*
 * MT5700M, state 50: ^FWUP, the reset into the boot loader, writing the firmware, and what the next
 * boot makes of it (S 4.1.1; sheet 4.6, 4.7 and 7).
 *
 * While the boot loader writes there is no tty at all (sheet 8.3). "fota.phase" 50 stays in NV
 * until the new firmware is chosen, in one commit with it: a power cut anywhere leaves the old
 * firmware or the new one, and the boot loader at work. A package that it refuses ends in a plain
 * reboot without any report (DOTRACEL); "fota.result" is only there for the quirks that do tell,
 * and "fota.times" where it is told more than once. SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/fota.h"
#include "sim/modem/line.h"
#include "sim/modem/nv.h"

#define RESULT_NONE    -1
#define RESULT_SUCCESS 0 /* other values are sub-codes of 80 */

/* ---- from ^FWUP to the reset ---- */

static int on_reset_due(struct modem *modem, void *arg)
{
    int r = mt5700_pass(modem, MT5700_POINT_UPGRADE, NULL);

    if (r < 0)
        return r;
    nv_set_int(modem->nv, "fota.phase", 50);
    if (modem_commit(modem) == MODEM_GONE)
        return MODEM_GONE;
    return modem_restart(modem);
}

static int on_50_due(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r = 0;

    if (mt->fota != MT5700_UPGRADING) /* else it was said before OK */
        r = mt5700_enter(modem, MT5700_UPGRADING);
    if (r < 0)
        return r;
    if (modem_dialect_number(modem, MT5700_OPTION_NOISE) == 0)
        mt5700_say(modem, "+CSCON: 1,7,4,0"); /* S 4.2 */
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_TO_USB_LOSS),
                on_reset_due, NULL);
    return 0;
}

int mt5700_upgrade_soon(struct modem *modem)
{
    modem_after(modem, &mt5700_of(modem)->fota_timer,
                mt5700_amount(modem, MT5700_OPTION_FWUP_TO_50), on_50_due, NULL);
    return AT_OK;
}

/* ---- the boot loader ---- */

void mt5700_drop_installer(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    if (mt->installer)
        installer_deinit(mt->installer);
    free(mt->installer);
    mt->installer = NULL;
}

static bool tells(const struct modem *modem, long long result)
{
    return modem_quirk(modem, MT5700_HUAWEI_80_90) ||
           (result > 0 && modem_quirk(modem, MT5700_FAIL_70));
}

static enum mt5700_fota told_state(const struct modem *modem, long long result)
{
    if (result == RESULT_SUCCESS)
        return MT5700_SUCCEEDED;
    return modem_quirk(modem, MT5700_HUAWEI_80_90) ? MT5700_FAILED_80 : MT5700_FAILED_70;
}

/* Before the restart there is no tty on USB, and nobody hears it; on a UART it is heard. */
static void tell_early(struct modem *modem, long long result)
{
    struct line *line = modem->lines[0];
    struct buf words = {0}, framed = {0};

    mt5700_of(modem)->fota = told_state(modem, result);
    mt5700_of(modem)->error = (int)result;
    mt5700_state_words(modem, &words);
    buf_printf(&framed, "\r\n%s\r\n", buf_text(&words));
    line_say_boot(line, buf_text(&words), &framed, line->rate);
    buf_deinit(&framed);
    buf_deinit(&words);
}

static void keep_tale(struct modem *modem, const struct fota_tale *tale)
{
    if (!tells(modem, tale->code) || tale->times == 0)
        return;
    if (tale->is_early) {
        tell_early(modem, tale->code);
        return;
    }
    nv_set_int(modem->nv, "fota.result", tale->code);
    if (tale->times > 1)
        nv_set_int(modem->nv, "fota.times", tale->times);
}

/* The package is done with, in one commit with the choice of the firmware. */
static int leave_loader(struct modem *modem, long long result)
{
    struct mt5700 *mt = mt5700_of(modem);
    struct fota_tale tale;
    int r = fota_pass_result(modem, result, &tale);

    if (r < 0)
        return r;
    if (tale.installs)
        installer_finish(modem, mt->installer);
    nv_unset(modem->nv, "fota.begun");
    nv_unset(modem->nv, "fota.stuck");
    keep_tale(modem, &tale);
    r = modem->going ? MODEM_GONE : mt5700_drop_download(modem);
    if (r < 0)
        return r;
    mt->fota = MT5700_IDLE;
    return modem_restart(modem);
}

static int finish(struct modem *modem)
{
    int r = mt5700_pass(modem, MT5700_POINT_SWITCH, NULL);

    return r < 0 ? r : leave_loader(modem, RESULT_SUCCESS);
}

static int pass_percent(struct modem *modem, unsigned percent)
{
    struct fault_at at = {.has_percent = true, .percent = percent};

    return mt5700_pass(modem, MT5700_POINT_FLASH, &at);
}

static int on_flash_tick(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    int r = installer_advance(modem, mt->installer, ++mt->percent);

    if (r == MODEM_GONE)
        return r;
    if (r == 0)
        r = pass_percent(modem, mt->percent);
    if (r < 0 && modem->going)
        return r;
    if (r != 0) /* the flash, or a fault that plays it, refuses */
        return leave_loader(modem, r > AT_CME_BASE ? r - AT_CME_BASE : MT5700_ERR_FLASH);
    if (mt->percent == 100)
        return finish(modem);
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_FLASH_TIME) / 100,
                on_flash_tick, NULL);
    return 0;
}

static int error_of(enum package_verdict verdict)
{
    switch (verdict) {
    case PACKAGE_GOOD:
        return MT5700_ERR_NONE;
    case PACKAGE_UNKNOWN:
        return MT5700_ERR_FILE_TYPE;
    case PACKAGE_TRUNCATED:
        return MT5700_ERR_FILE_SIZE;
    case PACKAGE_DAMAGED:
        return MT5700_ERR_FILE_CRC;
    case PACKAGE_OTHER_DIALECT:
        return MT5700_ERR_PRODUCT;
    case PACKAGE_OTHER_BASE:
        return MT5700_ERR_SOURCE;
    }
    return MT5700_ERR_SYSTEM;
}

static int on_judge(struct modem *modem, void *arg)
{
    struct mt5700 *mt = mt5700_of(modem);
    enum package_verdict verdict;

    mt->installer = xcalloc(1, sizeof(*mt->installer));
    verdict = installer_begin(modem, mt->installer, (size_t)mt->offer.size_bytes);
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "boot loader: the package is %s",
               package_verdict_text(verdict));
    if (verdict != PACKAGE_GOOD)
        return leave_loader(modem, error_of(verdict));
    mt->percent = 0;
    modem_after(modem, &mt->fota_timer, mt5700_amount(modem, MT5700_OPTION_FLASH_TIME) / 100,
                on_flash_tick, NULL);
    return 0;
}

/* A unit may stay in download mode after a cut until it is power-cycled once more (C8). */
static bool is_stuck(const struct modem *modem)
{
    return modem_dialect_number(modem, MT5700_OPTION_FLASH_CUT) == 1 &&
           nv_int(modem->nv, "fota.begun", 0) && !nv_int(modem->nv, "fota.stuck", 0);
}

int mt5700_loader(struct modem *modem)
{
    bool stuck;

    if (nv_int(modem->nv, "fota.phase", 0) != 50) {
        modem_enumerate(modem);
        return 0;
    }
    stuck = is_stuck(modem);
    modem_set_power(modem, MODEM_FLASHING);
    nv_set_int(modem->nv, stuck ? "fota.stuck" : "fota.begun", 1);
    if (modem_commit(modem) == MODEM_GONE)
        return MODEM_GONE;
    if (stuck) {
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "stuck in download mode");
        return BOOT_STEP_WAITS;
    }
    modem_after(modem, &mt5700_of(modem)->fota_timer,
                mt5700_amount(modem, MT5700_OPTION_JUDGE_TIME), on_judge, NULL);
    return BOOT_STEP_WAITS;
}

/* ---- after the boot ---- */

int mt5700_report(struct modem *modem)
{
    long long result = nv_int(modem->nv, "fota.result", RESULT_NONE);
    long long times = nv_int(modem->nv, "fota.times", 1);
    enum mt5700_fota state = told_state(modem, result);
    int r = mt5700_pass(modem, MT5700_POINT_REPORT, NULL);

    if (r < 0)
        return r;
    if (result == RESULT_NONE)
        return 0;
    nv_unset(modem->nv, "fota.result");
    nv_unset(modem->nv, "fota.times");
    if (modem_commit(modem) == MODEM_GONE)
        return MODEM_GONE;
    mt5700_of(modem)->error = (int)result;
    for (; r == 0 && times > 1; times--)
        r = mt5700_enter(modem, state);
    return r < 0 ? r : mt5700_fail(modem, state, (int)result);
}
