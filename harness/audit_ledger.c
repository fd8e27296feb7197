/* SPDX-License-Identifier: MIT */
#include "harness/audit_ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bind_audit.h"
#include "harness/bind_harness.h"
#include "harness/stage.h"
#include "harness/trial_case.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* ---- the books ---- */

/* dialect is the name of a known dialect: it needs no quoting. */
static int tell(struct engine *engine, const char *dialect, struct buf *error_out)
{
    struct buf source = {0};
    int r;

    if (dialect)
        buf_printf(&source, "local hw = ... hw.audit.tell(\"%s\")", dialect);
    else
        buf_add_text(&source, "local hw = ... hw.audit.tell()");
    r = engine_extend(engine, "=audit", source.data, source.len, error_out);
    buf_deinit(&source);
    return r;
}

int ledger_rows(const char *dialect, json_t **rows_out, struct buf *error_out)
{
    struct stage_config config = {.time_scale = 1};
    struct engine *engine;
    struct stage stage;
    const char *text;
    int r = stage_init(&stage, &config, error_out);

    *rows_out = NULL;
    if (r < 0)
        return r;
    engine = engine_new(&(struct engine_config){.bench = &stage.bench, .time_scale = 1});
    bind_harness(engine);
    r = tell(engine, dialect, error_out);
    text = r < 0 ? NULL : bind_audit_told(engine_lua(engine));
    if (text)
        *rows_out = json_loads(text, 0, NULL);
    if (r == 0 && !*rows_out) {
        buf_add_text(error_out, "the rules are no JSON");
        r = -EBADMSG;
    }
    engine_free(engine);
    stage_deinit(&stage);
    return r;
}

/* ---- the ledger ---- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static void add_rule(struct ledger_rule *rule, const json_t *row)
{
    const json_t *name;
    size_t i;

    *rule = (struct ledger_rule){
        .id = xstrdup(text_of(row, "id")),
        .sentence = xstrdup(text_of(row, "sentence")),
        .source = xstrdup(text_of(row, "source")),
        .expects = xstrdup(text_of(row, "expects")),
        .needs = xstrdup(text_of(row, "needs")),
        .is_must = strcmp(text_of(row, "level"), "must") == 0,
    };
    json_array_foreach(json_object_get(row, "stimulus"), i, name)
    {
        if (json_is_string(name))
            names_add(&rule->stimuli, json_string_value(name));
    }
}

int ledger_init(struct ledger *ledger, const char *dialect, struct buf *error_out)
{
    json_t *rows, *row;
    size_t i;
    int r = ledger_rows(dialect, &rows, error_out);

    *ledger = (struct ledger){0};
    if (r < 0)
        return r;
    if (json_array_size(rows) == 0) {
        buf_printf(error_out, "there are no rules for hosts of %s", dialect);
        json_decref(rows);
        return -ENOENT;
    }
    ledger->dialect = xstrdup(dialect);
    ledger->guide = xstrdup(text_of(json_array_get(rows, 0), "guide"));
    ledger->count = json_array_size(rows);
    ledger->rules = xcalloc(ledger->count, sizeof(*ledger->rules));
    json_array_foreach(rows, i, row)
    {
        add_rule(&ledger->rules[i], row);
    }
    json_decref(rows);
    return 0;
}

static void rule_deinit(struct ledger_rule *rule)
{
    char *texts[] = {rule->id,         rule->sentence, rule->source, rule->expects, rule->needs,
                     rule->why,        rule->stimulus, rule->about,  rule->did,     rule->text,
                     rule->transcript, rule->token,    rule->again};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    names_deinit(&rule->stimuli);
    names_deinit(&rule->seen);
    names_deinit(&rule->broken_in);
}

void ledger_deinit(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        rule_deinit(&ledger->rules[i]);
    free(ledger->rules);
    free(ledger->dialect);
    free(ledger->guide);
    names_deinit(&ledger->played);
    names_deinit(&ledger->notes);
    *ledger = (struct ledger){0};
}

struct ledger_rule *ledger_find(struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (strcmp(ledger->rules[i].id, id) == 0)
            return &ledger->rules[i];
    }
    return NULL;
}

size_t ledger_total(const struct ledger *ledger, enum rule_state state)
{
    size_t total = 0;

    for (size_t i = 0; i < ledger->count; i++)
        total += ledger->rules[i].state == state &&
                 (state == RULE_BROKEN || ledger->rules[i].is_asked);
    return total;
}

/* ---- findings ---- */

