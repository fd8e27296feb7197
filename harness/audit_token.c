/* SPDX-License-Identifier: MIT */
#include "harness/audit_token.h"

#include <stdlib.h>

#include "harness/token_word.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define TOKEN_PREFIX "hwa1" /* with the version of the fields */
#define FIELD_COUNT  6

bool audit_token_is_one(const char *text)
{
    return text_has_prefix(text, TOKEN_PREFIX);
}

void audit_token_encode(const struct audit_token *token, struct buf *out)
{
    struct buf bytes = {0};

    token_word_add(&bytes, token->dialect);
    token_word_add(&bytes, token->stimulus);
    token_word_add(&bytes, token->rule);
    token_word_add(&bytes, token->adapter);
    token_word_add(&bytes, token->time);
    token_word_add_number(&bytes, token->seed);
    token_word_make(TOKEN_PREFIX, &bytes, out);
    buf_deinit(&bytes);
}

int audit_token_decode(const char *text, struct audit_token *token_out, struct buf *error_out)
{
    const char *fields[FIELD_COUNT];
    struct buf bytes = {0};
    int r = token_word_read(TOKEN_PREFIX, text, &bytes, error_out);

    if (r == 0)
        r = token_word_check(token_word_split(&bytes, fields, FIELD_COUNT), FIELD_COUNT, error_out);
    if (r == 0) {
        *token_out = (struct audit_token){
            .dialect = xstrdup(fields[0]),
            .stimulus = xstrdup(fields[1]),
            .rule = xstrdup(fields[2]),
            .adapter = xstrdup(fields[3]),
            .time = xstrdup(fields[4]),
            .seed = strtoull(fields[5], NULL, 10),
        };
    }
    buf_deinit(&bytes);
    return r;
}

void audit_token_deinit(struct audit_token *token)
{
    free(token->dialect);
    free(token->stimulus);
    free(token->rule);
    free(token->adapter);
    free(token->time);
    *token = (struct audit_token){0};
}
