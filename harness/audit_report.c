/* Which forms there are, and what they share. SPDX-License-Identifier: MIT */
#include "harness/audit_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/audit_ledger.h"
#include "harness/opts.h"
#include "harness/run_dir.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* One of write and write_folder. */
struct audit_form {
    const char *name;
    void (*write)(const struct audit_result *result, FILE *out);
    int (*write_folder)(const struct audit_result *result, const char *dir);
};

static const struct audit_form forms[] = {
    {"text",     audit_report_text,     NULL             },
    {"json",     audit_report_json,     NULL             },
    {"junit",    audit_report_junit,    NULL             },
    {"markdown", audit_report_markdown, NULL             },
    {"html",     NULL,                  audit_pages_write},
};

/* ---- the choice ---- */

static int unknown(const char *verb, const char *name)
{
    const char *names[ARRAY_LEN(forms)], *near;

    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        names[i] = forms[i].name;
    near = text_nearest(name, names, ARRAY_LEN(names));
    if (near)
        return usage_error(verb, "--reporter %s: did you mean %s?", name, near);
    return usage_error(verb, "--reporter %s: there are text, json, junit, markdown, html=DIR",
                       name);
}

static bool has_stdout(const struct audit_choice *choice)
{
    return choice->form->write && (!choice->target || strcmp(choice->target, "-") == 0);
}

static int add_choice(const char *verb, struct audit_choices *choices, char *word)
{
    char *target = strchr(word, '=');
    struct audit_choice choice = {.target = target ? target + 1 : NULL};

    if (target)
        *target = '\0';
    for (size_t i = 0; i < ARRAY_LEN(forms) && !choice.form; i++) {
        if (strcmp(forms[i].name, word) == 0)
            choice.form = &forms[i];
    }
    if (!choice.form)
        return unknown(verb, word);
    if (target && !target[1])
        return usage_error(verb, "--reporter %s=: a name is expected after =", word);
    if (!target && choice.form->write_folder)
        return usage_error(verb, "--reporter %s wants a folder, as in %s=DIR", word, word);
    for (size_t i = 0; i < choices->count; i++) {
        if (has_stdout(&choice) && has_stdout(&choices->items[i]))
            return usage_error(verb, "--reporter: %s and %s both want stdout; %s=FILE names a file",
                               choices->items[i].form->name, word, word);
    }
    if (choices->count == AUDIT_CHOICE_MAX)
        return usage_error(verb, "--reporter: at most %d at once", AUDIT_CHOICE_MAX);
    choices->items[choices->count++] = choice;
    return 0;
}

int audit_choices_add(const char *verb, struct audit_choices *choices, char *list)
{
    int status = 0;

    while (list && status == 0) {
        char *comma = strchr(list, ',');

        if (comma)
            *comma++ = '\0';
        status = add_choice(verb, choices, list);
        list = comma;
    }
    return status;
}

static int make_folder(const char *verb, const char *dir)
{
    struct stat st;
    int r = path_make(dir);

    if (r == 0 && (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)))
        r = -ENOTDIR;
    return r < 0 ? usage_error(verb, "--reporter html=%s: %s", dir, strerror(-r)) : 0;
}

int audit_choices_check(const char *verb, struct audit_choices *choices)
{
    bool is_taken = false;
    int status = 0;

    for (size_t i = 0; i < choices->count && status == 0; i++) {
        is_taken = is_taken || has_stdout(&choices->items[i]);
        if (choices->items[i].form->write_folder)
            status = make_folder(verb, choices->items[i].target);
    }
    if (!is_taken && choices->count < AUDIT_CHOICE_MAX)
        choices->items[choices->count++] = (struct audit_choice){&forms[0], NULL};
    return status;
}

static int write_file(const struct audit_choice *choice, const struct audit_result *result)
{
    FILE *file = has_stdout(choice) ? stdout : fopen(choice->target, "we");
    bool is_bad;

    if (!file)
        return -errno;
    choice->form->write(result, file);
    is_bad = fflush(file) != 0 || ferror(file);
    if (file != stdout && fclose(file) != 0)
        is_bad = true;
    return is_bad ? -EIO : 0;
}

int audit_choices_write(const struct audit_choices *choices, const struct audit_result *result)
{
    int first = 0;

    for (size_t i = 0; i < choices->count; i++) {
        const struct audit_choice *choice = &choices->items[i];
        int r = choice->form->write ? write_file(choice, result)
                                    : choice->form->write_folder(result, choice->target);

        if (r < 0)
            fprintf(stderr, "hayeswire: %s: %s\n", choice->target ? choice->target : "stdout",
                    strerror(-r));
        if (first == 0)
            first = r;
    }
    return first;
}

/* ---- shared by the forms ---- */

const char *audit_state_name(const struct ledger_rule *rule)
{
    switch (rule->state) {
    case RULE_KEPT:
        return "kept";
    case RULE_BROKEN:
        return "broken";
    case RULE_UNSEEN:
        return "not observed";
    }
    return "?";
}

bool audit_is_shown(const struct ledger_rule *rule)
{
    return rule->is_asked || rule->state == RULE_BROKEN;
}

bool audit_counts(const struct audit_result *result, const struct ledger_rule *rule)
{
    if (rule->state == RULE_BROKEN)
        return rule->is_must || result->is_strict;
    return rule->state == RULE_UNSEEN && result->is_strict && rule->is_asked;
}

bool audit_passed(const struct audit_result *result)
{
    for (size_t i = 0; i < result->ledger->count; i++) {
        if (audit_counts(result, &result->ledger->rules[i]))
            return false;
    }
    return true;
}

/* ---- rows ---- */

static void add_row(struct audit_row *rows, size_t *count, const char *label, char *text)
{
    rows[(*count)++] = (struct audit_row){label, text};
}

static char *others_of(const struct ledger_rule *rule)
{
    struct buf text = {0};

    for (size_t i = 0; i < rule->broken_in.count; i++) {
        if (strcmp(rule->broken_in.items[i], rule->stimulus) != 0)
            buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", rule->broken_in.items[i]);
    }
    return text.len > 0 ? buf_take(&text) : NULL;
}

static size_t broken_rows(const struct ledger_rule *rule, struct audit_row *rows)
{
    char *others = others_of(rule);
    size_t count = 0;

    add_row(rows, &count, "the guide", xasprintf("%s  (%s)", rule->sentence, rule->source));
    add_row(rows, &count, "the host", xstrdup(rule->did));
    add_row(rows, &count, "expected", xstrdup(rule->expects));
    add_row(rows, &count, "when", xstrdup(rule->text));
    add_row(rows, &count, "stimulus", xasprintf("%s: %s", rule->stimulus, rule->about));
    if (others)
        add_row(rows, &count, "also in", others);
    add_row(rows, &count, "trace", xstrdup(rule->transcript));
    add_row(rows, &count, "again", xstrdup(rule->again));
    return count;
}

size_t audit_rows_make(const struct ledger *ledger, const struct ledger_rule *rule,
                       struct audit_row rows_out[AUDIT_ROW_MAX])
{
    struct buf why = {0};
    size_t count = 0;

    switch (rule->state) {
    case RULE_KEPT:
        break;
    case RULE_BROKEN:
        return broken_rows(rule, rows_out);
    case RULE_UNSEEN:
        ledger_add_why(ledger, rule, &why);
        add_row(rows_out, &count, "to see it", xstrdup(rule->needs));
        add_row(rows_out, &count, "because", buf_take(&why));
        break;
    }
    return count;
}

void audit_rows_free(struct audit_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(rows[i].text);
}
