/* Which rules and stimuli of a dialect an audit is about. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "harness/audit.h"
#include "harness/opts.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* Return: 0, or 2 after a message that names the first which is not known. */
static int check_names(const struct audit *audit, const struct names *asked,
                       const struct names *known, const char *what)
{
    for (size_t i = 0; i < asked->count; i++) {
        struct buf text = {0};

        if (names_hold(known, asked->items[i]))
            continue;
        buf_printf(&text, "no %s \"%s\"", what, asked->items[i]);
        names_suggest(known, asked->items[i], "", &text);
        usage_error(audit->verb, "%s", text.data);
        buf_deinit(&text);
        return 2;
    }
    return 0;
}

int audit_check_rules(struct audit *audit)
{
    struct names known = {0};
    int status;

    for (size_t i = 0; i < audit->ledger.count; i++)
        names_add(&known, audit->ledger.rules[i].id);
    status = check_names(audit, &audit->rules, &known, "rule");
    names_deinit(&known);
    return status;
}

/* The name in front of the colon of a stimulus's title. */
static char *stimulus_of(const struct trial_case *item)
{
    return xstrndup(item->title, strcspn(item->title, ":"));
}

int audit_check_stimuli(struct audit *audit)
{
    struct names known = {0};
    int status;

    for (size_t i = 0; i < audit->selection.count; i++) {
        char *name = stimulus_of(&audit->selection.cases[i]);

        names_add(&known, name);
        free(name);
    }
    status = check_names(audit, &audit->stimuli, &known, "stimulus");
    names_deinit(&known);
    return status;
}

static bool is_wanted(struct audit *audit, const char *stimulus)
{
    if (audit->rules.count == 0 && audit->stimuli.count == 0)
        return true;
    for (size_t i = 0; i < audit->rules.count && !audit->is_replay; i++) {
        if (names_hold(&ledger_find(&audit->ledger, audit->rules.items[i])->stimuli, stimulus))
            return true;
    }
    return names_hold(&audit->stimuli, stimulus);
}

void audit_choose_stimuli(struct audit *audit)
{
    struct selection *selection = &audit->selection;
    size_t count = 0;

    for (size_t i = 0; i < selection->count; i++) {
        struct trial_case *item = &selection->cases[i];
        char *name = stimulus_of(item);

        if (is_wanted(audit, name)) {
            free(item->slug);
            item->slug = name;
            selection->cases[count++] = *item;
        } else {
            free(name);
            trial_case_deinit(item);
        }
    }
    selection->count = count;
}

void audit_mark_asked(struct audit *audit)
{
    for (size_t i = 0; i < audit->ledger.count; i++) {
        struct ledger_rule *rule = &audit->ledger.rules[i];
        bool is_run = false;

        for (size_t j = 0; j < audit->selection.count; j++)
            is_run = is_run || names_hold(&rule->stimuli, audit->selection.cases[j].slug);
        rule->is_asked = audit->rules.count > 0 ? names_hold(&audit->rules, rule->id) : is_run;
    }
}
