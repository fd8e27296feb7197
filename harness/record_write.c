/*
 * A recording as a scenario: the log as it was, and the host beside it.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lua_text.h"
#include "harness/record.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define LIMIT_MORE_S 60 /* the host may be slower next time: twice the time, and a minute */

static void add_variable(const struct recording *recording, unsigned port, struct buf *out)
{
    buf_printf(out, "modem%s%s", port ? "_" : "", recording->port_names[port]);
}

static void add_log(const struct recording *recording, struct buf *out)
{
    struct buf log = {0};
    const char *level;

    for (size_t i = 0; i < recording->count; i++) {
        const struct record_entry *entry = &recording->entries[i];

        buf_add_text(&log, "    +");
        text_format_clock(&log, entry->t_us);
        if (entry->port > 0)
            buf_printf(&log, " %s", recording->port_names[entry->port]);
        buf_printf(&log, "  %c  ", entry->sign);
        text_add_visible(&log, entry->text, entry->len);
        buf_add_char(&log, '\n');
    }
    level = log.len && strstr(log.data, "]]") ? "==" : "";
    buf_printf(out, "  local recorded = modem:replay([%s[\n%s  ]%s]", level, buf_text(&log), level);
    for (unsigned i = 1; i < recording->port_count; i++) {
        buf_printf(out, "%s[\"%s\"] = ", i == 1 ? ", { " : ", ", recording->port_names[i]);
        add_variable(recording, i, out);
    }
    buf_add_text(out, recording->port_count > 1 ? " })\n" : ")\n");
    buf_deinit(&log);
}

struct words {
    struct buf *out;
    bool any; /* of this word */
};

static void add_piece(struct words *words, const char *lua, const char *text, size_t len)
{
    if (!lua && len == 0)
        return;
    buf_add_text(words->out, words->any ? " .. " : "");
    words->any = true;
    if (lua)
        buf_add_text(words->out, lua);
    else
        lua_text_quote(words->out, text, len);
}

/* A device that was gone came back as a tty of another name: the link leads there. */
static const char *tty_of(const struct recording *recording, const char *name)
{
    static char text[64];

    if (name[0] == '\0' || strcmp(name, "modem") == 0)
        return recording->has_link_loss ? "t:tty_link()" : "modem.tty";
    snprintf(text, sizeof(text), "modem_%s.tty", name);
    return text;
}

/* A word of the host's command as a Lua expression; {tty} is the modem's tty of then. */
static void add_word(const char *word, const struct recording *recording, struct buf *out)
{
    struct words words = {.out = out};
    const char *tty;

    while ((tty = strstr(word, "{tty"))) {
        size_t len = strcspn(tty, "}");
        char *name = xstrndup(tty + strlen("{tty"), len - strlen("{tty"));

        add_piece(&words, NULL, word, (size_t)(tty - word));
        add_piece(&words, tty_of(recording, name[0] == ':' ? name + 1 : name), NULL, 0);
        word = tty + len + (tty[len] == '}');
        free(name);
    }
    add_piece(&words, NULL, word, strlen(word));
    if (!words.any)
        buf_add_text(out, "\"\"");
}

/* They are on when the host comes, as the recorded one was for all that is known. */
static void add_modems(const struct recording *recording, struct buf *out)
{
    for (unsigned i = 0; i < recording->port_count; i++) {
        buf_add_text(out, "  local ");
        add_variable(recording, i, out);
        buf_printf(out, " = t:modem { dialect = \"gpp\", name = \"%s\" }\n  ",
                   i ? recording->port_names[i] : "recorded");
        add_variable(recording, i, out);
        buf_add_text(out, ":wait_power(\"on\")\n");
    }
}

static void add_end(const struct recording *recording, uint64_t limit_s, struct buf *out)
{
    const char *name = recording->exit_signal ? sigabbrev_np(recording->exit_signal) : NULL;

    buf_printf(out, "  recorded:wait { within = \"%" PRIu64 "s\" }\n", limit_s);
    if (!recording->has_exit)
        buf_add_text(out, "  host:stop()\n");
    else if (name)
        buf_printf(out, "  host:expect_exit(\"SIG%s\", { within = \"%" PRIu64 "s\" })\n", name,
                   limit_s);
    else
        buf_printf(out, "  host:expect_exit(%d, { within = \"%" PRIu64 "s\" })\n",
                   recording->exit_status, limit_s);
}

void record_scenario(const struct recording *recording, struct buf *out)
{
    const char *slash = strrchr(recording->command[0], '/');
    const char *program = slash ? slash + 1 : recording->command[0];
    uint64_t limit_s = 2 * recording->end_us / 1000000 + LIMIT_MORE_S;
    struct buf title = {0};

    buf_printf(out, "-- Recorded by hayeswire record from %s: ", recording->device);
    text_format_span(out, recording->end_us);
    buf_printf(&title, "%s and the modem that was recorded", program);
    buf_add_text(out, ". Change what you like.\nscenario(");
    lua_text_quote(out, title.data, title.len);
    buf_printf(out, ", { timeout = \"%" PRIu64 "s\" }, function(t)\n", 2 * limit_s);
    add_modems(recording, out);
    add_log(recording, out);
    buf_add_text(out, "  local host = t:host { ");
    for (size_t i = 0; recording->command[i]; i++) {
        buf_add_text(out, i ? ", " : "");
        add_word(recording->command[i], recording, out);
    }
    buf_add_text(out, " }\n\n");
    add_end(recording, limit_s, out);
    buf_add_text(out, "end)\n");
    buf_deinit(&title);
}
