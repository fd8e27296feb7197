/*
 * Air720: the bootloader, and what the new firmware tells once it is on the network (S0 2.3).
 *
 * Nobody has described a power cut while this module writes its flash; here the old firmware stays
 * until the new one is complete, and the installation starts again at the next power-up (sheet 4).
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* ---- the bootloader's words ---- */

static void say_on(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say_on(struct line *line, const char *format, ...)
{
    struct buf words = {0}, text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    buf_printf(&text, "\r\n%s\r\n", buf_text(&words));
    if (!line->modem->going)
        line_say_boot(line, buf_text(&words), &text, AIR720_BAUD);
    buf_deinit(&words);
    buf_deinit(&text);
}

static void say_dl(struct line *line, unsigned percent)
{
    say_on(line, "%s: %u",
           modem_quirk(line->modem, AIR720_UPGRADDL_SPELLING) ? "+UPGRADDL" : "+UPGRADEDL",
           percent);
}

/* L3: the Air780E's bootloader jumps like this; the middle of the row is cut short there. */
static bool is_qind_percent(unsigned percent)
{
    static const unsigned char said[] = {0, 2, 4, 6, 9, 13, 18, 25, 33, 42, 52, 63, 75, 88, 100};

    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        if (said[i] == percent)
            return true;
    }
    return false;
}

static void tell_flashing(struct modem *modem, unsigned percent)
{
    if (modem_quirk(modem, AIR720_DL_AS_QIND)) {
        if (is_qind_percent(percent))
            say_on(modem->lines[0], "+QIND: \"FOTA\",\"UPDATING\",%u", percent);
        return;
    }
    if (percent == 0 || percent % 10 != 0)
        return;
    say_dl(modem_line(modem, "uart2"), percent);
    if (modem_quirk(modem, AIR720_DL_ON_AT_PORT))
        say_dl(modem->lines[0], percent);
}

/* ---- the installation ---- */

void air720_drop_installer(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    if (air720->installer)
        installer_deinit(air720->installer);
    free(air720->installer);
    air720->installer = NULL;
}

/*
 * The result of this module is the version that it tells by itself: "fota.claim" is the one that
 * it will tell, "fota.times" how often, and a version that is "fota.told" is told no more.
 */
static void keep_tale(struct modem *modem, const struct fota_tale *tale, const char *version)
{
    if (tale->code == 0 && !tale->installs) /* a lie: the old one runs */
        nv_set_text(modem->nv, "fota.claim", version);
    if (tale->times > 1)
        nv_set_int(modem->nv, "fota.times", tale->times);
    if (tale->is_early)
        say_on(modem->lines[0], "+UPGRADEVER: \"%s%s\"", version,
               modem_dialect_text(modem, AIR720_OPTION_VERSION_SUFFIX));
    if (tale->is_early || tale->times == 0)
        nv_set_text(modem->nv, "fota.told", version);
}

/* The user's URL led to the version that runs now: it is spent. */
static int finish(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    struct fota_tale tale;
    int r = air720_pass(modem, AIR720_POINT_SWITCH, 100);

    if (r == 0)
        r = fota_pass_result(modem, 0, &tale);
    if (r < 0)
        return r;
    if (modem_quirk(modem, AIR720_DL_AS_QIND))
        say_on(modem->lines[0], "+QIND: \"FOTA\",\"END\",%lld", tale.code);
    keep_tale(modem, &tale, air720->installer->version);
    if (tale.installs)
        installer_finish(modem, air720->installer);
    nv_unset(modem->nv, "fota.flashing");
    nv_unset(modem->nv, "fota.size");
    nv_unset(modem->nv, "upgrade.url");
    if (modem->going || modem_commit(modem) < 0)
        return MODEM_GONE;
    return modem_restart(modem);
}

