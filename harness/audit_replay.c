/*
 * A broken rule again: the token's words and the user's, put together as the command line of an
 * audit of one stimulus.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit.h"
#include "harness/audit_cmd.h"
#include "harness/audit_token.h"
#include "harness/opts.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define OWN_WORDS_MAX 8 /* that a token adds to the command line */

/* Whether the user names an adapter; then the token's need not be there. */
static bool has_adapter(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (text_has_prefix(argv[i], "--adapter"))
            return true;
    }
    return false;
}

static int run(const struct audit_token *token, struct audit *audit, int argc, char **argv, int at)
{
    char **words = xcalloc((size_t)argc + OWN_WORDS_MAX, sizeof(*words));
    char seed[24];
    int count = 0, status;

    snprintf(seed, sizeof(seed), "%" PRIu64, token->seed);
    words[count++] = argv[0];
    words[count++] = token->dialect;
    words[count++] = (char *)"--seed";
    words[count++] = seed;
    if (token->time[0]) {
        words[count++] = (char *)"--time";
        words[count++] = token->time;
    }
    if (token->adapter[0] && !has_adapter(argc, argv)) {
        words[count++] = (char *)"--adapter";
        words[count++] = token->adapter;
    }
    for (int i = 1; i < argc; i++) {
        if (i != at)
            words[count++] = argv[i];
    }
    status = audit_main(audit, count, words);
    free(words);
    return status;
}

int audit_replay(int argc, char **argv, int at)
{
    struct audit audit = {.verb = "replay", .is_replay = true, .is_strict = true};
    struct audit_token token;
    struct buf error = {0};
    int status;

    if (audit_token_decode(argv[at], &token, &error) < 0) {
        status = usage_error("replay", "%s", error.data);
        buf_deinit(&error);
        return status;
    }
    names_add(&audit.stimuli, token.stimulus);
    if (token.rule[0])
        names_add(&audit.rules, token.rule);
    status = run(&token, &audit, argc, argv, at);
    audit_token_deinit(&token);
    return status;
}
