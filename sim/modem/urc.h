/*
 * Unsolicited results. What happened is a kind with numbers; how it reads is the dialect's business
 * and is decided at the moment of sending. An URC that comes due while a reply is open waits
 * behind it (3GPP 27.007 4.1 leaves the order to the modem; the gate in line_urc.c decides).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

#define URC_PENDING_MAX 128  /* waiting behind one reply; more are dropped and noted */
#define URC_TEXT_MAX    2304 /* a block of 1024 bytes in hex, and what stands around it */

enum urc_kind {
    URC_TEXT,         /* text holds the words already */
    URC_REGISTRATION, /* net.registration changed */
    URC_CONNECTION,   /* signalling connection: a = 1 connected, 0 idle */
    URC_ADDRESS,      /* the default bearer has its address */
    URC_SIM,          /* the SIM card's state */
    URC_FUNCTION,     /* +CFUN level: a */
    URC_TIME_ZONE,
    URC_VENDOR, /* a = the dialect's own number */
};

struct urc {
    enum urc_kind kind;
    long a, b;
    char *text; /* owned by the queue; NULL unless needed */
    struct urc *next;
};
