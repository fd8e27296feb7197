/*
 * M531x: the instance: +MIPLCREATE and what is declared before +MIPLOPEN (sheet 3).
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/dialect/m531x/m531x.h"
#include "sim/modem/nv.h"

#define OBJECT_ID_MAX  65535
#define PORT_DTLS      ":5684" /* sheet 3: the platform's port with DTLS */
#define BOOTSTRAP_HOST "183.230.40.39:5683"
#define DIRECT_HOST    "183.230.40.40:5683"
#define CIS_VERSION    "2.3.0" /* FISH */

/* ---- which reference, which object ---- */

int m531x_check_ref(struct line *line, const struct at_args *args)
{
    long ref;

    if (at_args_int(args, 0, 0, 255, &ref) < 0)
        return M531X_ERR_SYNTAX;
    return ref != M531X_REF || m531x_of(line->modem)->session == M531X_OFF ? M531X_ERR_RESOURCE : 0;
}

struct m531x_object *m531x_object(struct modem *modem, long id)
{
    struct m531x *m531x = m531x_of(modem);

    for (size_t i = 0; i < M531X_OBJECT_MAX; i++) {
        if (m531x->objects[i].used && m531x->objects[i].id == id)
            return &m531x->objects[i];
    }
    return NULL;
}

/* ---- create ---- */

static int created(struct line *line, struct at_reply *reply)
{
    m531x_of(line->modem)->session = M531X_CREATED;
    if (!modem_quirk(line->modem, M531X_CREATE_OK_ONLY))
        m531x_reply(line, reply, "+MIPLCREATE:%d", M531X_REF);
    return AT_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)toupper((unsigned char)c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Return: bytes in bytes_out, or -1 for what is no hex text of at most max bytes. */
static long decode_hex(const char *text, size_t len, unsigned char *bytes_out, size_t max)
{
    if (len % 2 != 0 || len / 2 > max)
        return -1;
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

        if (high < 0 || low < 0)
            return -1;
        bytes_out[i / 2] = (unsigned char)(high << 4 | low);
    }
    return (long)(len / 2);
}

static bool read_hex_blob(struct modem *modem, const char *hex, size_t len,
                          struct m531x_server *server_out)
{
    unsigned char bytes[M531X_BLOB_MAX];
    long size = decode_hex(hex, len, bytes, sizeof(bytes));

    return size > 0 && m531x_read_blob(modem, bytes, (size_t)size, server_out);
}

/* The configuration that was saved last, or the built-in one. */
static int create_as_before(struct line *line, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct m531x *m531x = m531x_of(modem);
    const char *hex = nv_text(modem->nv, "mipl.blob", "");
    bool bootstrap = strcmp(modem_dialect_text(modem, M531X_OPTION_SERVER), "bootstrap") == 0;

    if (!read_hex_blob(modem, hex, strlen(hex), &m531x->server)) {
        m531x->server = (struct m531x_server){.is_bootstrap = bootstrap, .flag = bootstrap};
        snprintf(m531x->server.host, sizeof(m531x->server.host), "%s",
                 bootstrap ? BOOTSTRAP_HOST : DIRECT_HOST);
    }
    return created(line, reply);
}

/* <currentsize> counts bytes, or hex characters (C-16). */
static bool size_fits(long size, size_t hex_len)
{
    return size >= 0 && ((size_t)size * 2 == hex_len || (size_t)size == hex_len);
}

/* <totalsize>,<config>,<index>,<currentsize>,<flag> */
static int create_from_part(struct line *line, const struct at_args *args, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    const struct at_arg *hex = &args->arg[1];
    long total, index, size, flag;

    if (args->count != 5 || at_args_int(args, 0, 1, 2 * M531X_BLOB_MAX, &total) < 0 ||
        !hex->present || at_args_int(args, 2, 0, 255, &index) < 0 ||
        at_args_int(args, 3, 0, 2 * M531X_BLOB_MAX, &size) < 0 ||
        at_args_int(args, 4, 0, 2, &flag) < 0 || !size_fits(size, hex->len) ||
        m531x->blob.len + hex->len > 2 * M531X_BLOB_MAX)
        goto refuse;
    buf_add(&m531x->blob, hex->text, hex->len);
    if (flag != 0 || index != 0)
        return AT_OK; /* more parts follow */
    if (!size_fits(total, m531x->blob.len) ||
        !read_hex_blob(line->modem, m531x->blob.data, m531x->blob.len, &m531x->server))
        goto refuse;
    nv_set_text(line->modem->nv, "mipl.blob", m531x->blob.data);
    buf_clear(&m531x->blob);
    if (modem_commit(line->modem) < 0)
        return MODEM_GONE;
    return created(line, reply);
refuse:
    buf_clear(&m531x->blob);
    return m531x_error(line, reply, M531X_ERR_SYNTAX);
}

