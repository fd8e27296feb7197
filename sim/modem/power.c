/*
 * Power: on, boot steps, cut, reset, hang, and the timers that die with it.
 *
 * Why a cut is carried out late. A fault may take the power away in the middle of a handler, a
 * flash write or a reply. If the cut were carried out right there, the code below it on the stack
 * would go on with a modem that is off. So the fault only notes why (modem_going) and the code
 * returns MODEM_GONE; each caller forwards it, until modem_leave() sees an empty stack.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/fota.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"
#include "sim/modem/nv.h"
#include "sim/port/port.h"

#define NOISE_BYTES 24 /* on a line when the voltage falls */

struct modem_timer {
    struct timer timer;
    struct modem *modem;
    modem_timer_fn fn;
    void *arg;
    struct modem_timer **slot; /* cleared when the timer runs or dies; may be NULL */
    struct modem_timer *next, *prev;
};

/* ---- timers ---- */

static void discard(struct modem *modem, struct modem_timer *timer)
{
    clock_cancel(modem->bench->clock, &timer->timer);
    if (timer->slot)
        *timer->slot = NULL;
    if (timer->prev)
        timer->prev->next = timer->next;
    else
        modem->timers = timer->next;
    if (timer->next)
        timer->next->prev = timer->prev;
    free(timer);
}

static void on_timer(void *arg)
{
    struct modem_timer *timer = arg;
    struct modem *modem = timer->modem;
    modem_timer_fn fn = timer->fn;
    void *fn_arg = timer->arg;

    discard(modem, timer);
    modem_enter(modem);
    modem_leave(modem, fn(modem, fn_arg));
}

void modem_after(struct modem *modem, struct modem_timer **slot, uint64_t delay_us,
                 modem_timer_fn fn, void *arg)
{
    struct modem_timer *timer = xcalloc(1, sizeof(*timer));

    if (slot)
        modem_cancel(modem, slot);
    timer->modem = modem;
    timer->fn = fn;
    timer->arg = arg;
    timer->slot = slot;
    timer->next = modem->timers;
    if (timer->next)
        timer->next->prev = timer;
    modem->timers = timer;
    if (slot)
        *slot = timer;
    clock_after(modem->bench->clock, &timer->timer, delay_us, on_timer, timer);
}

void modem_cancel(struct modem *modem, struct modem_timer **slot)
{
    if (*slot)
        discard(modem, *slot);
}

void modem_drop_timers(struct modem *modem)
{
    while (modem->timers)
        discard(modem, modem->timers);
}

/* ---- power ---- */

const char *modem_power_name(enum modem_power power)
{
    static const char *const names[] = {
        [MODEM_OFF] = "off",           [MODEM_BOOTING] = "booting",   [MODEM_ON] = "on",
        [MODEM_SLEEPING] = "sleeping", [MODEM_FLASHING] = "flashing", [MODEM_HUNG] = "hung",
        [MODEM_DEAD] = "dead",
    };

    return names[power];
}

void modem_set_power(struct modem *modem, enum modem_power power)
{
    if (modem->power == power)
        return;
    modem->power = power;
    trace_addf(modem->bench->trace, TRACE_POWER, modem->name, "%s", modem_power_name(power));
}

bool modem_is_running(const struct modem *modem)
{
    return modem->power == MODEM_ON || modem->power == MODEM_SLEEPING;
}

static int on_boot_step(struct modem *modem, void *arg);

static const struct dialect *booting_dialect(const struct modem *modem)
{
    const struct dialect *dialect = modem->dialect;

    while (dialect->base && dialect->boot_count == 0)
        dialect = dialect->base;
    return dialect;
}

static void schedule_boot_step(struct modem *modem)
{
    const struct dialect *dialect = booting_dialect(modem);
    uint64_t delay_us;

    if (modem->boot_step >= dialect->boot_count)
        return;
    /* Delays are options of the dialect that owns the steps; a base has none of the user's. */
    delay_us = dialect == modem->dialect ? (uint64_t)modem_dialect_number(
                                               modem, dialect->boot[modem->boot_step].delay_option)
                                         : 0;
    modem_after(modem, &modem->boot_timer, delay_us, on_boot_step, NULL);
}

