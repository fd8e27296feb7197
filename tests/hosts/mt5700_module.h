/* SPDX-License-Identifier: MIT */
/*
 * What the example host asks an MT5700M before and after the upgrade: one question per function.
 * All return AT_OK, or why the module did not answer as it should.
 */
#pragma once

#include "tests/hosts/at_port.h"

enum {
    MODULE_TEXT_MAX = 128,
    MODULE_COMMAND_MS = 8000, /* replies take 0.2 s; one in a while takes long */
    MODULE_QUERY_MS = 25000,  /* ^FOTADLQ reads flash, which may take 20 s */
};

/* What tells one firmware from another (the guide, chapter 4.2): version and build time. */
struct module_version {
    char exts[MODULE_TEXT_MAX];
    char built[MODULE_TEXT_MAX];
    char cgmr[MODULE_TEXT_MAX];
};

/* A command that is tried again when a valid read is answered by a single ERROR. */
enum at_status module_read(struct at_port *port, const char *command, const char *prefix,
                           struct at_reply *reply_out);
/* Send AT until the module answers, at most limit_ms; then no echo, and errors as text. */
enum at_status module_wake(struct at_port *port, int64_t limit_ms);
enum at_status module_read_version(struct at_port *port, struct module_version *version_out);
/* One look: operator, registration of any kind, and an address? */
enum at_status module_look_at_network(struct at_port *port, bool *has_network_out);
/* ^FOTASTATE? */
enum at_status module_read_state(struct at_port *port, int *code_out);
/* Done and whole size of the download; 0 if it does not say. */
enum at_status module_read_progress(struct at_port *port, long long *done_out,
                                    long long *total_out);

/* Calls, sessions and automatic sessions, which block an upgrade. */
struct module_services {
    bool had_autodial;
    bool keeps_call; /* a bug */
};
/* End what is up; remembers what has to come back. */
enum at_status module_stop_services(struct at_port *port, struct module_services *services);
enum at_status module_restore_services(struct at_port *port, struct module_services *services);

/* Certificates in PEM, as files or as text; NULL = none. */
struct module_certs {
    int mode; /* 0 none, 1 one-way, 2 mutual */
    const char *ca, *certificate, *key;
};
/* Store, load and switch on; needed again after each loss of power. AT_ERROR if a file is missing.
 */
enum at_status module_set_certs(struct at_port *port, const struct module_certs *certs);
