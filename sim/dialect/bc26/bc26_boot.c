/*
 * BC26: power, boot ROM, autobaud, sleep.
 *
 * Autobaud (factory default). Until the rate is known the module answers nothing and its URCs are
 * lost; the host repeats AT. The rate survives sleep but no restart (sheet 2), so that after an
 * update END is lost too, unless +IPR and &W fixed the rate before (S2 3.1, last remark).
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/nv.h"

#define AUTOBAUD_RATE_MAX 115200 /* Q19: higher rates are not recognised */

struct bc26 *bc26_of(const struct modem *modem)
{
    return modem->state;
}

/* ---- boot ---- */

void bc26_banner(struct modem *modem)
{
    static const char *const words[] = {
        "F1: 0000 0000",        "V0: 0000 0000 [0001]", "00: 0006 000C",    "01: 0000 0000",
        "U0: 0000 0001 [0000]", "T0: 0000 00B4",        "Leaving the BROM",
    };
    /* Sheet 9 row 7: the ROM ends its lines with LF CR; documents print them as CR LF. */
    const char *eol = modem_quirk(modem, BC26_BANNER_CRLF) ? "\r\n" : "\n\r";
    struct buf text = {0};

    buf_add_text(&text, eol);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        buf_printf(&text, "%s%s", words[i], eol);
    buf_add_text(&text, eol);
    for (size_t i = 0; i < modem->line_count; i++)
        line_write_raw(modem->lines[i], text.data, text.len, BC26_BOOT_BAUD);
    buf_deinit(&text);
}

void bc26_boot_line(struct modem *modem, const char *format, ...)
{
    const char *eol = modem_quirk(modem, BC26_BOOT_EOL_LFCR) ? "\n\r" : "\r\n";
    struct buf words = {0}, text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    if (!modem_quirk(modem, BC26_BOOT_NO_LEAD_CRLF))
        buf_add_text(&text, eol);
    buf_printf(&text, "%s%s", buf_text(&words), eol);
    for (size_t i = 0; i < modem->line_count && !modem->going; i++)
        line_say_boot(modem->lines[i], buf_text(&words), &text, BC26_BOOT_BAUD);
    buf_deinit(&words);
    buf_deinit(&text);
}

/* Quirk fota-end-no-reboot-lines: the boot after an update says nothing. */
static bool is_silent_boot(const struct modem *modem)
{
    return nv_int(modem->nv, "fota.silent_boot", 0) != 0;
}

static int step_banner(struct modem *modem)
{
    bool upgrades = nv_int(modem->nv, "fota.updating", 0) || nv_int(modem->nv, "fota.end", -1) >= 0;

    if (!is_silent_boot(modem) && !(upgrades && modem_quirk(modem, BC26_NO_BANNER)))
        bc26_banner(modem);
    return modem->going ? MODEM_GONE : 0;
}

static int step_ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    if (!is_silent_boot(modem))
        modem_urc_line(modem, "RDY");
    bc26_stay_awake(modem);
    return 0;
}

static int step_function(struct modem *modem)
{
    if (!is_silent_boot(modem))
        modem_urc(modem, URC_FUNCTION, (long)modem->function, 0);
    return 0;
}

static int step_sim(struct modem *modem)
{
    modem_urc(modem, URC_SIM, 0, 0);
    net_radio(modem, modem->function == 1);
    return 0;
}

/* Order: sheet 2, "Boot order with a FIXED rate", and the log of S2 4.1. */
const struct boot_step bc26_boot[BC26_BOOT_STEP_COUNT] = {
    [BC26_BOOT_BANNER] = {"banner",     BC26_OPTION_BANNER_DELAY, step_banner    },
    [BC26_BOOT_LOADER] = {"bootloader", BC26_OPTION_BANNER_DELAY, bc26_loader    },
    [BC26_BOOT_READY] = {"ready",      BC26_OPTION_READY_DELAY,  step_ready     },
    [BC26_BOOT_FUNCTION] = {"function",   BC26_OPTION_CFUN_DELAY,   step_function  },
    [BC26_BOOT_END] = {"end",        BC26_OPTION_END_DELAY,    bc26_report_end},
    [BC26_BOOT_SIM] = {"sim",        BC26_OPTION_CPIN_DELAY,   step_sim       },
};

/* What Q19 calls saved in NVRAM, and the volatile rest. */
void bc26_power_up(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);
    long factory_rate = modem_quirk(modem, BC26_BAUD_FIXED) ? BC26_BOOT_BAUD : 0;

    gpp_power_up(modem);
    bc26_load_contexts(modem);
    modem->function = (unsigned)nv_int(modem->nv, "cfun", 1);
    bc26->ipr = (long)nv_int(modem->nv, "ipr", factory_rate);
    bc26->sleep_mode = (long)modem_dialect_number(modem, BC26_OPTION_SLEEP_MODE);
    bc26->event_n = bc26->atwakeup_n = 0;
    bc26->waking_lost = bc26->is_deep = bc26->attaching = bc26->ever_registered = false;
    bc26->fota = BC26_FOTA_IDLE;
    bc26->wait_line = NULL;
}

