/*
 * TD Tech MT5700M-CN: the record.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/mt5700/mt5700.h"

#include <stdlib.h>

#include "sim/base/mem.h"
#include "sim/modem/flash.h"
#include "sim/modem/fota.h"

#define NDIS_RANGES "(1-20),(0-1)"                   /* BALONG5000 */
#define MODE_RANGES "(0,1),(0,1),(0,1),(0,1),(1-30)" /* I: no public literal */
#define READ_SET    (AT_READ | AT_SET)

/* S 4.1.1 and 4.2, sheet 4 and 6; the base has the rest. */
static const struct at_cmd cmds[] = {
    {"^FOTAMODE",       AT_PARAMETER,               mt5700_fotamode,     MODE_RANGES,
     "query, download, upgrade, resume, days",                                                                                                    "A S 4.1.1, MU609"   },
    {"^FOTASTATE",      AT_READ,                    mt5700_fotastate,    NULL,                 "state of the upgrade",                            "A S 4.1.1"          },
    {"^FOTAOEMDL",      AT_SET | AT_TEST,           mt5700_fotaoemdl,    "",                   "ask a server for a version, or resume",
     "A S 4.1.1"                                                                                                                                                       },
    {"^FOTADET",        AT_EXEC,                    mt5700_fotadet,      NULL,                 "ask Huawei's server; only profile huawei-hota",
     "D MU609"                                                                                                                                                         },
    {"^FOTACFG",        READ_SET,                   mt5700_fotacfg,      NULL,                 "bearer of the upgrade; only profile huawei-hota",
     "C TCH"                                                                                                                                                           },
    {"^FOTADL",         AT_SET | AT_TEST,           mt5700_fotadl,       NULL,                 "cancel, download or resume",
     "A S 4.1.1, MU609"                                                                                                                                                },
    {"^FOTADLQ",        AT_EXEC,                    mt5700_fotadlq,      NULL,                 "progress of the download",                        "A S 4.1.1, CONSOLE" },
    {"^FWUP",           AT_EXEC,                    mt5700_fwup,         NULL,                 "upgrade",                                         "A S 4.1.1"          },
    {"^SSLCFG",         AT_SET | AT_TEST,           mt5700_sslcfg,       "",                   "authentication of https; volatile",
     "A S 4.1.1, 5"                                                                                                                                                    },
    {"^SSLMNG",         AT_SET | AT_TEST,           mt5700_sslmng,       "",                   "certificates of https; volatile",
     "A S 4.1.1, 5"                                                                                                                                                    },
    {"^VERSION",        AT_READ,                    mt5700_version,      NULL,                 "versions and build time",                         "A S 4.2, CONSOLE"   },
    {"I",               AT_EXEC,                    mt5700_ati,          NULL,                 "identification",                                  "B CONSOLE"          },
    {"+CGMI",           AT_ACTION,                  mt5700_cgmi,         "",                   "manufacturer",                                    "B CONSOLE"          },
    {"+GMI",            AT_ACTION,                  mt5700_cgmi,         "",                   "manufacturer",                                    "B CONSOLE"          },
    {"+CGMM",           AT_ACTION,                  mt5700_cgmm,         "",                   "model",                                           "B CONSOLE"          },
    {"+GMM",            AT_ACTION,                  mt5700_cgmm,         "",                   "model",                                           "B CONSOLE"          },
    {"+CGMR",           AT_ACTION,                  mt5700_cgmr,         "",                   "version of the CP side",                          "A S 4.2"            },
    {"+GMR",            AT_ACTION,                  mt5700_cgmr,         "",                   "version of the CP side",                          "E like +CGMR"       },
    {"+GCAP",           AT_ACTION,                  mt5700_fixed,        "",                   "capabilities",                                    "B CONSOLE"          },
    {"^ICCID",          AT_READ,                    mt5700_iccid,        NULL,                 "SIM card number",                                 "B CONSOLE"          },
    {"^PHYNUM",         AT_READ,                    mt5700_phynum,       NULL,                 "IMEI and others",                                 "B CONSOLE"          },
    {"^SIMSQ",          AT_READ,                    mt5700_simsq,        NULL,                 "state of the SIM card",                           "B CONSOLE"          },
    {"^SIMST",          AT_SET,                     mt5700_stored,       NULL,                 "report the SIM card",                             "C TCH"              },
    {"+CFUN",           AT_PARAMETER,               mt5700_cfun,         "(0,1,4,7),(0,1)",    "functionality",                                   "C FAN"              },
    {"^RESET",          AT_EXEC,                    mt5700_reset,        NULL,                 "restart",                                         "C FAN, C8"          },
    {"^SETMODE",        READ_SET,                   mt5700_setmode,      NULL,                 "USB mode; restarts",                              "C FAN, C8"          },
    {"+COPS",           AT_PARAMETER,               mt5700_cops,         NULL,                 "operator",                                        "A S 4.1.1"          },
    {"+CREG",           AT_PARAMETER,               mt5700_creg,         "(0-2)",              "registration; 0,0 on SA",                         "A S 5, CONSOLE"     },
    {"+CGREG",          AT_PARAMETER,               mt5700_cgreg,        "(0-2)",              "GPRS registration",                               "B CONSOLE"          },
    {"+CEREG",          AT_PARAMETER,               mt5700_cereg,        "(0-5)",              "EPS registration",                                "A S 4.1.1"          },
    {"+C5GREG",         AT_PARAMETER,               mt5700_c5greg,       "(0-5)",              "5GS registration",                                "B CONSOLE"          },
    {"+CIREG",          AT_PARAMETER,               mt5700_cireg,        "(0-2)",              "IMS registration",                                "B CONSOLE"          },
    {"+CSQ",            AT_ACTION,                  mt5700_csq,          "(0-31,99),(0-7,99)", "signal; empty on NR",
     "A S 4.2, CONSOLE"                                                                                                                                                },
    {"+CESQ",           AT_ACTION,                  mt5700_cesq,         "",                   "signal, nine fields",                             "A S 4.2"            },
    {"^HCSQ",           AT_READ,                    mt5700_hcsq,         NULL,                 "signal by kind of network",                       "B CONSOLE, FAN"     },
    {"^MONSC",          AT_EXEC,                    mt5700_monsc,        NULL,                 "serving cell",                                    "B CONSOLE"          },
    {"^MONNC",          AT_EXEC,                    mt5700_fixed,        NULL,                 "neighbour cells",                                 "B CONSOLE"          },
    {"^HFREQINFO",      AT_READ,                    mt5700_fixed,        NULL,                 "bands and channels in use",                       "B CONSOLE"          },
    {"^CHIPTEMP",       AT_READ,                    mt5700_fixed,        NULL,                 "temperatures",                                    "B CONSOLE"          },
    {"^NWTIME",         AT_READ,                    mt5700_nwtime,       NULL,                 "time of the network",                             "B CONSOLE"          },
    {"^SYSINFOEX",      AT_EXEC,                    mt5700_sysinfoex,    NULL,                 "service, roaming, SIM card, network",
     "D MT5710"                                                                                                                                                        },
    {"^NRRCCAPQRY",     AT_EXEC | AT_READ,          mt5700_fixed,        NULL,                 "capabilities of NR",                              "B CONSOLE"          },
    {"^LENDC",          AT_EXEC | AT_READ,          mt5700_fixed,        NULL,                 "dual connectivity",                               "B CONSOLE"          },
    {"^MCS",            AT_EXEC | AT_READ,          mt5700_fixed,        NULL,                 "modulation",                                      "B CONSOLE"          },
    {"^NTXPOWER",       AT_EXEC | AT_READ,          mt5700_fixed,        NULL,                 "transmission power",                              "B CONSOLE"          },
    {"^RRCSTAT",        AT_EXEC | AT_READ,          mt5700_fixed,        NULL,                 "signalling connection",                           "B CONSOLE"          },
    {"+CGDCONT",        AT_PARAMETER,               mt5700_cgdcont,      "",                   "contexts, long form",                             "B CONSOLE"          },
    {"+CGACT",          AT_PARAMETER,               mt5700_cgact,        "(0,1)",              "contexts that are active",                        "B CONSOLE"          },
    {"+CGPADDR",        AT_EXEC | AT_READ | AT_SET, mt5700_cgpaddr,      NULL,                 "address, quoted",                                 "B CONSOLE"          },
    {"^DHCP",           AT_READ,                    mt5700_dhcp,         NULL,                 "addresses of the session",                        "B CONSOLE"          },
    {"^NDISDUP",        AT_PARAMETER,               mt5700_ndisdup,      NDIS_RANGES,          "dial up, hang up",                                "D MT5710, C8"       },
    {"^NDISSTATQRY",    AT_READ,                    mt5700_ndisstatqry,  NULL,                 "state of the sessions",                           "B CONSOLE"          },
    {"^DCONNSTAT",      AT_READ,                    mt5700_dconnstat,    NULL,                 "state of the contexts",                           "B CONSOLE"          },
    {"^DSFLOWQRY",      AT_EXEC,                    mt5700_dsflowqry,    NULL,                 "traffic",                                         "B CONSOLE"          },
    {"^SETAUTODIAL",    READ_SET,                   mt5700_setautodial,  NULL,                 "session that dials by itself",
     "B CONSOLE, C8"                                                                                                                                                   },
    {"^CURC",           READ_SET,                   mt5700_curc_command, NULL,                 "which URCs are said; never ^FOTASTATE",
     "D BALONG5000"                                                                                                                                                    },
    {"D",               AT_EXEC,                    mt5700_dial,         NULL,                 "voice call",                                      "D HWRIL, 27.007 6.2"},
    {"H",               AT_EXEC,                    mt5700_hang_up,      NULL,                 "end the call",                                    "S V.250 6.3.6"      },
    {"+CHUP",           AT_ACTION,                  mt5700_hang_up,      "",                   "end the call",                                    "C TCH"              },
    {"+CLCC",           AT_ACTION,                  mt5700_clcc,         "",                   "current calls",                                   "S 27.007 7.18"      },
    {"+CMGF",           AT_PARAMETER,               mt5700_stored,       "(0,1)",              "format of messages",                              "B CONSOLE"          },
    {"+CNMI",           AT_PARAMETER,               mt5700_stored,       "",                   "new messages",                                    "B CONSOLE"          },
    {"+CLIP",           AT_PARAMETER,               mt5700_stored,       "(0,1)",              "caller's number",                                 "C CONSOLE"          },
    {"+COLP",           AT_PARAMETER,               mt5700_stored,       "(0,1)",              "called number",                                   "C TCH"              },
    {"+CSCA",           AT_PARAMETER,               mt5700_stored,       "",                   "message centre",                                  "B CONSOLE"          },
    {"+CPMS",           AT_READ,                    mt5700_fixed,        NULL,                 "message store",                                   "B CONSOLE"          },
    {"+CNUM",           AT_EXEC,                    mt5700_fixed,        NULL,                 "own number; there is none",                       "B CONSOLE"          },
    {"^CERSSI",         READ_SET,                   mt5700_cerssi,       NULL,                 "report the signal",                               "C CONSOLE"          },
    {"^AUTHDATA",       AT_SET,                     mt5700_stored,       NULL,                 "credentials of a context",                        "C QMODEM"           },
    {"^SYSCFGEX",       READ_SET,                   mt5700_stored,       NULL,                 "radio technologies and bands",                    "B CONSOLE"          },
    {"^C5GOPTION",      READ_SET,                   mt5700_stored,       NULL,                 "SA and NSA",                                      "B CONSOLE"          },
    {"^TDCFG",          READ_SET,                   mt5700_stored,       NULL,                 "configuration",                                   "B CONSOLE, C8"      },
    {"^TDPMCFG",        READ_SET,                   mt5700_stored,       NULL,                 "power management",                                "B CONSOLE"          },
    {"^TDSIMHP",        READ_SET,                   mt5700_stored,       NULL,                 "SIM hot plug",                                    "B CONSOLE"          },
    {"^TDPCIELANCFG",   READ_SET,                   mt5700_stored,       NULL,                 "LAN behind PCIe",                                 "B CONSOLE"          },
    {"^IPFILTERSWITCH", READ_SET,                   mt5700_stored,       NULL,                 "IP filter",                                       "B CONSOLE"          },
    {"^LTEFREQLOCK",    READ_SET,                   mt5700_stored,       NULL,                 "lock on a channel",                               "B CONSOLE"          },
    {"^NRFREQLOCK",     READ_SET,                   mt5700_stored,       NULL,                 "lock on a channel",                               "B CONSOLE"          },
    {"^SCICHG",         READ_SET,                   mt5700_stored,       NULL,                 "SIM slot",                                        "B CONSOLE"          },
    {"^LEDSWITCH",      READ_SET,                   mt5700_stored,       NULL,                 "LED",                                             "B CONSOLE, FAN"     },
    {"^HVSST",          READ_SET,                   mt5700_stored,       NULL,                 "virtual SIM card",                                "B CONSOLE"          },
    {"^IMSSWITCH",      READ_SET,                   mt5700_stored,       NULL,                 "IMS",                                             "B CONSOLE"          },
    {"^IPV6CAP",        READ_SET,                   mt5700_stored,       NULL,                 "kinds of bearers",                                "B CONSOLE"          },
};

