/*
 * A line's way out: what is collected for one write goes through the UART's rate and the faults of
 * line.tx into the trace and the port.
 * SPDX-License-Identifier: MIT
 */
#include "sim/modem/line.h"

#include "sim/base/trace.h"
#include "sim/modem/line_private.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"
#include "sim/port/port.h"

#define SPLIT_GAP_US 20000u /* between the two reads of a URC that a fault splits */

/* ---- the UART's rate ---- */

bool line_rate_fits(struct line *line, long rate)
{
    long host;

    if (rate == 0)
        return true;
    host = port_baud(line->port);
    return host == 0 || host == rate;
}

/* What a UART makes of bytes at a foreign rate: as many bytes, none of them right. */
void line_garble(struct line *line, char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(bytes[i] ^ (0x80 | rng_below(&line->modem->rng, 0x7f)));
}

/* ---- out: faults, trace, port ---- */

static int on_stall_over(struct modem *modem, void *arg)
{
    return 0; /* leaving the modem settles the line, which sends what was held back */
}

static void put(struct line *line, const char *bytes, size_t len)
{
    uint64_t dropped_before = line->port->dropped_bytes;

    if (len == 0)
        return;
    trace_add(line->modem->bench->trace, TRACE_TX, line->who, bytes, len);
    if (port_write(line->port, bytes, len) < 0 && dropped_before == 0)
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                   "the host does not read: bytes are dropped from here on");
}

void line_hold_back(struct buf *held, const void *bytes, size_t len)
{
    size_t room = STALLED_MAX - held->len;

    buf_add(held, bytes, len < room ? len : room);
}

/* Bytes that may end in a fault. Return: 0 or MODEM_GONE. */
static int send_bytes(struct line *line, const char *bytes, size_t len)
{
    struct modem *modem = line->modem;
    const struct fault_point *point = line->tx_point;
    struct buf passed = {0};
    struct fault_effect effect;
    size_t used;
    int r = 0;

    if (line->stall_timer) {
        line_hold_back(&line->stalled, bytes, len);
        return 0;
    }
    if (!fault_bytes_armed(modem->plan, point)) {
        fault_bytes_skip(modem->plan, point, len);
        put(line, bytes, len);
        return 0;
    }
    while (len > 0 && r == 0 && !line->stall_timer) {
        effect = fault_bytes(modem->plan, point, bytes, len, &passed, &used);
        put(line, buf_text(&passed), passed.len);
        buf_clear(&passed);
        bytes += used;
        len -= used;
        if (effect.action == FAULT_STALL || effect.action == FAULT_DELAY)
            modem_after(modem, &line->stall_timer, effect.duration_us, on_stall_over, NULL);
        else if (effect.action != FAULT_NONE)
            r = modem_going(modem, &effect);
    }
    if (r == 0)
        line_hold_back(&line->stalled, bytes, len);
    buf_deinit(&passed);
    return r;
}

/* In one write, or in two that are a moment apart. */
static int send_out(struct line *line)
{
    const char *bytes = line->out.data;
    size_t len = line->out.len;
    int r;

    if (line->split_at == 0 || line->split_at >= len)
        return send_bytes(line, bytes, len);
    r = send_bytes(line, bytes, line->split_at);
    if (r == 0 && !line->stall_timer)
        modem_after(line->modem, &line->stall_timer, SPLIT_GAP_US, on_stall_over, NULL);
    return r < 0 ? r : send_bytes(line, bytes + line->split_at, len - line->split_at);
}

/* One write for echo, reply and the URCs behind it. */
int line_flush(struct line *line)
{
    struct buf held = {0};
    int r = 0;

    if (line->stalled.len > 0 && !line->stall_timer) {
        held = line->stalled;
        line->stalled = (struct buf){0};
        r = send_bytes(line, held.data, held.len);
        buf_deinit(&held);
    }
    if (line->out.len > 0 && r == 0) {
        if (!line_rate_fits(line, line->rate))
            line_garble(line, line->out.data, line->out.len);
        r = send_out(line);
    }
    buf_clear(&line->out);
    line->split_at = 0;
    return r;
}

void line_write_raw(struct line *line, const void *bytes, size_t len, long rate)
{
    struct buf copy = {0};

    if (line_flush(line) < 0)
        return;
    buf_add(&copy, bytes, len);
    if (!line_rate_fits(line, rate))
        line_garble(line, copy.data, copy.len);
    send_bytes(line, copy.data, copy.len);
    buf_deinit(&copy);
}
