/*
 * One port of a recording: the host gets a pty of ours, the device's tty is opened by us, and bytes
 * pass in both directions as they come. When the device goes away (a USB modem that restarts), so
 * does the host's tty; it comes back with the device, under a link that stays the same.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/record.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/port/port.h"
#include "sim/port/port_spec.h"

#define SEARCH_US 50000u /* between two looks for a device that is gone */

static struct trace *trace_of(const struct record_wire *wire)
{
    return wire->recorder->stage.bench.trace;
}

static const char *who(const struct record_wire *wire)
{
    const char *name = wire->recorder->recording.port_names[wire->number];

    return name[0] ? name : "modem";
}

/* ---- bytes ---- */

static void follow_rate(struct record_wire *wire)
{
    long rate = port_baud(wire->host_port);

    if (!wire->follows_rate || rate == 0 || rate == wire->rate)
        return;
    wire->rate = rate;
    serial_port_set_rate(wire->device_port, rate);
}

static void on_host_bytes(void *arg, const void *bytes, size_t len)
{
    struct record_wire *wire = arg;

    follow_rate(wire);
    trace_add(trace_of(wire), TRACE_RX, who(wire), bytes, len);
    port_write(wire->device_port, bytes, len);
    record_heard_host(wire, bytes, len);
}

static void on_device_bytes(void *arg, const void *bytes, size_t len)
{
    struct record_wire *wire = arg;

    trace_add(trace_of(wire), TRACE_TX, who(wire), bytes, len);
    port_write(wire->host_port, bytes, len);
    record_heard_modem(wire, bytes, len);
}

/* ---- the device comes and goes ---- */

static void follow_link(struct record_wire *wire)
{
    struct buf error = {0};

    if (tty_link_set(wire->link, wire->host_port->path, &error) < 0)
        trace_addf(trace_of(wire), TRACE_NOTE, who(wire), "%s", buf_text(&error));
    buf_deinit(&error);
}

static void on_search(void *arg)
{
    struct record_wire *wire = arg;

    if (port_attach(wire->device_port) < 0)
        clock_after(&wire->recorder->stage.clock, &wire->search, SEARCH_US, on_search, wire);
}

static void note_link(struct record_wire *wire, const char *what)
{
    uint64_t now_us = clock_now_us(&wire->recorder->stage.clock);

    trace_addf(trace_of(wire), TRACE_NOTE, who(wire), "the device is %s", what);
    record_add(wire, RECORD_LINK, what, strlen(what), now_us);
    wire->recorder->recording.has_link_loss = true;
}

static void on_device_hosts(void *arg, unsigned count)
{
    struct record_wire *wire = arg;

    if (count > 0) {
        note_link(wire, "back");
        if (port_attach(wire->host_port) == 0)
            follow_link(wire);
        wire->rate = 0;
        return;
    }
    record_heard_settle(wire);
    at_log_restart(&wire->log);
    note_link(wire, "gone");
    port_detach(wire->host_port);
    clock_after(&wire->recorder->stage.clock, &wire->search, SEARCH_US, on_search, wire);
}

/* ---- life ---- */

int record_wire_open(struct record_wire *wire, struct buf *error_out)
{
    static const struct port_up device_up = {.rx = on_device_bytes, .hosts = on_device_hosts};
    static const struct port_up host_up = {.rx = on_host_bytes};
    struct recorder *recorder = wire->recorder;
    struct port_spec spec, pty = {.kind = PORT_PTY};
    int r = port_spec_parse(wire->device, &spec, error_out);

    record_heard_init(wire);
    if (r == 0 && spec.kind != PORT_SERIAL) {
        buf_printf(error_out, "--device %s: wants a tty, /dev/...", wire->device);
        r = -EINVAL;
    }
    if (r == 0)
        r = port_spec_open(&spec, &recorder->stage.loop, &device_up, wire, &wire->device_port,
                           error_out);
    if (r == 0)
        r = port_spec_open(&pty, &recorder->stage.loop, &host_up, wire, &wire->host_port,
                           error_out);
    if (r < 0)
        return r;
    wire->follows_rate = spec.baud == 0;
    wire->link = xasprintf("%s/%s", recorder->dir,
                           wire->number ? recorder->recording.port_names[wire->number] : "tty");
    return tty_link_set(wire->link, wire->host_port->path, error_out);
}

void record_wire_finish(struct record_wire *wire)
{
    clock_cancel(&wire->recorder->stage.clock, &wire->search);
    record_heard_settle(wire);
}

void record_wire_close(struct record_wire *wire)
{
    port_free(wire->host_port);
    port_free(wire->device_port);
    at_log_deinit(&wire->log);
    buf_deinit(&wire->heard);
    free(wire->link);
}
