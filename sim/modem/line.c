/* SPDX-License-Identifier: MIT */
#include "sim/modem/line.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/at/at_parser.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"
#include "sim/port/port.h"

#define STALLED_MAX   65536             /* bytes that a stall fault holds back in one direction */
#define QUEUED_IN_MAX (4 * AT_LINE_MAX) /* bytes that may wait for a pending command */

static const struct at_exec_ops exec_ops;
static int drain(struct line *line);

/* ---- life ---- */

struct line *line_new(struct modem *modem, const struct line_row *row, struct port *port)
{
    struct line *line = xcalloc(1, sizeof(*line));

    line->modem = modem;
    line->name = row->name;
    line->rx_point = row->rx_point ? row->rx_point : &fault_points[FAULT_POINT_LINE_RX];
    line->tx_point = row->tx_point ? row->tx_point : &fault_points[FAULT_POINT_LINE_TX];
    line->who = modem->line_count == 0 ? xstrdup(modem->name)
                                       : xasprintf("%s.%s", modem->name, row->name);
    line->port = port;
    port->up = &line_port_up;
    port->arg = line;
    at_settings_init(&line->settings);
    line->parser = at_parser_new(&line->settings);
    line->exec = at_exec_new(line, &exec_ops, &modem->style, &line->settings);
    return line;
}

static void drop_urcs(struct line *line)
{
    while (line->urcs) {
        struct urc *urc = line->urcs;

        line->urcs = urc->next;
        urc_free(urc);
    }
    line->urc_count = 0;
}

void line_free(struct line *line)
{
    drop_urcs(line);
    at_exec_free(line->exec);
    at_parser_free(line->parser);
    port_free(line->port);
    buf_deinit(&line->out);
    buf_deinit(&line->stalled);
    buf_deinit(&line->queued_in);
    buf_deinit(&line->stalled_in);
    buf_deinit(&line->delayed_reply);
    free(line->who);
    free(line);
}

void line_power_up(struct line *line)
{
    struct modem *modem = line->modem;

    at_settings_init(&line->settings);
    line->train_seen = 0;
    fault_bytes_restart(modem->plan, line->rx_point, 0);
    fault_bytes_restart(modem->plan, line->tx_point, 0);
    MODEM_HOOK(modem, line_up, line);
}

void line_power_down(struct line *line)
{
    drop_urcs(line);
    at_exec_reset(line->exec);
    at_parser_reset(line->parser);
    buf_clear(&line->out);
    buf_clear(&line->stalled);
    buf_clear(&line->queued_in);
    buf_clear(&line->stalled_in);
    buf_clear(&line->delayed_reply);
    port_flush(line->port);
}

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
static void garble(struct line *line, char *bytes, size_t len)
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

/* Keep what a stall holds back; what does not fit is lost, as in a UART that overruns. */
static void hold_back(struct buf *held, const void *bytes, size_t len)
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
        hold_back(&line->stalled, bytes, len);
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
        hold_back(&line->stalled, bytes, len);
    buf_deinit(&passed);
    return r;
}

/* One write for echo, reply and the URCs behind it. */
static int flush(struct line *line)
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
            garble(line, line->out.data, line->out.len);
        r = send_bytes(line, line->out.data, line->out.len);
    }
    buf_clear(&line->out);
    return r;
}

void line_write_raw(struct line *line, const void *bytes, size_t len, long rate)
{
    struct buf copy = {0};

    if (flush(line) < 0)
        return;
    buf_add(&copy, bytes, len);
    if (!line_rate_fits(line, rate))
        garble(line, copy.data, copy.len);
    send_bytes(line, copy.data, copy.len);
    buf_deinit(&copy);
}

/* ---- URCs and their gate ---- */

void urc_free(struct urc *urc)
{
    free(urc->text);
    free(urc);
}

void line_queue_urc(struct line *line, const struct urc *urc)
{
    struct urc **end = &line->urcs;
    struct urc *copy;

    if (line->urc_count >= URC_PENDING_MAX) {
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                   "%d URCs wait already: one more is dropped", URC_PENDING_MAX);
        return;
    }
    copy = xcalloc(1, sizeof(*copy));
    *copy = (struct urc){.kind = urc->kind, .a = urc->a, .b = urc->b, .text = xstrdup(urc->text)};
    while (*end)
        end = &(*end)->next;
    *end = copy;
    line->urc_count++;
}

void line_urc_text(struct line *line, const char *text)
{
    struct urc urc = {.kind = URC_TEXT};

    urc.text = xstrndup(text, URC_TEXT_MAX);
    line_queue_urc(line, &urc);
    free(urc.text);
}

static enum line_voice voice(struct line *line)
{
    const struct dialect *dialect = line->modem->dialect;

    while (dialect && !dialect->line_voice)
        dialect = dialect->base;
    return dialect ? dialect->line_voice(line) : LINE_SPEAKS;
}

static bool gate_is_open(const struct line *line)
{
    return line->urcs && !at_exec_open(line->exec) && !line->reply_timer;
}

