/*
 * M531x: registration with the platform and its life (sheet 3, 5).
 *
 *   CREATED -(+MIPLOPEN)-> [bootstrap] -> registering -> registered -(+MIPLCLOSE)-> CREATED
 *
 * One request of ours at a time waits for the platform; it is sent again each register_interval
 * until its time is over, as CoAP over a lossy radio needs. A registration lives for its lifetime
 * and is not bound to the radio: after a loss of the network the platform reaches us again.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/clock.h"
#include "sim/dialect/m531x/m531x.h"
#include "sim/dialect/m531x/m531x_fota.h"

#define LIFETIME_MIN     15 /* CIS LIFETIME_LIMIT */
#define LIFETIME_MAX     268435455
#define LIFETIME_DEFAULT 3600 /* MTK, XY: what 0 means */
#define UPDATE_MIN       10   /* OMO: less is taken for something else */
#define TIMEOUT_MAX      65535
#define SECOND_US        1000000u

static int on_ask_timer(struct modem *modem, void *arg);

/* ---- requests of ours ---- */

int m531x_send(struct modem *modem, struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);

    message->id = ++m531x->own_id;
    cloud_link_send(m531x->link, message);
    return message->id;
}

/* Link format of what is declared; the upgrade's objects only if the host told its version (S4). */
static void add_objects(struct modem *modem, struct buf *out)
{
    struct m531x *m531x = m531x_of(modem);

    if (m531x->has_version)
        buf_add_text(out, "</3/0>,</4/0>,</5/0>,");
    for (size_t i = 0; i < M531X_OBJECT_MAX; i++) {
        const struct m531x_object *object = &m531x->objects[i];

        for (long j = 0; object->used && j < object->instances; j++) {
            if (object->bitmap[j] == '1')
                buf_printf(out, "</%ld/%ld>,", object->id, j);
        }
    }
    if (out->len > 0)
        out->data[--out->len] = '\0';
    if (out->len > CLOUD_DATA_MAX)
        out->len = CLOUD_DATA_MAX;
}

static void send_asked(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    struct cloud_message message = m531x->asked;
    struct buf text = {0}, objects = {0};

    buf_printf(&text, "ep=%s;%s", modem_text(modem, MODEM_OPTION_IMEI),
               modem_text(modem, MODEM_OPTION_IMSI));
    if (message.op == CLOUD_REGISTER)
        buf_add_text(&text, "&b=U");
    if (message.op == CLOUD_REGISTER || message.op == CLOUD_UPDATE)
        buf_printf(&text, "&lt=%lld", m531x->lifetime_s);
    if (message.op == CLOUD_REGISTER && m531x->server.auth[0])
        buf_printf(&text, "&auth=%s", m531x->server.auth);
    if (message.op == CLOUD_REGISTER || message.code == 1)
        add_objects(modem, &objects);
    message.id = m531x->asked_id;
    message.text = text.data;
    message.data = objects.data;
    message.len = objects.len;
    cloud_link_send(m531x->link, &message);
    buf_deinit(&text);
    buf_deinit(&objects);
}

static void arm_ask_timer(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    uint64_t now_us = clock_now_us(modem->bench->clock);
    uint64_t left_us = m531x->ask_end_us > now_us ? m531x->ask_end_us - now_us : 0;
    uint64_t interval_us = m531x_delay(modem, M531X_OPTION_INTERVAL);

    modem_after(modem, &m531x->ask_timer, left_us < interval_us ? left_us : interval_us,
                on_ask_timer, NULL);
}

/* with_objects is <withObj> of an update. */
static void ask(struct modem *modem, enum cloud_op op, bool with_objects, uint64_t timeout_us)
{
    struct m531x *m531x = m531x_of(modem);

    m531x->asked = (struct cloud_message){.op = op, .code = with_objects};
    m531x->asked_id = ++m531x->own_id;
    m531x->is_asking = true;
    m531x->ask_end_us = clock_now_us(modem->bench->clock) + timeout_us;
    send_asked(modem);
    arm_ask_timer(modem);
}

