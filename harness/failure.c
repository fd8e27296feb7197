/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/shell_words.h"
#include "harness/token.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define SOURCE_MAX     (1u << 20) /* bytes of a scenario file that is shown from */
#define SOURCE_CONTEXT 2          /* lines before the one that waited */
#define LABEL_GAP      3

/* Each line of text behind a margin of its own; the first one has it already. */
static void add_lines(struct buf *out, const char *text, unsigned margin)
{
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, "\n");

        if (p != text)
            buf_printf(out, "%*s", (int)margin, "");
        buf_add(out, p, len);
        buf_add_char(out, '\n');
        p += len;
        if (!*p || !p[1])
            return;
    }
}

static void add_row(struct buf *out, unsigned indent, unsigned width, const char *label,
                    const char *text)
{
    buf_printf(out, "%*s%-*s", (int)indent, "", (int)width, label);
    add_lines(out, text, indent + width);
}

/* ---- three lines of source ---- */

static const char *line_start(const char *text, int line)
{
    for (int i = 1; i < line && text; i++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text;
}

static void add_source(struct buf *out, unsigned indent, const struct verdict *verdict)
{
    int first = verdict->line > SOURCE_CONTEXT ? verdict->line - SOURCE_CONTEXT : 1;
    struct buf source = {0};
    const char *text;

    if (verdict->line > 0 && verdict->file &&
        text_read_file(verdict->file, SOURCE_MAX, &source) == 0) {
        text = line_start(buf_text(&source), first);
        for (int line = first; line <= verdict->line && text && *text; line++) {
            int len = (int)strcspn(text, "\r\n");

            buf_printf(out, "%*s%c %4d | %.*s\n", (int)indent, "",
                       line == verdict->line ? '>' : ' ', line, len, text);
            text = line_start(text, 2);
        }
    }
    buf_deinit(&source);
}

/* ---- how to run it again ---- */

/* The title as a regular expression that fits nothing else. */
static void add_title(struct buf *out, const char *title)
{
    struct buf regex = {0};

    buf_add_char(&regex, '^');
    for (const char *p = title; *p; p++) {
        if (strchr("\\^$.[]|()*+?{}", *p))
            buf_add_char(&regex, '\\');
        buf_add_char(&regex, *p);
    }
    buf_add_char(&regex, '$');
    shell_add_option(out, "-k", regex.data);
    buf_deinit(&regex);
}

/* What starts this program again: it need not be in PATH, and a script may have started it. */
static const char *own_name(void)
{
    const char *script = getenv("HAYESWIRE_COMMAND");

    return script && *script ? script : program_invocation_name;
}

static void describe_again(const struct run_options *options, const struct trial_case *item,
                           struct buf *out)
{
    struct buf place = {0};

    report_place(item, &place);
    shell_add_word(out, own_name());
    buf_add_text(out, " run");
    shell_add_word(out, place.data);
    if (item->shares_line)
        add_title(out, item->title);
    if (item->line > 0)
        buf_printf(out, " --seed %" PRIu64, item->seed);
    shell_add_option(out, "--time", options->time_text);
    shell_add_option(out, "-d", options->dialect);
    shell_add_option(out, "-t", options->timeout_text);
    if (options->strict)
        buf_add_text(out, " --strict");
    shell_add_habits(out, options);
    for (size_t i = 0; item->plan && i < item->plan->faults.count; i++)
        shell_add_option(out, "--fault", item->plan->faults.items[i]);
    shell_add_host(out, options->command);
    buf_deinit(&place);
}

/* The same trial again, by its token. */
static void describe_replay(const struct run_options *options, const struct trial_case *item,
                            struct buf *out)
{
    shell_add_word(out, own_name());
    buf_add_text(out, " replay ");
    token_of_case(options, item, out);
    shell_add_host(out, options->command);
}

void failure_set_again(const struct run_options *options, struct trial_case *item)
{
    bool is_trial = item->plan && item->plan->mode == TRIAL_STRIKE;
    struct buf text = {0};

    if (options->set_again) {
        options->set_again(options, item);
        return;
    }
    if (is_trial)
        describe_replay(options, item, &text);
    else
        describe_again(options, item, &text);
    xstrset(&item->again, buf_text(&text));
    buf_clear(&text);
    if (!is_trial) {
        token_of_case(options, item, &text);
        xstrset(&item->token, buf_text(&text));
    }
    buf_deinit(&text);
}

static void describe_kept(const struct trial_case *item, struct buf *out)
{
    struct names files = {0};

    folder_list(item->dir, &files);
    buf_printf(out, "%s/  ", item->dir);
    for (size_t i = 0; i < files.count; i++)
        buf_printf(out, " %s", files.items[i]);
    names_deinit(&files);
}

/* ---- all of it ---- */

static unsigned label_width(const struct verdict *verdict)
{
    size_t width = strlen("again");

    for (size_t i = 0; i < verdict->row_count; i++) {
        size_t len = strlen(verdict->rows[i].label);

        width = len > width ? len : width;
    }
    return (unsigned)width + LABEL_GAP;
}

void failure_text(const struct report *report, const struct trial_case *item, unsigned indent,
                  struct buf *out)
{
    const struct verdict *verdict = &item->result.verdict;
    unsigned width = label_width(verdict);
    struct buf text = {0};

    if (verdict->message) {
        buf_printf(out, "%*s", (int)indent, "");
        add_lines(out, verdict->message, indent);
    }
    add_source(out, indent, verdict);
    for (size_t i = 0; i < verdict->row_count; i++)
        add_row(out, indent, width, verdict->rows[i].label, verdict->rows[i].text);
    if (item->again)
        add_row(out, indent, width, "again", item->again);
    if (item->token)
        add_row(out, indent, width, "token", item->token);
    if (item->is_kept) {
        buf_clear(&text);
        describe_kept(item, &text);
        add_row(out, indent, width, "kept", text.data);
    }
    buf_deinit(&text);
}