static void say(struct line *line, const struct urc *urc, struct buf *words)
{
    struct modem *modem = line->modem;
    struct fault_at at;
    int r;

    if (urc->text)
        buf_add_text(words, urc->text);
    else
        MODEM_HOOK(modem, urc_text, line, urc, words);
    if (words->len == 0)
        return;
    at = (struct fault_at){.text = words->data, .text_len = words->len};
    r = modem_step(modem, &fault_points[FAULT_POINT_URC], &at, NULL);
    if (r != 0)
        return; /* gone, or lost on its way */
    trace_add(modem->bench->trace, TRACE_URC, line->who, words->data, words->len);
    at_format_line(&line->out, words->data, words->len, &line->settings);
}

static void open_gate(struct line *line)
{
    struct buf words = {0};

    while (gate_is_open(line) && !line->modem->going) {
        enum line_voice can = voice(line);
        struct urc *urc = line->urcs;

        if (can == LINE_HOLDS)
            break;
        line->urcs = urc->next;
        line->urc_count--;
        if (can == LINE_SPEAKS)
            say(line, urc, &words);
        buf_clear(&words);
        urc_free(urc);
    }
    buf_deinit(&words);
}

void line_settle(struct line *line)
{
    if (line->urcs)
        open_gate(line);
    if (line->modem->going) {
        buf_clear(&line->out);
        return;
    }
    flush(line);
}

/* ---- what the executor asks of us ---- */

static const struct at_cmd *exec_find(struct line *line, const char *name)
{
    const struct at_cmd *row = modem_overridden(line->modem, name);

    return row ? row : dialect_command(line->modem->dialect, name);
}

static void trace_command(struct line *line, const char *text, size_t len)
{
    trace_addf(line->modem->bench->trace, TRACE_CMD, line->who, "AT%.*s", (int)len, text);
}

static int on_hold_over(struct modem *modem, void *arg)
{
    struct line *line = arg;
    int r = at_exec_resume(line->exec);

    return r < 0 ? r : drain(line);
}

static int exec_before(struct line *line, const struct at_req *req)
{
    struct modem *modem = line->modem;
    char member[AT_NAME_MAX + 1];
    struct fault_at at = {.member = member, .text = req->text, .text_len = req->text_len};
    uint64_t delay_us = 0;
    int r;

    trace_command(line, req->text, req->text_len);
    dialect_member_name(req->name, member, sizeof(member));
    r = modem_step(modem, &fault_points[FAULT_POINT_AT], &at, &delay_us);
    if (r == 0 && delay_us > 0) {
        modem_after(modem, &line->hold_timer, delay_us, on_hold_over, line);
        return AT_PENDING;
    }
    return r;
}

static void exec_unhandled(struct line *line, const struct at_req *req)
{
    char *text = xasprintf("AT%.*s", (int)req->text_len, req->text);

    trace_command(line, req->text, req->text_len);
    modem_note_unhandled(line->modem, text);
    free(text);
}

static int on_reply_due(struct modem *modem, void *arg)
{
    struct line *line = arg;

    buf_add(&line->out, buf_text(&line->delayed_reply), line->delayed_reply.len);
    buf_clear(&line->delayed_reply);
    return drain(line);
}

static void exec_send(struct line *line, const char *bytes, size_t len, bool final)
{
    uint64_t delay_us = (uint64_t)modem_number(line->modem, MODEM_OPTION_REPLY_DELAY);

    if (delay_us == 0) {
        buf_add(&line->out, bytes, len);
        return;
    }
    buf_add(&line->delayed_reply, bytes, len);
    if (!line->reply_timer)
        modem_after(line->modem, &line->reply_timer, delay_us, on_reply_due, line);
}

static void exec_prompt(struct line *line)
{
    at_parser_expect_data(line->parser);
}

static const struct at_exec_ops exec_ops = {
    .find = exec_find,
    .before = exec_before,
    .unhandled = exec_unhandled,
    .send = exec_send,
    .prompt = exec_prompt,
};

struct at_reply *line_reply(struct line *line)
{
    return at_exec_reply(line->exec);
}

/* ---- in: trace, faults, dialect, parser, executor ---- */

static bool is_blank(const char *text, size_t len)
{
    while (len > 0 && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    return len == 0;
}

static int serve(struct line *line, const struct at_event *event)
{
    switch (event->type) {
    case AT_EVENT_LINE:
        if (is_blank(event->text, event->len))
            trace_command(line, "", 0);
        return at_exec_line(line->exec, event->text, event->len, event->too_long);
    case AT_EVENT_REPEAT:
        return at_exec_repeat(line->exec);
    case AT_EVENT_DATA:
        return at_exec_data(line->exec, event->text, event->len, event->cancelled);
    case AT_EVENT_JUNK:
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                   "a line without AT prefix is ignored");
        return 0;
    case AT_EVENT_NONE:
        return 0;
    }
    return 0;
}

