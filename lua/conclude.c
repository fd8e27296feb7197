/*
 * What is judged and told once the body is over: faults that never fired, commands that nobody
 * knows, places where tasks waited.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/line.h"
#include "sim/port/port.h"

#define KNOWN_COMMAND_MAX 512
#define WAIT_LINE_MAX     16

void limit_format(struct buf *out, uint64_t us)
{
    static const struct {
        uint64_t us;
        const char *unit;
    } units[] = {
        {3600000000u, "h" },
        {60000000u,   "m" },
        {1000000u,    "s" },
        {1000u,       "ms"},
        {1u,          "us"},
    };

    if (us > 1000000 && us % 1000000 != 0) {
        buf_printf(out, "%g s", (double)us / 1e6);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (us >= units[i].us && us % units[i].us == 0) {
            buf_printf(out, "%llu %s", (unsigned long long)(us / units[i].us), units[i].unit);
            return;
        }
    }
    buf_add_text(out, "0 s");
}

static void add_row(struct verdict *verdict, const char *label, struct buf *text)
{
    if (text->len)
        verdict_add_row(verdict, label, buf_text(text));
    buf_deinit(text);
}

static void describe_fault(struct buf *out, const struct fault_status *status)
{
    buf_printf(out, "%s%s   ", out->len ? "\n" : "", status->text);
    if (status->fired == 0) {
        buf_add_text(out, "never fired");
        return;
    }
    buf_printf(out, "fired %u", status->fired);
    if (status->wanted)
        buf_printf(out, " of %u", status->wanted);
    buf_add_text(out, " at +");
    text_format_clock(out, status->first_t_us);
}

static void add_fault_row(struct engine *engine)
{
    struct buf text = {0};

    for (size_t i = 0; i < engine->modem_count; i++) {
        const struct fault_plan *plan = engine->modems[i]->plan;

        for (size_t n = 0; n < fault_plan_count(plan); n++) {
            struct fault_status status = fault_plan_status(plan, n);

            describe_fault(&text, &status);
        }
    }
    add_row(&engine->verdict, "faults", &text);
}

static void add_unhandled_row(struct engine *engine)
{
    struct buf text = {0};

    for (size_t i = 0; i < engine->modem_count; i++) {
        const struct modem *modem = engine->modems[i];

        for (size_t n = 0; n < modem->unhandled_count; n++) {
            const struct modem_unhandled *unhandled = &modem->unhandled[n];

            buf_add_text(&text, text.len ? "\n" : "");
            text_add_visible(&text, unhandled->text, strlen(unhandled->text));
            if (unhandled->count > 1)
                buf_printf(&text, "   %u times", unhandled->count);
        }
    }
    add_row(&engine->verdict, "unhandled", &text);
}

void engine_describe_unread(const struct engine *engine, struct buf *out)
{
    for (size_t i = 0; i < engine->modem_count; i++) {
        const struct modem *modem = engine->modems[i];

        for (size_t n = 0; n < modem->line_count; n++) {
            const struct line *line = modem->lines[n];

            if (line->port->dropped_bytes > 0)
                buf_printf(out, "%s%s dropped %llu bytes that the host did not read",
                           out->len ? "\n" : "", line->who,
                           (unsigned long long)line->port->dropped_bytes);
        }
    }
}

static void add_unread_row(struct engine *engine)
{
    struct buf text = {0};

    engine_describe_unread(engine, &text);
    add_row(&engine->verdict, "unread", &text);
}

/* ---- a passed body that is no pass ---- */

static const struct armed *armed_at(const struct engine *engine, const struct modem *modem,
                                    size_t index)
{
    const struct armed *armed = engine->armed;

    while (armed && !(armed->modem == modem && armed->index == index))
        armed = armed->next;
    return armed;
}

static void set_unfired(struct engine *engine, const struct modem *modem, size_t index)
{
    const struct armed *armed = armed_at(engine, modem, index);
    char *message = xasprintf("the fault \"%s\" never fired",
                              fault_plan_status(modem->plan, index).text);

    verdict_set(&engine->verdict, OUTCOME_FAIL, armed ? armed->file : engine->current->file,
                armed ? armed->line : engine->current->line, message);
    free(message);
}

static bool judge_faults(struct engine *engine)
{
    for (size_t i = 0; i < engine->modem_count && !engine->config.is_lenient; i++) {
        const struct modem *modem = engine->modems[i];

        for (size_t n = 0; n < fault_plan_count(modem->plan); n++) {
            if (fault_plan_status(modem->plan, n).fired == 0) {
                set_unfired(engine, modem, n);
                return false;
            }
        }
    }
    return true;
}

static const char *nearest_command(const struct modem *modem, const char *text)
{
    const char *names[KNOWN_COMMAND_MAX];
    char word[AT_NAME_MAX + 1];
    size_t count = 0;

    if (strncasecmp(text, "AT", 2) == 0)
        text += 2;
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "=?"), text);
    for (const struct dialect *dialect = modem->dialect; dialect; dialect = dialect->base) {
        for (size_t i = 0; i < dialect->cmd_count && count < KNOWN_COMMAND_MAX; i++)
            names[count++] = dialect->cmds[i].name;
    }
    return text_nearest(word, names, count);
}

static bool judge_unhandled(struct engine *engine)
{
    for (size_t i = 0; i < engine->modem_count; i++) {
        const struct modem *modem = engine->modems[i];
        struct buf message = {0};
        const char *nearest;

        if (modem->unhandled_count == 0)
            continue;
        nearest = nearest_command(modem, modem->unhandled[0].text);
        buf_add_text(&message, "the host sent \"");
        text_add_visible(&message, modem->unhandled[0].text, strlen(modem->unhandled[0].text));
        buf_printf(&message, "\", which %s does not know", modem->dialect->name);
        if (nearest)
            buf_printf(&message, "; it knows AT%s", nearest);
        verdict_set(&engine->verdict, OUTCOME_FAIL, engine->current->file, engine->current->line,
                    buf_text(&message));
        buf_deinit(&message);
        return false;
    }
    return true;
}

void conclude(struct engine *engine)
{
    struct verdict *verdict = &engine->verdict;

    if (!engine->current)
        return;
    if (!verdict->file) {
        xstrset(&verdict->file, engine->current->file);
        verdict->line = engine->current->line;
    }
    if (verdict->outcome == OUTCOME_PASS && judge_faults(engine) && engine->config.strict)
        judge_unhandled(engine);
    if (verdict->outcome != OUTCOME_FAIL)
        return;
    add_fault_row(engine);
    add_unhandled_row(engine);
    add_unread_row(engine);
}

void conclude_waits(struct engine *engine)
{
    struct buf text = {0};
    size_t lines = 0;

    for (const struct task *task = engine->tasks; task && lines < WAIT_LINE_MAX;
         task = task->next) {
        struct location at = task->started ? task_location(task) : (struct location){0};

        if (!at.file)
            continue;
        lines++;
        buf_printf(&text, "%s%s:%d", text.len ? "\n" : "", at.file, at.line);
        if (!task->is_body)
            buf_add_text(&text, " (spawned)");
    }
    add_row(&engine->verdict, "waiting at", &text);
}
