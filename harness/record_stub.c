/*
 * A recording as the beginning of a dialect: a row and a handler for each command, with the answers
 * that were seen, and the unasked lines with their times as a comment. It compiles as it is.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/names.h"
#include "harness/record.h"
#include "sim/at/at_cmd.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

struct answer {
    char *name; /* "+CSQ" */
    char *text; /* the whole command as it was first seen */
    const char *verb;
    struct names lines; /* of information */
    struct buf raw;     /* bytes instead of lines */
    bool has_prompt;    /* data came between */
    char *result;
    uint64_t delay_us;
    unsigned seen;
};

struct stub {
    const struct recording *recording;
    struct answer *answers;
    size_t count;
};

static const char *verb_of(const char *command)
{
    size_t len = strlen(command);

    if (len > 1 && strcmp(command + len - 2, "=?") == 0)
        return "AT_TEST";
    if (len > 0 && command[len - 1] == '?')
        return "AT_READ";
    return strchr(command, '=') ? "AT_SET" : "AT_EXEC";
}

/* "at+csq?" -> "+CSQ"; basic commands lose their number. */
static char *name_of(const char *command)
{
    size_t len = strcspn(command + 2, "=?");
    char *name = xstrndup(command + 2, len);

    for (char *p = name; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    if (isalpha((unsigned char)name[0]))
        name[1] = '\0';
    else if (name[0] == '&' && len > 1)
        name[2] = '\0';
    return name;
}

static struct answer *find(struct stub *stub, const char *name, const char *verb)
{
    for (size_t i = 0; i < stub->count; i++) {
        if (strcmp(stub->answers[i].name, name) == 0 && strcmp(stub->answers[i].verb, verb) == 0)
            return &stub->answers[i];
    }
    return NULL;
}

static void take_line(struct answer *answer, const struct record_entry *entry)
{
    if (strcmp(entry->text, "> ") == 0) {
        answer->has_prompt = true;
        return;
    }
    if (answer->result)
        names_add(&answer->lines, answer->result);
    xstrset(&answer->result, entry->text);
}

/* The answer behind a command: its lines, up to the next command; data are none. */
static void take_reply(struct answer *answer, const struct recording *recording, size_t at)
{
    const struct record_entry *asked = &recording->entries[at];
    bool takes_data = false;

    for (size_t i = at + 1; i < recording->count; i++) {
        const struct record_entry *entry = &recording->entries[i];

        if (entry->port != asked->port)
            continue;
        if (entry->sign == RECORD_TYPED && !takes_data)
            return;
        takes_data = entry->sign == RECORD_REPLY && strcmp(entry->text, "> ") == 0;
        if (entry->sign == RECORD_BYTES && !answer->result)
            buf_add(&answer->raw, entry->text, entry->len);
        if (entry->sign == RECORD_REPLY)
            take_line(answer, entry);
        if (entry->sign == RECORD_REPLY || entry->sign == RECORD_BYTES)
            answer->delay_us = entry->t_us - asked->t_us;
        if (answer->result && at_log_is_final(answer->result))
            return;
    }
}

static void take_command(struct stub *stub, size_t at)
{
    const char *text = stub->recording->entries[at].text;
    struct answer *answer;
    char *name;

    if (strncasecmp(text, "AT", 2) != 0 || strlen(text) < 3 || strchr(text, ';'))
        return; /* a chain is several commands; its log line tells them */
    name = name_of(text);
    answer = find(stub, name, verb_of(text));
    if (strlen(name) > AT_NAME_MAX || answer) {
        if (answer)
            answer->seen++;
        free(name);
        return;
    }
    stub->answers = xrealloc(stub->answers, (stub->count + 1) * sizeof(*stub->answers));
    answer = &stub->answers[stub->count++];
    *answer = (struct answer){
        .name = name, .text = xstrdup(text), .verb = verb_of(text), .seen = 1};
    take_reply(answer, stub->recording, at);
}

/* ---- C source ---- */

static void add_c_bytes(struct buf *out, const char *bytes, size_t len)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < ' ' || c > '~')
            buf_printf(out, "\\%03o", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

static void add_c_string(struct buf *out, const char *text)
{
    add_c_bytes(out, text, strlen(text));
}

/* Text of the recording within a comment: it must not end it. */
static void add_comment_text(struct buf *out, const char *text, size_t len)
{
    struct buf visible = {0};

    text_add_visible(&visible, text, len);
    for (size_t i = 0; i < visible.len; i++) {
        buf_add_char(out, visible.data[i]);
        if (i + 1 < visible.len && strchr("*/", visible.data[i]) &&
            strchr("*/", visible.data[i + 1]))
            buf_add_char(out, ' ');
    }
    buf_deinit(&visible);
}

static void add_function_name(struct buf *out, const char *name)
{
    buf_add_text(out, "answer_");
    for (; *name; name++)
        buf_printf(out, isalnum((unsigned char)*name) ? "%c" : "x%02x",
                   isalnum((unsigned char)*name) ? tolower((unsigned char)*name)
                                                 : (unsigned char)*name);
}

static void add_result(struct buf *out, const char *result)
{
    unsigned code;

    if (!result)
        buf_add_text(out, "AT_SILENT"); /* it was never answered */
    else if (sscanf(result, "+CME ERROR: %4u", &code) == 1)
        buf_printf(out, "AT_CME(%u)", code);
    else if (sscanf(result, "+CMS ERROR: %4u", &code) == 1)
        buf_printf(out, "AT_CMS(%u)", code);
    else if (strcmp(result, "OK") == 0)
        buf_add_text(out, "AT_OK");
    else
        buf_add_text(out, strncmp(result, "CONNECT", 7) == 0 ? "AT_CONNECT" : "AT_ERROR");
}

static void add_verb(struct buf *out, const struct answer *answer)
{
    buf_printf(out, "    if (req->verb == %s) { /* ", answer->verb);
    add_comment_text(out, answer->text, strlen(answer->text));
    buf_printf(out, ", %u times, answered after %llu ms */\n", answer->seen,
               (unsigned long long)(answer->delay_us / 1000));
    if (answer->has_prompt)
        buf_add_text(out, "        if (!req->data)\n            return AT_PROMPT;\n");
    if (answer->raw.len > 0) {
        buf_add_text(out, "        at_reply_raw(reply, ");
        add_c_bytes(out, answer->raw.data, answer->raw.len);
        buf_printf(out, ", %zu);\n", answer->raw.len);
    }
    for (size_t i = 0; i < answer->lines.count; i++) {
        buf_add_text(out, "        at_reply_line(reply, \"%s\", ");
        add_c_string(out, answer->lines.items[i]);
        buf_add_text(out, ");\n");
    }
    buf_add_text(out, "        return ");
    add_result(out, answer->result);
    buf_add_text(out, ";\n    }\n");
}

static bool is_first_of_name(const struct stub *stub, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(stub->answers[i].name, stub->answers[index].name) == 0)
            return false;
    }
    return true;
}

