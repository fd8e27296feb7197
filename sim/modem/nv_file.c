/*
 * The file of a modem's settings: one JSON object, a line per key, made to be read and edited.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/nv.h"
#include "sim/modem/nv_private.h"

/*
 * Settings hold bytes that a host chose, in whatever encoding. In the file each byte is one
 * character U+0001..U+00FF, as in traces, so that every value survives the round trip.
 */
static char *bytes_of(const char *utf8)
{
    struct buf bytes = {0};

    for (const unsigned char *p = (const unsigned char *)utf8; *p; p++) {
        if (*p >= 0xc4 || bytes.len == NV_VALUE_MAX)
            goto refuse; /* a character above U+00FF, or too long */
        if (*p >= 0xc2) {
            buf_add_char(&bytes, (char)((*p & 0x03) << 6 | (p[1] & 0x3f)));
            p++;
        } else {
            buf_add_char(&bytes, (char)*p);
        }
    }
    return buf_take(&bytes);
refuse:
    buf_deinit(&bytes);
    return NULL;
}

static bool load_entry(struct nv_table *table, const char *key, const json_t *value)
{
    struct nv_entry entry = {.key = (char *)key};

    if (!*key || strlen(key) > NV_KEY_MAX)
        return false;
    if (json_is_integer(value)) {
        entry.kind = NV_INT;
        entry.number = json_integer_value(value);
    } else if (json_is_string(value)) {
        entry.kind = NV_TEXT;
        entry.text = bytes_of(json_string_value(value));
        if (!entry.text)
            return false;
    } else {
        return false;
    }
    nv_table_put(table, &entry);
    free(entry.text);
    return true;
}

static bool load_object(struct nv_table *table, json_t *root)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root))
        return false;
    json_object_foreach(root, key, value)
    {
        if (!load_entry(table, key, value))
            return false;
    }
    return true;
}

bool nv_file_load(const char *path, struct nv_table *table_out)
{
    struct buf text = {0};
    json_t *root = NULL;
    bool is_damaged = true;
    int r = text_read_file(path, NV_FILE_MAX, &text);

    if (r == -ENOENT)
        is_damaged = false;
    if (r < 0)
        goto out;
    root = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
    is_damaged = !root || !load_object(table_out, root);
    if (is_damaged)
        nv_table_deinit(table_out);
out:
    json_decref(root);
    buf_deinit(&text);
    return is_damaged;
}

static void format_table(const struct nv_table *table, struct buf *out)
{
    buf_add_text(out, "{");
    for (size_t i = 0; i < table->count; i++) {
        const struct nv_entry *entry = &table->entries[i];

        buf_add_text(out, i > 0 ? ",\n  " : "\n  ");
        text_add_json(out, entry->key, strlen(entry->key));
        buf_add_text(out, ": ");
        if (entry->kind == NV_INT)
            buf_printf(out, "%lld", entry->number);
        else
            text_add_json(out, entry->text, strlen(entry->text));
    }
    buf_add_text(out, "\n}\n");
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        bytes += done;
        len -= (size_t)done;
    }
    return 0;
}

static int write_file(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int r;

    if (fd < 0)
        return -errno;
    r = write_all(fd, bytes, len);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

static char *temporary_path(const char *path)
{
    return xasprintf("%s.tmp", path);
}

int nv_file_prepare(const char *path, const struct nv_table *table)
{
    char *temporary = temporary_path(path);
    struct buf text = {0};
    int r;

    format_table(table, &text);
    r = write_file(temporary, text.data, text.len);
    if (r < 0)
        unlink(temporary);
    buf_deinit(&text);
    free(temporary);
    return r;
}

int nv_file_replace(const char *path)
{
    char *temporary = temporary_path(path);
    int r = rename(temporary, path) < 0 ? -errno : 0;

    if (r < 0)
        unlink(temporary);
    free(temporary);
    return r;
}

void nv_file_discard(const char *path)
{
    char *temporary = temporary_path(path);

    unlink(temporary);
    free(temporary);
}

int nv_file_tear(const char *path, const struct nv_table *table)
{
    char *temporary = temporary_path(path);
    int r = nv_file_damage(temporary, table);

    free(temporary);
    return r;
}

int nv_file_damage(const char *path, const struct nv_table *table)
{
    struct buf text = {0};
    int r;

    format_table(table, &text);
    r = write_file(path, text.data, text.len / 2);
    buf_deinit(&text);
    return r;
}
