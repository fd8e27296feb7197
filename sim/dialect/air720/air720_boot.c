/*
 * Air720: power, boot, the two lines, sleep (sheet 1 and 2).
 *
 * The AT port says its URCs one by one with a gap: a known host closes a frame after 10 ms of
 * silence and loses the second of two that stick together (L7). The gate of the line asks whether
 * it may speak; between two URCs it may not, and a timer lets it ask again.
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/air720/air720.h"
#include "sim/modem/download.h"
#include "sim/modem/nv.h"

#define AUTOBAUD_RATE_MAX 230400 /* L1: 600 to 230400 are recognised */
#define ACCESS_E_UTRAN    7      /* 27.007 7.3 */

struct air720 *air720_of(const struct modem *modem)
{
    return modem->state;
}

uint64_t air720_delay(const struct modem *modem, enum air720_option option)
{
    return (uint64_t)modem_dialect_number(modem, option);
}

bool air720_is_main(const struct line *line)
{
    return line == line->modem->lines[0];
}

void air720_say(struct modem *modem, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    line_urc_text(modem->lines[0], buf_text(&text));
    buf_deinit(&text);
}

/* ---- boot ---- */

static int step_ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    air720_say(modem, "RDY");
    air720_stay_awake(modem);
    return 0;
}

static int step_sim(struct modem *modem)
{
    modem_urc(modem, URC_SIM, 0, 0);
    if (modem_quirk(modem, AIR720_CPIN_TWICE))
        modem_urc(modem, URC_SIM, 0, 0);
    net_radio(modem, modem->function == 1);
    return 0;
}

static int step_sms(struct modem *modem)
{
    if (modem->sim.state == SIM_READY)
        air720_say(modem, "SMS READY");
    return 0;
}

/* Sheet 2, the default list for an Air720. */
const struct boot_step air720_boot[AIR720_BOOT_STEP_COUNT] = {
    [AIR720_BOOT_LOADER] = {"bootloader", AIR720_OPTION_LOADER_DELAY, air720_loader},
    [AIR720_BOOT_READY] = {"ready",      AIR720_OPTION_READY_DELAY,  step_ready   },
    [AIR720_BOOT_SIM] = {"sim",        AIR720_OPTION_CPIN_DELAY,   step_sim     },
    [AIR720_BOOT_SMS] = {"sms",        AIR720_OPTION_SMS_DELAY,    step_sms     },
};

void air720_power_up(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    gpp_power_up(modem);
    air720->gpp.access = ACCESS_E_UTRAN;
    air720->gpp.has_lower_hex = true; /* L1: "0183db22" */
    air720->ipr = (long)nv_int(modem->nv, "ipr",
                               modem_dialect_number(modem, AIR720_OPTION_FACTORY_RATE));
    air720->next_urc_us = 0;
    air720->bearer_told = air720->auto_due = air720->waking_lost = false;
    air720->last_registration = NET_NOT_SEARCHING;
    air720->cops_format = 2;
    air720->sleep_mode = 0;
    air720->sleep_idle_s = 1; /* L1: idle 1 s by default */
    air720->ip = AIR720_IP_INITIAL;
    air720->wait_line = NULL;
    air720->sapbr_open = false;
    air720->bearer_apn[0] = '\0';
    air720->cip_mux = air720->cip_qsend = air720->cip_head = 0;
    air720->fota = AIR720_FOTA_IDLE;
    air720->result = (struct air720_result){0};
    air720->percent = 0;
    air720_load_parameters(modem);
}

void air720_power_down(struct modem *modem)
{
    air720_end_transfer(modem);
    air720_drop_installer(modem);
}

void air720_deinit(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    gpp_deinit(modem);
    free(air720->url);
    free(air720->key);
    free(air720->target);
    buf_deinit(&air720->reply);
}

static int on_reset(struct modem *modem, void *arg)
{
    return modem_restart(modem);
}

void air720_reset_later(struct modem *modem)
{
    modem_after(modem, NULL, air720_delay(modem, AIR720_OPTION_RESET_DELAY), on_reset, NULL);
}

/* ---- the network's news ---- */

static void tell_registration(struct modem *modem, const char *name, long n)
{
    struct buf text = {0};

    if (n == 0)
        return;
    gpp_add_registration(modem, n, &text);
    air720_say(modem, "%s: %s", name, buf_text(&text));
    buf_deinit(&text);
}

/* Sheet 2: what EC618 and EC718 logs show once the module is on the air. */
static void say_cat1_lines(struct modem *modem)
{
    char time[64];

    air720_say(modem, "^MODE: 17,17");
    air720_say(modem, "+E_UTRAN Service");
    air720_say(modem, "+CGEV: ME PDN ACT 1,0");
    if (gpp_network_time(modem, time, sizeof(time)) == 0)
        air720_say(modem, "+NITZ: %s%s,0", modem_quirk(modem, AIR720_NITZ_YEAR4) ? "20" : "", time);
}

