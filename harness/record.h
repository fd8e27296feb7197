/*
 * hayeswire record: between a host and a modem, and afterwards a scenario and a dialect's stub of
 * what passed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define RECORD_ENTRY_MAX 100000u /* what comes after is passed on, and not recorded */

struct record_entry {
    uint64_t t_us;
    char sign; /* '>' command line, '<' line of its reply, '!' line that came unasked */
    char *text;
    size_t len;
};

struct recording {
    const char *device;
    char *const *command; /* of the host, with {tty} */
    struct record_entry *entries;
    size_t count, cap;
    uint64_t end_us;
    bool has_exit; /* the host ended by itself, with: */
    int exit_status;
};

/* Return: the exit status. */
int record_command(int argc, char **argv);

/* ---- record_write.c, record_stub.c: the text of the files ---- */

void record_scenario(const struct recording *recording, struct buf *out);
void record_stub(const struct recording *recording, struct buf *out);