int m531x_miplcreate(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;

    if (m531x_of(line->modem)->session != M531X_OFF)
        return m531x_error(line, reply, M531X_ERR_STATE);
    if (req->verb == AT_EXEC)
        return create_as_before(line, reply);
    if (at_args_parse(req, &args) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    return create_from_part(line, &args, reply);
}

static bool copy_arg(const struct at_args *args, size_t index, char *out, size_t size_bytes)
{
    const struct at_arg *arg = &args->arg[index];

    out[0] = '\0';
    if (index >= args->count || !arg->present)
        return true;
    if (arg->len >= size_bytes)
        return false;
    memcpy(out, arg->text, arg->len);
    out[arg->len] = '\0';
    return true;
}

/* OMO: 8 to 16 letters and digits. */
static bool psk_is_good(const char *psk)
{
    size_t len = strlen(psk);

    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)psk[i]))
            return false;
    }
    return len == 0 || len >= 8;
}

/* <host[:port]>,<flag>[,<authcode>[,<psk>[,<pskid>[,<enc>]]]] */
int m531x_miplcreateex(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct m531x_server server = {0};
    struct at_args args;

    if (m531x->session != M531X_OFF)
        return m531x_error(line, reply, M531X_ERR_STATE);
    if (at_args_parse(req, &args) < 0 || args.count < 2 || args.count > 6 ||
        !copy_arg(&args, 0, server.host, sizeof(server.host) - strlen(PORT_DTLS)) ||
        !server.host[0] || at_args_int(&args, 1, 0, 3, &server.flag) < 0 ||
        !copy_arg(&args, 2, server.auth, sizeof(server.auth)) ||
        !copy_arg(&args, 3, server.psk, sizeof(server.psk)) || !psk_is_good(server.psk))
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (!strchr(server.host, ':'))
        memcpy(server.host + strlen(server.host), ":5683", sizeof(":5683"));
    server.is_bootstrap = server.flag & 1;
    m531x->server = server;
    m531x->session = M531X_CREATED;
    m531x_reply(line, reply, "+MIPLCREATEEX:%d", M531X_REF);
    return AT_OK;
}

int m531x_mipldevinfo(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct m531x *m531x = m531x_of(line->modem);
    const struct m531x_server *server = &m531x->server;
    bool is_past_bootstrap = server->is_bootstrap && m531x->session >= M531X_REGISTERING;

    if (m531x->session == M531X_OFF)
        return m531x_error(line, reply, M531X_ERR_RESOURCE);
    /* OMO prints a space after this colon, and names the access server after the bootstrap. */
    m531x_reply(line, reply, "+MIPLDEVINFO: \"%s\",%ld,%s,\"%s\"",
                is_past_bootstrap ? DIRECT_HOST : server->host, server->flag, server->auth,
                server->psk);
    return AT_OK;
}

static void forget_instance(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    m531x_end_session(modem);
    m531x->session = M531X_OFF;
    memset(m531x->objects, 0, sizeof(m531x->objects));
    if (!modem_quirk(modem, M531X_SOTAVER_NV))
        m531x->has_version = false;
}

int m531x_deleted(struct modem *modem, bool said_goodbye)
{
    struct m531x *m531x = m531x_of(modem);
    struct line *line = m531x->wait_line;

    forget_instance(modem);
    m531x->wait_line = NULL;
    if (said_goodbye) /* LOG-NB73: the event stands before the OK */
        m531x_reply(line, line_reply(line), "+MIPLEVENT:%d,%d", M531X_REF, M531X_EVENT_CLOSED);
    return line_complete(line, AT_OK);
}

int m531x_mipldelete(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct at_args args;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (m531x->session == M531X_REGISTERED) {
        m531x->wait_line = line;
        m531x_say_goodbye(line->modem);
        return AT_PENDING;
    }
    forget_instance(line->modem);
    return AT_OK;
}

/* ---- objects ---- */

