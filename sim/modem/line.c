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
#include "sim/modem/line_private.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"
#include "sim/port/port.h"

#define QUEUED_IN_MAX   (4 * AT_LINE_MAX) /* bytes that may wait for a pending command */
#define TRAIN_LINES     2                 /* AT lines that a line which lost its rate swallows */
#define RATE_WRONG      9600              /* of wrong_rate, unless that is the host's */
#define RATE_WRONG_ELSE 38400

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

void line_free(struct line *line)
{
    line_drop_urcs(line);
    at_exec_free(line->exec);
    at_parser_free(line->parser);
    port_free(line->port);
    buf_deinit(&line->out);
    buf_deinit(&line->stalled);
    buf_deinit(&line->queued_in);
    buf_deinit(&line->stalled_in);
    buf_deinit(&line->delayed_reply);
    buf_deinit(&line->held);
    free(line->who);
    free(line);
}

void line_power_up(struct line *line)
{
    struct modem *modem = line->modem;

    at_settings_init(&line->settings);
    line->train_seen = 0;
    line->is_deaf = false;
    fault_bytes_restart(modem->plan, line->rx_point, 0);
    fault_bytes_restart(modem->plan, line->tx_point, 0);
    MODEM_HOOK(modem, line_up, line);
}

void line_power_down(struct line *line)
{
    line_drop_urcs(line);
    at_exec_reset(line->exec);
    at_parser_reset(line->parser);
    buf_clear(&line->out);
    buf_clear(&line->stalled);
    buf_clear(&line->queued_in);
    buf_clear(&line->stalled_in);
    buf_clear(&line->delayed_reply);
    port_flush(line->port);
}

void line_settle(struct line *line)
{
    if (line->urcs)
        line_open_gate(line);
    if (line->modem->going) {
        buf_clear(&line->out);
        return;
    }
    line_flush(line);
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

/* The rate is gone: an autobaud searches it again, any other line is deaf until it is trained. */
static void lose_rate(struct line *line)
{
    line->train_seen = 0;
    if (line->autobaud)
        line->rate = 0;
    else
        line->is_deaf = true;
}

static void set_wrong_rate(struct line *line, long rate)
{
    if (rate == 0)
        rate = port_baud(line->port) == RATE_WRONG ? RATE_WRONG_ELSE : RATE_WRONG;
    line->autobaud = false;
    line->rate = rate;
}

static int strike_command(struct line *line, const struct at_req *req,
                          const struct fault_effect *effect)
{
    switch ((int)effect->action) {
    case FAULT_FAIL:
        return effect->code > 0 ? AT_CME((int)effect->code) : AT_ERROR;
    case FAULT_DELAY:
        modem_after(line->modem, &line->hold_timer, effect->duration_us, on_hold_over, line);
        return AT_PENDING;
    case FAULT_SILENCE:
        return AT_SILENT;
    case FAULT_LOSE_RATE:
        lose_rate(line);
        return AT_SILENT;
    case FAULT_WRONG_RATE:
        set_wrong_rate(line, (long)effect->code);
        return 0;
    case FAULT_DOUBLE_ECHO:
        buf_add_text(&line->out, "AT");
        buf_add(&line->out, req->text, req->text_len);
        buf_add_char(&line->out, (char)line->settings.s3);
        return 0;
    default:
        return line->modem->going ? MODEM_GONE : 0;
    }
}

static int exec_before(struct line *line, const struct at_req *req)
{
    struct fault_at at = {.member = line->member, .text = req->text, .text_len = req->text_len};
    const struct dialect *dialect = line->modem->dialect;
    struct fault_effect effect;
    int r = 0;

    trace_command(line, req->text, req->text_len);
    line_collide_before(line);
    dialect_member_name(req->name, line->member, sizeof(line->member));
    effect = modem_pass(line->modem, &fault_points[FAULT_POINT_AT], &at);
    if (effect.action != FAULT_NONE)
        r = strike_command(line, req, &effect);
    return r == 0 && dialect->before_command ? dialect->before_command(line, req) : r;
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

/* Pass the point of the reply. Return: how much later it comes. */
static uint64_t strike_reply(struct line *line, struct buf *reply)
{
    struct modem *modem = line->modem;
    struct fault_at at = {.member = line->member, .text = buf_text(reply), .text_len = reply->len};
    struct fault_effect effect = modem_pass(modem, &fault_points[FAULT_POINT_REPLY], &at);
    int code = effect.code > 0 ? AT_CME((int)effect.code) : AT_ERROR;
    size_t len = reply->len;

    switch ((int)effect.action) {
    case FAULT_SILENCE:
        buf_clear(reply);
        break;
    case FAULT_FAIL:
        buf_clear(reply);
        at_format_result(reply, code, &line->settings, &modem->style);
        break;
    case FAULT_DUP:
        for (size_t i = 0; i < len; i++)
            buf_add_char(reply, reply->data[i]);
        break;
    case FAULT_DELAY:
        return effect.duration_us;
    default:
        break;
    }
    return 0;
}

static void exec_send(struct line *line, const char *bytes, size_t len, bool final)
{
    uint64_t delay_us = (uint64_t)modem_number(line->modem, MODEM_OPTION_REPLY_DELAY);
    struct buf reply = {0};

    if (line->modem->dialect->think_us)
        delay_us += line->modem->dialect->think_us(line);
    if (delay_us == 0 && !line->reply_timer && !fault_plan_watches(line->modem->plan)) {
        buf_add(&line->out, bytes, len); /* the usual case, without a copy */
        return;
    }
    buf_add(&reply, bytes, len);
    if (final && line->member[0])
        delay_us += strike_reply(line, &reply);
    if (final)
        line_collide_reply(line, &reply);
    if (delay_us == 0 && !line->reply_timer) {
        buf_add(&line->out, buf_text(&reply), reply.len);
    } else {
        buf_add(&line->delayed_reply, buf_text(&reply), reply.len);
        if (!line->reply_timer)
            modem_after(line->modem, &line->reply_timer, delay_us, on_reply_due, line);
    }
    buf_deinit(&reply);
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
    if (event->type == AT_EVENT_LINE)
        line->member[0] = '\0';
    switch (event->type) {
    case AT_EVENT_LINE:
        if (is_blank(event->text, event->len)) {
            trace_command(line, "", 0);
            line_collide_before(line);
        }
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

/* Return: how many bytes a line that lost its rate swallows. */
static size_t train(struct line *line, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r')
            continue;
        if (line->train_seen++ < TRAIN_LINES)
            continue;
        line->is_deaf = false;
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who, "synchronised again");
        return i + 1;
    }
    return len;
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
    if (line->is_deaf) {
        swallowed = (long)train(line, bytes, len);
        bytes += swallowed;
        len -= (size_t)swallowed;
    }
    if (len > 0 && !line_rate_fits(line, line->rate)) {
        buf_add(&noise, bytes, len);
        line_garble(line, noise.data, noise.len);
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
        line_hold_back(&line->stalled_in, bytes, len);
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
        line_hold_back(&line->stalled_in, bytes, len);
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