static void add_handlers(const struct stub *stub, struct buf *out)
{
    for (size_t i = 0; i < stub->count; i++) {
        const char *name = stub->answers[i].name;

        if (!is_first_of_name(stub, i))
            continue;
        buf_add_text(out, "static int ");
        add_function_name(out, name);
        buf_add_text(out, "(struct line *line, const struct at_req *req, struct at_reply *reply)\n"
                          "{\n");
        for (size_t j = i; j < stub->count; j++) {
            if (strcmp(stub->answers[j].name, name) == 0)
                add_verb(out, &stub->answers[j]);
        }
        buf_add_text(out, "    return AT_ERROR;\n}\n\n");
    }
}

static void add_rows(const struct stub *stub, struct buf *out)
{
    buf_add_text(out, "static const struct at_cmd cmds[] = {\n");
    for (size_t i = 0; i < stub->count; i++) {
        const char *name = stub->answers[i].name;

        if (!is_first_of_name(stub, i))
            continue;
        buf_add_text(out, "    {");
        add_c_string(out, name);
        buf_add_text(out, ", 0");
        for (size_t j = i; j < stub->count; j++) {
            if (strcmp(stub->answers[j].name, name) == 0)
                buf_printf(out, " | %s", stub->answers[j].verb);
        }
        buf_add_text(out, ", ");
        add_function_name(out, name);
        buf_add_text(out, ", NULL, \"as it was recorded\", \"C recorded\"},\n");
    }
    buf_add_text(out, "};\n\n");
}

