/*
 * The radio network as a modem sees it: signal, registration that takes time, attach, the default
 * bearer. State only, never text: a change raises an URC kind, and each dialect words it.
 * Times come from the modem's options (registration, attach).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct modem;
struct modem_timer;

/* 27.007 10.1.22 <stat>. */
enum net_registration {
    NET_NOT_SEARCHING = 0,
    NET_HOME = 1,
    NET_SEARCHING = 2,
    NET_DENIED = 3,
    NET_UNKNOWN = 4,
    NET_ROAMING = 5,
    NET_HOME_SMS = 6, /* SMS only; not every dialect tells it apart */
    NET_ROAMING_SMS = 7,
};

/* What the scenario says of the world; option "network". */
enum net_world { NET_WORLD_HOME, NET_WORLD_ROAMING, NET_WORLD_DENIED, NET_WORLD_NONE };

struct net_signal {
    int rssi_csq; /* 27.007 8.5, 0-31, 99 */
    int ber;
    int rsrp_index, rsrq_index; /* 27.007 8.69 */
    int rsrp_dbm, rsrq_db, rssi_dbm, snr_db;
};

struct net {
    enum net_world world;
    bool radio_on; /* CFUN=1 */
    enum net_registration registration;
    bool sms_only;      /* the cell gives SMS only: NET_..._SMS, and no bearer */
    bool attach_wanted; /* CGATT */
    bool attached;
    bool bearer;    /* default PDN has an address */
    bool connected; /* signalling connection (RRC) is up, 27.007 +CSCON */
    struct net_signal signal;
    unsigned area, cell; /* TAC, ECI */
    struct modem_timer *timer;
};

void net_init(struct modem *modem);
/* CFUN level changed, or power came or went. Off drops all state at once. */
void net_radio(struct modem *modem, bool on);
/* AT+CGATT. The effect takes the option's time. */
void net_attach(struct modem *modem, bool attach);
/* Traffic begins or has ended. */
void net_set_connected(struct modem *modem, bool connected);
/* The world changed: cell lost, found again, roaming. */
void net_set_world(struct modem *modem, enum net_world world);
bool net_registered(const struct net *net);
/* Signal strength in dBm (RSRP), from which all indices are computed. */
void net_set_rsrp(struct net *net, int rsrp_dbm);