void m531x_end_session(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    modem_cancel(modem, &m531x->ask_timer);
    modem_cancel(modem, &m531x->life_timer);
    modem_cancel(modem, &m531x->need_timer);
    m531x->is_asking = false;
    m531x_drop_requests(modem);
    m531x_drop_notifies(modem);
    cloud_link_close(m531x->link);
    m531x->link = NULL;
    net_set_connected(modem, false);
    m531x_sota_rest(modem);
    m531x_fota_interrupt(modem);
    if (m531x->session != M531X_OFF)
        m531x->session = M531X_CREATED;
}

void m531x_power_down(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    m531x_drop_requests(modem);
    m531x_drop_notifies(modem);
    m531x_fota_drop(modem);
    cloud_link_close(m531x->link);
    m531x->link = NULL;
    m531x->is_asking = false;
    m531x->session = M531X_OFF;
    m531x->nnmi = m531x->nsmi = 0; /* OMO: back to 0 at a restart */
    m531x->type_count = 0;
    memset(m531x->objects, 0, sizeof(m531x->objects));
    buf_deinit(&m531x->blob);
}

/* ---- lifetime ---- */

static int on_lifetime_over(struct modem *modem, void *arg)
{
    m531x_event(modem, M531X_EVENT_LIFETIME_OVER, M531X_NO_EXT);
    m531x_end_session(modem);
    return 0;
}

static int on_update_needed(struct modem *modem, void *arg)
{
    struct m531x *m531x = m531x_of(modem);
    uint64_t left_us = m531x->life_end_us - clock_now_us(modem->bench->clock);

    m531x_event(modem, M531X_EVENT_UPDATE_NEEDED, (long)(left_us / SECOND_US));
    return 0;
}

static void begin_lifetime(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    uint64_t life_us = (uint64_t)m531x->lifetime_s * SECOND_US;
    uint64_t percent = m531x_delay(modem, M531X_OPTION_UPDATE_NEED);

    m531x->life_end_us = clock_now_us(modem->bench->clock) + life_us;
    modem_after(modem, &m531x->life_timer, life_us, on_lifetime_over, NULL);
    if (percent > 0)
        modem_after(modem, &m531x->need_timer, life_us * percent / 100, on_update_needed, NULL);
}

/* ---- what comes of a request ---- */

static int fail(struct modem *modem, enum m531x_event event)
{
    m531x_event(modem, event, M531X_NO_EXT);
    m531x_end_session(modem);
    return 0;
}

static int begin_register(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    int r = m531x_pass(modem, M531X_POINT_REGISTER, 0);

    if (r < 0)
        return r;
    if (modem_quirk(modem, M531X_EVENTS_FULL) && !modem->net.bearer)
        return fail(modem, M531X_EVENT_CONNECT_FAILED);
    if (modem_quirk(modem, M531X_EVENTS_FULL))
        m531x_event(modem, M531X_EVENT_CONNECTED, M531X_NO_EXT);
    m531x->session = M531X_REGISTERING;
    ask(modem, CLOUD_REGISTER, false, m531x->open_timeout_us);
    return 0;
}

static int begin_open(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    m531x->link = cloud_link_open(modem, modem_dialect_text(modem, M531X_OPTION_CLOUD),
                                  m531x_delay(modem, M531X_OPTION_LATENCY), m531x_receive);
    net_set_connected(modem, modem->net.bearer);
    if (!m531x->server.is_bootstrap)
        return begin_register(modem);
    if (modem_quirk(modem, M531X_EVENTS_FULL))
        m531x_event(modem, M531X_EVENT_BOOTSTRAP_START, M531X_NO_EXT);
    m531x->session = M531X_BOOTSTRAPPING;
    ask(modem, CLOUD_BOOTSTRAP, false, m531x_delay(modem, M531X_OPTION_BOOTSTRAP_TIMEOUT));
    return 0;
}

