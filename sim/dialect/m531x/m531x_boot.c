/*
 * M531x: power, boot, restart, sleep (sheet 1 and 8).
 * SPDX-License-Identifier: MIT
 */
#include <string.h>
#include <strings.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/m531x/m531x.h"
#include "sim/dialect/m531x/m531x_fota.h"
#include "sim/modem/nv.h"

#define BAUD_M5311   115200 /* HECL */
#define BAUD_M5310A  9600   /* M53 */
#define CME_BAD_ARGS 50     /* sheet 2, plain AT errors */

struct m531x *m531x_of(const struct modem *modem)
{
    return modem->state;
}

bool m531x_is_5310a(const struct modem *modem)
{
    return strcmp(modem_dialect_text(modem, M531X_OPTION_MODEL), "M5310-A") == 0;
}

uint64_t m531x_delay(const struct modem *modem, enum m531x_option option)
{
    return (uint64_t)modem_dialect_number(modem, option);
}

int m531x_pass(struct modem *modem, enum m531x_point point, uint64_t amount)
{
    struct fault_at at = {.has_amount = true, .amount = amount};
    int r = modem_step(modem, &m531x_points[point], &at, NULL);

    return r < 0 ? r : 0;
}

/* ---- boot ---- */

static void say_5310a_banner(struct modem *modem)
{
    static const char *const words[] = {
        "Boot: Unsigned",
        "Security B.. Verified",
        "Protocol A.. Verified",
        "Apps A...... Verified",
    };
    struct m531x *m531x = m531x_of(modem);
    struct buf text = {0};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        buf_printf(&text, "\r\n%s", words[i]);
    buf_add_text(&text, "\r\n\r\n");
    if (m531x->cause) /* HI-657: after power-on there is no cause line */
        buf_printf(&text, "REBOOT_CAUSE_%s\r\n", m531x->cause);
    buf_add_text(&text, "Neul \r\nOK\r\n");
    m531x->cause = NULL;
    for (size_t i = 0; i < modem->line_count; i++)
        line_write_raw(modem->lines[i], text.data, text.len, modem->lines[i]->rate);
    buf_deinit(&text);
}

static const char *ready_line(const struct modem *modem)
{
    const char *banner = modem_dialect_text(modem, M531X_OPTION_BANNER);

    if (*banner)
        return banner;
    if (modem_quirk(modem, M531X_BANNER_STAR_MATREADY))
        return "*MATREADY: 1";
    if (modem_quirk(modem, M531X_BANNER_PLUS_MATREADY))
        return "+MATREADY";
    return "*ATREADY: 1";
}

static int on_sleep(struct modem *modem, void *arg)
{
    struct m531x *m531x = m531x_of(modem);

    if (modem->power != MODEM_ON)
        return 0;
    m531x->waking_lost = true;
    modem_urc_line(modem, "*GOTOSLEEP");
    modem_set_power(modem, MODEM_SLEEPING);
    return 0;
}

static void stay_awake(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    modem_cancel(modem, &m531x->sleep_timer);
    if (!m531x->sleep_locked && !m531x_is_5310a(modem))
        modem_after(modem, &m531x->sleep_timer, m531x_delay(modem, M531X_OPTION_SLEEP_IDLE),
                    on_sleep, NULL);
}

static int step_ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    if (m531x_is_5310a(modem))
        say_5310a_banner(modem);
    else
        modem_urc_line(modem, "%s", ready_line(modem));
    stay_awake(modem);
    m531x_fota_booted(modem);
    return modem->going ? MODEM_GONE : 0;
}

static int step_function(struct modem *modem)
{
    if (!m531x_is_5310a(modem))
        modem_urc(modem, URC_FUNCTION, (long)modem->function, 0);
    return 0;
}

static int step_sim(struct modem *modem)
{
    if (!m531x_is_5310a(modem))
        modem_urc(modem, URC_SIM, 0, 0);
    net_radio(modem, modem->function == 1);
    return 0;
}

const struct boot_step m531x_boot[M531X_BOOT_STEP_COUNT] = {
    [M531X_BOOT_LOADER] = {"loader",   M531X_OPTION_LOADER_DELAY, m531x_loader },
    [M531X_BOOT_READY] = {"ready",    M531X_OPTION_READY_DELAY,  step_ready   },
    [M531X_BOOT_FUNCTION] = {"function", M531X_OPTION_CFUN_DELAY,   step_function},
    [M531X_BOOT_SIM] = {"sim",      M531X_OPTION_CPIN_DELAY,   step_sim     },
};

void m531x_power_up(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    gpp_power_up(modem);
    m531x->sleep_locked = strcmp(modem_dialect_text(modem, M531X_OPTION_SLEEP), "locked") == 0;
    m531x->waking_lost = false;
    m531x->wait_line = NULL;
    m531x_sota_load(modem);
}

void m531x_line_up(struct line *line)
{
    long given = (long)modem_dialect_number(line->modem, M531X_OPTION_BAUD);
    long model = m531x_is_5310a(line->modem) ? BAUD_M5310A : BAUD_M5311;

    gpp_load_profile(line);
    line->rate = (long)nv_int(line->modem->nv, "baud", given > 0 ? given : model);
}

