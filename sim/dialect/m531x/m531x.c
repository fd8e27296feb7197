/*
 * China Mobile M531x: the record.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/m531x/m531x.h"

#include "sim/base/mem.h"
#include "sim/modem/fota.h"

/* Rows of sheet 3 and 8; +MIPLSOTA* and what the guide shows are graded A. */
static const struct at_cmd cmds[] = {
    {"I",                 AT_EXEC,                    m531x_ati,              NULL,    "identification; its words have no public source", "E sheet 8"        },
    {"+CGMI",             AT_EXEC | AT_TEST,          m531x_cgmi,             "",      "manufacturer; no public source",                  "E sheet 8"        },
    {"+CGMM",             AT_EXEC | AT_TEST,          m531x_cgmm,             "",      "model; no public source",                         "E sheet 8"        },
    {"+CGMR",             AT_EXEC | AT_TEST,          m531x_cgmr,             "",      "revision; M5310-A: six lines",                    "C OOS-gA"         },
    {"+SWVER",            AT_EXEC,                    m531x_swver,            NULL,    "firmware version; M5311",                         "B M5311-AT OCPU"  },
    {"+CGSN",             AT_EXEC | AT_SET | AT_TEST, m531x_cgsn,             "(0,1)", "IMEI",                                            "C OOS-gA OOS-g11" },
    {"+GSN",              AT_EXEC,                    m531x_gsn,              NULL,    "IMEI; M5311",                                     "C OOS-g11 INO"    },
    {"+ICCID",            AT_EXEC,                    m531x_iccid,            NULL,    "SIM card number; M5311",                          "C OOS-g11 INO"    },
    {"+NCCID",            AT_EXEC,                    m531x_nccid,            NULL,    "SIM card number; M5310-A",                        "C OOS-gA"         },
    {"+CCLK",             AT_READ,                    m531x_cclk,             NULL,    "network's time, unquoted",                        "C QSDK-n INO"     },
    {"+CGPADDR",          AT_EXEC | AT_READ | AT_SET, m531x_cgpaddr,          NULL,    "address",                                         "C DOC-5310 QSDK-n"},
    {"+CGDCONT",          AT_READ | AT_SET,           m531x_cgdcont,          NULL,    "context",                                         "C DOC-5310 INO"   },
    {"+NUESTATS",         AT_EXEC | AT_SET,           m531x_nuestats,         NULL,    "radio statistics; M5310-A",                       "C HI-LOG"         },
    {"+NBAND",            AT_READ,                    m531x_nband,            NULL,    "bands; M5310-A",                                  "C HI-LOG"         },
    {"+NCDP",             AT_READ | AT_SET,           m531x_ncdp,             NULL,    "platform address; M5310-A",                       "C QSDK-n"         },
    {"+NATSPEED",         AT_SET,                     m531x_natspeed,         NULL,    "rate of the UART; M5310-A",                       "C M53"            },
    {"+IPRCFG",           AT_READ | AT_SET,           m531x_iprcfg,           NULL,    "serial settings; M5311",                          "C RTT"            },
    {"+CMSYSCTRL",        AT_READ | AT_SET,           m531x_cmsysctrl,        NULL,    "LED; M5311",                                      "B M5311-AT M53"   },
    {"+CPSMS",            AT_READ | AT_SET,           m531x_cpsms,            NULL,    "power saving mode",                               "C QSDK-n"         },
    {"+CEDRXS",           AT_READ | AT_SET,           m531x_cedrxs,           NULL,    "eDRX",                                            "C QSDK-n"         },
    {"+SM",               AT_SET,                     m531x_sm,               NULL,    "LOCK, UNLOCK, LOCK_FOREVER the sleep; M5311",     "C RTT INO"        },
    {"*ENTERSLEEP",       AT_EXEC,                    m531x_entersleep,       NULL,    "sleep now; M5311",                                "B M5311-AT QSDK-n"},
    {"+CMRB",             AT_EXEC,                    m531x_cmrb,             NULL,    "restart; M5311",                                  "C HECL INO"       },
    {"+NRB",              AT_EXEC,                    m531x_nrb,              NULL,    "restart; M5310-A",                                "C HI-LOG"         },
    {"+COLDRB",           AT_EXEC,                    m531x_coldrb,           NULL,    "cold restart; M5311",                             "B M5311-AT"       },
    {"+CPOF",             AT_EXEC,                    m531x_cpof,             NULL,    "power off; M5311",                                "B M5311-AT"       },
    {"+MIPLCREATE",       AT_EXEC | AT_SET,           m531x_miplcreate,       NULL,    "create the instance",                             "A S4 8"           },
    {"+MIPLCREATEEX",     AT_SET,                     m531x_miplcreateex,     NULL,    "create it for a server",                          "B OMO HECL"       },
    {"+MIPLDEVINFO",      AT_READ,                    m531x_mipldevinfo,      NULL,    "server and credentials",                          "B OMO"            },
    {"+MIPLDELETE",       AT_SET,                     m531x_mipldelete,       NULL,    "delete the instance",                             "B OMO LOG-NB73"   },
    {"+MIPLADDOBJ",       AT_SET,                     m531x_mipladdobj,       NULL,    "declare an object",                               "B OMO MTK XY"     },
    {"+MIPLDELOBJ",       AT_SET,                     m531x_mipldelobj,       NULL,    "withdraw an object",                              "B OMO MTK"        },
    {"+MIPLDISCOVERRSP",  AT_SET,                     m531x_mipldiscoverrsp,  NULL,    "resources of an object",
     "B OMO MTK"                                                                                                                                             },
    {"+MIPLVER",          AT_READ,                    m531x_miplver,          NULL,    "version of the client",                           "B MTK FISH"       },
    {"+MIPLCFG",          AT_SET,                     m531x_miplcfg,          NULL,    "platform and binding",                            "B OMO"            },
    {"+MIPLOPEN",         AT_READ | AT_SET,           m531x_miplopen,         NULL,    "register",                                        "A S4 9, OMO"      },
    {"+MIPLUPDATE",       AT_SET,                     m531x_miplupdate,       NULL,    "renew the registration",                          "A S4 14"          },
    {"+MIPLCLOSE",        AT_SET,                     m531x_miplclose,        NULL,    "de-register",                                     "B OMO MTK"        },
    {"+MIPLLTRDP",        AT_EXEC,                    m531x_miplltrdp,        NULL,    "seconds of lifetime left; M5310-A",               "B OMO"            },
    {"+MIPLNMI",          AT_READ | AT_SET,           m531x_miplnmi,          NULL,    "how operations are told",                         "B OMO OOS-A"      },
    {"+MIPLMGR",          AT_SET,                     m531x_miplmgr,          NULL,    "the next operation of the queue",                 "B OMO OOS-A"      },
    {"+MIPLQMGR",         AT_SET,                     m531x_miplqmgr,         NULL,    "state of the queue",                              "B OMO OOS-A"      },
    {"+MIPLREADRSP",      AT_SET,                     m531x_miplreadrsp,      NULL,    "answer a READ",                                   "A S4 11"          },
    {"+MIPLWRITERSP",     AT_SET,                     m531x_miplwritersp,     NULL,    "answer a WRITE",                                  "A S4 16"          },
    {"+MIPLEXECUTERSP",   AT_SET,                     m531x_miplexecutersp,   NULL,    "answer an EXECUTE",                               "A S4 10"          },
    {"+MIPLPARAMETERRSP", AT_SET,                     m531x_miplparameterrsp, NULL,    "answer a PARAMETER",                              "B OMO MTK"        },
    {"+MIPLOBSERVERSP",   AT_SET,                     m531x_miplobserversp,   NULL,    "answer an OBSERVE",                               "B OMO XY"         },
    {"+MIPLNOTIFY",       AT_SET,                     m531x_miplnotify,       NULL,    "tell an observed value",                          "B OMO OCPU XY"    },
    {"+MIPLSOTAVER",      AT_SET,                     m531x_miplsotaver,      NULL,    "version of the host's software",
     "A S4 7, 8"                                                                                                                                             },
    {"+MIPLSOTA",         AT_SET,                     m531x_miplsota,         NULL,    "a step of the host's upgrade is done",            "A S4 12"          },
};

