/*
 * M531x: the resources of the objects 3, 4 and 5 that the module answers by itself (sheet 6.1).
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/m531x/m531x.h"
#include "sim/modem/nv.h"

#define FREE_MEMORY_KB     60   /* /3/0/10 of the module; no source gives a number */
#define BATTERY_MILLIVOLTS 3600 /* /3/0/26260; no source */

static long long kept(const struct modem *modem, const char *key)
{
    return nv_int(modem->nv, key, 0);
}

static void add_firmware_object(const struct modem *modem, struct buf *out)
{
    buf_printf(out, "%d=%lld\n%d=%lld\n%d=%lld", M531X_RES_STATE, kept(modem, "sota.state"),
               M531X_RES_RESULT, kept(modem, "sota.result"), M531X_RES_SAVED,
               kept(modem, "sota.saved"));
}

static void read_firmware(const struct modem *modem, int resource, struct buf *out)
{
    switch (resource) {
    case CLOUD_ANY:
        add_firmware_object(modem, out);
        break;
    case M531X_RES_URI:
        buf_add_text(out, "COAP://NULL"); /* CIS-fw: a stub */
        break;
    case M531X_RES_STATE:
        buf_printf(out, "%lld", kept(modem, "sota.state"));
        break;
    case M531X_RES_RESULT:
        buf_printf(out, "%lld", kept(modem, "sota.result"));
        break;
    case M531X_RES_PROTOCOL:
        buf_add_text(out, "0"); /* LwM2M 1.0: CoAP */
        break;
    case M531X_RES_DELIVERY:
        buf_add_text(out, "1"); /* push */
        break;
    case M531X_RES_SAVED:
        buf_printf(out, "%lld", kept(modem, "sota.saved"));
        break;
    default:
        break;
    }
}

static void read_device(const struct modem *modem, int resource, struct buf *out)
{
    switch (resource) {
    case M531X_DEV_FIRMWARE:
        buf_add_text(out, modem->firmware);
        break;
    case M531X_DEV_BATTERY:
        buf_printf(out, "%lld", modem_dialect_number(modem, M531X_OPTION_BATTERY));
        break;
    case M531X_DEV_MEMORY:
        buf_printf(out, "%d", FREE_MEMORY_KB);
        break;
    case M531X_DEV_SOFTWARE:
        if (m531x_of(modem)->has_version)
            buf_add_text(out, m531x_of(modem)->version);
        break;
    case M531X_DEV_VOLTAGE:
        buf_printf(out, "%d", BATTERY_MILLIVOLTS);
        break;
    default:
        break;
    }
}

/* In MCU mode these are the host's (S4 step 11). */
static bool is_the_hosts(const struct modem *modem, const struct cloud_message *message)
{
    if (!kept(modem, "sota.mcu"))
        return false;
    if (message->object == M531X_OBJ_FIRMWARE)
        return message->resource == CLOUD_ANY || message->resource == M531X_RES_STATE ||
               message->resource == M531X_RES_RESULT || message->resource == M531X_RES_SAVED;
    return message->object == M531X_OBJ_DEVICE &&
           (message->resource == M531X_DEV_BATTERY || message->resource == M531X_DEV_SOFTWARE ||
            message->resource == M531X_DEV_STORAGE);
}

bool m531x_sota_read(struct modem *modem, const struct cloud_message *message, struct buf *text_out)
{
    const struct net *net = &modem->net;

    if (message->object > M531X_OBJ_FIRMWARE || is_the_hosts(modem, message))
        return false;
    if (message->object == M531X_OBJ_FIRMWARE)
        read_firmware(modem, message->resource, text_out);
    else if (message->object == M531X_OBJ_DEVICE)
        read_device(modem, message->resource, text_out);
    else if (message->object == M531X_OBJ_NETWORK && message->resource == M531X_NET_SIGNAL)
        buf_printf(text_out, "%d", net->signal.rsrp_dbm);
    else if (message->object == M531X_OBJ_NETWORK && message->resource == M531X_NET_CELL)
        buf_printf(text_out, "%u", net->cell);
    return true;
}