static void bearer_came(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);

    if (!air720->bearer_told) {
        air720->bearer_told = true;
        if (modem_quirk(modem, AIR720_BOOT_CAT1))
            say_cat1_lines(modem);
        air720_tell_version(modem);
    }
    air720_arm_auto(modem);
}

void air720_net_changed(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    int registration = (int)modem->net.registration;

    if (air720->last_registration != registration) {
        air720->last_registration = registration;
        tell_registration(modem, "+CREG", air720->gpp.creg_n);
        tell_registration(modem, "+CGREG", air720->gpp.cgreg_n);
    }
    if (modem->net.bearer) {
        bearer_came(modem);
        return;
    }
    if (air720->download)
        download_break(air720->download);
    if (air720->sapbr_open)
        air720_say(modem, "+SAPBR 1: DEACT");
    air720->sapbr_open = false;
}

void air720_urc_text(struct line *line, const struct urc *urc, struct buf *out)
{
    if (air720_is_main(line))
        gpp_urc_text(line, urc, out);
}

/* ---- the lines ---- */

void air720_line_up(struct line *line)
{
    long factory = (long)modem_dialect_number(line->modem, AIR720_OPTION_FACTORY_RATE);

    gpp_load_profile(line);
    line->rate = air720_is_main(line) ? (long)nv_int(line->modem->nv, "ipr", factory) : AIR720_BAUD;
    line->autobaud = line->rate == 0;
}

static int on_gap_over(struct modem *modem, void *arg)
{
    return 0; /* leaving the modem settles the line, which asks again whether it may speak */
}

enum line_voice air720_line_voice(struct line *line)
{
    struct modem *modem = line->modem;
    struct air720 *air720 = air720_of(modem);
    uint64_t now_us = clock_now_us(modem->bench->clock);

    if (gpp_rate_is_unknown(line))
        return LINE_HOLDS; /* L1: the initial URCs come out once it is trained */
    if (!air720_is_main(line))
        return LINE_SPEAKS;
    if (now_us < air720->next_urc_us) {
        modem_after(modem, &air720->gap_timer, air720->next_urc_us - now_us, on_gap_over, NULL);
        return LINE_HOLDS;
    }
    air720->next_urc_us = now_us + air720_delay(modem, AIR720_OPTION_URC_GAP);
    return LINE_SPEAKS;
}

/* ---- sleep: +CSCLK=2 after +WAKETIM seconds, =3 after 5 s; =1 waits for DTR, which a pty lacks */

static int on_sleep(struct modem *modem, void *arg)
{
    struct air720 *air720 = air720_of(modem);

    if (air720->fota != AIR720_FOTA_IDLE || modem->power != MODEM_ON) {
        air720_stay_awake(modem);
        return 0;
    }
    air720->waking_lost = true;
    modem_set_power(modem, MODEM_SLEEPING);
    return 0;
}

void air720_stay_awake(struct modem *modem)
{
    struct air720 *air720 = air720_of(modem);
    uint64_t idle_us = air720->sleep_mode == 3 ? air720_delay(modem, AIR720_OPTION_SLEEP3_DELAY)
                                               : (uint64_t)air720->sleep_idle_s * 1000000u;

    modem_cancel(modem, &air720->sleep_timer);
    if (air720->sleep_mode >= 2)
        modem_after(modem, &air720->sleep_timer, idle_us, on_sleep, NULL);
}

static void wake_up(struct modem *modem)
{
    if (modem->power == MODEM_SLEEPING)
        modem_set_power(modem, MODEM_ON);
    air720_stay_awake(modem);
}

void air720_wake(struct modem *modem)
{
    modem_enter(modem);
    air720_of(modem)->waking_lost = false;
    wake_up(modem);
    modem_leave(modem, 0);
}

/* Sheet 3: the module is woken by several ATs, of which the first is lost. */
static long lose_first_line(struct line *line, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' || bytes[i] == '\n') {
            air720_of(line->modem)->waking_lost = false;
            return (long)i + 1;
        }
    }
    return (long)len;
}

long air720_line_rx(struct line *line, const char *bytes, size_t len)
{
    const struct gpp_autobaud rules = {
        .unanswered = (unsigned)modem_dialect_number(line->modem, AIR720_OPTION_TRAIN_LINES),
        .rate_max = AUTOBAUD_RATE_MAX,
        .is_one_case = true, /* L1: "aT" and "At" do not train */
    };
    long swallowed = 0;

    if (gpp_rate_is_unknown(line)) {
        swallowed = gpp_find_rate(line, &rules, bytes, len);
        if (swallowed < 0)
            return swallowed;
    }
    wake_up(line->modem);
    if (air720_of(line->modem)->waking_lost)
        swallowed += lose_first_line(line, bytes + swallowed, len - (size_t)swallowed);
    return swallowed;
}
