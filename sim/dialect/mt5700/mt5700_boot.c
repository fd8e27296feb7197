/*
 * MT5700M: power, boot, ttys, and the URCs that are not FOTA's (sheet 7 and 8).
 *
 * The module hangs on USB: with its power its ttys go, and they come back when the firmware, not
 * the boot loader, brings USB up. Of the four ttys two speak AT; DIAG and GPS hear and say nothing
 * here. SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/download.h"
#include "sim/modem/nv.h"
#include "sim/port/port.h"

#define CURC_SIMST      5
#define SPURIOUS_CHANCE 0.1 /* of the reads; CONSOLE: "now and then" */

struct mt5700 *mt5700_of(const struct modem *modem)
{
    return modem->state;
}

uint64_t mt5700_amount(const struct modem *modem, enum mt5700_option option)
{
    return (uint64_t)modem_dialect_number(modem, option);
}

int mt5700_pass(struct modem *modem, enum mt5700_point point, const struct fault_at *at)
{
    return modem_step(modem, &mt5700_points[point], at, NULL);
}

/* ---- words ---- */

/* The demo of S 4.2 has a space behind each comma, where real units have none. */
static void space_commas(struct buf *text)
{
    struct buf spaced = {0};

    for (size_t i = 0; i < text->len; i++) {
        buf_add_char(&spaced, text->data[i]);
        if (text->data[i] == ',' && text->data[i + 1] != ' ')
            buf_add_char(&spaced, ' ');
    }
    buf_deinit(text);
    *text = spaced;
}

static void compose(const struct modem *modem, struct buf *out, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void compose(const struct modem *modem, struct buf *out, const char *format, va_list args)
{
    buf_vprintf(out, format, args);
    if (modem_quirk(modem, MT5700_DEMO_SPACES))
        space_commas(out);
}

void mt5700_say(struct modem *modem, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    compose(modem, &text, format, args);
    va_end(args);
    modem_urc_line(modem, "%s", buf_text(&text));
    buf_deinit(&text);
}

void mt5700_reply(struct line *line, struct at_reply *reply, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    compose(line->modem, &text, format, args);
    va_end(args);
    at_reply_line(reply, "%s", buf_text(&text));
    buf_deinit(&text);
}

/* ---- boot ---- */

static void say_list(struct modem *modem, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, "|");

        modem_urc_line(modem, "%.*s", (int)len, list);
        list += len + (list[len] == '|');
    }
}

static int step_ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    if (modem_quirk(modem, MT5700_BOOT_URCS))
        say_list(modem, modem_dialect_text(modem, MT5700_OPTION_BOOT_LIST));
    else
        modem_urc_line(modem, "^SYSSTART");
    return mt5700_report(modem);
}

static int step_sim(struct modem *modem)
{
    modem_urc(modem, URC_SIM, 0, 0);
    net_radio(modem, modem->function == 1);
    return 0;
}

const struct boot_step mt5700_boot[MT5700_BOOT_STEP_COUNT] = {
    [MT5700_BOOT_LOADER] = {"loader", MT5700_OPTION_LOADER_DELAY, mt5700_loader},
    [MT5700_BOOT_READY] = {"ready",  MT5700_OPTION_REBOOT_TO_AT, step_ready   },
    [MT5700_BOOT_SIM] = {"sim",    MT5700_OPTION_BOOT_GAP,     step_sim     },
};

void mt5700_power_up(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    gpp_power_up(modem);
    gpp_define_context(modem, 0, "IP", ""); /* CONSOLE: 0, 1, 5 and 6 */
    gpp_define_context(modem, 5, "IPV4V6", "ims");
    gpp_define_context(modem, 6, "IP", "");
    mt->gpp.creg_n = 0; /* report modes as a real unit has them: CONSOLE; +CEREG also S 4.1.1 */
    mt->gpp.cereg_n = mt->c5greg_n = 2;
    mt->cgreg_n = mt->cireg_n = 1;
    mt->was_registered = false;
    mt->error = 0;
    mt->is_requery = false;
    mt->url[0] = '\0';
    mt5700_forget_volatile(modem);
    mt5700_service_power_up(modem);
    mt5700_fota_power_up(modem);
}

