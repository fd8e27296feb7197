/* SPDX-License-Identifier: MIT */
#include "sim/modem/modem.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/flash.h"
#include "sim/modem/line.h"
#include "sim/modem/modem_private.h"
#include "sim/modem/nv.h"
#include "sim/port/port.h"

const struct option_row modem_option_rows[MODEM_OPTION_COUNT] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    MODEM_OPTIONS(X)
#undef X
};

/* ---- life ---- */

struct modem *modem_new(struct bench *bench, const struct dialect *dialect, const char *name)
{
    struct modem *modem = xcalloc(1, sizeof(*modem));

    assert(dialect->quirk_count <= QUIRK_MAX);
    assert(dialect_of_lines(dialect)->line_count <= MODEM_LINE_MAX);
    modem->bench = bench;
    modem->dialect = dialect;
    modem->style = dialect->style;
    modem->name = xstrndup(name, MODEM_NAME_MAX);
    options_init(modem->options, modem_option_rows, MODEM_OPTION_COUNT);
    modem->dialect_options = xcalloc(dialect->option_count, sizeof(struct option_value));
    options_init(modem->dialect_options, dialect->options, dialect->option_count);
    modem->state = xcalloc(1, dialect->state_size);
    rng_fork(&bench->rng, modem->name, &modem->rng);
    modem->plan = fault_plan_new(&modem->rng, bench->trace, modem->name);
    return modem;
}

void modem_free(struct modem *modem)
{
    if (!modem)
        return;
    assert(modem->depth == 0);
    modem_drop_timers(modem);
    clock_cancel(modem->bench->clock, &modem->dip_timer);
    MODEM_HOOK(modem, power_down, modem);
    MODEM_HOOK(modem, deinit, modem);
    for (size_t i = 0; i < modem->line_count; i++)
        line_free(modem->lines[i]);
    modem_overrides_free(modem);
    for (size_t i = 0; i < modem->unhandled_count; i++)
        free(modem->unhandled[i].text);
    nv_free(modem->nv);
    flash_free(modem->flash);
    fault_plan_free(modem->plan);
    options_deinit(modem->options, MODEM_OPTION_COUNT);
    options_deinit(modem->dialect_options, modem->dialect->option_count);
    free(modem->dialect_options);
    free(modem->firmware);
    free(modem->state);
    free(modem->name);
    free(modem);
}

static char *file_path(const struct modem *modem, const char *suffix)
{
    return modem->bench->dir ? xasprintf("%s/%s%s", modem->bench->dir, modem->name, suffix) : NULL;
}

static bool has_member(void *arg, const struct fault_point *family, const char *member)
{
    return dialect_has_member(((struct modem *)arg)->dialect, member);
}

static void start_common(struct modem *modem)
{
    char *path = file_path(modem, ".nv.json");

    for (const struct dialect *d = modem->dialect; d; d = d->base)
        fault_plan_know(modem->plan, d->points, d->point_count);
    fault_plan_check_members(modem->plan, has_member, modem);
    modem->nv = nv_new(path, modem->plan);
    free(path);
    if (nv_was_damaged(modem->nv))
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name,
                   "the settings were damaged: factory settings");
    sim_card_init(modem);
    net_init(modem);
    MODEM_HOOK(modem, init, modem);
}

size_t modem_line_count(const struct modem *modem)
{
    const struct dialect *dialect = dialect_of_lines(modem->dialect);

    return dialect->lines_used ? dialect->lines_used(modem) : dialect->line_count;
}

/* Its own seed: the same randomness in another run. No fault is armed yet. */
static void reseed(struct modem *modem)
{
    long long seed = modem_number(modem, MODEM_OPTION_SEED);
    struct rng root;

    if (seed < 0)
        return;
    rng_init(&root, (uint64_t)seed);
    rng_fork(&root, modem->name, &modem->rng);
    fault_plan_free(modem->plan);
    modem->plan = fault_plan_new(&modem->rng, modem->bench->trace, modem->name);
}