/* Names, meanings and sources: sheet 15; "#n" is the row of sheet 10. */
static const struct quirk quirks[] = {
    [MT5700_UNKNOWN_CMD_TEXT] = {"unknown-cmd-text",
                                 "an unknown command answers COMMAND NOT SUPPORT (#28, MT5710)"                              },
    [MT5700_SPURIOUS_ERROR] = {"spurious-error",
                                 "now and then one ERROR to a valid read (CONSOLE)"                                          },
    [MT5700_FOTASTATE_QUERY_EXTRAS] = {"fotastate-query-extras",
                                 "^FOTASTATE? appends the failure code (FAN)"                                                },
    [MT5700_FOTA_SILENT_IDLE] = {"fota-silent-idle",
                                 "11 goes to 10 without 13 or 14 in between (#9, CONSOLE)"                                   },
    [MT5700_FOTA_STICKY_ERROR] = {"fota-sticky-error",         "13, 14 and 20 stay (#9, WEBUI)"                               },
    [MT5700_FOTA_ERRORS_HUAWEI] = {"fota-errors-huawei",
                                 "13 has Huawei's sub-codes, not only 13 and 51 (TCH)"                                       },
    [MT5700_FOTA20_CODE] = {"fota20-code",               "20 is said with its code (#8, MU609)"                         },
    [MT5700_FOTA_PLAIN_ERROR] = {"fota-plain-error",
                                 "a wrong state gives plain ERROR (#10; S has no text)"                                      },
    [MT5700_STRICT_COLLISION] = {"strict-collision",
                                 "a data session blocks query and download too (#11, MU609)"                                 },
    [MT5700_URC_BEFORE_OK] = {"urc-before-ok",             "11 and 50 come before OK (#23, S 4.2)"                        },
    [MT5700_OEMDL_URC_BEFORE_OK] = {"oemdl-urc-before-ok",       "11 comes before OK (S 4.2)"                                   },
    [MT5700_FOTADL_PAUSE] = {"fotadl-pause",              "^FOTADL=2 pauses, =? has (0-2) (#14, ME909U)"                 },
    [MT5700_FOTADL0_URC] = {"fotadl0-urc",               "^FOTADL=0 says ^FOTASTATE: 10 (I)"                            },
    [MT5700_FOTADL0_STRICT] = {"fotadl0-strict",            "^FOTADL=0 only in 30, 31 and 40 (#15, S 4.1.1)"               },
    [MT5700_FOTADLQ_TOTAL_FIRST] = {"fotadlq-total-first",
                                 "^FOTADLQ prints total,received (#2, WEBUI FAN)"                                            },
    [MT5700_FOTADLQ_TABLE_FORM] = {"fotadlq-table-form",
                                 "^FOTADLQ: 1,\"FIRMWARM1\" without OK (#3, S 4.1.1)"                                        },
    [MT5700_FOTA12_SPACED] = {"fota12-spaced",
                                 "12 has a space behind commas and semicolons (#4, S 4.2)"                                   },
    [MT5700_FOTA12_QUOTED] = {"fota12-quoted",             "the description of 12 is quoted (#4, MU609)"                  },
    [MT5700_FOTA12_V200] = {"fota12-v200",               "12 has the version of the CP side (#31, S 4.1.1)"             },
    [MT5700_SIZE_MISMATCH] = {"size-mismatch",
                                 "12 has another size than ^FOTADLQ: announced_size (#5, S 4.2)"                             },
    [MT5700_PKG_BIN_NAME] = {"pkg-bin-name",              "the package is always FIRMWARE1.BIN (#1, DOTRACEL)"           },
    [MT5700_FAIL_70] = {"fail-70",                   "a failed upgrade is told as 70 after the reboot (#6, CONSOLE)"},
    [MT5700_HUAWEI_80_90] = {"huawei-80-90",
                                 "90 or 80,<err> is told after the reboot (#6 #7, TCH)"                                      },
    [MT5700_FWUP_DEFERRED] = {"fwup-deferred",
                                 "a blocked ^FWUP answers OK, and nothing follows (#12)"                                     },
    [MT5700_FOTA40_VOLATILE] = {"fota40-volatile",           "power lost in 40 leads to 10 (I)"                             },
    [MT5700_UPDATE_MODE_FOTAMODE_ONLY] = {"update-mode-fotamode-only",
                                 "only ^FOTAMODE makes ^FWUP needless (#13)"                                                 },
    [MT5700_UPDATE_MODE_PACKAGE_ONLY] = {"update-mode-package-only",
                                 "only 2.update_mode makes ^FWUP needless (#13)"                                             },
    [MT5700_RESUME_NEEDS_QUERY] = {"resume-needs-query",
                                 "31 is left by ^FOTAOEMDL only (#16, S 5)"                                                  },
    [MT5700_FOTAMODE_4] = {"fotamode-4",                "^FOTAMODE? prints four fields (#17, FAN)"                     },
    [MT5700_CHECK_SOURCE_VERSION] = {"check-source-version",
                                 "3.source_version must be the running one (I)"                                              },
    [MT5700_HTTPS_WORKS] = {"https-works",               "https:// does TLS with the stored certificates (#20)"         },
    [MT5700_SSLMNG_STRICT] = {"sslmng-strict",
                                 "a file is loaded with the kind it was stored with (#21)"                                   },
    [MT5700_NO_SLASH_FIX] = {"no-slash-fix",              "full/ is appended to the URL as it stands (#22)"              },
    [MT5700_VERSION_SPACE] = {"version-space",             "^VERSION: has a space behind it (#24, BALONG5000)"            },
    [MT5700_CEREG_SHORT] = {"cereg-short",               "+CEREG is short on LTE too (#25)"                             },
    [MT5700_CREG_SA_1] = {"creg-sa-1",                 "+CREG says registered on SA too (#26)"                        },
    [MT5700_NDISSTAT_NOCID] = {"ndisstat-nocid",
                                 "^NDISSTAT and ^NDISSTATQRY have no cid (#29, MM)"                                          },
    [MT5700_USB5] = {"usb5",                      "five ttys (#30, firmware 1.1.4.0)"                            },
    [MT5700_BOOT_URCS] = {"boot-urcs",                 "a boot says the lines of option boot_urcs (sheet 7)"          },
    [MT5700_HUAWEI_HOTA] = {"huawei-hota",
                                 "^FOTADET, ^FOTACFG and Huawei's query work (MU609 TCH B2368)"                              },
    [MT5700_DEMO_SPACES] = {"demo-spaces",
                                 "a space behind each comma, as in the pictures of S 4.2"                                    },
};
static_assert(ARRAY_LEN(quirks) == MT5700_QUIRK_COUNT, "a name per quirk");

