/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "harness/lua_text.h"
#include "harness/platform.h"
#include "harness/sandbox.h"
#include "harness/save_private.h"
#include "sim/base/text.h"
#include "sim/modem/modem.h"

static void add_setting(struct buf *out, const char *setting)
{
    size_t len = strcspn(setting, "=");

    buf_printf(out, ", %.*s = ", (int)len, setting);
    lua_text_quote(out, setting + len + 1, strlen(setting + len + 1));
}

/* A line of a platform's kind with its $MODEM and $PACKAGE. */
static void add_platform_line(struct buf *out, const char *line, const char *modem)
{
    buf_add_text(out, "  ");
    while (*line) {
        size_t len = strcspn(line, "$");

        buf_add(out, line, len);
        line += len;
        if (text_has_prefix(line, "$MODEM"))
            buf_add_text(out, modem);
        else if (text_has_prefix(line, "$PACKAGE"))
            buf_add_text(out, "offer");
        line += strcspn(line, " .,)}");
    }
    buf_add_char(out, '\n');
}

/* The vendor's platform, as the sandbox had it. */
static void add_platform(const struct saver *saver, const struct saved_modem *place,
                         struct buf *out)
{
    const struct platform_kind *kind = platform_of_dialect(place->modem->dialect->name);

    if (!kind)
        return;
    add_platform_line(out, kind->welcome_lua, place->name);
    if (sandbox_is_offered(saver->sandbox, place->modem))
        add_platform_line(out, kind->offer_lua, place->name);
}

static void add_modem(const struct saver *saver, const struct saved_modem *place, struct buf *out)
{
    const struct sandbox_options *options = saver->sandbox->options;
    const char *name = place->modem->name, *text;
    bool any = false;

    /* With the seed, what the modem chose at random is the same again. */
    buf_printf(out, "  local %s = t:modem {\n    dialect = \"%s\", name = \"%s\", seed = %llu",
               place->name, place->modem->dialect->name, name, (unsigned long long)options->seed);
    for (size_t i = 0; i < options->settings.count; i++) {
        text = sandbox_option_for(options->settings.items[i], name, '.');
        if (text)
            add_setting(out, text);
    }
    for (size_t i = 0; i < options->quirks.count; i++) {
        text = sandbox_option_for(options->quirks.items[i], name, '.');
        if (text)
            buf_printf(out, "%s\"%s\"", any ? ", " : ", quirks = { ", text);
        any = any || text;
    }
    /* What the modem chose at random is the same again. */
    buf_printf(out, "%s, seed = %llu%s,\n  }\n", any ? " }" : "", (unsigned long long)options->seed,
               options->off ? ", power = false" : "");
    add_platform(saver, place, out);
    if (place->was_typed_at)
        buf_printf(out, "  local person_%s = t:terminal(%s)\n", place->name, place->name);
}

static void add_offer(const struct sandbox *sandbox, struct buf *out)
{
    const struct package_info *info = &sandbox->offer_info;
    char *path = sandbox->options->offer ? realpath(sandbox->options->offer, NULL) : NULL;

    if (!path)
        return;
    buf_printf(out, "  local offer = t:package { dialect = \"%s\", from = ", info->dialect);
    lua_text_quote(out, info->from, strlen(info->from));
    buf_add_text(out, ", to = ");
    lua_text_quote(out, info->to, strlen(info->to));
    buf_add_text(out, ", file = ");
    lua_text_quote(out, path, strlen(path));
    buf_add_text(out, " }\n");
    free(path);
}

void saved_add_head(const struct saver *saver, struct buf *out)
{
    const struct sandbox *sandbox = saver->sandbox;
    char *folder = sandbox->options->http ? realpath(sandbox->options->http, NULL) : NULL;

    buf_add_text(out, "-- Saved by hayeswire sandbox.\n");
    if (sandbox->options->state)
        buf_add_text(out, "-- The sandbox had settings of an earlier run; here they are those of "
                          "the factory.\n");
    buf_add_text(out, "scenario(\"What happened in the sandbox:");
    for (size_t i = 0; i < sandbox->count; i++)
        buf_printf(out, " %s", sandbox->modems[i].modem->name);
    buf_add_text(out, "\", function(t)\n");
    if (saver->uses_url && folder) {
        buf_add_text(out, "  local server = t:http { dir = ");
        lua_text_quote(out, folder, strlen(folder));
        buf_add_text(out,
                     " }\n  local function here(text) return (text:gsub(\"$URL\", server.url)) "
                     "end\n");
    }
    if (saver->aligns_time)
        buf_add_text(out, "  local function not_before(seconds)\n"
                          "    local left = math.ceil(seconds * 1e6) - t:now()\n"
                          "    if left > 0 then t:let_pass(left .. \"us\") end\n"
                          "  end\n");
    add_offer(sandbox, out);
    for (size_t i = 0; i < sandbox->count; i++)
        add_modem(saver, &saver->modems[i], out);
    buf_add_char(out, '\n');
    free(folder);
}

void saved_add_end(const struct saver *saver, struct buf *out)
{
    for (size_t i = 0; i < saver->sandbox->count; i++) {
        const struct saved_modem *place = &saver->modems[i];

        if (!place->modem->firmware)
            continue;
        buf_printf(out, "  t:equal(%s.firmware, ", place->name);
        lua_text_quote(out, place->modem->firmware, strlen(place->modem->firmware));
        buf_add_text(out, ")\n");
    }
    buf_add_text(out, "end)\n");
}
