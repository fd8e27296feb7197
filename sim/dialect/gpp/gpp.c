/*
 * The 3GPP base dialect: the command table, and a plain modem for those who want no vendor's ways.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/gpp/gpp.h"

#include <stdlib.h>

#include "sim/base/mem.h"
#include "sim/modem/fota.h"

/* Answers of test forms that are too long for a row. */
#define RATES       "(0,4800,9600,19200,38400,57600,115200,230400,460800,921600)"
#define CESQ_RANGES "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"
#define PDP_RANGES  "(1-15),\"IP\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)"

static const struct at_cmd cmds[] = {
    {"E",        AT_EXEC,                    gpp_echo,           NULL,                 "command echo",                        "S V.250 6.2.4"    },
    {"Q",        AT_EXEC,                    gpp_quiet,          NULL,                 "result code suppression",             "S V.250 6.2.5"    },
    {"V",        AT_EXEC,                    gpp_verbose,        NULL,                 "response format",                     "S V.250 6.2.6"    },
    {"X",        AT_EXEC,                    gpp_select_x,       NULL,                 "result code selection",               "S V.250 6.2.7"    },
    {"S",        AT_READ | AT_SET,           gpp_s_register,     NULL,                 "S-registers",                         "S V.250 5.3.2"    },
    {"Z",        AT_EXEC,                    gpp_reset_profile,  NULL,                 "back to the stored profile",          "S V.250 6.1.1"    },
    {"&F",       AT_EXEC,                    gpp_factory,        NULL,                 "back to factory settings",            "S V.250 6.1.2"    },
    {"&W",       AT_EXEC,                    gpp_save_profile,   NULL,                 "store the profile",                   "E common practice"},
    {"&V",       AT_EXEC,                    gpp_show_profile,   NULL,                 "show the profile",                    "E common practice"},
    {"&C",       AT_EXEC,                    gpp_dcd,            NULL,                 "behaviour of DCD",                    "S V.250 6.2.8"    },
    {"&D",       AT_EXEC,                    gpp_dtr,            NULL,                 "behaviour of DTR",                    "S V.250 6.2.9"    },
    {"&K",       AT_EXEC,                    gpp_accept,         NULL,                 "flow control; a pty has none",        "E common practice"},
    {"I",        AT_EXEC,                    gpp_identification, NULL,                 "identification",                      "S V.250 6.1.3"    },
    {"H",        AT_EXEC,                    gpp_accept,         NULL,                 "hang up",                             "S V.250 6.3.6"    },
    {"O",        AT_EXEC,                    gpp_no_carrier,     NULL,                 "return to data state; there is none", "S V.250 6.3.7"    },
    {"D",        AT_EXEC,                    gpp_no_carrier,     NULL,                 "dial; no circuit switched service",   "S V.250 6.3.1"    },
    {"L",        AT_EXEC,                    gpp_accept,         NULL,                 "speaker loudness",                    "S V.250 6.3.13"   },
    {"M",        AT_EXEC,                    gpp_accept,         NULL,                 "speaker mode",                        "S V.250 6.3.14"   },
    {"+GCAP",    AT_ACTION,                  gpp_capabilities,   "",                   "capabilities",                        "S V.250 6.1.9"    },
    {"+IPR",     AT_PARAMETER,               gpp_ipr,            RATES,                "fixed rate",                          "S V.250 6.2.10"   },
    {"+CGMI",    AT_ACTION,                  gpp_manufacturer,   "",                   "manufacturer",                        "S 27.007 5.1"     },
    {"+CGMM",    AT_ACTION,                  gpp_model,          "",                   "model",                               "S 27.007 5.2"     },
    {"+CGMR",    AT_ACTION,                  gpp_revision,       "",                   "revision",                            "S 27.007 5.3"     },
    {"+CGSN",    AT_EXEC | AT_SET | AT_TEST, gpp_serial,         "(0-3)",              "serial number",                       "S 27.007 5.4"     },
    {"+GMI",     AT_ACTION,                  gpp_manufacturer,   "",                   "manufacturer",                        "S V.250 6.1.4"    },
    {"+GMM",     AT_ACTION,                  gpp_model,          "",                   "model",                               "S V.250 6.1.5"    },
    {"+GMR",     AT_ACTION,                  gpp_revision,       "",                   "revision",                            "S V.250 6.1.6"    },
    {"+GSN",     AT_ACTION,                  gpp_serial,         "",                   "serial number",                       "S V.250 6.1.7"    },
    {"+CIMI",    AT_ACTION,                  gpp_cimi,           "",                   "IMSI",                                "S 27.007 5.6"     },
    {"+CPIN",    AT_PARAMETER,               gpp_cpin,           "",                   "SIM PIN",                             "S 27.007 8.3"     },
    {"+CMEE",    AT_PARAMETER,               gpp_cmee,           "(0-2)",              "error reports",                       "S 27.007 9.1"     },
    {"+CCLK",    AT_READ | AT_TEST,          gpp_cclk,           "",                   "clock, set by the network",           "S 27.007 8.15"    },
    {"+CTZR",    AT_PARAMETER,               gpp_ctzr,           "(0,1)",              "time zone reports",                   "S 27.007 8.41"    },
    {"+CFUN",    AT_PARAMETER,               gpp_cfun,           "(0,1,4,7),(0,1)",    "functionality",                       "S 27.007 8.2"     },
    {"+CLAC",    AT_ACTION,                  gpp_clac,           "",                   "list of commands",                    "S 27.007 8.37"    },
    {"+CSQ",     AT_ACTION,                  gpp_csq,            "(0-31,99),(0-7,99)", "signal quality",                      "S 27.007 8.5"     },
    {"+CESQ",    AT_ACTION,                  gpp_cesq,           CESQ_RANGES,          "extended signal quality",             "S 27.007 8.69"    },
    {"+CREG",    AT_PARAMETER,               gpp_creg,           "(0-2)",              "registration",                        "S 27.007 7.2"     },
    {"+CGREG",   AT_PARAMETER,               gpp_creg,           "(0-2)",              "GPRS registration",                   "S 27.007 10.1.20" },
    {"+CEREG",   AT_PARAMETER,               gpp_cereg,          "(0-5)",              "EPS registration",                    "S 27.007 10.1.22" },
    {"+CSCON",   AT_PARAMETER,               gpp_cscon,          "(0,1)",              "signalling connection",               "S 27.007 10.1.30" },
    {"+COPS",    AT_PARAMETER,               gpp_cops,           NULL,                 "operator",                            "S 27.007 7.3"     },
    {"+CGATT",   AT_PARAMETER,               gpp_cgatt,          "(0,1)",              "attach",                              "S 27.007 10.1.9"  },
    {"+CGDCONT", AT_PARAMETER,               gpp_cgdcont,        PDP_RANGES,           "define a context",                    "S 27.007 10.1.1"  },
    {"+CGACT",   AT_PARAMETER,               gpp_cgact,          "(0,1)",              "activate a context",                  "S 27.007 10.1.10" },
    {"+CGPADDR", AT_EXEC | AT_PARAMETER,     gpp_cgpaddr,        "(1)",                "address",                             "S 27.007 10.1.14" },
};