static int while_busy(struct line *line, const char *bytes, size_t len)
{
    size_t room = QUEUED_IN_MAX - line->queued_in.len;

    switch (line->modem->dialect->on_busy) {
    case AT_BUSY_QUEUE:
        if (len > room)
            trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                       "%zu bytes are lost: too much is sent behind a pending command", len - room);
        buf_add(&line->queued_in, bytes, len < room ? len : room);
        return 0;
    case AT_BUSY_DROP:
        return 0;
    case AT_BUSY_ABORT:
        /* V.250 5.6.1: any character aborts; the command ends, and the character is eaten. */
        return line_complete(line, AT_ERROR);
    }
    return 0;
}

static bool is_busy(const struct line *line)
{
    return at_exec_busy(line->exec) || line->reply_timer;
}

int line_feed(struct line *line, const char *bytes, size_t len)
{
    struct buf *echo = NULL;
    struct at_event event;
    int r = 0;

    if (!port_peer_echoes(line->port))
        echo = &line->out;
    while (len > 0 && r == 0) {
        size_t used;

        if (is_busy(line) && !at_parser_expects_data(line->parser))
            return while_busy(line, bytes, len);
        used = at_parser_feed(line->parser, bytes, len, &event, echo);
        bytes += used;
        len -= used;
        r = serve(line, &event);
    }
    return r;
}

/* What was sent behind a pending command is served now, if it has ended. */
static int drain(struct line *line)
{
    struct buf waiting = line->queued_in;
    int r;

    if (is_busy(line) || waiting.len == 0)
        return 0;
    line->queued_in = (struct buf){0};
    r = line_feed(line, waiting.data, waiting.len);
    buf_deinit(&waiting);
    return r;
}

/* Bytes that have passed the faults: rate and sleep first, then the parser. */
static int receive(struct line *line, const char *bytes, size_t len)
{
    const struct dialect *dialect = line->modem->dialect;
    struct buf noise = {0};
    long swallowed = 0;
    int r = 0;

    while (dialect && !dialect->line_rx)
        dialect = dialect->base;
    if (dialect)
        swallowed = dialect->line_rx(line, bytes, len);
    if (swallowed < 0)
        return (int)swallowed;
    bytes += swallowed;
    len -= (size_t)swallowed;
    if (len > 0 && !line_rate_fits(line, line->rate)) {
        buf_add(&noise, bytes, len);
        garble(line, noise.data, noise.len);
        r = line_feed(line, noise.data, noise.len);
    } else if (len > 0) {
        r = line_feed(line, bytes, len);
    }
    buf_deinit(&noise);
    return r;
}

static int on_stall_in_over(struct modem *modem, void *arg);

static int receive_through_faults(struct line *line, const char *bytes, size_t len)
{
    struct modem *modem = line->modem;
    const struct fault_point *point = line->rx_point;
    struct buf passed = {0};
    int r = 0;

    while (len > 0 && r == 0 && !line->stall_in_timer) {
        size_t used;
        struct fault_effect effect = fault_bytes(modem->plan, point, bytes, len, &passed, &used);

        r = receive(line, buf_text(&passed), passed.len);
        buf_clear(&passed);
        bytes += used;
        len -= used;
        if (r < 0)
            break;
        if (effect.action == FAULT_STALL || effect.action == FAULT_DELAY)
            modem_after(modem, &line->stall_in_timer, effect.duration_us, on_stall_in_over, line);
        else if (effect.action != FAULT_NONE)
            r = modem_going(modem, &effect);
    }
    if (r == 0)
        hold_back(&line->stalled_in, bytes, len);
    buf_deinit(&passed);
    return r;
}

static int on_stall_in_over(struct modem *modem, void *arg)
{
    struct line *line = arg;
    struct buf held = line->stalled_in;
    int r;

    line->stalled_in = (struct buf){0};
    r = receive_through_faults(line, buf_text(&held), held.len);
    buf_deinit(&held);
    return r;
}

static void on_port_rx(void *arg, const void *bytes, size_t len)
{
    struct line *line = arg;
    const struct fault_point *point = line->rx_point;
    struct modem *modem = line->modem;
    int r = 0;

    trace_add(modem->bench->trace, TRACE_RX, line->who, bytes, len);
    if (!modem_is_running(modem))
        return; /* off, in the boot ROM or in the bootloader: nobody listens */
    modem_enter(modem);
    if (line->stall_in_timer) {
        hold_back(&line->stalled_in, bytes, len);
    } else if (fault_bytes_armed(modem->plan, point)) {
        r = receive_through_faults(line, bytes, len);
    } else {
        fault_bytes_skip(modem->plan, point, len);
        r = receive(line, bytes, len);
    }
    modem_leave(modem, r);
}

static void on_port_hosts(void *arg, unsigned count)
{
    struct line *line = arg;

    trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
               count > 0 ? "the tty is open" : "the tty is closed");
}

const struct port_up line_port_up = {.rx = on_port_rx, .hosts = on_port_hosts};

int line_complete(struct line *line, int result)
{
    int r = at_exec_complete(line->exec, result);

    return r < 0 ? r : drain(line);
}