/* Whether the modem did it by itself. */
static bool is_act(const struct recording *recording, size_t at)
{
    const struct record_entry *entry = &recording->entries[at];

    if (entry->sign != RECORD_BYTES)
        return entry->sign == RECORD_URC || entry->sign == RECORD_LINK;
    while (at-- > 0) {
        const struct record_entry *before = &recording->entries[at];

        if (before->port == entry->port && before->sign == RECORD_TYPED)
            return false;
        if (before->port == entry->port && before->sign == RECORD_REPLY)
            return at_log_is_final(before->text);
    }
    return true;
}

static void add_unasked(const struct recording *recording, struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < recording->count; i++) {
        const struct record_entry *entry = &recording->entries[i];

        if (!is_act(recording, i))
            continue;
        buf_add_text(out, any ? "" : "/*\n * Said unasked:\n");
        any = true;
        buf_add_text(out, " *   +");
        text_format_clock(out, entry->t_us);
        buf_add_text(out, "  ");
        add_comment_text(out, entry->text, entry->len);
        buf_add_char(out, '\n');
    }
    if (any)
        buf_add_text(out, " */\n\n");
}

static const char tail[] =
    "static const struct option_row options[] = {\n"
    "    {\"boot\", OPTION_DURATION, \"1s\", NULL, \"power to ready (not in the recording)\"},\n"
    "};\n\n"
    "static int ready(struct modem *modem)\n"
    "{\n"
    "    modem_set_power(modem, MODEM_ON);\n"
    "    net_radio(modem, true);\n"
    "    return 0;\n"
    "}\n\n"
    "static const struct boot_step boot[] = {\n"
    "    {\"ready\", 0, ready},\n"
    "};\n\n"
    "extern const struct dialect dialect_recorded;\n"
    "const struct dialect dialect_recorded = {\n"
    "    .name = \"recorded\",\n"
    "    .title = \"a modem that was recorded\",\n"
    "    .firmware = \"1\",\n"
    "    .base = &dialect_gpp,\n"
    "    .cmds = cmds,\n"
    "    .cmd_count = ARRAY_LEN(cmds),\n"
    "    .options = options,\n"
    "    .option_count = ARRAY_LEN(options),\n"
    "    .boot = boot,\n"
    "    .boot_count = ARRAY_LEN(boot),\n"
    "    .style = {.unknown_result = AT_ERROR, .too_long_result = AT_ERROR},\n"
    "    .state_size = sizeof(struct gpp_state),\n"
    "};\n";

static void deinit(struct stub *stub)
{
    for (size_t i = 0; i < stub->count; i++) {
        free(stub->answers[i].name);
        free(stub->answers[i].text);
        free(stub->answers[i].result);
        names_deinit(&stub->answers[i].lines);
        buf_deinit(&stub->answers[i].raw);
    }
    free(stub->answers);
}

void record_stub(const struct recording *recording, struct buf *out)
{
    struct stub stub = {.recording = recording};

    for (size_t i = 0; i < recording->count; i++) {
        if (recording->entries[i].sign == '>')
            take_command(&stub, i);
    }
    buf_add_text(out, "/*\n * The beginning of a dialect, recorded from ");
    add_comment_text(out, recording->device, strlen(recording->device));
    buf_add_text(out,
                 ".\n * Each command has the first answer that was seen; sim/dialect/README.md "
                 "says how to go on.\n"
                 " * SPDX-License-Identifier: MIT\n */\n"
                 "#include \"sim/base/mem.h\"\n"
                 "#include \"sim/dialect/gpp/gpp.h\"\n\n");
    add_unasked(recording, out);
    add_handlers(&stub, out);
    add_rows(&stub, out);
    buf_add_text(out, tail);
    deinit(&stub);
}
