/* SPDX-License-Identifier: MIT */
#include "harness/recording.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define HEAD_SHARE 3 /* of a transcript that is cut, the first third is the beginning */

void recording_deinit(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        free(recording->records[i].data);
    free(recording->records);
    free(recording->title);
    *recording = (struct recording){0};
}

int recording_read_file(const char *path, size_t max_bytes, struct buf *out)
{
    static char chunk[65536];
    gzFile file = gzopen(path, "rbe");
    int got, r = 0;

    if (!file)
        return errno ? -errno : -ENOMEM;
    while ((got = gzread(file, chunk, sizeof(chunk))) > 0) {
        if (out->len + (size_t)got > max_bytes) {
            r = -EFBIG;
            goto out;
        }
        buf_add(out, chunk, (size_t)got);
    }
    if (got < 0)
        r = -EIO;
out:
    /* A compressed file that breaks off is found here. */
    if (gzclose(file) != Z_OK && r == 0)
        r = -EIO;
    return r;
}

/* ---- one line ---- */

/* Characters U+0000..U+00FF back to the bytes that they stand for. */
static size_t to_bytes(const char *text, size_t len, char *out)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c & 0xfe) == 0xc2 && i + 1 < len)
            out[count++] = (char)((c & 3) << 6 | (text[++i] & 0x3f));
        else
            out[count++] = (char)c;
    }
    return count;
}

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* A record at the end, with room for its texts. */
static struct trace_record *grow(struct recording *recording, size_t size)
{
    if (recording->count == recording->cap) {
        recording->cap = recording->cap ? recording->cap * 2 : 256;
        recording->records = xrealloc(recording->records,
                                      recording->cap * sizeof(*recording->records));
    }
    recording->records[recording->count] = (struct trace_record){
        .seq = recording->count,
        .data = xmalloc(size),
    };
    return &recording->records[recording->count++];
}

static void add_record(struct recording *recording, enum trace_kind kind, const json_t *object,
                       const json_t *who, const json_t *data)
{
    size_t who_len = json_string_length(who), len = json_string_length(data);
    struct trace_record *record = grow(recording, len + who_len + 2);

    record->t_us = number_of(object, "t");
    record->wall_us = number_of(object, "w");
    record->kind = kind;
    record->len = to_bytes(json_string_value(data), len, record->data);
    record->data[record->len] = '\0';
    record->who = record->data + record->len + 1;
    record->who[to_bytes(json_string_value(who), who_len, record->who)] = '\0';
}

static void take_title(struct recording *recording, const json_t *title)
{
    size_t len = json_string_length(title);

    if (!json_is_string(title))
        return;
    free(recording->title);
    recording->title = xmalloc(len + 1);
    recording->title[to_bytes(json_string_value(title), len, recording->title)] = '\0';
}

static int add_object(struct recording *recording, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "k"));
    const json_t *who = json_object_get(object, "p"), *data = json_object_get(object, "d");
    enum trace_kind kind;

    if (!name)
        return -EINVAL;
    if (strcmp(name, "header") == 0) {
        take_title(recording, json_object_get(object, "title"));
        recording->dropped = number_of(object, "dropped");
        return 0;
    }
    if (strcmp(name, "end") == 0) {
        recording->is_complete = true;
        return 0;
    }
    if (trace_kind_parse(name, &kind) < 0 || !json_is_string(who) || !json_is_string(data))
        return -EINVAL;
    add_record(recording, kind, object, who, data);
    return 0;
}

int recording_add_line(struct recording *recording, const char *line, size_t len)
{
    json_t *object = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
    int r = object ? add_object(recording, object) : -EINVAL;

    json_decref(object);
    return r;
}

