/*
 * Luat Air720: the record.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/air720/air720.h"

#include "sim/base/mem.h"
#include "sim/modem/fota.h"

/* Rows of sheet 3 and 4, and +UPGRADE of S0 3.1; the base has the rest. */
static const struct at_cmd cmds[] = {
    {"I",          AT_EXEC,                    air720_version,    NULL,                      "identification",                    "D L1"   },
    {"&W",         AT_EXEC,                    air720_store,      NULL,                      "store the profile and +IPR",        "D L1"   },
    {"+VER",       AT_EXEC,                    air720_version,    NULL,                      "firmware",                          "C L7"   },
    {"+CGMI",      AT_EXEC | AT_TEST,          air720_cgmi,       "",                        "manufacturer",                      "D L1"   },
    {"+CGMM",      AT_EXEC | AT_TEST,          air720_cgmm,       "",                        "model",                             "C L7"   },
    {"+CGMR",      AT_EXEC | AT_TEST,          air720_cgmr,       "",                        "revision",                          "D L1"   },
    {"+CGSN",      AT_EXEC | AT_TEST,          air720_cgsn,       "",                        "serial number, IMEI",               "C L6 L5"},
    {"+CCID",      AT_EXEC | AT_TEST,          air720_ccid,       "",                        "SIM card number",                   "D L1"   },
    {"+ICCID",     AT_EXEC | AT_TEST,          air720_iccid,      "",                        "SIM card number",                   "C L7"   },
    {"*I",         AT_EXEC,                    air720_star_i,     NULL,                      "everything about the module",       "D L1"   },
    {"*ICCID",     AT_READ,                    air720_star_iccid, NULL,                      "SIM card number, ASR's own",        "C H1"   },
    {"+IPR",       AT_READ | AT_SET | AT_TEST, air720_ipr,
     "(0,600,1200,2400,4800,9600,14400,19200,28800,38400,57600,115200,230400),(0,600,1200,2400,"
     "4800,"
     "9600,14400,19200,28800,38400,57600,115200,230400,460800,921600)",                      "rate of the AT port, 0 = autobaud", "D L1 L4"},
    {"+IFC",       AT_READ | AT_SET | AT_TEST, air720_ifc,        "(0-2),(0-2)",             "flow control",                      "D L1"   },
    {"+ICF",       AT_READ | AT_SET | AT_TEST, air720_icf,        "(3),(0-3)",               "character framing",                 "D L1"   },
    {"+CREG",      AT_READ | AT_SET | AT_TEST, air720_creg,       NULL,                      "registration",                      "C L6 L7"},
    {"+CGREG",     AT_READ | AT_SET | AT_TEST, air720_creg,       NULL,                      "packet registration",               "C L6"   },
    {"+COPS",      AT_READ | AT_SET | AT_TEST, air720_cops,       NULL,                      "operator",                          "D L1"   },
    {"+CGDCONT",   AT_READ | AT_SET | AT_TEST, air720_cgdcont,    "(1-15),\"IP\",,,(0),(0)", "contexts",
     "D L1 L4"                                                                                                                             },
    {"+CGPADDR",   AT_EXEC | AT_SET | AT_TEST, air720_cgpaddr,    "(1)",                     "address, quoted",                   "D L1"   },
    {"+CCLK",      AT_READ | AT_SET | AT_TEST, air720_cclk,       "",                        "clock",                             "D L1"   },
    {"+CFUN",      AT_READ | AT_SET | AT_TEST, air720_cfun,       NULL,                      "functionality",                     "D L1"   },
    {"+CPOWD",     AT_SET,                     air720_cpowd,      NULL,                      "power off",                         "D L1"   },
    {"+RESET",     AT_EXEC,                    air720_reset,      NULL,                      "restart",                           "C L6"   },
    {"+RSTSET",    AT_EXEC,                    air720_rstset,     NULL,                      "factory settings",                  "D L1"   },
    {"+CSCLK",     AT_READ | AT_SET | AT_TEST, air720_csclk,      "(0-3)",                   "sleep",                             "D L1 L4"},
    {"+WAKETIM",   AT_READ | AT_SET | AT_TEST, air720_waketim,    "(0-65)",                  "idle time before sleep",
     "D L1"                                                                                                                                },
    {"+SAPBR",     AT_SET | AT_TEST,           air720_sapbr,      NULL,                      "bearer",                            "D L1"   },
    {"+CSTT",      AT_EXEC | AT_READ | AT_SET, air720_cstt,       NULL,                      "APN of the TCP bearer",             "C L6 L7"},
    {"+CIICR",     AT_EXEC,                    air720_ciicr,      NULL,                      "bring the TCP bearer up",           "C L6 L7"},
    {"+CIFSR",     AT_EXEC,                    air720_cifsr,      NULL,                      "address, without OK",               "C L6 L7"},
    {"+CIPSHUT",   AT_EXEC,                    air720_cipshut,    NULL,                      "close the TCP bearer",              "C L6"   },
    {"+CIPSTATUS", AT_EXEC,                    air720_cipstatus,  NULL,                      "state of the TCP bearer",           "D L1"   },
    {"+CIPMUX",    AT_READ | AT_SET | AT_TEST, air720_cipmux,     "(0,1)",                   "several connections",               "C L6"   },
    {"+CIPQSEND",  AT_READ | AT_SET | AT_TEST, air720_cipqsend,   "(0,1)",                   "quick send",                        "C L6"   },
    {"+CIPHEAD",   AT_READ | AT_SET | AT_TEST, air720_ciphead,    "(0,1)",                   "heads of received data",
     "C L7"                                                                                                                                },
    {"+CIPSTART",  AT_SET,                     air720_cipstart,   NULL,                      "connect; there is no TCP here",     "C L7"   },
    {"+CDNSCFG",   AT_READ | AT_SET,           air720_cdnscfg,    NULL,                      "name servers",                      "C L6"   },
    {"+CIPPING",   AT_SET,                     air720_cipping,    NULL,                      "echo request",                      "C L6"   },
    {"+UPGRADE",   AT_EXEC | AT_READ | AT_SET, air720_upgrade,    NULL,                      "upgrade over the air",
     "A S0 3.1"                                                                                                                            },
};

