/* SPDX-License-Identifier: MIT */
#include "sim/dialect/mt5700/mt5700_files.h"

#include <ctype.h>
#include <errno.h>
#include <expat.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/dialect.h"

#define DEPTH_MAX 8 /* root/files/file/spath is 4 deep */
#define TEXT_MAX  1024

/* ---- reading ---- */

/* What expat is asked for: the path of element names, and the text of the innermost. */
struct reader {
    XML_Parser parser;
    const char *names[DEPTH_MAX]; /* those that we know, "" otherwise */
    unsigned depth;
    char text[TEXT_MAX + 1];
    size_t text_len;
    bool is_bad;
    struct mt5700_filelist *list;
    struct mt5700_changelog *log;
};

static const char *known_name(const char *name)
{
    static const char *const names[] = {"root",     "component", "name",   "files",
                                        "file",     "spath",     "md5",    "size",
                                        "language", "features",  "feature"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], name) == 0)
            return names[i];
    }
    return "";
}

static bool is_at(const struct reader *reader, const char *outer, const char *inner)
{
    return reader->depth >= 2 && strcmp(reader->names[reader->depth - 1], inner) == 0 &&
           strcmp(reader->names[reader->depth - 2], outer) == 0;
}

static void refuse(struct reader *reader)
{
    reader->is_bad = true;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* A bounded copy of a text that goes into URLs and AT replies. */
static void take_name(struct reader *reader, const char *text, char *out)
{
    size_t len = strlen(text);

    if (len > MT5700_NAME_MAX) {
        refuse(reader);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (!isprint((unsigned char)text[i])) {
            refuse(reader);
            return;
        }
    }
    memcpy(out, text, len + 1);
}

static void begin_file(struct reader *reader)
{
    if (reader->list->count == MT5700_FILES_MAX)
        refuse(reader);
    else
        reader->list->files[reader->list->count++] = (struct mt5700_file){0};
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reader *reader = arg;

    if (reader->depth == DEPTH_MAX) {
        refuse(reader);
        return;
    }
    reader->names[reader->depth++] = known_name(name);
    reader->text_len = 0;
    if (reader->list && is_at(reader, "files", "file"))
        begin_file(reader);
    if (!reader->log || !is_at(reader, "root", "component") || reader->log->version[0])
        return;
    for (size_t i = 0; attributes[i]; i += 2) {
        if (strcmp(attributes[i], "version") == 0)
            take_name(reader, attributes[i + 1], reader->log->version);
    }
}

static void on_text(void *arg, const char *text, int len)
{
    struct reader *reader = arg;
    size_t room = TEXT_MAX - reader->text_len;
    size_t part = (size_t)len < room ? (size_t)len : room;

    memcpy(reader->text + reader->text_len, text, part);
    reader->text_len += part;
}

/* The collected text without the blanks around it. */
static const char *trimmed_text(struct reader *reader)
{
    char *start = reader->text;
    char *end = start + reader->text_len;

    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    while (isspace((unsigned char)*start))
        start++;
    return start;
}

/* A name in the folder: the module appends it to the URL. */
static void take_path(struct reader *reader, struct mt5700_file *file, const char *text)
{
    if (!text[0] || strpbrk(text, "/\\ ?#%") || text[0] == '.')
        refuse(reader);
    else
        take_name(reader, text, file->path);
}

static void take_md5(struct reader *reader, struct mt5700_file *file, const char *text)
{
    if (strlen(text) != MT5700_MD5_LEN ||
        strspn(text, "0123456789abcdefABCDEF") != MT5700_MD5_LEN) {
        refuse(reader);
        return;
    }
    for (size_t i = 0; i <= MT5700_MD5_LEN; i++)
        file->md5[i] = (char)tolower((unsigned char)text[i]);
}

static void take_size(struct reader *reader, struct mt5700_file *file, const char *text)
{
    long long size;

    if (text_parse_int(text, &size) < 0 || size < 0)
        refuse(reader);
    else
        file->size_bytes = (uint64_t)size;
}

static void end_in_list(struct reader *reader, const char *text)
{
    struct mt5700_filelist *list = reader->list;
    struct mt5700_file *file = list->count > 0 ? &list->files[list->count - 1] : NULL;

    if (is_at(reader, "component", "name") && !list->component[0])
        take_name(reader, text, list->component);
    else if (file && is_at(reader, "file", "spath"))
        take_path(reader, file, text);
    else if (file && is_at(reader, "file", "md5"))
        take_md5(reader, file, text);
    else if (file && is_at(reader, "file", "size"))
        take_size(reader, file, text);
    else if (is_at(reader, "files", "file") && (!file->path[0] || !file->md5[0]))
        refuse(reader);
}

/* 3.source_version="1.3.0.0(SP1C02)" -> what stands in the quotes. */
static void take_quoted(struct reader *reader, const char *text, const char *word, char *out)
{
    const char *at = strstr(text, word), *end;
    char value[MT5700_FEATURE_MAX + 1];

    if (!at)
        return;
    at += strlen(word);
    end = strchr(at, '"');
    if (!end)
        return;
    memcpy(value, at, (size_t)(end - at));
    value[end - at] = '\0';
    take_name(reader, value, out);
}

static void end_in_log(struct reader *reader, const char *text)
{
    struct mt5700_changelog *log = reader->log;
    char *feature;

    if (!is_at(reader, "features", "feature") || log->feature_count == MT5700_FEATURES_MAX)
        return;
    feature = log->features[log->feature_count++];
    for (size_t i = 0; i < MT5700_FEATURE_MAX && text[i]; i++) /* it goes into an AT reply */
        feature[i] = isprint((unsigned char)text[i]) ? text[i] : ' ';
    log->is_automatic |= strstr(feature, "update_mode=\"1\"") != NULL;
    take_quoted(reader, feature, "source_version=\"", log->source_version);
}

static void on_end(void *arg, const char *name)
{
    struct reader *reader = arg;
    const char *text = trimmed_text(reader);

    if (reader->list)
        end_in_list(reader, text);
    else
        end_in_log(reader, text);
    reader->text_len = 0;
    reader->depth--;
}

static int read_xml(struct reader *reader, const void *bytes, size_t len)
{
    enum XML_Status status;

    reader->parser = XML_ParserCreate(NULL);
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    status = XML_Parse(reader->parser, bytes, (int)len, XML_TRUE);
    XML_ParserFree(reader->parser);
    return status == XML_STATUS_OK && !reader->is_bad ? 0 : -EBADMSG;
}

int mt5700_read_filelist(const void *bytes, size_t len, struct mt5700_filelist *list_out)
{
    struct reader reader = {.list = list_out};

    *list_out = (struct mt5700_filelist){0};
    return read_xml(&reader, bytes, len);
}

int mt5700_read_changelog(const void *bytes, size_t len, struct mt5700_changelog *log_out)
{
    struct reader reader = {.log = log_out};
    int r;

    *log_out = (struct mt5700_changelog){0};
    r = read_xml(&reader, bytes, len);
    return r == 0 && !log_out->version[0] ? -EBADMSG : r;
}

void mt5700_md5(const void *bytes, size_t len, char hex_out[MT5700_MD5_LEN + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_Digest(bytes, len, digest, &size, EVP_md5(), NULL);
    for (size_t i = 0; i < MT5700_MD5_LEN / 2; i++) {
        hex_out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex_out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex_out[MT5700_MD5_LEN] = '\0';
}

/* ---- making ---- */

const struct option_row mt5700_package_options[MT5700_PACKAGE_OPTION_COUNT] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    MT5700_PACKAGE_OPTIONS(X)
#undef X
};

static const char head[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<root>\n";

/* Text between elements, or in the quotes of an attribute. */
static void add_escaped(struct buf *out, const char *text, bool in_attribute)
{
    for (; *text; text++) {
        if (*text == '<')
            buf_add_text(out, "&lt;");
        else if (*text == '&')
            buf_add_text(out, "&amp;");
        else if (*text == '"' && in_attribute)
            buf_add_text(out, "&quot;");
        else
            buf_add_char(out, *text);
    }
}

static void add_feature(struct buf *out, const char *key, const char *value)
{
    buf_add_text(out, "            <feature>");
    buf_add_text(out, key);
    add_escaped(out, value, false);
    buf_add_text(out, key[0] ? "\"</feature>\n" : "</feature>\n");
}

static void make_changelog(const struct dialect_package *package, const struct option_value *values,
                           struct buf *out)
{
    const char *version = values[MT5700_PACKAGE_VERSION].text;
    const char *source = values[MT5700_PACKAGE_SOURCE].text;

    if (!version[0])
        version = package->to;
    buf_add_text(out, head);
    buf_add_text(out, "    <component name=\"");
    add_escaped(out, values[MT5700_PACKAGE_COMPONENT].text, true);
    buf_add_text(out, "\" version=\"");
    add_escaped(out, version, true);
    buf_add_text(out, "\"/>\n"
                      "    <default-language name=\"de-de\">1031</default-language>\n"
                      "    <language name=\"en-us\" code=\"1033\">\n"
                      "        <features>\n");
    add_feature(out,
                values[MT5700_PACKAGE_BLANK].number ? "1. product_name=\"" : "1.product_name=\"",
                values[MT5700_PACKAGE_PRODUCT].text);
    add_feature(out, "2.update_mode=\"", values[MT5700_PACKAGE_UPDATE_MODE].text);
    add_feature(out, "3.source_version=\"", source[0] ? source : version);
    if (values[MT5700_PACKAGE_LANGUAGE].text[0])
        add_feature(out, "", values[MT5700_PACKAGE_LANGUAGE].text);
    buf_add_text(out, "        </features>\n    </language>\n</root>\n");
}

static void add_file(struct buf *out, const char *name, const void *bytes, size_t len,
                     bool is_upper)
{
    char md5[MT5700_MD5_LEN + 1];

    mt5700_md5(bytes, len, md5);
    for (size_t i = 0; is_upper && md5[i]; i++)
        md5[i] = (char)toupper((unsigned char)md5[i]);
    buf_add_text(out, "        <file>\n            <spath>");
    add_escaped(out, name, false);
    buf_add_text(out, "</spath>\n            <dpath>");
    add_escaped(out, name, false);
    buf_printf(out,
               "</dpath>\n            <operation>c</operation>\n            <md5>%s</md5>\n"
               "            <size>%zu</size>\n        </file>\n",
               md5, len);
}

static void make_filelist(const struct dialect_package *package, const struct option_value *values,
                          const struct buf *changelog, struct buf *out)
{
    bool is_upper = values[MT5700_PACKAGE_DIGITS].number != 0;

    buf_add_text(out, head);
    buf_add_text(out, "    <component>\n        <name>");
    add_escaped(out, values[MT5700_PACKAGE_COMPONENT].text, false);
    buf_add_text(out, "</name>\n        <compress>0</compress>\n    </component>\n    <files>\n");
    add_file(out, "changelog.xml", changelog->data, changelog->len, is_upper);
    add_file(out, values[MT5700_PACKAGE_FILE].text, package->bytes, package->len, is_upper);
    buf_add_text(out, "    </files>\n</root>\n");
}

static void to_crlf(struct buf *text)
{
    struct buf lines = {0};

    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] == '\n')
            buf_add_char(&lines, '\r');
        buf_add_char(&lines, text->data[i]);
    }
    buf_deinit(text);
    *text = lines;
}

void mt5700_package_files(const struct dialect_package *package, const struct option_value *values,
                          void (*add)(void *arg, const char *name, const void *bytes, size_t len),
                          void *arg)
{
    bool is_crlf = values[MT5700_PACKAGE_EOL].number != 0;
    char *name = xasprintf("full/%s", values[MT5700_PACKAGE_FILE].text);
    struct buf changelog = {0}, filelist = {0};

    make_changelog(package, values, &changelog);
    if (is_crlf)
        to_crlf(&changelog);
    make_filelist(package, values, &changelog, &filelist);
    if (is_crlf)
        to_crlf(&filelist);
    add(arg, "full/changelog.xml", changelog.data, changelog.len);
    add(arg, "full/filelist.xml", filelist.data, filelist.len);
    add(arg, name, package->bytes, package->len);
    buf_deinit(&changelog);
    buf_deinit(&filelist);
    free(name);
}