/* ---- URCs of the base, in this module's words ---- */

void m531x_urc_text(struct line *line, const struct urc *urc, struct buf *out)
{
    const struct modem *modem = line->modem;
    char *space;

    if (urc->kind == URC_ADDRESS) {
        if (!m531x_is_5310a(modem)) /* RTT */
            buf_printf(out, "+IP: %s", modem_text(modem, MODEM_OPTION_ADDRESS));
        return;
    }
    gpp_urc_text(line, urc, out);
    space = modem->style.no_space_after_colon && out->data ? strstr(out->data, ": ") : NULL;
    if (space) {
        memmove(space + 1, space + 2, strlen(space + 2) + 1);
        out->len--;
    }
}

/* ---- restart ---- */

static int on_restart(struct modem *modem, void *arg)
{
    m531x_of(modem)->cause = "APPLICATION_AT";
    return modem_restart(modem);
}

static int on_rebooting(struct modem *modem, void *arg)
{
    modem_urc_line(modem, "REBOOTING");
    modem_after(modem, &m531x_of(modem)->restart_timer,
                m531x_delay(modem, M531X_OPTION_RESTART_DELAY), on_restart, NULL);
    return 0;
}

/* The hosts of sheet 8 wait for different answers. */
int m531x_cmrb(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct modem_timer **timer = &m531x_of(modem)->restart_timer;
    uint64_t rebooting_us = m531x_delay(modem, M531X_OPTION_REBOOTING_DELAY);
    uint64_t restart_us = rebooting_us + m531x_delay(modem, M531X_OPTION_RESTART_DELAY);

    if (m531x_is_5310a(modem))
        return line->modem->style.unknown_result;
    if (modem_quirk(modem, M531X_CMRB_REBOOTING_ONLY)) {
        on_rebooting(modem, NULL);
        return AT_SILENT;
    }
    if (modem_quirk(modem, M531X_CMRB_SILENT) || modem_quirk(modem, M531X_CMRB_OK_ONLY)) {
        modem_after(modem, timer, restart_us, on_restart, NULL);
        return modem_quirk(modem, M531X_CMRB_SILENT) ? AT_SILENT : AT_OK;
    }
    modem_after(modem, timer, rebooting_us, on_rebooting, NULL);
    return AT_OK;
}

/* HI-LOG: no OK before it. */
int m531x_nrb(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;

    if (!m531x_is_5310a(modem))
        return line->modem->style.unknown_result;
    on_rebooting(modem, NULL);
    return AT_SILENT;
}

int m531x_coldrb(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    modem_after(line->modem, &m531x_of(line->modem)->restart_timer,
                m531x_delay(line->modem, M531X_OPTION_RESTART_DELAY), on_restart, NULL);
    return AT_OK;
}

static int on_power_off(struct modem *modem, void *arg)
{
    struct fault_effect off = {.action = FAULT_POWER_CUT, .policy = CUT_DONE};

    return modem_going(modem, &off);
}

int m531x_cpof(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    modem_after(line->modem, NULL, m531x_delay(line->modem, M531X_OPTION_REBOOTING_DELAY),
                on_power_off, NULL);
    return AT_OK;
}

/* ---- sleep ---- */

int m531x_sm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const char *const words[] = {"UNLOCK", "LOCK", "LOCK_FOREVER"};
    struct m531x *m531x = m531x_of(line->modem);

    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (req->args_len == strlen(words[i]) &&
            strncasecmp(req->args, words[i], req->args_len) == 0) {
            m531x->sleep_locked = i > 0;
            stay_awake(line->modem);
            return AT_OK;
        }
    }
    return AT_CME(CME_BAD_ARGS);
}

int m531x_entersleep(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (m531x_is_5310a(line->modem))
        return line->modem->style.unknown_result;
    if (m531x_of(line->modem)->sleep_locked)
        return AT_CME(M531X_ERR_NOT_ALLOWED);
    modem_after(line->modem, &m531x_of(line->modem)->sleep_timer, 0, on_sleep, NULL);
    return AT_OK;
}

static void wake_up(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    modem_urc_line(modem, "*MATWAKEUP");
}

/* The wake pin (INO). */
void m531x_wake(struct modem *modem)
{
    modem_enter(modem);
    m531x_of(modem)->waking_lost = false;
    wake_up(modem);
    stay_awake(modem);
    modem_leave(modem, 0);
}

/* Sheet 1: the host must send something first; the line that wakes the UART is lost. */
long m531x_line_rx(struct line *line, const char *bytes, size_t len)
{
    struct m531x *m531x = m531x_of(line->modem);
    long swallowed = 0;

    if (line->modem->power == MODEM_SLEEPING)
        wake_up(line->modem);
    while (m531x->waking_lost && swallowed < (long)len) {
        char byte = bytes[swallowed++];

        m531x->waking_lost = byte != '\r' && byte != '\n';
    }
    stay_awake(line->modem);
    return swallowed;
}