static int on_boot_step(struct modem *modem, void *arg)
{
    const struct boot_step *step = &booting_dialect(modem)->boot[modem->boot_step];
    struct fault_at at = {.text = step->name, .text_len = strlen(step->name)};
    uint64_t delay_us = 0;
    int r = modem_step(modem, &fault_points[FAULT_POINT_BOOT_STEP], &at, &delay_us);

    if (r < 0)
        return r;
    if (delay_us > 0) {
        modem_after(modem, &modem->boot_timer, delay_us, on_boot_step, NULL);
        return 0;
    }
    if (r == 0)
        r = step->run(modem);
    if (r < 0)
        return r;
    if (r == BOOT_STEP_WAITS)
        return 0;
    modem->boot_step++;
    schedule_boot_step(modem);
    return 0;
}

void modem_boot_from(struct modem *modem, size_t step)
{
    modem->boot_step = step;
    schedule_boot_step(modem);
}

/* ---- USB: the ttys go with the power, and come back, maybe under other names ---- */

static bool is_usb(const struct modem *modem)
{
    const char *attachment = modem_text(modem, MODEM_OPTION_ATTACHMENT);

    if (strcmp(attachment, "native") == 0)
        return modem->dialect->is_usb;
    return strcmp(attachment, "usb") == 0;
}

void modem_detach(struct modem *modem)
{
    if (modem->is_detached)
        return;
    for (size_t i = 0; i < modem->line_count; i++)
        port_detach(modem->lines[i]->port);
    modem->is_detached = true;
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "the ttys vanish");
}

static int on_enumerated(struct modem *modem, void *arg)
{
    for (size_t i = 0; i < modem->line_count; i++) {
        struct line *line = modem->lines[i];
        int r;

        line->port->wants_new_path = modem_number(modem, MODEM_OPTION_USB_NUMBER) != 0;
        r = port_attach(line->port);

        if (r < 0)
            trace_addf(modem->bench->trace, TRACE_NOTE, line->who, "no tty: %s", strerror(-r));
        else
            trace_addf(modem->bench->trace, TRACE_NOTE, line->who, "the tty is %s",
                       line->port->path);
    }
    modem->is_detached = false;
    return 0;
}

void modem_attach(struct modem *modem)
{
    if (modem->is_detached)
        on_enumerated(modem, NULL);
}

void modem_enumerate(struct modem *modem)
{
    if (modem->is_detached)
        modem_after(modem, NULL, (uint64_t)modem_number(modem, MODEM_OPTION_USB_DELAY),
                    on_enumerated, NULL);
}

void modem_power_on(struct modem *modem)
{
    if (modem->power == MODEM_SLEEPING)
        MODEM_HOOK(modem, wake, modem);
    if (modem->power != MODEM_OFF)
        return;
    clock_cancel(modem->bench->clock, &modem->dip_timer);
    modem->boots++;
    modem->function = 1;
    modem_enter(modem);
    modem_set_power(modem, MODEM_BOOTING);
    if (!modem->dialect->enumerates_late)
        modem_enumerate(modem);
    sim_card_power_up(modem);
    if (firmware_load(modem) < 0) {
        modem_set_power(modem, MODEM_DEAD);
    } else {
        trace_addf(modem->bench->trace, TRACE_STATE, modem->name, "firmware %s", modem->firmware);
        for (size_t i = 0; i < modem->line_count; i++)
            line_power_up(modem->lines[i]);
        MODEM_HOOK(modem, power_up, modem);
        modem_boot_from(modem, 0);
    }
    modem_leave(modem, 0);
}

/* What cut, reset and hang share: nothing that was pending is ever done or said. */
static void stop(struct modem *modem)
{
    assert(modem->depth == 0);
    modem_drop_timers(modem);
    MODEM_HOOK(modem, power_down, modem);
    for (size_t i = 0; i < modem->line_count; i++)
        line_power_down(modem->lines[i]);
    if (is_usb(modem))
        modem_detach(modem);
    modem->net.radio_on = modem->net.attached = modem->net.bearer = modem->net.connected = false;
    modem->net.registration = NET_NOT_SEARCHING;
}

void modem_cut(struct modem *modem, enum cut_policy policy)
{
    clock_cancel(modem->bench->clock, &modem->dip_timer);
    if (modem->power == MODEM_OFF)
        return;
    modem->cuts++;
    stop(modem);
    nv_power_lost(modem->nv, policy);
    modem_set_power(modem, MODEM_OFF);
}

