/*
 * Registration, attach and bearer follow each other, each after its own time:
 *
 *     radio on -> searching -(registration)-> registered -(attach)-> attached, bearer up
 *
 * One timer is enough, since only one of these steps can be on its way. What the world says is
 * looked at when a step completes, not when it begins: a cell may be gone by then.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/net.h"

#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/modem.h"

static int on_registered(struct modem *modem, void *arg);

static const char *state_name(const struct net *net)
{
    if (net->attached)
        return "attached";
    switch (net->registration) {
    case NET_NOT_SEARCHING:
        return "off";
    case NET_HOME:
    case NET_ROAMING:
        return "registered";
    case NET_SEARCHING:
        return "searching";
    case NET_DENIED:
    case NET_UNKNOWN:
        return "denied";
    case NET_HOME_SMS:
    case NET_ROAMING_SMS:
        return "sms only";
    }
    return "off";
}

static void changed(struct modem *modem)
{
    const struct dialect *dialect = modem->dialect;

    trace_addf(modem->bench->trace, TRACE_STATE, modem->name, "net %s", state_name(&modem->net));
    while (dialect && !dialect->net_changed)
        dialect = dialect->base;
    if (dialect)
        dialect->net_changed(modem);
}

static void set_registration(struct modem *modem, enum net_registration registration)
{
    if (modem->net.registration == registration)
        return;
    modem->net.registration = registration;
    modem_urc(modem, URC_REGISTRATION, (long)registration, 0);
    changed(modem);
}

static void drop_bearer(struct modem *modem)
{
    bool had = modem->net.attached || modem->net.bearer;

    modem->net.attached = modem->net.bearer = false;
    if (had)
        changed(modem);
}

void net_init(struct modem *modem)
{
    modem->net = (struct net){
        .world = (enum net_world)modem_number(modem, MODEM_OPTION_NETWORK),
        .attach_wanted = true,
        .area = 0x6923,
        .cell = 0x69C952,
    };
    net_set_rsrp(&modem->net, (int)modem_number(modem, MODEM_OPTION_RSRP));
}

bool net_registered(const struct net *net)
{
    return net->registration == NET_HOME || net->registration == NET_ROAMING;
}

static int finish_attach(struct modem *modem, void *arg)
{
    struct net *net = &modem->net;

    if (!net_registered(net))
        return 0;
    net->attached = net->bearer = true;
    modem_urc(modem, URC_ADDRESS, 0, 0);
    changed(modem);
    return 0;
}

static int on_attached(struct modem *modem, void *arg)
{
    uint64_t delay_us = 0;
    int r = modem_step(modem, &fault_points[FAULT_POINT_NET_PDP], NULL, &delay_us);

    if (r < 0)
        return r;
    if (r > 0)
        return 0;
    if (delay_us == 0)
        return finish_attach(modem, NULL);
    modem_after(modem, &modem->net.timer, delay_us, finish_attach, NULL);
    return 0;
}

static void begin_attach(struct modem *modem)
{
    if (modem->net.attach_wanted && !modem->net.attached)
        modem_after(modem, &modem->net.timer, (uint64_t)modem_number(modem, MODEM_OPTION_ATTACH),
                    on_attached, NULL);
}

static void begin_search(struct modem *modem)
{
    set_registration(modem, NET_SEARCHING);
    modem_after(modem, &modem->net.timer, (uint64_t)modem_number(modem, MODEM_OPTION_REGISTRATION),
                on_registered, NULL);
}

static int finish_registration(struct modem *modem, void *arg)
{
    if (modem->net.sms_only) {
        set_registration(modem,
                         modem->net.world == NET_WORLD_HOME ? NET_HOME_SMS : NET_ROAMING_SMS);
        return 0;
    }
    set_registration(modem, modem->net.world == NET_WORLD_HOME ? NET_HOME : NET_ROAMING);
    begin_attach(modem);
    return 0;
}

static int on_registered(struct modem *modem, void *arg)
{
    uint64_t delay_us = 0;
    int r;

    switch (modem->net.world) {
    case NET_WORLD_NONE:
        return 0; /* goes on searching; net_set_world() starts again */
    case NET_WORLD_DENIED:
        set_registration(modem, NET_DENIED);
        return 0;
    case NET_WORLD_HOME:
    case NET_WORLD_ROAMING:
        break;
    }
    r = modem_step(modem, &fault_points[FAULT_POINT_NET_REGISTER], NULL, &delay_us);
    if (r < 0)
        return r;
    if (r > 0) {
        set_registration(modem, NET_DENIED);
        return 0;
    }
    if (delay_us == 0)
        return finish_registration(modem, NULL);
    modem_after(modem, &modem->net.timer, delay_us, finish_registration, NULL);
    return 0;
}

void net_radio(struct modem *modem, bool on)
{
    if (modem->net.radio_on == on)
        return;
    modem->net.radio_on = on;
    modem_cancel(modem, &modem->net.timer);
    if (!on) {
        drop_bearer(modem);
        set_registration(modem, NET_NOT_SEARCHING);
        return;
    }
    if (modem->sim.state == SIM_READY)
        begin_search(modem);
}

void net_set_connected(struct modem *modem, bool connected)
{
    if (modem->net.connected == connected)
        return;
    modem->net.connected = connected;
    modem_urc(modem, URC_CONNECTION, connected, 0);
}

void net_attach(struct modem *modem, bool attach)
{
    modem->net.attach_wanted = attach;
    if (!attach) {
        drop_bearer(modem);
        return;
    }
    if (net_registered(&modem->net))
        begin_attach(modem);
}

void net_set_world(struct modem *modem, enum net_world world)
{
    modem->net.world = world;
    if (!modem->net.radio_on)
        return;
    modem_cancel(modem, &modem->net.timer);
    if (world == NET_WORLD_NONE || world == NET_WORLD_DENIED)
        drop_bearer(modem);
    begin_search(modem);
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void net_set_rsrp(struct net *net, int rsrp_dbm)
{
    struct net_signal *signal = &net->signal;

    signal->rsrp_dbm = rsrp_dbm;
    signal->rsrq_db = -14;
    signal->snr_db = 8;
    /* RSRP is one of 12 subcarriers of NB-IoT's single block: RSSI lies some 13 dB above it. */
    signal->rssi_dbm = rsrp_dbm + 13;
    signal->rssi_csq = clamp((signal->rssi_dbm + 113) / 2, 0, 31); /* 27.007 8.5 */
    signal->ber = 0;
    signal->rsrp_index = clamp(rsrp_dbm + 141, 0, 97);             /* 27.007 8.69 */
    signal->rsrq_index = clamp((signal->rsrq_db * 2 + 40), 0, 34); /* half-dB steps from -20 */
}
