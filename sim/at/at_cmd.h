/*
 * What a command is: the const row of a table, the parsed request, the reply under construction,
 * and the results a handler may return. No I/O, and nothing of the modem: struct line is only
 * passed through.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/buf.h"
#include "sim/base/result.h"

struct line;
struct at_reply;

#define AT_LINE_MAX 2048 /* bytes of one command line after "AT"; longer ones are refused whole */
#define AT_NAME_MAX 32   /* bytes of a command's name */
#define AT_DATA_MAX 4096 /* bytes taken after a prompt */

/* The forms of a command (3GPP 27.007 4.2; V.250 5.4). Bits of at_cmd.verbs. */
enum at_verb {
    AT_EXEC = 1 << 0,                          /* AT+X, and basic commands such as ATE0 */
    AT_READ = 1 << 1,                          /* AT+X? and ATSn? */
    AT_SET = 1 << 2,                           /* AT+X=... and ATSn=... */
    AT_TEST = 1 << 3,                          /* AT+X=? */
    AT_ACTION = AT_EXEC | AT_TEST,             /* 27.007 4.2: an action command */
    AT_PARAMETER = AT_READ | AT_SET | AT_TEST, /* 27.007 4.2: a parameter command */
};

/*
 * Results of a handler. AT_OK is 0; negative is fatal (MODEM_GONE).
 * Positive results end the chain of a line, but for AT_PENDING and AT_PROMPT, which suspend it.
 */
enum at_result {
    AT_OK = 0,
    AT_ERROR = 1,
    AT_CONNECT,
    AT_RING,
    AT_NO_CARRIER,
    AT_NO_DIALTONE,
    AT_BUSY,
    AT_NO_ANSWER,
    AT_SILENT,  /* no final result at all, e.g. an immediate reset */
    AT_PENDING, /* at_exec_complete() comes later */
    AT_PROMPT,  /* "\r\n> ", then data up to Ctrl-Z or ESC; the handler is called again with them */
    AT_CME_BASE = 10000, /* + code, 27.007 9.2 */
    AT_CMS_BASE = 20000, /* + code, 27.005 3.2.5 */
    AT_OWN_BASE = 30000, /* + index into the style's own_results */
};
#define AT_CME(code)  (AT_CME_BASE + (code))
#define AT_CMS(code)  (AT_CMS_BASE + (code))
#define AT_OWN(index) (AT_OWN_BASE + (index))

/* One command of a line. Borrowed by the handler for the duration of its call. */
struct at_req {
    char name[AT_NAME_MAX + 1]; /* upper case, "+CSQ", "E", "&W", "S3" */
    enum at_verb verb;
    const char *args; /* raw text after '=' (or the number of a basic command), "" if none */
    size_t args_len;
    const char *text; /* the whole command as typed, without "AT", for the trace */
    size_t text_len;
    const char *data; /* after AT_PROMPT: the bytes, else NULL */
    size_t data_len;
    bool data_cancelled; /* ESC ended the data */
};

typedef int (*at_handler_fn)(struct line *line, const struct at_req *req, struct at_reply *reply);

/* A row of a command table. Positional and full; tables have a count, no sentinel. */
struct at_cmd {
    const char *name; /* upper case, with its '+', '^', '&' */
    unsigned verbs;   /* bits of enum at_verb */
    at_handler_fn handler;
    const char *test_text; /* answer of the test form: "(0,1)" becomes "+X: (0,1)"; "" plain OK;
                              NULL the handler answers it */
    const char *doc;       /* what it is for, a few words */
    /* Evidence grade and source, "A S2 3.1": S a standard, A the vendor's guide, B a vendor's
       document or firmware, C a log or a working host, D a sibling module, E inferred. */
    const char *source;
};

/* V.250 line settings (6.2) plus +CMEE; one per line. */
struct at_settings {
    bool echo;                /* E, 6.2.4 */
    bool echo_lf;             /* S4 is echoed behind S3; not of V.250, but some firmware does so */
    bool quiet;               /* Q, 6.2.5 */
    bool verbose;             /* V, 6.2.6 */
    unsigned x;               /* X, 6.2.7 */
    unsigned cmee;            /* 27.007 9.1 */
    unsigned char s3, s4, s5; /* 6.2.1-6.2.3 */
    unsigned s0, s6, s7, s8, s10; /* stored and read back only */
    unsigned c, d;                /* &C, &D */
};
/* V.250's defaults: E1 Q0 V1 X4, S3 13, S4 10, S5 8; cmee 0. */
void at_settings_init(struct at_settings *settings);
