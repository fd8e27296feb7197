/*
 * What the two files of a saved scenario share: save_scenario.c writes its body from the record,
 * save_setup.c what stands before and behind it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/at_log.h"
#include "harness/sandbox_options.h"
#include "sim/base/buf.h"

struct modem;
struct sandbox;
struct saver;

struct saved_modem {
    struct saver *saver;
    const struct modem *modem;
    char *name; /* its Lua variable */
    struct at_log log;
    struct names urcs;        /* to be waited for */
    char *fota;               /* state of the upgrade that nothing was written about; NULL = none */
    char *typed;              /* whose reply is collected; NULL = none */
    bool is_plain;            /* it was a command line, no data and no repetition */
    unsigned commands, parts; /* that the modem saw, and that the line has */
    struct buf reply;         /* "    < OK\n" ... */
    bool was_typed_at, restarted;
    /* The command that was answered last, and where it begins and ends in the body. */
    char *asked;
    bool is_poll; /* it was asked before, and nothing else since */
    size_t asked_start, asked_end;
    /* A run of AT that is not answered yet: where it begins and ends in the body. */
    size_t run_start, run_end;
};

struct saver {
    const struct sandbox *sandbox;
    struct saved_modem modems[SANDBOX_MODEM_MAX];
    struct buf body;
    char *url; /* of the sandbox's server; NULL = none */
    bool uses_url, aligns_time;
    uint64_t now_us, last_us; /* time of this record, and the last that was written */
};

/* The opening with its servers, platforms and modems; the last checks. */
void saved_add_head(const struct saver *saver, struct buf *out);
void saved_add_end(const struct saver *saver, struct buf *out);