/* Names, meanings and sources: sheet 10; "#n" is the row of sheet 8. */
static const struct quirk quirks[] = {
    [AIR720_UPGRADDL_SPELLING] = {"upgraddl-spelling",
                                  "flash progress is spelt +UPGRADDL (#1, S0 3.2)"                                       },
    [AIR720_DL_ON_AT_PORT] = {"upgradedl-on-at-port",
                                  "flash progress also on the AT port (#2, L7)"                                          },
    [AIR720_DL_AS_QIND] = {"upgradedl-as-qind",
                                  "flash progress as +QIND: \"FOTA\",... on the AT port (#2, L3)"                        },
    [AIR720_IND_SKIP_ZERO] = {"upgradeind-skip-zero",            "the first +UPGRADEIND is 10 (#3, L3)"              },
    [AIR720_IND_ONLY_100] = {"upgradeind-only-100",             "only +UPGRADEIND: 100 (#3, L2)"                    },
    [AIR720_IND_ERROR_URC] = {"upgradeind-error-urc",
                                  "an error is told by +UPGRADEIND: -1003 (#4, L3 L7)"                                   },
    [AIR720_QUERY_PERCENT] = {"upgrade-query-percent",
                                  "AT+UPGRADE? prints 1,<percent> while it loads (#5, L1)"                               },
    [AIR720_QUERY_BROKEN] = {"upgrade-query-broken-after-fail",
                                  "AT+UPGRADE? knows nothing of a failure (#6, L4 before V907)"                          },
    [AIR720_LEGACY_PROGRESS] = {"upgrade-legacy-progress",
                                  "progress is +UPGRADE: <percent> (#7, L7)"                                             },
    [AIR720_URL_AUTOSTARTS] = {"url-set-autostarts",
                                  "setting the URL starts the download (#8, L2)"                                         },
    [AIR720_STRICT_ARGS] = {"upgrade-strict-args",
                                  "only quoted arguments without blanks are taken (#9, S0 3.1)"                          },
    [AIR720_TAGS_V422] = {"upgrade-tags-v422",               "only the tags URL and AUTO exist (#10, S0 3.1)"    },
    [AIR720_CLOUD_CODES_NEW] = {"cloud-codes-new",                 "causes 21, 40, 43 and 44 too (#12, L2)"            },
    [AIR720_VER_ABSENT] = {"upgradever-absent",               "no +UPGRADEVER after the update (#13, L2)"         },
    [AIR720_SECOND_OK] = {"upgrade-second-ok",
                                  "a second AT+UPGRADE while it runs gets OK (#14, S0 3.1)"                              },
    [AIR720_AUTO_RANDOM] = {"auto-random",
                                  "the automatic query comes at random within the period (#16, L2)"                      },
    [AIR720_BOOT_CAT1] = {"boot-urc-cat1",
                                  "^MODE, +E_UTRAN, +CGEV and +NITZ after the boot (#17, L2 L3)"                         },
    [AIR720_CPIN_TWICE] = {"cpin-ready-twice",                "+CPIN: READY comes twice (#17, L4 V301831)"        },
    [AIR720_IDENT_BARE] = {"ident-bare",                      "+CGMI, +CGMM and +CGMR print bare values (#18, L1)"},
    [AIR720_NITZ_YEAR4] = {"nitz-year4",                      "+NITZ has a year of four digits (#19, L2 L3)"      },
    [AIR720_IND_NOSPACE] = {"upgradeind-nospace",              "no space in +UPGRADEIND:<percent> (#20)"           },
};
static_assert(ARRAY_LEN(quirks) == AIR720_QUIRK_COUNT, "a name per quirk");