static bool bitmap_is_good(const struct at_arg *bitmap, long instances)
{
    for (size_t i = 0; i < bitmap->len; i++) {
        if (bitmap->text[i] != '0' && bitmap->text[i] != '1')
            return false;
    }
    return bitmap->present && (long)bitmap->len == instances;
}

/* <ref>,<objid>,<inscount>,"<bitmap>",<atts>,<acts> */
int m531x_mipladdobj(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    struct m531x_object *object;
    struct at_args args;
    long id, instances, count;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count != 6 || at_args_int(&args, 1, 0, OBJECT_ID_MAX, &id) < 0 ||
        at_args_int(&args, 2, 1, M531X_INSTANCE_MAX, &instances) < 0 ||
        !bitmap_is_good(&args.arg[3], instances) || at_args_int(&args, 4, 0, 255, &count) < 0 ||
        at_args_int(&args, 5, 0, 255, &count) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x_object(line->modem, id) || (id >= M531X_OBJ_DEVICE && id <= M531X_OBJ_FIRMWARE))
        return m531x_error(line, reply, M531X_ERR_RESOURCE); /* it is there, or the module's own */
    object = m531x->objects;
    while (object < m531x->objects + M531X_OBJECT_MAX && object->used)
        object++;
    if (object == m531x->objects + M531X_OBJECT_MAX)
        return m531x_error(line, reply, M531X_ERR_MEMORY);
    *object = (struct m531x_object){.used = true, .id = id, .instances = instances};
    memcpy(object->bitmap, args.arg[3].text, args.arg[3].len);
    return AT_OK;
}

int m531x_mipldelobj(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x_object *object;
    struct at_args args;
    long id;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count != 2 || at_args_int(&args, 1, 0, OBJECT_ID_MAX, &id) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    object = m531x_object(line->modem, id);
    if (!object)
        return m531x_error(line, reply, M531X_ERR_RESOURCE);
    *object = (struct m531x_object){0};
    return AT_OK;
}

/*
 * <ref>,<objid>,1,<len>,"r1;r2" before +MIPLOPEN, or <ref>,<msgid>,<result>,<len>,"r1;r2" behind
 * +MIPLDISCOVER; both are taken (C-12). The list's separator may be a comma as well (C-13).
 */
int m531x_mipldiscoverrsp(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct m531x *m531x = m531x_of(line->modem);
    bool is_reactive = modem_quirk(line->modem, M531X_DISCOVER_REACTIVE);
    bool registered = m531x->session == M531X_REGISTERED;
    char list[M531X_LIST_MAX + 1];
    struct m531x_object *object;
    struct at_args args;
    long number, result;
    int err = at_args_parse(req, &args) < 0 ? M531X_ERR_SYNTAX : m531x_check_ref(line, &args);

    if (err)
        return m531x_error(line, reply, (enum m531x_err)err);
    if (args.count < 3 || at_args_int(&args, 1, 0, INT32_MAX, &number) < 0 ||
        at_args_int(&args, 2, 0, 19, &result) < 0 || !copy_arg(&args, 4, list, sizeof(list)))
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (registered)
        return m531x_discovered(line, reply, (int)number, result, list);
    if (is_reactive)
        return m531x_error(line, reply, M531X_ERR_STATE);
    object = m531x_object(line->modem, number);
    if (!object)
        return m531x_error(line, reply, M531X_ERR_RESOURCE);
    object->has_list = true;
    memcpy(object->list, list, sizeof(list));
    return AT_OK;
}

/* ---- what there is to ask ---- */

int m531x_miplver(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    m531x_reply(line, reply, "+MIPLVER:%s", CIS_VERSION);
    return AT_OK;
}

/* "platform",<ref>,<n>[,<name>] and "binding",<ref>,<0|1>: read back nowhere, so kept nowhere. */
int m531x_miplcfg(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const long platforms[] = {0, 1, 2, 3, 10};
    struct at_args args;
    char what[16];
    long ref, value;

    if (at_args_parse(req, &args) < 0 || at_args_string(&args, 0, what, sizeof(what)) < 0 ||
        at_args_int(&args, 1, M531X_REF, M531X_REF, &ref) < 0 ||
        at_args_int(&args, 2, 0, 10, &value) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (strcmp(what, "binding") == 0 && value <= 1)
        return AT_OK;
    for (size_t i = 0; i < ARRAY_LEN(platforms); i++) {
        if (strcmp(what, "platform") == 0 && platforms[i] == value)
            return AT_OK;
    }
    return m531x_error(line, reply, M531X_ERR_SYNTAX);
}