static const struct option_row options[] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    MT5700_OPTIONS(X)
#undef X
};

const struct fault_point mt5700_points[MT5700_POINT_COUNT] = {
    [MT5700_POINT_QUERY] = {"mt5700.fota.query",    FAULT_STEP,
                            "before filelist.xml or changelog.xml is asked for; fail = 13,51"         },
    [MT5700_POINT_QUERY_BODY] = {"mt5700.query.body",    FAULT_BYTES,
                            "bytes of filelist.xml and changelog.xml as they arrive"                  },
    [MT5700_POINT_STATE] = {"mt5700.fota.state",    FAULT_STEP,
                            "before ^FOTASTATE is said; the text trigger sees the code"               },
    [MT5700_POINT_DOWNLOAD] = {"mt5700.fota.download", FAULT_STEP,
                            "a chunk of the package is stored; fail = 20"                             },
    [MT5700_POINT_CHECK] = {"mt5700.fota.check",    FAULT_STEP,
                            "before size and MD5 are judged; fail = 20"                               },
    [MT5700_POINT_UPGRADE] = {"mt5700.fota.upgrade",  FAULT_STEP,
                            "after 50, before the reset into the boot loader"                         },
    [MT5700_POINT_FLASH] = {"mt5700.fota.flash",    FAULT_STEP,
                            "a percentage of the firmware is written; fail = the old one stays"       },
    [MT5700_POINT_SWITCH] = {"mt5700.fota.switch",   FAULT_STEP,
                            "all pages are written, before the new firmware is chosen"                },
    [MT5700_POINT_REPORT] = {"mt5700.fota.report",   FAULT_STEP,
                            "the firmware runs, before it tells of an upgrade"                        },
    [MT5700_POINT_SERIAL_C_RX] = {"mt5700.serial_c.rx",   FAULT_BYTES,
                            "bytes from the host on the second AT port"                               },
    [MT5700_POINT_SERIAL_C_TX] = {"mt5700.serial_c.tx",   FAULT_BYTES,
                            "bytes to the host on the second AT port"                                 },
    [MT5700_POINT_DIAG_RX] = {"mt5700.diag.rx",       FAULT_BYTES,
                            "bytes from the host on the DIAG port"                                    },
    [MT5700_POINT_DIAG_TX] = {"mt5700.diag.tx",       FAULT_BYTES, "bytes to the host on the DIAG port" },
    [MT5700_POINT_GPS_RX] = {"mt5700.gps.rx",        FAULT_BYTES, "bytes from the host on the GPS port"},
    [MT5700_POINT_GPS_TX] = {"mt5700.gps.tx",        FAULT_BYTES, "bytes to the host on the GPS port"  },
    [MT5700_POINT_SERIAL_B_RX] = {"mt5700.serial_b.rx",   FAULT_BYTES,
                            "bytes from the host on the fifth port"                                   },
    [MT5700_POINT_SERIAL_B_TX] = {"mt5700.serial_b.tx",   FAULT_BYTES,
                            "bytes to the host on the fifth port"                                     },
};