static int on_bootstrapped(struct modem *modem, bool good)
{
    if (!good)
        return fail(modem, M531X_EVENT_BOOTSTRAP_FAILED);
    if (!modem_quirk(modem, M531X_EVENTS_MIN))
        m531x_event(modem, M531X_EVENT_BOOTSTRAP_OK, M531X_NO_EXT);
    return begin_register(modem);
}

static int on_registered(struct modem *modem, bool good)
{
    struct m531x *m531x = m531x_of(modem);
    bool wide = modem_quirk(modem, M531X_MID32);

    if (!good)
        return fail(modem, M531X_EVENT_REJECTED);
    m531x->session = M531X_REGISTERED;
    /* C-6, C-22: numbers begin anywhere; those of observations may need a 17th bit. */
    m531x->mid = (int)rng_below(&modem->rng, 0x8000) + (wide ? 0x10000 : 0x4000);
    m531x->observe_mid = (int)rng_below(&modem->rng, 0x8000) + 0x10000;
    memset(m531x->seen, 0, sizeof(m531x->seen));
    begin_lifetime(modem);
    m531x_event(modem, M531X_EVENT_REGISTERED, M531X_NO_EXT);
    m531x_fota_registered(modem);
    return 0;
}

static int on_updated(struct modem *modem, bool good)
{
    if (!good) /* the platform does not know us any more: the host has to open again */
        return fail(modem, M531X_EVENT_UPDATE_FAILED);
    begin_lifetime(modem);
    m531x_event(modem, M531X_EVENT_UPDATED, M531X_NO_EXT);
    return 0;
}

static int on_goodbye(struct modem *modem, bool good)
{
    struct m531x *m531x = m531x_of(modem);

    if (m531x->wait_line)
        return m531x_deleted(modem, good);
    m531x_end_session(modem);
    for (size_t i = 0; i < M531X_OBJECT_MAX; i++)
        m531x->objects[i].has_list = false; /* OMO: to be declared again */
    if (good)
        m531x_event(modem, M531X_EVENT_CLOSED, M531X_NO_EXT);
    return 0;
}

static int take_response(struct modem *modem, const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    bool good = message->code >= 200 && message->code < 300;
    enum cloud_op op = m531x->asked.op;

    if (!m531x->is_asking || message->id != m531x->asked_id) {
        m531x_notify_answered(modem, message->id);
        return 0;
    }
    m531x->is_asking = false;
    modem_cancel(modem, &m531x->ask_timer);
    if (op == CLOUD_BOOTSTRAP)
        return on_bootstrapped(modem, good);
    if (op == CLOUD_REGISTER)
        return on_registered(modem, good);
    if (op == CLOUD_UPDATE)
        return on_updated(modem, good);
    return on_goodbye(modem, good);
}

static int give_up(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    enum cloud_op op = m531x->asked.op;

    m531x->is_asking = false;
    if (op == CLOUD_BOOTSTRAP)
        return fail(modem, M531X_EVENT_BOOTSTRAP_FAILED);
    if (op == CLOUD_REGISTER)
        return fail(modem, M531X_EVENT_REGISTER_TIMEOUT);
    if (op == CLOUD_UPDATE) {
        m531x_event(modem, M531X_EVENT_UPDATE_TIMEOUT, M531X_NO_EXT);
        return 0;
    }
    return on_goodbye(modem, false);
}

static int on_ask_timer(struct modem *modem, void *arg)
{
    struct m531x *m531x = m531x_of(modem);

    if (clock_now_us(modem->bench->clock) >= m531x->ask_end_us)
        return give_up(modem);
    send_asked(modem);
    arm_ask_timer(modem);
    return 0;
}

/* ---- what comes from the platform ---- */

int m531x_receive(struct modem *modem, const struct cloud_message *message)
{
    if (message->op == CLOUD_RESPONSE)
        return take_response(modem, message);
    if (m531x_of(modem)->session != M531X_REGISTERED)
        return 0; /* nobody listens yet, or any more */
    return m531x_take_request(modem, message);
}

