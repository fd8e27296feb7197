/* SPDX-License-Identifier: MIT */
#include "harness/stage.h"

#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/trace.h"
#include "sim/modem/download.h"
#include "sim/modem/package.h"

int stage_init(struct stage *stage, const struct stage_config *config, struct buf *error_out)
{
    int r;

    *stage = (struct stage){0};
    clock_init(&stage->clock, config->is_virtual ? CLOCK_MANUAL : CLOCK_REAL, config->time_scale);
    r = loop_init(&stage->loop, &stage->clock);
    if (r < 0) {
        buf_printf(error_out, "no event loop: %s", strerror(-r));
        clock_deinit(&stage->clock);
        return r;
    }
    stage->bench = (struct bench){
        .clock = &stage->clock,
        .loop = &stage->loop,
        .trace = trace_new(&stage->clock),
        .resolver = resolver_new(config->allow_network),
        .catalog = package_catalog_new(),
        .dir = config->dir,
    };
    rng_init(&stage->bench.rng, config->seed);
    return 0;
}

void stage_deinit(struct stage *stage)
{
    package_catalog_free(stage->bench.catalog);
    resolver_free(stage->bench.resolver);
    trace_free(stage->bench.trace);
    loop_deinit(&stage->loop);
    clock_deinit(&stage->clock);
}
