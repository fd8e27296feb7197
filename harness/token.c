/* SPDX-License-Identifier: MIT */
#include "harness/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run_options.h"
#include "harness/token_word.h"
#include "harness/trial_case.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define TOKEN_PREFIX "hw1" /* with the version of the fields */
#define FIELD_COUNT  10    /* in front of the faults */
#define FAULTS_MAX   64

void token_encode(const struct token *token, struct buf *out)
{
    struct buf bytes = {0};

    token_word_add(&bytes, token->path);
    token_word_add_number(&bytes, token->index);
    token_word_add_number(&bytes, token_word_sum(token->title, strlen(token->title)));
    token_word_add_number(&bytes, token->seed);
    token_word_add(&bytes, token->time);
    token_word_add(&bytes, token->dialect);
    token_word_add_number(&bytes, (uint64_t)token->plan.mode);
    token_word_add(&bytes, token->plan.modem);
    token_word_add_number(&bytes, token->plan.is_honest);
    token_word_add_number(&bytes, token->plan.limit_us / 1000000);
    for (size_t i = 0; i < token->plan.faults.count; i++)
        token_word_add(&bytes, token->plan.faults.items[i]);
    token_word_make(TOKEN_PREFIX, &bytes, out);
    buf_deinit(&bytes);
}

void token_of_case(const struct run_options *options, const struct trial_case *item,
                   struct buf *out)
{
    struct token token = {
        .path = item->path,
        .index = item->index,
        .title = item->title,
        .seed = item->seed,
        .time = (char *)options->time_text,
        .dialect = (char *)options->dialect,
    };

    if (item->plan)
        token.plan = *item->plan;
    token_encode(&token, out);
}

static void fill(struct token *token, const char *const *fields, size_t count)
{
    *token = (struct token){
        .path = xstrdup(fields[0]),
        .index = strtoull(fields[1], NULL, 10),
        .title = xstrdup(fields[2]),
        .seed = strtoull(fields[3], NULL, 10),
        .time = xstrdup(fields[4]),
        .dialect = xstrdup(fields[5]),
        .plan =
            {
                   .mode = strtoul(fields[6], NULL, 10) == TRIAL_STRIKE ? TRIAL_STRIKE : TRIAL_BODY,
                   .modem = fields[7][0] ? xstrdup(fields[7]) : NULL,
                   .is_honest = fields[8][0] == '1',
                   .limit_us = strtoull(fields[9], NULL, 10) * 1000000,
                   },
    };
    for (size_t i = FIELD_COUNT; i < count; i++)
        names_add(&token->plan.faults, fields[i]);
}

int token_decode(const char *text, struct token *token_out, struct buf *error_out)
{
    const char *fields[FIELD_COUNT + FAULTS_MAX];
    struct buf bytes = {0};
    size_t count;
    int r = token_word_read(TOKEN_PREFIX, text, &bytes, error_out);

    if (r == 0) {
        count = token_word_split(&bytes, fields, ARRAY_LEN(fields));
        r = token_word_check(count, FIELD_COUNT, error_out);
    }
    if (r == 0)
        fill(token_out, fields, count);
    buf_deinit(&bytes);
    return r;
}

bool token_fits_title(const struct token *token, const char *title)
{
    return strtoull(token->title, NULL, 10) == token_word_sum(title, strlen(title));
}

void token_deinit(struct token *token)
{
    free(token->path);
    free(token->title);
    free(token->time);
    free(token->dialect);
    trial_plan_deinit(&token->plan);
}
