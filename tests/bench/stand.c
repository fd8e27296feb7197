/* SPDX-License-Identifier: MIT */
#include "tests/bench/stand.h"

#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/registry.h"
#include "sim/modem/download.h"
#include "sim/modem/package.h"
#include "tests/bench/measure.h"

static const char *const common_options[][2] = {
    {"registration", "0ms"},
    {"attach",       "0ms"},
};

static const char *const bc26_options[][2] = {
    {"banner_delay", "0ms"},
    {"ready_delay",  "0ms"},
    {"cfun_delay",   "0ms"},
    {"end_delay",    "0ms"},
    {"cpin_delay",   "0ms"},
};

static const char *const bc26_quirks[] = {"baud-fixed-default", "echo-off-default"};

void stand_init(struct stand *stand)
{
    *stand = (struct stand){0};
    clock_init(&stand->clock, CLOCK_REAL, 1);
    if (loop_init(&stand->loop, &stand->clock) < 0)
        die("the kernel gives no event poller");
    stand->trace = trace_new(&stand->clock);
    stand->bench = (struct bench){
        .clock = &stand->clock,
        .loop = &stand->loop,
        .trace = stand->trace,
        .resolver = resolver_new(false),
        .catalog = package_catalog_new(),
    };
    rng_init(&stand->bench.rng, 1);
}

static void set_options(struct modem *modem, const char *const options[][2], size_t count)
{
    struct buf error = {0};

    for (size_t i = 0; i < count; i++) {
        if (modem_set_option(modem, options[i][0], options[i][1], &error) < 0)
            die("%s", buf_text(&error));
    }
    buf_deinit(&error);
}

struct modem *stand_modem(struct stand *stand, const char *dialect, const char *name)
{
    const struct dialect *found = dialect_find(dialect);
    struct modem *modem;
    struct buf error = {0};

    if (!found)
        die("there is no dialect \"%s\"", dialect);
    modem = modem_new(&stand->bench, found, name);
    set_options(modem, common_options, ARRAY_LEN(common_options));
    if (strcmp(dialect, "bc26") != 0)
        return modem;
    set_options(modem, bc26_options, ARRAY_LEN(bc26_options));
    for (size_t i = 0; i < ARRAY_LEN(bc26_quirks); i++) {
        if (modem_set_quirk(modem, bc26_quirks[i], &error) < 0)
            die("%s", buf_text(&error));
    }
    return modem;
}

int stand_start(struct modem *modem, struct port *port)
{
    struct buf error = {0};
    int r = port ? modem_start_on(modem, &port, 1, &error) : modem_start(modem, &error);

    if (r == 0)
        modem_power_on(modem);
    buf_deinit(&error);
    return r;
}

void stand_boot(struct stand *stand, struct modem *modem)
{
    while (!modem_is_running(modem))
        loop_turn(&stand->loop, true);
}
