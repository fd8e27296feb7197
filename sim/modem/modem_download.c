/* SPDX-License-Identifier: MIT */
#include "sim/modem/modem_download.h"

#include "sim/modem/bench.h"
#include "sim/modem/modem.h"

struct download *modem_download(struct modem *modem, const struct download_options *options,
                                const struct download_sink *sink)
{
    struct bench *bench = modem->bench;
    struct download_env env = {
        .loop = bench->loop,
        .clock = bench->clock,
        .trace = bench->trace,
        .who = modem->name,
        .resolver = bench->resolver,
        .plan = modem->plan,
    };

    return download_start(&env, options, sink, modem);
}

void modem_download_fault(void *arg, const struct fault_effect *effect)
{
    struct modem *modem = arg;

    modem_enter(modem);
    modem_leave(modem, modem_going(modem, effect));
}
