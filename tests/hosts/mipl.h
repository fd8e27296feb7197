/* SPDX-License-Identifier: MIT */
/*
 * The lines of a +MIPL module that a host has to understand: no I/O, no clock.
 *
 * Sources differ in where they put spaces, and in whether the payload of +MIPLWRITE stands on a
 * line of its own; both are understood.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    MIPL_BLOCK_MAX = 1024,
    MIPL_ANY = -1,
};

enum mipl_kind {
    MIPL_OTHER,
    MIPL_EVENT,
    MIPL_READ,
    MIPL_WRITE,
    MIPL_EXECUTE,
    MIPL_READY, /* the module has restarted */
};

struct mipl_line {
    enum mipl_kind kind;
    long mid; /* of an event: its code */
    long object, instance, resource;
    long type;     /* WRITE: 1 text in quotes, 2 hex digits, others plain text */
    size_t len;    /* WRITE: bytes, as the line says */
    int flag;      /* WRITE: 1 first, 2 middle, 0 last or only one */
    bool is_whole; /* WRITE: the payload has len bytes, each as it should be */
    unsigned char bytes[MIPL_BLOCK_MAX];
};

struct mipl_parser {
    struct mipl_line pending; /* a WRITE whose payload is on the next line */
    bool is_pending;
};

/* Return: whether a line is complete; out then holds it. */
bool mipl_parse(struct mipl_parser *parser, const char *text, struct mipl_line *out);
