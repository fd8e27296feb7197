/* SPDX-License-Identifier: MIT */
#include "harness/sandbox_acts.h"

#include <errno.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"

#define RSRP_MIN (-140)
#define RSRP_MAX (-44)

static int power_on(struct modem *modem, const char *argument, struct buf *error_out)
{
    modem_power_on(modem);
    return 0;
}

static int power_cut(struct modem *modem, const char *argument, struct buf *error_out)
{
    modem_cut(modem, CUT_LOST);
    return 0;
}

static int reset(struct modem *modem, const char *argument, struct buf *error_out)
{
    modem_reset(modem);
    return 0;
}

static int say_urc(struct modem *modem, const char *argument, struct buf *error_out)
{
    if (argument[0] && modem_say_urc(modem, NULL, argument) == 0)
        return 0;
    buf_printf(error_out, "%s is %s: it can not say anything", modem->name,
               modem_power_name(modem->power));
    return -EINVAL;
}

static int arm(struct modem *modem, const char *argument, struct buf *error_out)
{
    return modem_fault(modem, argument, error_out) < 0 ? -EINVAL : 0;
}

static int clear_faults(struct modem *modem, const char *argument, struct buf *error_out)
{
    fault_plan_clear(modem->plan);
    return 0;
}

static int set_signal(struct modem *modem, const char *argument, struct buf *error_out)
{
    long long dbm;

    if (text_parse_int(argument, &dbm) < 0 || dbm < RSRP_MIN || dbm > RSRP_MAX) {
        buf_printf(error_out, "\"%s\": RSRP is %d..%d dBm", argument, RSRP_MIN, RSRP_MAX);
        return -EINVAL;
    }
    net_set_rsrp(&modem->net, (int)dbm);
    return 0;
}

static int set_network(struct modem *modem, const char *argument, struct buf *error_out)
{
    if (modem_set_network(modem, argument) == 0)
        return 0;
    buf_printf(error_out, "no network world \"%s\"; there are %s", argument,
               modem_option_rows[MODEM_OPTION_NETWORK].range);
    return -EINVAL;
}

static int detach(struct modem *modem, const char *argument, struct buf *error_out)
{
    modem_detach(modem);
    return 0;
}

static int attach(struct modem *modem, const char *argument, struct buf *error_out)
{
    modem_attach(modem);
    return 0;
}

int sandbox_act(struct modem *modem, const char *act, const char *argument, struct buf *error_out)
{
    static const struct {
        const char *name;
        int (*run)(struct modem *modem, const char *argument, struct buf *error_out);
    } acts[] = {
        {"power_on",     power_on    },
        {"power_cut",    power_cut   },
        {"reset",        reset       },
        {"urc",          say_urc     },
        {"fault",        arm         },
        {"clear_faults", clear_faults},
        {"signal",       set_signal  },
        {"network",      set_network },
        {"detach",       detach      },
        {"attach",       attach      },
    };

    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (strcmp(acts[i].name, act) != 0)
            continue;
        trace_addf(modem->bench->trace, TRACE_NOTE, SANDBOX_WHO, "%s %s%s%s", modem->name, act,
                   argument[0] ? " " : "", argument);
        return acts[i].run(modem, argument, error_out);
    }
    buf_printf(error_out, "no act \"%s\"", act);
    return -EINVAL;
}

void sandbox_describe(const struct modem *modem, struct buf *out)
{
    static const char *const registrations[] = {
        "not searching", "home",    "searching",      "denied",
        "unknown",       "roaming", "home, SMS only", "roaming, SMS only"};
    const char *tty = modem_tty(modem, NULL);

    buf_printf(out, "%s: %s, power %s, firmware %s, fota %s\n", modem->name, modem->dialect->title,
               modem_power_name(modem->power), modem->firmware ? modem->firmware : "unknown",
               modem_fota_state(modem));
    buf_printf(out, "  network %s, RSRP %d dBm, %s; starts: %u; tty %s\n",
               registrations[modem->net.registration], modem->net.signal.rsrp_dbm,
               modem->net.attached ? "attached" : "not attached", modem->boots, tty ? tty : "gone");
    for (size_t i = 0; i < fault_plan_count(modem->plan); i++) {
        struct fault_status status = fault_plan_status(modem->plan, i);

        buf_printf(out, "  fault %s, fired %u\n", status.text, status.fired);
    }
}