int modem_start_on(struct modem *modem, struct port **ports, size_t count, struct buf *error_out)
{
    const struct dialect *dialect = dialect_of_lines(modem->dialect);

    assert(modem->line_count == 0 && count == modem_line_count(modem));
    reseed(modem);
    for (size_t i = 0; i < count; i++) {
        modem->lines[i] = line_new(modem, &dialect->lines[i], ports[i]);
        modem->line_count++;
    }
    start_common(modem);
    return 0;
}

int modem_start(struct modem *modem, struct buf *error_out)
{
    size_t count = modem_line_count(modem);
    struct port *ports[MODEM_LINE_MAX];

    for (size_t i = 0; i < count; i++) {
        int r = modem_open_port(modem, i, &ports[i], error_out);

        if (r < 0) {
            while (i-- > 0)
                port_free(ports[i]);
            return r;
        }
    }
    return modem_start_on(modem, ports, count, error_out);
}

/* ---- options and quirks ---- */

static int unknown(const char *what, const char *name, const char *const *known, size_t count,
                   struct buf *error_out)
{
    const char *nearest = text_nearest(name, known, count);

    buf_printf(error_out, "unknown %s \"%s\"", what, name);
    if (nearest)
        buf_printf(error_out, "; did you mean \"%s\"?", nearest);
    return -EINVAL;
}

int modem_set_option(struct modem *modem, const char *name, const char *text, struct buf *error_out)
{
    const struct dialect *dialect = modem->dialect;
    size_t total = MODEM_OPTION_COUNT + dialect->option_count;
    const char **names = xcalloc(total, sizeof(*names));
    int r = -ENOENT;

    assert(modem->line_count == 0);
    for (size_t i = 0; i < total && r == -ENOENT; i++) {
        bool common = i < MODEM_OPTION_COUNT;
        size_t index = common ? i : i - MODEM_OPTION_COUNT;
        const struct option_row *row = common ? &modem_option_rows[index]
                                              : &dialect->options[index];

        names[i] = row->name;
        if (strcmp(row->name, name) == 0)
            r = option_set(common ? &modem->options[index] : &modem->dialect_options[index], row,
                           text, error_out);
    }
    if (r == -ENOENT)
        r = unknown("option", name, names, total, error_out);
    free(names);
    return r;
}

int modem_set_quirk(struct modem *modem, const char *name, struct buf *error_out)
{
    const struct dialect *dialect = modem->dialect;
    const char *names[QUIRK_MAX];

    for (size_t i = 0; i < dialect->quirk_count; i++) {
        names[i] = dialect->quirks[i].name;
        if (strcmp(names[i], name) == 0) {
            modem->quirks |= UINT64_C(1) << i;
            return 0;
        }
    }
    return unknown("quirk", name, names, dialect->quirk_count, error_out);
}

bool modem_quirk(const struct modem *modem, size_t quirk)
{
    return modem->quirks >> quirk & 1;
}

long long modem_number(const struct modem *modem, enum modem_option option)
{
    return modem->options[option].number;
}

const char *modem_text(const struct modem *modem, enum modem_option option)
{
    return modem->options[option].text;
}

long long modem_dialect_number(const struct modem *modem, size_t option)
{
    assert(option < modem->dialect->option_count);
    return modem->dialect_options[option].number;
}

const char *modem_dialect_text(const struct modem *modem, size_t option)
{
    assert(option < modem->dialect->option_count);
    return modem->dialect_options[option].text;
}

/* ---- what a scenario asks for ---- */

struct line *modem_line(const struct modem *modem, const char *name)
{
    for (size_t i = 0; i < modem->line_count; i++) {
        if (!name || strcmp(modem->lines[i]->name, name) == 0)
            return modem->lines[i];
    }
    return NULL;
}

const char *modem_tty(const struct modem *modem, const char *line_name)
{
    const struct line *line = modem_line(modem, line_name);

    return line && !modem->is_detached ? line->port->path : NULL;
}

