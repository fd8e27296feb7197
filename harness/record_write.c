/*
 * A recording as a scenario: the log as it was, and the host beside it.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lua_text.h"
#include "harness/record.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define LIMIT_MORE_S 60 /* the host may be slower next time: twice the time, and a minute */

static void add_log(const struct recording *recording, struct buf *out)
{
    struct buf log = {0};
    const char *level;

    for (size_t i = 0; i < recording->count; i++) {
        const struct record_entry *entry = &recording->entries[i];

        buf_add_text(&log, "    +");
        text_format_clock(&log, entry->t_us);
        buf_printf(&log, "  %c  ", entry->sign);
        text_add_visible(&log, entry->text, entry->len);
        buf_add_char(&log, '\n');
    }
    level = log.len && strstr(log.data, "]]") ? "==" : "";
    buf_printf(out, "  local recorded = modem:replay [%s[\n%s  ]%s]\n", level, buf_text(&log),
               level);
    buf_deinit(&log);
}

/* A word of the host's command as a Lua expression; {tty} is the modem's tty of then. */
static void add_word(const char *word, struct buf *out)
{
    const char *tty;

    while ((tty = strstr(word, "{tty}"))) {
        if (tty > word) {
            lua_text_quote(out, word, (size_t)(tty - word));
            buf_add_text(out, " .. ");
        }
        buf_add_text(out, "modem.tty");
        word = tty + strlen("{tty}");
        if (!*word)
            return;
        buf_add_text(out, " .. ");
    }
    lua_text_quote(out, word, strlen(word));
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
    buf_printf(out,
               ", { timeout = \"%" PRIu64 "s\" }, function(t)\n"
               "  local modem = t:modem { dialect = \"gpp\", name = \"recorded\" }\n",
               2 * limit_s);
    add_log(recording, out);
    buf_add_text(out, "  local host = t:host { ");
    for (size_t i = 0; recording->command[i]; i++) {
        buf_add_text(out, i ? ", " : "");
        add_word(recording->command[i], out);
    }
    buf_printf(out, " }\n\n  recorded:wait { within = \"%" PRIu64 "s\" }\n", limit_s);
    if (recording->has_exit)
        buf_printf(out, "  host:expect_exit(%d, { within = \"%" PRIu64 "s\" })\n",
                   recording->exit_status, limit_s);
    else
        buf_add_text(out, "  host:stop()\n");
    buf_add_text(out, "end)\n");
    buf_deinit(&title);
}