int recording_load(const char *path, struct recording *recording_out, struct buf *error_out)
{
    struct buf text = {0};
    unsigned line = 1;
    int r = recording_read_file(path, RECORDING_BYTES_MAX, &text);

    *recording_out = (struct recording){0};
    if (r < 0)
        buf_printf(error_out, "%s: %s", path, strerror(-r));
    for (size_t at = 0; r == 0 && at < text.len; line++) {
        const char *end = memchr(text.data + at, '\n', text.len - at);
        size_t len = end ? (size_t)(end - text.data) - at : text.len - at;

        if (len > 0)
            r = recording_add_line(recording_out, text.data + at, len);
        if (r < 0)
            buf_printf(error_out, "%s:%u: not a line of a trace", path, line);
        at += len + 1;
    }
    if (r < 0)
        recording_deinit(recording_out);
    buf_deinit(&text);
    return r;
}

/* ---- a course ---- */

static int add_course_line(struct recording *recording, char *line)
{
    char *speaker = strchr(line, '\t'), *text = speaker ? strchr(speaker + 1, '\t') : NULL;
    char *who = speaker ? strchr(speaker, ' ') : NULL;
    struct trace_record *record;
    enum trace_kind kind;

    if (!text || !who || who > text)
        return -EINVAL;
    *speaker++ = *who++ = *text++ = '\0';
    if (trace_kind_parse(speaker, &kind) < 0)
        return -EINVAL;
    record = grow(recording, strlen(text) + strlen(who) + 2);
    record->t_us = strtoull(line, NULL, 10);
    record->kind = kind;
    record->len = strlen(text);
    memcpy(record->data, text, record->len + 1);
    record->who = record->data + record->len + 1;
    memcpy(record->who, who, strlen(who) + 1);
    return 0;
}

int recording_load_course(const char *path, struct recording *recording_out, struct buf *error_out)
{
    struct buf text = {0};
    int r = recording_read_file(path, RECORDING_BYTES_MAX, &text);

    *recording_out = (struct recording){0};
    if (r < 0)
        buf_printf(error_out, "%s: %s", path, strerror(-r));
    for (char *line = text.data; r == 0 && line && *line;) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        r = add_course_line(recording_out, line);
        if (r < 0)
            buf_printf(error_out, "%s: not the course of a run", path);
        line = end ? end + 1 : NULL;
    }
    if (r < 0)
        recording_deinit(recording_out);
    buf_deinit(&text);
    return r;
}

/* ---- for people ---- */

static size_t without_line_end(const char *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    return len;
}

bool recording_is_news(const struct recording *recording, size_t index)
{
    const struct trace_record *record = &recording->records[index];
    size_t len = without_line_end(record->data, record->len);

    if (record->kind == TRACE_CMD || record->kind == TRACE_PROGRESS)
        return false;
    if (record->kind != TRACE_TX || record->len == 0)
        return true;
    /* Bytes that are nothing but the URCs recorded right before, in their frames. */
    while (len > 0 && index > 0) {
        const struct trace_record *urc = &recording->records[--index];

        if (urc->kind != TRACE_URC || strcmp(urc->who, record->who) != 0 || len < urc->len ||
            memcmp(record->data + len - urc->len, urc->data, urc->len) != 0)
            return true;
        len = without_line_end(record->data, len - urc->len);
    }
    return len > 0;
}

void recording_transcript(const struct recording *recording, size_t max_bytes, struct buf *out)
{
    struct buf all = {0};
    size_t head = max_bytes / HEAD_SHARE, tail, left_out = 0;

    if (recording->dropped > 0)
        buf_printf(&all, "(%llu older records dropped)\n", (unsigned long long)recording->dropped);
    for (size_t i = 0; i < recording->count; i++) {
        if (!recording_is_news(recording, i))
            continue;
        trace_format(&recording->records[i], &all);
        buf_add_char(&all, '\n');
    }
    if (all.len <= max_bytes) {
        buf_add(out, buf_text(&all), all.len);
        buf_deinit(&all);
        return;
    }
    while (head > 0 && all.data[head - 1] != '\n')
        head--;
    tail = all.len - (max_bytes - head);
    while (tail < all.len && all.data[tail - 1] != '\n')
        tail++;
    for (size_t i = head; i < tail; i++)
        left_out += all.data[i] == '\n';
    buf_add(out, all.data, head);
    buf_printf(out, "... %zu lines left out ...\n", left_out);
    buf_add(out, all.data + tail, all.len - tail);
    buf_deinit(&all);
}
