/*
 * The 3GPP base: what ITU-T V.250, 3GPP 27.007 and 27.005 fix, for dialects to stand on.
 * A dialect's state begins with struct gpp_state. Handlers are exported where a dialect overlays a
 * row only to change its forms or doc.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "sim/at/at_args.h"
#include "sim/at/at_cmd.h"
#include "sim/modem/dialect.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

#define GPP_CONTEXT_MAX 15 /* 27.007 10.1.1 leaves the range to the MT; BC26 has 1-15 */
#define GPP_APN_MAX     100
#define GPP_TYPE_MAX    8

/* A PDP context definition; its place is its cid. */
struct gpp_context {
    char type[GPP_TYPE_MAX + 1];
    char apn[GPP_APN_MAX + 1];
    bool active;
};

struct gpp_state {
    long creg_n, cgreg_n, cereg_n; /* URC modes, volatile */
    long cscon_n;
    long ctzr_n;
    long cops_mode, cops_format;
    int access;                                        /* <AcT> of 27.007 7.3; 0 = NB-IoT */
    bool has_lower_hex;                                /* area and cell are written in lower case */
    struct gpp_context *contexts[GPP_CONTEXT_MAX + 1]; /* by cid; NULL = undefined */
};

extern const struct dialect dialect_gpp;

struct gpp_state *gpp_of(const struct line *line);
struct gpp_state *gpp_state(const struct modem *modem);

/* Hooks, for dialects that add to them. */
void gpp_deinit(struct modem *modem);
void gpp_power_up(struct modem *modem);
void gpp_line_up(struct line *line);
void gpp_urc_text(struct line *line, const struct urc *urc, struct buf *out);

/* A handler's whole body for "+X: n" settings: read prints, set stores an integer in range. */
int gpp_setting(const struct at_req *req, struct at_reply *reply, long min, long max, long *value);
/* Define or redefine a context. type and apn are copied, cut at their maxima. */
void gpp_define_context(struct modem *modem, long cid, const char *type, const char *apn);
/* Return: -1 the SIM card is ready, else the CME result that 27.007 wants for its state. */
int gpp_need_sim(const struct line *line);

/* What stands behind the <n> of +CREG and its kin: "1,"6923","0069C952",9", as far as n goes. */
void gpp_add_registration(const struct modem *modem, long n, struct buf *out);
/* The network's time now, as 27.007 8.15 writes it. Return: 0, or -1 when it is not known yet. */
int gpp_network_time(const struct modem *modem, char *text, size_t size_bytes);

/* autobaud.c: a UART that learns its rate from the host's first lines. */
struct gpp_autobaud {
    unsigned unanswered; /* lines "AT" that find the rate and get no answer */
    long rate_max;       /* higher rates are not recognised */
    bool is_one_case;    /* "AT" and "at" train, "At" and "aT" do not */
};
bool gpp_rate_is_unknown(const struct line *line);
/* For line_rx while the rate is unknown. Return: how many bytes the search took, or MODEM_GONE. */
long gpp_find_rate(struct line *line, const struct gpp_autobaud *rules, const char *bytes,
                   size_t len);

/* AT&W, AT&F and ATZ (V.250 6.1): the profile of line settings, kept in NV. */
int gpp_store_profile(struct line *line);
void gpp_load_profile(struct line *line);

/* Handlers of the table in gpp.c, by file. */
#define GPP_HANDLER(name) \
    int gpp_##name(struct line *line, const struct at_req *req, struct at_reply *reply)

/* v250.c */
GPP_HANDLER(accept);
GPP_HANDLER(capabilities);
GPP_HANDLER(dcd);
GPP_HANDLER(dtr);
GPP_HANDLER(echo);
GPP_HANDLER(factory);
GPP_HANDLER(identification);
GPP_HANDLER(ipr);
GPP_HANDLER(no_carrier);
GPP_HANDLER(quiet);
GPP_HANDLER(reset_profile);
GPP_HANDLER(s_register);
GPP_HANDLER(save_profile);
GPP_HANDLER(select_x);
GPP_HANDLER(show_profile);
GPP_HANDLER(verbose);
/* identity.c */
GPP_HANDLER(cclk);
GPP_HANDLER(cfun);
GPP_HANDLER(cimi);
GPP_HANDLER(clac);
GPP_HANDLER(cmee);
GPP_HANDLER(cpin);
GPP_HANDLER(ctzr);
GPP_HANDLER(manufacturer);
GPP_HANDLER(model);
GPP_HANDLER(revision);
GPP_HANDLER(serial);
/* network.c */
GPP_HANDLER(cereg);
GPP_HANDLER(cesq);
GPP_HANDLER(cgact);
GPP_HANDLER(cgatt);
GPP_HANDLER(cgdcont);
GPP_HANDLER(cgpaddr);
GPP_HANDLER(cops);
GPP_HANDLER(creg);
GPP_HANDLER(cscon);
GPP_HANDLER(csq);
