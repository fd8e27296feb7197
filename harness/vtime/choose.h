/*
 * What a program is made of, and by which way it can be put on modem time.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

struct buf;

enum vtime_way {
    VTIME_WAY_NONE, /* neither can work: real time only */
    VTIME_WAY_SHIM,
    VTIME_WAY_PTRACE,
};

struct vtime_choice {
    enum vtime_way way;
    bool is_go;
    char asan[32]; /* name of the AddressSanitizer library that it is linked with; "" = none */
};

/*
 * Judge a program by its file; a script by its interpreter. reason_out says why in a few words
 * ("static", "setuid").
 */
struct vtime_choice vtime_choose(const char *program, struct buf *reason_out);
/* Why ptrace cannot work here; NULL = nothing is known to stand against it. */
const char *vtime_ptrace_obstacle(void);
/* Return: the shim's file, which the caller frees; NULL when it is not beside the program. */
char *vtime_shim_library(void);
