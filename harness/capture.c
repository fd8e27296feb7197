/* SPDX-License-Identifier: MIT */
#include "harness/capture.h"

#include <stdint.h>
#include <string.h>

#include "harness/names.h"
#include "harness/recording.h"
#include "harness/visible.h"
#include "sim/base/buf.h"

/* ---- pcapng (draft-ietf-opsawg-pcapng), in the byte order of this machine ---- */

#define LINKTYPE_UPPER_PDU 252
#define TAG_DISSECTOR      12
#define TAG_DIRECTION      35
#define DIRECTION_SENT     0 /* as the host sees it */
#define DIRECTION_RECEIVED 1
#define BLOCK_SECTION      0x0a0d0d0au
#define BLOCK_INTERFACE    1u
#define BLOCK_PACKET       6u
#define OPTION_COMMENT     1
#define OPTION_NAME        2
#define OPTION_APPLICATION 4
#define BYTE_ORDER_MAGIC   0x1a2b3c4du
#define DISSECTOR          "at"
#define INTERFACE_MAX      64
#define OPTION_TEXT_MAX    4000u

static void add_u16(struct buf *out, unsigned value)
{
    uint16_t word = (uint16_t)value;

    buf_add(out, &word, sizeof(word));
}

static void add_u32(struct buf *out, uint64_t value)
{
    uint32_t word = (uint32_t)value;

    buf_add(out, &word, sizeof(word));
}

static void pad(struct buf *out)
{
    while (out->len % 4)
        buf_add_char(out, '\0');
}

static void add_option(struct buf *out, unsigned code, const char *text)
{
    size_t len = visible_cut(text, strlen(text), OPTION_TEXT_MAX);

    add_u16(out, code);
    add_u16(out, (unsigned)len);
    buf_add(out, text, len);
    pad(out);
}

static void write_block(FILE *file, uint32_t type, const struct buf *body)
{
    uint32_t length = (uint32_t)body->len + 12;

    fwrite(&type, sizeof(type), 1, file);
    fwrite(&length, sizeof(length), 1, file);
    fwrite(body->data, 1, body->len, file);
    fwrite(&length, sizeof(length), 1, file);
}

static void write_section(FILE *file)
{
    struct buf body = {0};

    add_u32(&body, BYTE_ORDER_MAGIC);
    add_u16(&body, 1); /* version 1.0 */
    add_u16(&body, 0);
    add_u32(&body, UINT32_MAX); /* length unknown */
    add_u32(&body, UINT32_MAX);
    add_option(&body, OPTION_APPLICATION, "hayeswire " HAYESWIRE_VERSION);
    add_u32(&body, 0); /* end of options */
    write_block(file, BLOCK_SECTION, &body);
    buf_deinit(&body);
}

static void write_interface(FILE *file, const char *name)
{
    struct buf body = {0};

    add_u16(&body, LINKTYPE_UPPER_PDU);
    add_u16(&body, 0);
    add_u32(&body, 0); /* no limit of length */
    add_option(&body, OPTION_NAME, name);
    add_u32(&body, 0);
    write_block(file, BLOCK_INTERFACE, &body);
    buf_deinit(&body);
}

/* The tags in front of the data are in network byte order. */
static void add_tag(struct buf *out, unsigned tag, const void *value, size_t len)
{
    buf_add_char(out, (char)(tag >> 8));
    buf_add_char(out, (char)tag);
    buf_add_char(out, (char)(len >> 8));
    buf_add_char(out, (char)len);
    buf_add(out, value, len);
}

static void write_packet(FILE *file, size_t interface, const struct trace_record *record,
                         const char *comment)
{
    static const char name[4] = DISSECTOR; /* padded with NUL to a multiple of four */
    unsigned char direction[4] = {0, 0, 0, DIRECTION_SENT};
    struct buf body = {0}, data = {0};

    if (record->kind == TRACE_TX)
        direction[3] = DIRECTION_RECEIVED;
    add_tag(&data, TAG_DISSECTOR, name, sizeof(name));
    add_tag(&data, TAG_DIRECTION, direction, sizeof(direction));
    add_tag(&data, 0, NULL, 0);
    buf_add(&data, record->data, record->len);
    add_u32(&body, interface);
    add_u32(&body, record->t_us >> 32);
    add_u32(&body, record->t_us);
    add_u32(&body, data.len);
    add_u32(&body, data.len);
    buf_add(&body, data.data, data.len);
    pad(&body);
    if (comment && *comment)
        add_option(&body, OPTION_COMMENT, comment);
    add_u32(&body, 0);
    write_block(file, BLOCK_PACKET, &body);
    buf_deinit(&body);
    buf_deinit(&data);
}

static bool is_traffic(const struct trace_record *record)
{
    return record->kind == TRACE_RX || record->kind == TRACE_TX;
}

static size_t index_of(const struct names *names, const char *name)
{
    size_t i = 0;

    while (i < names->count && strcmp(names->items[i], name) != 0)
        i++;
    return i;
}

static void write_interfaces(const struct recording *recording, struct names *ports, FILE *file)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct trace_record *record = &recording->records[i];

        if (is_traffic(record) && ports->count < INTERFACE_MAX &&
            index_of(ports, record->who) == ports->count) {
            names_add(ports, record->who);
            write_interface(file, record->who);
        }
    }
}

void capture_write_pcapng(const struct recording *recording, FILE *file)
{
    struct names ports = {0};
    struct buf comment = {0};

    write_section(file);
    write_interfaces(recording, &ports, file);
    for (size_t i = 0; i < recording->count; i++) {
        const struct trace_record *record = &recording->records[i];
        size_t port;

        if (record->kind == TRACE_FAULT) {
            buf_printf(&comment, "%sfault: ", comment.len ? "\n" : "");
            visible_add(&comment, VISIBLE_LINE, record->data, record->len);
        }
        if (!is_traffic(record))
            continue;
        port = index_of(&ports, record->who);
        if (port < ports.count)
            write_packet(file, port, record, comment.data);
        buf_clear(&comment);
    }
    names_deinit(&ports);
    buf_deinit(&comment);
}

/* ---- asciicast ---- */

static void write_event(FILE *file, const struct trace_record *record, char code)
{
    struct buf text = {0};

    visible_add_json(&text, record->data, record->len);
    fprintf(file, "[%.6f, \"%c\", %s]\n", (double)record->t_us / 1e6, code, text.data);
    buf_deinit(&text);
}

void capture_write_asciicast(const struct recording *recording, FILE *file)
{
    const char *title = recording->title ? recording->title : "";
    struct buf text = {0};

    visible_add_json(&text, title, strlen(title));
    fprintf(file,
            "{\"version\": 2, \"width\": 100, \"height\": 30, \"idle_time_limit\": 2, "
            "\"title\": %s}\n",
            text.data);
    buf_deinit(&text);
    for (size_t i = 0; i < recording->count; i++) {
        const struct trace_record *record = &recording->records[i];

        if (record->kind == TRACE_TX)
            write_event(file, record, 'o');
        else if (record->kind == TRACE_RX)
            write_event(file, record, 'i');
        else if (record->kind == TRACE_FAULT || record->kind == TRACE_POWER)
            write_event(file, record, 'm');
    }
}