#define POINTS(line) \
    &mt5700_points[MT5700_POINT_##line##_RX], &mt5700_points[MT5700_POINT_##line##_TX]

static const struct line_row lines[] = {
    [MT5700_LINE_AT] = {"at", NULL,   NULL},
    [MT5700_LINE_SERIAL_C] = {"serial_c",    POINTS(SERIAL_C)},
    [MT5700_LINE_DIAG] = {"diag",    POINTS(DIAG)    },
    [MT5700_LINE_GPS] = {"gps",    POINTS(GPS) },
    [MT5700_LINE_SERIAL_B] = {"serial_b",    POINTS(SERIAL_B)},
};

#define SLOT_PAGES ((MT5700_FLASH_MiB << 20) / FLASH_PAGE_SIZE)

static const struct flash_slot slots[FOTA_SLOT_COUNT] = {
    [FOTA_APP_A] = {"app-a",   SLOT_PAGES},
    [FOTA_APP_B] = {"app-b",   SLOT_PAGES},
    [FOTA_PACKAGE] = {"package", SLOT_PAGES},
};

static const char *const own_results[] = {
    [MT5700_NOT_SUPPORT] = "COMMAND NOT SUPPORT",
    [MT5700_DUPLICATED] = "ERROR: DUPLICATED",
    [MT5700_NO_SERVICE] = "ERROR: NO NETWORK SERVICE",
    [MT5700_INVALID] = "ERROR: Invalid",
};

const char *mt5700_cme_text(int code)
{
    switch (code) {
    case MT5700_CME_INCOMPLETE:
        return "Previous command is not complete";
    case MT5700_CME_NOT_SUPPORTED:
        return "Operation not supported";
    case MT5700_CME_COLLISION:
        return "FOTA is in collision state";
    default:
        return at_cme_standard_text(code);
    }
}

/* Sheet 12: 7 s from AT to the address, where the scenario does not say otherwise. */
static void init(struct modem *modem)
{
    struct option_value *registration = &modem->options[MODEM_OPTION_REGISTRATION];

    if (!registration->owned)
        registration->number = 6000000;
    if (modem_quirk(modem, MT5700_UNKNOWN_CMD_TEXT))
        modem->style.unknown_result = AT_OWN(MT5700_NOT_SUPPORT);
}

static void net_changed(struct modem *modem)
{
    struct mt5700 *mt = mt5700_of(modem);
    bool is_registered = net_registered(&modem->net);

    if (is_registered != mt->was_registered) {
        mt->was_registered = is_registered;
        mt5700_registration_urcs(modem);
    }
    mt5700_fota_net_changed(modem);
    mt5700_service_net_changed(modem);
}

/* What the boot loader can find, of the sub-codes of 80 (sheet 2.2, TCH). */
static const int fota_codes[] = {MT5700_ERR_FILE_CRC, MT5700_ERR_SOURCE, MT5700_ERR_FLASH};

const struct dialect dialect_mt5700 = {
    .name = "mt5700",
    .title = "TD Tech MT5700M-CN (Balong 5000), 5G, FOTA 3.0 by AT^FOTAOEMDL",
    .firmware = "1.2.5.0(SP1C02)",
    .base = &dialect_gpp,
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .quirks = quirks,
    .quirk_count = ARRAY_LEN(quirks),
    .options = options,
    .option_count = ARRAY_LEN(options),
    .points = mt5700_points,
    .point_count = ARRAY_LEN(mt5700_points),
    .fota_codes = fota_codes,
    .fota_code_count = ARRAY_LEN(fota_codes),
    .boot = mt5700_boot,
    .boot_count = MT5700_BOOT_STEP_COUNT,
    .lines = lines,
    .line_count = ARRAY_LEN(lines),
    .slots = slots,
    .slot_count = ARRAY_LEN(slots),
    .is_usb = true,
    .enumerates_late = true,
    .style =
        {
                .unknown_result = AT_ERROR, /* CONSOLE */
            .too_long_result = AT_ERROR,
                .cme_text = mt5700_cme_text,
                .own_results = own_results,
                .own_result_count = ARRAY_LEN(own_results),
                },
    .on_busy = AT_BUSY_QUEUE,
    .state_size = sizeof(struct mt5700),
    .init = init,
    .deinit = gpp_deinit,
    .power_up = mt5700_power_up,
    .power_down = mt5700_power_down,
    .line_up = mt5700_line_up,
    .line_rx = mt5700_line_rx,
    .line_voice = mt5700_line_voice,
    .lines_used = mt5700_lines_used,
    .before_command = mt5700_before_command,
    .think_us = mt5700_think_us,
    .net_changed = net_changed,
    .urc_text = mt5700_urc_text,
    .fota_state = mt5700_fota_state,
    .package_options = mt5700_package_options,
    .package_option_count = MT5700_PACKAGE_OPTION_COUNT,
    .package_files = mt5700_package_files,
};