void bc26_line_up(struct line *line)
{
    long fixed = (long)nv_int(line->modem->nv, "ipr",
                              modem_quirk(line->modem, BC26_BAUD_FIXED) ? BC26_BOOT_BAUD : 0);

    line->settings.echo = !modem_quirk(line->modem, BC26_ECHO_OFF);
    line->settings.echo_lf = modem_quirk(line->modem, BC26_ECHO_CRLF);
    gpp_load_profile(line);
    line->autobaud = fixed == 0;
    line->rate = fixed;
    line->train_seen = 0;
}

/* ---- autobaud ---- */

/* Return: how many bytes the search for the rate took, or MODEM_GONE. */
static long find_rate(struct line *line, const char *bytes, size_t len)
{
    const struct gpp_autobaud rules = {
        .unanswered = (unsigned)modem_dialect_number(line->modem, BC26_OPTION_TRAIN_LINES),
        .rate_max = AUTOBAUD_RATE_MAX,
    };

    return gpp_find_rate(line, &rules, bytes, len);
}

/* ---- sleep ---- */

/* 24.008 10.5.7.3, GPRS timer 2: three bits unit (2 s, 1 min, 6 min), five bits value. */
static uint64_t active_time_us(const struct modem *modem)
{
    static const unsigned unit_s[8] = {2, 60, 360, 60, 60, 60, 60, 0};
    long bits = strtol(nv_text(modem->nv, "psm.t3324", "01000011"), NULL, 2);

    return (uint64_t)unit_s[bits >> 5 & 7] * (uint64_t)(bits & 31) * 1000000u;
}

static int on_deep_sleep(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->event_n)
        modem_urc_line(modem, "+QNBIOTEVENT: \"ENTER PSM\"");
    bc26->is_deep = true;
    return 0;
}

static int on_sleep(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->fota != BC26_FOTA_IDLE || modem->power != MODEM_ON) {
        bc26_stay_awake(modem);
        return 0;
    }
    bc26->waking_lost = true;
    modem_set_power(modem, MODEM_SLEEPING);
    if (bc26->sleep_mode == 1 && nv_int(modem->nv, "psm.mode", 0) == 1)
        modem_after(modem, &bc26->sleep_timer, active_time_us(modem), on_deep_sleep, NULL);
    return 0;
}

void bc26_stay_awake(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    modem_cancel(modem, &bc26->sleep_timer);
    if (bc26->sleep_mode != 0)
        modem_after(modem, &bc26->sleep_timer,
                    (uint64_t)modem_dialect_number(modem, BC26_OPTION_SLEEP_IDLE), on_sleep, NULL);
}

void bc26_release_lock(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->sleep_mode != 0)
        modem_after(modem, &bc26->sleep_timer, 0, on_sleep, NULL);
}

static void wake_from_light_sleep(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    if (bc26_of(modem)->atwakeup_n)
        modem_urc_line(modem, "+QATWAKEUP");
}

/* Sheet 3: PSM_EINT, or PWRKEY as some hosts do. Waking from deep sleep is almost a cold start. */
void bc26_wake(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (bc26->is_deep) {
        modem_reset(modem);
        return;
    }
    modem_enter(modem);
    bc26->waking_lost = false;
    wake_from_light_sleep(modem);
    bc26_stay_awake(modem);
    modem_leave(modem, 0);
}

/* Sheet 3: the UART does not work in sleep; the first line wakes it and is lost. */
static long lose_first_line(struct line *line, const char *bytes, size_t len)
{
    struct bc26 *bc26 = bc26_of(line->modem);

    if (bc26->is_deep)
        return (long)len;
    if (line->modem->power == MODEM_SLEEPING)
        wake_from_light_sleep(line->modem);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' || bytes[i] == '\n') {
            bc26->waking_lost = false;
            return (long)i + 1;
        }
    }
    return (long)len;
}

long bc26_line_rx(struct line *line, const char *bytes, size_t len)
{
    long swallowed = 0, r;

    if (gpp_rate_is_unknown(line)) {
        swallowed = find_rate(line, bytes, len);
        if (swallowed < 0)
            return swallowed;
    }
    if (bc26_of(line->modem)->waking_lost) {
        r = lose_first_line(line, bytes + swallowed, len - (size_t)swallowed);
        swallowed += r;
    }
    if (!bc26_of(line->modem)->is_deep)
        bc26_stay_awake(line->modem);
    return swallowed;
}

enum line_voice bc26_line_voice(struct line *line)
{
    if (!gpp_rate_is_unknown(line))
        return LINE_SPEAKS;
    return modem_quirk(line->modem, BC26_FLUSH_AFTER_SYNC) ? LINE_HOLDS : LINE_LOSES;
}

/* ---- URCs that differ from the base ---- */

void bc26_urc_text(struct line *line, const struct urc *urc, struct buf *out)
{
    const struct modem *modem = line->modem;

    if (urc->kind != URC_ADDRESS)
        gpp_urc_text(line, urc, out);
    else if (!modem_quirk(modem, BC26_NO_IP_URC)) /* sheet 2: when the bearer is up */
        buf_printf(out, "+IP: %s", modem_text(modem, MODEM_OPTION_ADDRESS));
    if (modem->style.no_space_after_colon) {
        char *space = out->data ? strstr(out->data, ": ") : NULL;

        if (space) {
            memmove(space + 1, space + 2, strlen(space + 2) + 1);
            out->len--;
        }
    }
}