void mt5700_power_down(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);

    mt5700_end_transfer(modem);
    mt5700_query_free(mt->query);
    mt->query = NULL;
    download_free(mt->hota);
    mt->hota = NULL;
    buf_deinit(&mt->hota_answer);
    mt5700_drop_installer(modem);
    free(mt->changelog);
    mt->changelog = NULL;
    mt5700_ssl_free(mt->ssl); /* S 5: not kept without power */
    mt->ssl = NULL;
}

static int on_reset_due(struct modem *modem, void *arg)
{
    return modem_restart(modem);
}

int mt5700_reset_soon(struct modem *modem)
{
    modem_after(modem, NULL, mt5700_amount(modem, MT5700_OPTION_RESET_DELAY), on_reset_due, NULL);
    return AT_OK;
}

/* ---- lines ---- */

size_t mt5700_lines_used(const struct modem *modem)
{
    return modem_quirk(modem, MT5700_USB5) ? MT5700_LINE_COUNT : MT5700_LINE_SERIAL_B;
}

static bool speaks_at(const struct line *line)
{
    const struct line *const *lines = (const struct line *const *)line->modem->lines;

    return line != lines[MT5700_LINE_DIAG] && line != lines[MT5700_LINE_GPS];
}

void mt5700_line_up(struct line *line)
{
    line->rate = 0; /* USB has no rate */
    line->settings.cmee = (unsigned)modem_dialect_number(line->modem, MT5700_OPTION_CMEE);
    gpp_load_profile(line);
}

long mt5700_line_rx(struct line *line, const char *bytes, size_t len)
{
    return speaks_at(line) ? 0 : (long)len;
}

enum line_voice mt5700_line_voice(struct line *line)
{
    bool says_all = modem_dialect_number(line->modem, MT5700_OPTION_URC_PORTS) == 1;

    if (line == line->modem->lines[MT5700_LINE_AT])
        return LINE_SPEAKS;
    return says_all && speaks_at(line) ? LINE_SPEAKS : LINE_LOSES;
}

int mt5700_before_command(struct line *line, const struct at_req *req)
{
    bool is_glitch = modem_quirk(line->modem, MT5700_SPURIOUS_ERROR) && req->verb == AT_READ &&
                     rng_chance(&line->modem->rng, SPURIOUS_CHANCE);

    return is_glitch ? AT_ERROR : 0;
}

uint64_t mt5700_think_us(struct line *line)
{
    uint64_t least = mt5700_amount(line->modem, MT5700_OPTION_LATENCY_MIN);
    uint64_t most = mt5700_amount(line->modem, MT5700_OPTION_LATENCY_MAX);

    return most > least ? least + rng_below(&line->modem->rng, most - least) : least;
}

/* ---- URCs ---- */

static void sim_words(const struct modem *modem, struct buf *out)
{
    if (modem_quirk(modem, MT5700_BOOT_URCS) || !mt5700_curc(modem, CURC_SIMST))
        return;
    switch (modem->sim.state) {
    case SIM_READY:
        buf_add_text(out, "^SIMST: 1");
        break;
    case SIM_PIN:
    case SIM_PUK:
        buf_add_text(out, "^SIMST: 0");
        break;
    case SIM_ABSENT:
        buf_add_text(out, "^SIMST: 255");
        break;
    }
}

/* Registration is worded in mt5700_registration_urcs, since one change gives several lines. */
void mt5700_urc_text(struct line *line, const struct urc *urc, struct buf *out)
{
    const struct modem *modem = line->modem;

    switch (urc->kind) {
    case URC_SIM:
        sim_words(modem, out);
        break;
    case URC_CONNECTION:
        if (gpp_of(line)->cscon_n)
            buf_printf(out, "+CSCON: %ld,7,4,0", urc->a); /* the form of S 4.2, on NR as well */
        break;
    case URC_TIME_ZONE:
        gpp_urc_text(line, urc, out);
        break;
    case URC_TEXT:
    case URC_REGISTRATION:
    case URC_ADDRESS:
    case URC_FUNCTION:
    case URC_VENDOR:
        break;
    }
}