static const struct option_row options[] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    M531X_OPTIONS(X)
#undef X
};

const struct fault_point m531x_points[M531X_POINT_COUNT] = {
    [M531X_POINT_REGISTER] = {"m531x.mipl.register", FAULT_STEP,
                              "before the registration is sent to the platform"                                      },
    [M531X_POINT_ANSWER] = {"m531x.mipl.answer",   FAULT_STEP,
                              "before an answer is sent to the platform; @n is the message number"                   },
    [M531X_POINT_ERASED] = {"m531x.sota.erased",   FAULT_STEP,
                              "the host's flash is erased, before that is kept"                                      },
    [M531X_POINT_BLOCK] = {"m531x.sota.block",    FAULT_STEP,
                              "a block arrived, before the host is told; @n is its first byte"                       },
    [M531X_POINT_WRITTEN] = {"m531x.sota.written",  FAULT_STEP,
                              "the host has a block, before that is kept; @n counts the bytes"                       },
    [M531X_POINT_UPDATE] = {"m531x.sota.update",   FAULT_STEP,
                              "the platform asks for the installation, before the host is told"                      },
    [M531X_POINT_CLOSE] = {"m531x.sota.close",    FAULT_STEP,
                              "the platform has ended the task, before that is kept"                                 },
    [M531X_POINT_FOTA_ERASE] = {"m531x.fota.erase",    FAULT_STEP,
                              "before the module makes room for its own firmware; fail:2"                            },
    [M531X_POINT_FOTA_BLOCK] = {"m531x.fota.block",    FAULT_STEP,
                              "a block of its own firmware, before it is stored; @n is its first "
                                "byte; fail:CODE is told in /5/0/5"                                                  },
    [M531X_POINT_FOTA_CHECK] =
        {"m531x.fota.check",    FAULT_STEP,
                              "all of its own firmware is in flash, before it is judged; fail:CODE is told in /5/0/5"},
    [M531X_POINT_FOTA_UPDATE] = {"m531x.fota.update",   FAULT_STEP,
                              "the platform orders the installation, before event 43; fail:8"                        },
    [M531X_POINT_FOTA_FLASH] =
        {"m531x.fota.flash",    FAULT_STEP,
                              "a percentage of its own firmware is written; fail: the old one stays"                 },
    [M531X_POINT_FOTA_SWITCH] = {"m531x.fota.switch",   FAULT_STEP,
                              "all pages are written, before the new firmware is chosen"                             },
    [M531X_POINT_FOTA_REPORT] = {"m531x.fota.report",   FAULT_STEP,
                              "the firmware runs, before event 44 or 45"                                             },
};

