/* SPDX-License-Identifier: MIT */
/*
 * What a host has to understand of the Air720's upgrade lines: no I/O, no clock.
 */
#pragma once

#include <stdbool.h>

enum { AIR720_VERSION_MAX = 64 };

enum air720_word {
    AIR720_PROGRESS, /* number = percent of the download */
    AIR720_ERROR,    /* number = error code, told unasked by some firmware */
    AIR720_FLASHING, /* number = percent of the installation */
    AIR720_VERSION,  /* version = what runs after an upgrade */
    AIR720_REPORTED, /* number = 1 the service was told, 0 it was not */
    AIR720_READY,    /* RDY: the firmware has started */
};

struct air720_line {
    enum air720_word word;
    int number;
    char version[AIR720_VERSION_MAX];
};

/* Return: whether the line tells of an upgrade or of a start, in any of its known spellings. */
bool air720_parse(const char *line, struct air720_line *line_out);

/* The reply of AT+UPGRADE?: numbers that it does not have are 0. */
struct air720_answer {
    int state; /* 0 never ran, 1 runs, 2 has ended */
    int error, http, cause;
};
bool air720_parse_answer(const char *line, struct air720_answer *answer_out);

/* Codes of the guide, and those of newer clouds. NULL = unknown. */
const char *air720_error_text(int error);
const char *air720_cause_text(int cause);