enum { OPTION_BOOT };

static const struct option_row options[] = {
    {"boot", OPTION_DURATION, "0ms", NULL, "time from power to ready; the base has no vendor's"},
};

struct gpp_state *gpp_state(const struct modem *modem)
{
    return modem->state;
}

struct gpp_state *gpp_of(const struct line *line)
{
    return line->modem->state;
}

static void forget_contexts(struct modem *modem)
{
    for (size_t cid = 0; cid <= GPP_CONTEXT_MAX; cid++) {
        free(gpp_state(modem)->contexts[cid]);
        gpp_state(modem)->contexts[cid] = NULL;
    }
}

void gpp_deinit(struct modem *modem)
{
    forget_contexts(modem);
}

void gpp_power_up(struct modem *modem)
{
    struct gpp_state *gpp = gpp_state(modem);

    /* 27.007: report modes are volatile unless a dialect keeps them. */
    gpp->creg_n = gpp->cgreg_n = gpp->cereg_n = gpp->cscon_n = gpp->ctzr_n = 0;
    gpp->cops_mode = 0;
    forget_contexts(modem);
    gpp_define_context(modem, 1, "IP", ""); /* 27.007 10.1.0: the initial default context */
    modem->net.attach_wanted = true;
}

void gpp_line_up(struct line *line)
{
    line->rate = 0; /* any rate is understood */
    gpp_load_profile(line);
}

static int ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    net_radio(modem, true);
    return 0;
}

static const struct boot_step boot[] = {
    {"ready", OPTION_BOOT, ready},
};

static const struct line_row lines[] = {
    {"main", NULL, NULL},
};

const struct dialect dialect_gpp = {
    .name = "gpp",
    .title = "3GPP base (ITU-T V.250, 3GPP 27.007), no vendor",
    .firmware = "GPP-1.0",
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .options = options,
    .option_count = ARRAY_LEN(options),
    .boot = boot,
    .boot_count = ARRAY_LEN(boot),
    .lines = lines,
    .line_count = ARRAY_LEN(lines),
    .slots = fota_slots,
    .slot_count = FOTA_SLOT_COUNT,
    .style = {.unknown_result = AT_ERROR, .too_long_result = AT_ERROR},
    .on_busy = AT_BUSY_QUEUE,
    .state_size = sizeof(struct gpp_state),
    .deinit = gpp_deinit,
    .power_up = gpp_power_up,
    .line_up = gpp_line_up,
    .urc_text = gpp_urc_text,
};
