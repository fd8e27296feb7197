/* SPDX-License-Identifier: MIT */
#include "harness/lines.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/stage.h"
#include "harness/vtime/page.h"
#include "harness/vtime/vtime.h"
#include "lua/engine.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"
#include "sim/port/port.h"

#define RI_PULSE_US 120000u
#define RUNS        (TIOCM_CTS | TIOCM_DSR | TIOCM_CD)
#define HOST_BITS   (TIOCM_DTR | TIOCM_RTS)

struct ring {
    struct lines *lines;
    size_t modem;
    struct timer end;
    bool is_on;
};

struct lines {
    struct stage *stage;
    struct engine *engine;
    struct vtime *vtime;
    struct ring rings[ENGINE_MODEM_MAX];
    uint32_t host[VTIME_LINES_MAX]; /* as recorded last, by place in the page */
};

static void on_ring_over(void *arg)
{
    struct ring *ring = arg;

    ring->is_on = false;
}

/* From within trace_add(): it may only mark and arm timers. */
static void on_record(void *arg, const struct trace_record *record)
{
    struct lines *lines = arg;
    struct modem *modem;

    if (record->kind != TRACE_URC)
        return;
    for (size_t i = 0; i < ENGINE_MODEM_MAX && (modem = engine_modem(lines->engine, i)); i++) {
        size_t len = strlen(modem->name);

        if (strncmp(record->who, modem->name, len) != 0 ||
            (record->who[len] != '\0' && record->who[len] != '.'))
            continue;
        lines->rings[i].is_on = true;
        clock_after(&lines->stage->clock, &lines->rings[i].end, RI_PULSE_US, on_ring_over,
                    &lines->rings[i]);
    }
}

struct lines *lines_new(struct stage *stage, struct engine *engine, struct vtime *vtime)
{
    struct lines *lines = xcalloc(1, sizeof(*lines));

    lines->stage = stage;
    lines->engine = engine;
    lines->vtime = vtime;
    for (size_t i = 0; i < ENGINE_MODEM_MAX; i++)
        lines->rings[i] = (struct ring){.lines = lines, .modem = i};
    trace_listen(stage->bench.trace, on_record, lines);
    return lines;
}

void lines_free(struct lines *lines)
{
    if (!lines)
        return;
    trace_unlisten(lines->stage->bench.trace, on_record, lines);
    for (size_t i = 0; i < ENGINE_MODEM_MAX; i++)
        clock_cancel(&lines->stage->clock, &lines->rings[i].end);
    free(lines);
}

/* The place of a tty in the page; a new one begins with what opening a serial port raises. */
static struct vtime_lines *place_of(struct lines *lines, struct vtime_page *page, uint64_t tty)
{
    for (size_t i = 0; i < VTIME_LINES_MAX; i++) {
        struct vtime_lines *place = &page->lines[i];

        if (atomic_load(&place->tty) == tty)
            return place;
        if (atomic_load(&place->tty) != 0)
            continue;
        atomic_store(&place->host, HOST_BITS);
        lines->host[i] = HOST_BITS;
        atomic_store(&place->tty, tty);
        return place;
    }
    return NULL;
}

static void tell_change(struct lines *lines, const char *who, uint32_t before, uint32_t now)
{
    struct trace *trace = lines->stage->bench.trace;

    if ((before ^ now) & TIOCM_DTR)
        trace_addf(trace, TRACE_STATE, who, "DTR %s", now & TIOCM_DTR ? "on" : "off");
    if ((before ^ now) & TIOCM_RTS)
        trace_addf(trace, TRACE_STATE, who, "RTS %s", now & TIOCM_RTS ? "on" : "off");
}

static uint32_t driven_by(const struct modem *modem, const struct ring *ring)
{
    bool runs = modem->power == MODEM_BOOTING || modem->power == MODEM_ON ||
                modem->power == MODEM_SLEEPING;

    return (runs ? (uint32_t)RUNS : 0) | (ring->is_on && runs ? (uint32_t)TIOCM_RI : 0);
}

static void follow_tty(struct lines *lines, struct vtime_page *page, const struct modem *modem,
                       size_t index, const char *path)
{
    struct vtime_lines *place;
    struct stat info;
    uint32_t wanted = driven_by(modem, &lines->rings[index]), host;

    if (stat(path, &info) < 0)
        return;
    place = place_of(lines, page, info.st_rdev);
    if (!place)
        return;
    host = atomic_load(&place->host);
    tell_change(lines, modem->name, lines->host[place - page->lines], host);
    lines->host[place - page->lines] = host;
    if (atomic_load(&place->modem) == wanted)
        return;
    atomic_store(&place->modem, wanted);
    atomic_fetch_add(&place->change, 1);
    syscall(SYS_futex, &place->change, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void lines_follow(struct lines *lines)
{
    struct vtime_page *page = lines ? vtime_lines_page(lines->vtime) : NULL;
    struct modem *modem;

    for (size_t i = 0; page && i < ENGINE_MODEM_MAX && (modem = engine_modem(lines->engine, i));
         i++) {
        for (size_t j = 0; j < modem->line_count && !modem->is_detached; j++) {
            if (modem->lines[j]->port->path)
                follow_tty(lines, page, modem, i, modem->lines[j]->port->path);
        }
    }
}