const char *modem_fota_state(const struct modem *modem)
{
    const struct dialect *dialect = modem->dialect;

    while (dialect && !dialect->fota_state)
        dialect = dialect->base;
    return dialect ? dialect->fota_state(modem) : "idle";
}

int modem_fault(struct modem *modem, const char *text, struct buf *error_out)
{
    return fault_plan_add(modem->plan, text, NULL, error_out);
}

int modem_say_urc(struct modem *modem, const char *line_name, const char *text)
{
    struct line *line = modem_line(modem, line_name);

    if (!line || !modem_is_running(modem))
        return -ENOTCONN;
    modem_enter(modem);
    line_urc_text(line, text);
    modem_leave(modem, 0);
    return 0;
}

int modem_say_raw(struct modem *modem, const char *line_name, const void *bytes, size_t len)
{
    struct line *line = modem_line(modem, line_name);

    if (!line || modem->power == MODEM_OFF)
        return -ENOTCONN;
    modem_enter(modem);
    line_write_raw(line, bytes, len, line->rate);
    modem_leave(modem, 0);
    return 0;
}

int modem_set_network(struct modem *modem, const char *world)
{
    struct option_value value = {0};
    int r = option_set(&value, &modem_option_rows[MODEM_OPTION_NETWORK], world, NULL);

    free(value.owned);
    if (r < 0)
        return r;
    modem_enter(modem);
    net_set_world(modem, (enum net_world)value.number);
    modem_leave(modem, 0);
    return 0;
}

void modem_note_unhandled(struct modem *modem, const char *text)
{
    trace_addf(modem->bench->trace, TRACE_UNHANDLED, modem->name, "%s", text);
    for (size_t i = 0; i < modem->unhandled_count; i++) {
        if (strcmp(modem->unhandled[i].text, text) == 0) {
            modem->unhandled[i].count++;
            return;
        }
    }
    if (modem->unhandled_count < MODEM_UNHANDLED_MAX)
        modem->unhandled[modem->unhandled_count++] = (struct modem_unhandled){.text = xstrdup(text),
                                                                              .count = 1};
}

struct flash *modem_flash(struct modem *modem)
{
    const struct dialect *dialect = dialect_of_slots(modem->dialect);
    char *path;

    if (modem->flash)
        return modem->flash;
    path = file_path(modem, ".flash");
    modem->flash = flash_new(path, dialect->slots, dialect->slot_count, modem->plan, &modem->rng);
    if (!modem->flash) {
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name,
                   "%s: %s; the flash lives in memory only", path, strerror(errno));
        modem->flash = flash_new(NULL, dialect->slots, dialect->slot_count, modem->plan,
                                 &modem->rng);
    }
    free(path);
    return modem->flash;
}

int modem_commit(struct modem *modem)
{
    struct fault_effect effect;
    int r;

    if (modem->going) /* what goes on until the stack is unwound writes nothing any more */
        return MODEM_GONE;
    r = nv_commit(modem->nv);
    if (r == MODEM_GONE) {
        effect = nv_gone_effect(modem->nv);
        return modem_going(modem, &effect);
    }
    if (r < 0)
        trace_addf(modem->bench->trace, TRACE_NOTE, modem->name, "settings can not be written: %s",
                   strerror(-r));
    return r < 0 ? AT_ERROR : 0;
}

/* ---- URCs ---- */

void modem_urc(struct modem *modem, enum urc_kind kind, long a, long b)
{
    struct urc urc = {.kind = kind, .a = a, .b = b};

    for (size_t i = 0; i < modem->line_count; i++)
        line_queue_urc(modem->lines[i], &urc);
}

void modem_urc_line(struct modem *modem, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    for (size_t i = 0; i < modem->line_count; i++)
        line_urc_text(modem->lines[i], buf_text(&text));
    buf_deinit(&text);
}