/* ---- commands ---- */

/* <ref>,<lifetime>[,<timeout>] */
int m531x_miplopen(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct m531x *m531x = m531x_of(modem);
    uint64_t default_us = m531x_delay(modem, M531X_OPTION_TIMEOUT);
    long lifetime, timeout;
    struct at_args args;
    int err;

    if (req->verb == AT_READ) {
        if (m531x->session != M531X_REGISTERED)
            return m531x_error(line, reply, M531X_ERR_STATE);
        m531x_event(modem, M531X_EVENT_REGISTERED, M531X_NO_EXT); /* behind the OK (OMO) */
        return AT_OK;
    }
    err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);
    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count > 3 || at_args_int(&args, 1, 0, LIFETIME_MAX, &lifetime) < 0 ||
        (lifetime > 0 && lifetime < LIFETIME_MIN) ||
        at_args_int_or(&args, 2, 1, TIMEOUT_MAX, (long)(default_us / SECOND_US), &timeout) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x->session != M531X_CREATED)
        return m531x_error(line, reply, M531X_ERR_STATE);
    m531x->lifetime_s = lifetime > 0 ? lifetime : LIFETIME_DEFAULT;
    m531x->open_timeout_us = args.count > 2 ? (uint64_t)timeout * SECOND_US : default_us;
    return begin_open(modem);
}

/* What +MIPLUPDATE's lifetime means (C-17). */
static long long update_lifetime(const struct modem *modem, long lifetime)
{
    if (lifetime >= UPDATE_MIN)
        return lifetime;
    if (modem_quirk(modem, M531X_UPDATE0_86400))
        return 86400;
    if (modem_quirk(modem, M531X_UPDATE0_3600) && lifetime == 0)
        return LIFETIME_DEFAULT;
    return m531x_of(modem)->lifetime_s;
}

/* <ref>,<lifetime>,<withObj> */
int m531x_miplupdate(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct m531x *m531x = m531x_of(modem);
    long lifetime, with_objects;
    struct at_args args;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count != 3 || at_args_int(&args, 1, 0, LIFETIME_MAX, &lifetime) < 0 ||
        at_args_int(&args, 2, 0, 1, &with_objects) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x->session != M531X_REGISTERED)
        return m531x_error(line, reply, M531X_ERR_STATE);
    if (m531x->is_asking)
        return m531x_error(line, reply, M531X_ERR_BUSY);
    m531x->lifetime_s = update_lifetime(modem, lifetime);
    ask(modem, CLOUD_UPDATE, with_objects == 1, m531x_delay(modem, M531X_OPTION_TIMEOUT));
    return AT_OK;
}

void m531x_say_goodbye(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    m531x->session = M531X_CLOSING;
    modem_cancel(modem, &m531x->life_timer);
    modem_cancel(modem, &m531x->need_timer);
    ask(modem, CLOUD_DEREGISTER, false, m531x_delay(modem, M531X_OPTION_INTERVAL));
}

int m531x_miplclose(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct at_args args;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count != 1)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x->session == M531X_REGISTERED)
        m531x_say_goodbye(line->modem);
    else if (m531x->session == M531X_BOOTSTRAPPING || m531x->session == M531X_REGISTERING)
        m531x_end_session(line->modem);
    else
        return m531x_error(line, reply, M531X_ERR_STATE);
    return AT_OK;
}

int m531x_miplltrdp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct m531x *m531x = m531x_of(modem);
    uint64_t now_us = clock_now_us(modem->bench->clock), left_us = 0;

    if (!m531x_is_5310a(modem))
        return modem->style.unknown_result;
    if (m531x->session == M531X_REGISTERED && m531x->life_end_us > now_us)
        left_us = m531x->life_end_us - now_us;
    m531x_reply(line, reply, "+MIPLLTRDP: %llu", (unsigned long long)(left_us / SECOND_US));
    return AT_OK;
}