static const struct line_row lines[] = {
    {"main", NULL, NULL},
};

/* /5/0/5 (sheet 6.1): the integrity check or the update failed. */
static const int fota_codes[] = {M531X_RESULT_INTEGRITY, M531X_RESULT_UPDATE_FAILED};

static void init(struct modem *modem)
{
    modem->style.no_space_after_colon = m531x_is_5310a(modem); /* sheet 8 */
}

const struct dialect dialect_m531x = {
    .name = "m531x",
    .title = "China Mobile M531x (M5311, M5310-A), NB-IoT, OneNET by +MIPL, SOTA of the host",
    .firmware = "M5311_S04",
    .base = &dialect_gpp,
    .upgrades_host = true, /* SOTA: the module carries it */
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .quirks = m531x_quirks,
    .quirk_count = M531X_QUIRK_COUNT,
    .options = options,
    .option_count = ARRAY_LEN(options),
    .points = m531x_points,
    .point_count = ARRAY_LEN(m531x_points),
    .fota_codes = fota_codes,
    .fota_code_count = ARRAY_LEN(fota_codes),
    .boot = m531x_boot,
    .boot_count = M531X_BOOT_STEP_COUNT,
    .lines = lines,
    .line_count = ARRAY_LEN(lines),
    .slots = fota_slots,
    .slot_count = FOTA_SLOT_COUNT,
    .style =
        {
                .unknown_result = AT_CME(4), /* sheet 2: not supported */
            .too_long_result = AT_CME(50),
                },
    .on_busy = AT_BUSY_QUEUE,
    .state_size = sizeof(struct m531x),
    .init = init,
    .deinit = gpp_deinit,
    .power_up = m531x_power_up,
    .power_down = m531x_power_down,
    .wake = m531x_wake,
    .line_up = m531x_line_up,
    .line_rx = m531x_line_rx,
    .urc_text = m531x_urc_text,
    .fota_state = m531x_fota_state,
};