void modem_reset(struct modem *modem)
{
    if (modem->power == MODEM_OFF)
        return;
    stop(modem);
    nv_power_lost(modem->nv, CUT_LOST);
    /* The supply stays: no "off" is recorded, or whoever waits for a power cut would see one. */
    trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "reset");
    modem->power = MODEM_OFF;
    modem_power_on(modem);
}

static void on_dip_over(void *arg)
{
    modem_power_on(arg);
}

/* What the lines carry while the voltage falls. A USB module is gone from its bus before. */
static void make_noise(struct modem *modem)
{
    char noise[NOISE_BYTES];

    for (size_t i = 0; i < modem->line_count && !modem->is_detached; i++) {
        struct line *line = modem->lines[i];

        rng_bytes(&modem->rng, noise, sizeof(noise));
        trace_add(modem->bench->trace, TRACE_TX, line->who, noise, sizeof(noise));
        port_write(line->port, noise, sizeof(noise));
    }
}

static void brown_out(struct modem *modem, const struct fault_effect *effect)
{
    modem->cuts++;
    stop(modem);
    make_noise(modem);
    nv_power_lost(modem->nv, effect->policy);
    modem_set_power(modem, MODEM_OFF);
    clock_after(modem->bench->clock, &modem->dip_timer, effect->duration_us, on_dip_over, modem);
}

static void hang(struct modem *modem)
{
    stop(modem);
    modem_set_power(modem, MODEM_HUNG);
}

/* ---- entries, and the way out of a cut ---- */

void modem_enter(struct modem *modem)
{
    modem->depth++;
}

static void carry_out(struct modem *modem)
{
    struct fault_effect gone = modem->gone;

    modem->going = false;
    if (gone.action == FAULT_POWER_CUT)
        modem_cut(modem, gone.policy);
    else if (gone.action == FAULT_HANG)
        hang(modem);
    else if (gone.action == FAULT_BROWN_OUT)
        brown_out(modem, &gone);
    else
        modem_reset(modem);
}

void modem_leave(struct modem *modem, int result)
{
    assert(modem->depth > 0);
    assert(result != MODEM_GONE || modem->going);
    if (modem->depth == 1 && !modem->going) {
        for (size_t i = 0; i < modem->line_count && !modem->going; i++)
            line_settle(modem->lines[i]);
    }
    modem->depth--;
    if (modem->depth == 0 && modem->going)
        carry_out(modem);
}

int modem_going(struct modem *modem, const struct fault_effect *effect)
{
    if (!modem->going) {
        modem->gone = *effect;
        modem->going = true;
    }
    return MODEM_GONE;
}

static int on_restart_due(struct modem *modem, void *arg)
{
    struct fault_effect restart = {.action = FAULT_RESET};

    return modem_going(modem, &restart);
}

int modem_restart(struct modem *modem)
{
    uint64_t delay_us = 0;
    int r = modem_step(modem, &fault_points[FAULT_POINT_REBOOT], NULL, &delay_us);

    if (r < 0)
        return r;
    if (r > 0) /* the reset fails: what waits for it waits for ever */
        return 0;
    if (delay_us == 0)
        return on_restart_due(modem, NULL);
    modem_after(modem, NULL, delay_us, on_restart_due, NULL);
    return 0;
}

struct fault_effect modem_pass(struct modem *modem, const struct fault_point *point,
                               const struct fault_at *at)
{
    struct fault_effect effect = fault_step(modem->plan, point, at);

    if (fault_takes_power(effect.action))
        modem_going(modem, &effect);
    return effect;
}

int modem_step(struct modem *modem, const struct fault_point *point, const struct fault_at *at,
               uint64_t *delay_us_out)
{
    struct fault_effect effect = modem_pass(modem, point, at);

    if (modem->going && fault_takes_power(effect.action))
        return MODEM_GONE;
    if (effect.action == FAULT_FAIL)
        return effect.code > 0 ? AT_CME((int)effect.code) : AT_ERROR;
    if (effect.action == FAULT_DELAY && delay_us_out)
        *delay_us_out = effect.duration_us;
    return 0;
}
