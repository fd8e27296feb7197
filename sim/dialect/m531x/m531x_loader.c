/*
 * M531x: the module's own FOTA (sheet 6.5): the bootloader, and what the firmware tells afterwards.
 *
 *   restart -> silence while the firmware is written -> restart -> ready line -> event 44 or 45
 *   -> the host registers again -> event 46
 *
 * The firmware object's state 3 ("sota.state") leads here at each start until the bootloader is
 * done, so that a power cut begins the installation again. It leaves "fota.event" (44 or 45) and
 * how often to tell it, and "fota.over" for event 46.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/m531x/m531x_fota.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* A lie of the bootloader, before there is a firmware that could tell anything. */
static void tell_early(struct modem *modem, enum m531x_event event)
{
    struct buf words = {0}, framed = {0};

    m531x_fota_text(modem, event, &words);
    buf_printf(&framed, "\r\n%s\r\n", words.data);
    for (size_t i = 0; i < modem->line_count && !modem->going; i++)
        line_say_boot(modem->lines[i], words.data, &framed, modem->lines[i]->rate);
    buf_deinit(&words);
    buf_deinit(&framed);
}

/* The result, and what is to be told of it, in one step with the switch to the new firmware. */
static int leave_loader(struct modem *modem, enum m531x_object_result result)
{
    struct m531x *m531x = m531x_of(modem);
    struct fota_tale tale;
    int r = fota_pass_result(modem, result == M531X_RESULT_SUCCESS ? 0 : (int)result, &tale);
    enum m531x_event event;

    if (r < 0)
        return r;
    event = tale.code == 0 ? M531X_EVENT_UPGRADED : M531X_EVENT_UPGRADE_FAILED;
    if (tale.installs)
        installer_finish(modem, m531x->fota_installer);
    if (tale.is_early)
        tell_early(modem, event);
    else if (tale.times > 0)
        nv_set_int(modem->nv, "fota.event", event);
    if (tale.times > 1)
        nv_set_int(modem->nv, "fota.times", tale.times);
    nv_set_int(modem->nv, "fota.over", 1);
    nv_unset(modem->nv, "fota.size");
    if (modem->going)
        return MODEM_GONE;
    r = m531x_keep(modem, M531X_STATE_IDLE,
                   tale.code == 0 ? M531X_RESULT_SUCCESS : M531X_RESULT_UPDATE_FAILED, 0);
    m531x_fota_drop(modem);
    if (r == 0)
        m531x_set_fota(modem, M531X_FOTA_NONE);
    m531x->cause = "SECURITY_FOTA_UPGRADE"; /* QSDK-n, HI-REBOOT */
    return r;
}

static int leave_and_restart(struct modem *modem, enum m531x_object_result result)
{
    int r = leave_loader(modem, result);

    return r < 0 ? r : modem_restart(modem);
}

static void arm_tick(struct modem *modem, modem_timer_fn fn)
{
    modem_after(modem, &m531x_of(modem)->fota_timer,
                m531x_delay(modem, M531X_OPTION_FOTA_TIME) / 100, fn, NULL);
}

static int on_flash_tick(struct modem *modem, void *arg)
{
    struct m531x *m531x = m531x_of(modem);
    struct fault_at at = {.has_percent = true, .percent = ++m531x->fota_percent};
    int r = installer_advance(modem, m531x->fota_installer, m531x->fota_percent);

    if (r == MODEM_GONE)
        return r;
    if (r < 0) /* the disk below the flash refuses: the old firmware goes on */
        return leave_and_restart(modem, M531X_RESULT_UPDATE_FAILED);
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_FLASH, &at, M531X_RESULT_UPDATE_FAILED);
    if (r != 0)
        return r < 0 ? r : leave_and_restart(modem, (enum m531x_object_result)r);
    if (m531x->fota_percent < 100) {
        arm_tick(modem, on_flash_tick);
        return 0;
    }
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_SWITCH, &at, M531X_RESULT_UPDATE_FAILED);
    if (r < 0)
        return r;
    return leave_and_restart(modem, r > 0 ? (enum m531x_object_result)r : M531X_RESULT_SUCCESS);
}

int m531x_loader(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    enum package_verdict verdict;

    if (m531x->fota != M531X_FOTA_RESET)
        return 0;
    m531x->fota_installer = xcalloc(1, sizeof(*m531x->fota_installer));
    verdict = installer_begin(modem, m531x->fota_installer,
                              (size_t)nv_int(modem->nv, "fota.size", 0));
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "bootloader: the package is %s",
               package_verdict_text(verdict));
    if (verdict != PACKAGE_GOOD)
        return leave_loader(modem,
                            M531X_RESULT_UPDATE_FAILED); /* the old firmware boots, and tells */
    modem_set_power(modem, MODEM_FLASHING);
    m531x_set_fota(modem, M531X_FOTA_UPDATE);
    m531x->fota_percent = 0;
    arm_tick(modem, on_flash_tick);
    return BOOT_STEP_WAITS;
}

/* ---- the firmware tells ---- */

static int tell_result(struct modem *modem)
{
    long long event = nv_int(modem->nv, "fota.event", 0);
    int r;

    if (event == 0)
        return 0;
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_REPORT, NULL, M531X_RESULT_INITIAL);
    if (r < 0)
        return r;
    for (long long times = nv_int(modem->nv, "fota.times", 1); times > 0; times--)
        m531x_fota_event(modem, (enum m531x_event)event);
    nv_unset(modem->nv, "fota.event");
    nv_unset(modem->nv, "fota.times");
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

static int on_result_due(struct modem *modem, void *arg)
{
    return tell_result(modem);
}

static int on_over_due(struct modem *modem, void *arg)
{
    int r = tell_result(modem); /* where the host was faster */

    if (r < 0)
        return r;
    m531x_fota_event(modem, M531X_EVENT_UPGRADE_OVER);
    nv_unset(modem->nv, "fota.over");
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

void m531x_fota_booted(struct modem *modem)
{
    if (nv_int(modem->nv, "fota.event", 0))
        modem_after(modem, &m531x_of(modem)->fota_tell_timer,
                    m531x_delay(modem, M531X_OPTION_FOTA_TELL), on_result_due, NULL);
}

void m531x_fota_registered(struct modem *modem)
{
    if (nv_int(modem->nv, "fota.over", 0))
        modem_after(modem, &m531x_of(modem)->fota_tell_timer,
                    m531x_delay(modem, M531X_OPTION_FOTA_TELL), on_over_due, NULL);
}