static void set_broken(struct ledger_rule *rule, const struct trial_case *item, const json_t *row)
{
    const char *colon = strstr(item->title, ": ");

    rule->state = RULE_BROKEN;
    rule->stimulus = xstrdup(item->slug);
    rule->about = xstrdup(colon ? colon + 2 : "");
    rule->did = xstrdup(text_of(row, "did"));
    rule->text = xstrdup(text_of(row, "text"));
    rule->transcript = xasprintf("%s/transcript.txt:%d", item->dir,
                                 (int)json_integer_value(json_object_get(row, "line")));
    rule->t_us = (uint64_t)json_integer_value(json_object_get(row, "t_us"));
    rule->nth = (unsigned)json_integer_value(json_object_get(row, "nth"));
    rule->seed = item->seed;
}

/* Return: whether it is broken. */
static bool take_row(struct ledger_rule *rule, const struct trial_case *item, const json_t *row)
{
    const char *state = text_of(row, "state"), *why = text_of(row, "why");

    if (strcmp(state, "broken") == 0) {
        names_add(&rule->seen, item->slug);
        names_add(&rule->broken_in, item->slug);
        if (rule->state != RULE_BROKEN)
            set_broken(rule, item, row);
        return true;
    }
    if (strcmp(state, "kept") == 0) {
        names_add(&rule->seen, item->slug);
        if (rule->state == RULE_UNSEEN)
            rule->state = RULE_KEPT;
    } else if (*why && !rule->why) {
        rule->why = xasprintf("%s: %s", item->slug, why);
    }
    return false;
}

/* Several stimuli may have the same trouble: "up-to-date, refused-3: the adapter has no ...". */
static void add_note(struct ledger *ledger, const char *stimulus, const char *text)
{
    size_t len = strlen(text);
    char *note;

    for (size_t i = 0; i < ledger->notes.count; i++) {
        char **known = &ledger->notes.items[i];
        size_t known_len = strlen(*known);

        if (known_len <= len + 2 || strcmp(*known + known_len - len, text) != 0)
            continue;
        note = xasprintf("%.*s, %s: %s", (int)(known_len - len - 2), *known, stimulus, text);
        free(*known);
        *known = note;
        return;
    }
    note = xasprintf("%s: %s", stimulus, text);
    names_add(&ledger->notes, note);
    free(note);
}

/* A stimulus that ended as it should passed, or failed for its rules. */
static void note_trouble(struct ledger *ledger, const struct trial_case *item,
                         const json_t *findings, bool is_broken)
{
    const char *stuck = text_of(findings, "stuck");

    if (*stuck)
        add_note(ledger, item->slug, stuck);
    else if (!is_broken && item->result.verdict.outcome == OUTCOME_FAIL &&
             item->result.verdict.message)
        add_note(ledger, item->slug, item->result.verdict.message);
}

static json_t *load_findings(const struct trial_case *item)
{
    char *path = xasprintf("%s/rules.json", item->dir ? item->dir : "");
    json_t *findings = json_load_file(path, 0, NULL);

    free(path);
    return findings;
}

void ledger_take(struct ledger *ledger, const struct trial_case *item)
{
    json_t *findings = load_findings(item), *row;
    bool is_broken = false;
    size_t i;

    json_array_foreach(json_object_get(findings, "rules"), i, row)
    {
        struct ledger_rule *rule = ledger_find(ledger, text_of(row, "id"));

        if (rule && take_row(rule, item, row))
            is_broken = true;
    }
    names_add(&ledger->played, item->slug);
    note_trouble(ledger, item, findings, is_broken);
    json_decref(findings);
}

char *ledger_first_broken(const struct trial_case *item)
{
    json_t *findings = load_findings(item), *row;
    char *id = NULL;
    size_t i;

    json_array_foreach(json_object_get(findings, "rules"), i, row)
    {
        if (!id && strcmp(text_of(row, "state"), "broken") == 0)
            id = xstrdup(text_of(row, "id"));
    }
    json_decref(findings);
    return id;
}

void ledger_add_why(const struct ledger *ledger, const struct ledger_rule *rule, struct buf *out)
{
    size_t count = 0;

    if (rule->why) {
        buf_add_text(out, rule->why);
        return;
    }
    for (size_t i = 0; i < rule->stimuli.count; i++) {
        if (!names_hold(&ledger->played, rule->stimuli.items[i]))
            continue;
        buf_printf(out, "%s%s", count++ ? ", " : "that did not come about in ",
                   rule->stimuli.items[i]);
    }
    if (count == 0)
        buf_add_text(out, "none of its stimuli was played");
}