static int give_up(struct modem *modem)
{
    nv_unset(modem->nv, "fota.flashing");
    nv_unset(modem->nv, "fota.size");
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

static int on_flash_tick(struct modem *modem, void *arg)
{
    struct air720 *air720 = air720_of(modem);
    int r = installer_advance(modem, air720->installer, ++air720->percent);

    if (r == MODEM_GONE)
        return r;
    if (r < 0) { /* the disk below the flash refuses: the old firmware goes on */
        r = give_up(modem);
        return r < 0 ? r : modem_restart(modem);
    }
    r = air720_pass(modem, AIR720_POINT_FLASH, air720->percent);
    if (r < 0)
        return r;
    tell_flashing(modem, air720->percent);
    if (modem->going)
        return MODEM_GONE;
    if (air720->percent == 100)
        return finish(modem);
    modem_after(modem, &air720->fota_timer, air720_delay(modem, AIR720_OPTION_FLASH_TIME) / 100,
                on_flash_tick, NULL);
    return 0;
}

int air720_loader(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    enum package_verdict verdict;

    if (!nv_int(modem->nv, "fota.flashing", 0))
        return 0;
    air720->installer = xcalloc(1, sizeof(*air720->installer));
    verdict = installer_begin(modem, air720->installer, (size_t)nv_int(modem->nv, "fota.size", 0));
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "bootloader: the package is %s",
               package_verdict_text(verdict));
    if (verdict != PACKAGE_GOOD)
        return give_up(modem);
    modem_set_power(modem, MODEM_FLASHING);
    air720_set_fota(modem, AIR720_FOTA_FLASHING);
    if (modem_quirk(modem, AIR720_DL_AS_QIND))
        say_on(modem->lines[0], "+QIND: \"FOTA\",\"START\"");
    tell_flashing(modem, 0);
    if (modem->going)
        return MODEM_GONE;
    air720->percent = 0;
    modem_after(modem, &air720->fota_timer, air720_delay(modem, AIR720_OPTION_FLASH_TIME) / 100,
                on_flash_tick, NULL);
    return BOOT_STEP_WAITS;
}

/* ---- the new version tells itself ---- */

int air720_report_ended(struct modem *modem, bool is_told)
{
    if (!modem_quirk(modem, AIR720_VER_ABSENT))
        air720_say(modem, "+UPGRADEVER: %d", is_told);
    nv_set_text(modem->nv, "fota.told", modem->firmware);
    nv_unset(modem->nv, "fota.claim");
    nv_unset(modem->nv, "fota.times");
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    air720_set_fota(modem, AIR720_FOTA_IDLE);
    return 0;
}

static int on_version_due(struct modem *modem, void *arg)
{
    const char *version = nv_text(modem->nv, "fota.claim", modem->firmware);
    long long times = nv_int(modem->nv, "fota.times", 1);
    int r = air720_pass(modem, AIR720_POINT_VERSION, 0);

    if (r < 0)
        return r;
    for (; times > 0 && !modem_quirk(modem, AIR720_VER_ABSENT); times--)
        air720_say(modem, "+UPGRADEVER: \"%s%s\"", version,
                   modem_dialect_text(modem, AIR720_OPTION_VERSION_SUFFIX));
    r = air720_pass(modem, AIR720_POINT_REPORT, 0);
    if (r < 0)
        return r;
    if (r > 0 || !modem->net.bearer)
        return air720_report_ended(modem, false);
    air720_report(modem);
    return 0;
}

/* Not a mark of its own, which could come to disagree with the firmware that runs. */
static bool is_untold(const struct modem *modem)
{
    const char *factory = modem_text(modem, MODEM_OPTION_FIRMWARE);
    const char *told = nv_text(modem->nv, "fota.told",
                               factory[0] ? factory : modem->dialect->firmware);

    return strcmp(told, modem->firmware) != 0 || nv_text(modem->nv, "fota.claim", NULL);
}

void air720_tell_version(struct modem *modem)
{
    if (!is_untold(modem))
        return;
    air720_set_fota(modem, AIR720_FOTA_REPORTING);
    modem_after(modem, &air720_of(modem)->fota_timer,
                air720_delay(modem, AIR720_OPTION_VERSION_DELAY), on_version_due, NULL);
}