static const struct option_row options[] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    AIR720_OPTIONS(X)
#undef X
};

const struct fault_point air720_points[AIR720_POINT_COUNT] = {
    [AIR720_POINT_UART2_RX] = {"air720.uart2.rx",      FAULT_BYTES,
                               "a byte of the host arrives on UART2"                                  },
    [AIR720_POINT_UART2_TX] = {"air720.uart2.tx",      FAULT_BYTES,
                               "a byte of the module leaves on UART2"                                 },
    [AIR720_POINT_QUERY] = {"air720.fota.query",    FAULT_STEP,
                               "before the service or the URL is asked"                               },
    [AIR720_POINT_DOWNLOAD] = {"air720.fota.download", FAULT_STEP,
                               "a percentage of the download is reached, before it is said"           },
    [AIR720_POINT_STORE] =
        {"air720.fota.store",    FAULT_STEP,
                               "all of the package is in flash, before it is judged; fail gives -1005"},
    [AIR720_POINT_REBOOT] = {"air720.fota.reboot",   FAULT_STEP,
                               "+UPGRADEIND: 100 was said, before the reset"                          },
    [AIR720_POINT_FLASH] = {"air720.fota.flash",    FAULT_STEP,
                               "a percentage of the installation is reached, before it is said"       },
    [AIR720_POINT_SWITCH] = {"air720.fota.switch",   FAULT_STEP,
                               "all pages are written, before the new firmware is chosen"             },
    [AIR720_POINT_VERSION] = {"air720.fota.version",  FAULT_STEP,  "before +UPGRADEVER is said"      },
    [AIR720_POINT_REPORT] = {"air720.fota.report",   FAULT_STEP,
                               "before the service is told; fail gives +UPGRADEVER: 0"                },
};

static const struct line_row lines[] = {
    {"main",  NULL,                                  NULL                                 },
    {"uart2", &air720_points[AIR720_POINT_UART2_RX], &air720_points[AIR720_POINT_UART2_TX]},
};

const struct dialect dialect_air720 = {
    .name = "air720",
    .title = "Luat Air720 (ASR1802), LTE Cat 1, FOTA by AT+UPGRADE and each day by itself",
    .firmware = "AirM2M_720_V422_LTE_AT",
    .base = &dialect_gpp,
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .quirks = quirks,
    .quirk_count = ARRAY_LEN(quirks),
    .options = options,
    .option_count = ARRAY_LEN(options),
    .points = air720_points,
    .point_count = ARRAY_LEN(air720_points),
    .boot = air720_boot,
    .boot_count = AIR720_BOOT_STEP_COUNT,
    .lines = lines,
    .line_count = ARRAY_LEN(lines),
    .slots = fota_slots,
    .slot_count = FOTA_SLOT_COUNT,
    .style =
        {
                .unknown_result = AT_CME(AIR720_CME_UNKNOWN),
                .too_long_result = AT_CME(AIR720_CME_UNKNOWN),
                .cme_text = air720_cme_text,
                },
    .on_busy = AT_BUSY_QUEUE,
    .state_size = sizeof(struct air720),
    .deinit = air720_deinit,
    .power_up = air720_power_up,
    .power_down = air720_power_down,
    .wake = air720_wake,
    .line_up = air720_line_up,
    .line_rx = air720_line_rx,
    .line_voice = air720_line_voice,
    .net_changed = air720_net_changed,
    .urc_text = air720_urc_text,
    .fota_state = air720_fota_state,
};
