/*
 * Commands that a scenario took over. The row it puts before the dialect's table only tells the
 * scenario and stays pending; the answer comes later, from outside the modem.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"

struct modem_override {
    char name[AT_NAME_MAX + 1];
    struct at_cmd row;
    modem_override_fn fn;
    void *arg;
    struct modem_override *next;
};

static struct modem_override *find(const struct modem *modem, const char *name)
{
    struct modem_override *override = modem->overrides;

    while (override && strcmp(override->name, name) != 0)
        override = override->next;
    return override;
}

static int tell_scenario(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem_override *override = find(line->modem, req->name);

    if (!override) /* the executor serves an S-register without a row of its own by the row "S" */
        override = find(line->modem, "S");
    assert(override);
    override->fn(override->arg, line, req);
    return AT_PENDING;
}

static void normalise(const char *name, char *out)
{
    size_t len = 0;

    if (strncasecmp(name, "AT", 2) == 0)
        name += 2;
    for (; *name && len < AT_NAME_MAX; name++)
        out[len++] = (char)toupper((unsigned char)*name);
    out[len] = '\0';
}

void modem_override(struct modem *modem, const char *name, modem_override_fn fn, void *arg)
{
    struct modem_override *override = xcalloc(1, sizeof(*override));

    modem_override_remove(modem, name);
    normalise(name, override->name);
    override->row = (struct at_cmd){
        .name = override->name,
        .verbs = AT_EXEC | AT_READ | AT_SET | AT_TEST,
        .handler = tell_scenario,
        .doc = "taken over by the scenario",
        .source = "the scenario",
    };
    override->fn = fn;
    override->arg = arg;
    override->next = modem->overrides;
    modem->overrides = override;
}

void modem_override_remove(struct modem *modem, const char *name)
{
    struct modem_override **at = &modem->overrides;
    char wanted[AT_NAME_MAX + 1];

    normalise(name, wanted);
    while (*at && strcmp((*at)->name, wanted) != 0)
        at = &(*at)->next;
    if (*at) {
        struct modem_override *gone = *at;

        *at = gone->next;
        free(gone);
    }
}

void modem_overrides_free(struct modem *modem)
{
    while (modem->overrides)
        modem_override_remove(modem, modem->overrides->name);
}

const struct at_cmd *modem_overridden(const struct modem *modem, const char *name)
{
    const struct modem_override *override = modem->overrides ? find(modem, name) : NULL;

    return override ? &override->row : NULL;
}

void modem_answer_raw(struct modem *modem, struct line *line, const void *bytes, size_t len,
                      int result)
{
    if (!modem_is_running(modem) || !at_exec_busy(line->exec))
        return;
    modem_enter(modem);
    at_reply_raw(line_reply(line), bytes, len);
    modem_leave(modem, line_complete(line, result));
}

void modem_answer(struct modem *modem, struct line *line, const char *info, int result)
{
    if (!modem_is_running(modem) || !at_exec_busy(line->exec))
        return;
    modem_enter(modem);
    while (info && *info) {
        size_t len = strcspn(info, "\n");

        at_reply_line(line_reply(line), "%.*s", (int)len, info);
        info += len + (info[len] == '\n');
    }
    modem_leave(modem, line_complete(line, result));
}
