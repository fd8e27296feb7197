/*
 * Quectel BC26/BC20: the record.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/bc26/bc26.h"

#include "sim/base/mem.h"
#include "sim/modem/fota.h"

/* Rows of sheet 3 and 4, and +QFOTADL of S2 3.1; the base has the rest. */
static const struct at_cmd cmds[] = {
    {"I",            AT_EXEC,                              bc26_ati,         NULL,                                                   "identification",                                      "B Q19"            },
    {"&W",           AT_EXEC,                              bc26_store,       NULL,                                                   "store the profile and +IPR",                          "B Q19"            },
    {"+IPR",         AT_READ | AT_SET | AT_TEST,           bc26_ipr,
     "(4800,9600,115200),(0,110,300,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800,"
     "921600)",                                                                                                                      "rate of the UART, 0 = autobaud",                      "B Q19"            },
    {"+CGMI",        AT_EXEC | AT_TEST,                    bc26_cgmi,        "",                                                     "manufacturer",                                        "B Q19"            },
    {"+CGMM",        AT_EXEC | AT_TEST,                    bc26_cgmm,        "",                                                     "model",                                               "B Q19"            },
    {"+CGMR",        AT_EXEC | AT_TEST,                    bc26_cgmr,        "",                                                     "revision",                                            "B Q19"            },
    {"+CGSN",        AT_EXEC | AT_SET | AT_TEST,           bc26_cgsn,        "(0-3)",                                                "serial number, IMEI",                                 "B Q19"            },
    {"+GSN",         AT_EXEC | AT_TEST,                    bc26_gsn,         "",                                                     "IMEI",                                                "C Q4"             },
    {"+CIMI",        AT_EXEC | AT_TEST,                    bc26_cimi,        "",                                                     "IMSI",                                                "B Q19"            },
    {"+QCCID",       AT_EXEC | AT_READ | AT_TEST,          bc26_qccid,       "",                                                     "ICCID",                                               "B Q19"            },
    {"+CBC",         AT_EXEC | AT_TEST,                    bc26_cbc,         "",                                                     "supply; from NBR01A03",                               "B Q19"            },
    {"+CESQ",        AT_EXEC | AT_TEST,                    bc26_cesq,        "(0-63,99),(0-7,99),(255),(255),(0-34,255),(0-97,255)",
     "signal",                                                                                                                                                                              "A S2 4.1, Q19"    },
    {"+COPS",        AT_READ | AT_SET | AT_TEST,           bc26_cops,        NULL,                                                   "operator, format 2 only",                             "B Q19"            },
    {"+CGATT",       AT_EXEC | AT_READ | AT_SET | AT_TEST, bc26_cgatt,       "(0,1)",
     "attach; the bare form is S2 4.1's",                                                                                                                                                   "A S2 4.1, Q19"    },
    {"+CGDCONT",     AT_READ | AT_SET | AT_TEST,           bc26_cgdcont,
     "(1-15),\"IP\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)\n"
     "(1-15),\"IPV6\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)\n"
     "(1-15),\"IPV4V6\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)\n"
     "(1-15),\"Non-IP\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)",                                                                        "contexts, four lines of ranges; kept over a restart", "B Q19"            },
    {"+CGACT",       AT_READ | AT_SET | AT_TEST,           bc26_cgact,       "(0,1)",                                                "contexts",                                            "B Q19"            },
    {"+CGPADDR",     AT_EXEC | AT_READ | AT_SET | AT_TEST, bc26_cgpaddr,     "(1)",                                                  "address",                                             "B Q19"            },
    {"+CFUN",        AT_READ | AT_SET | AT_TEST,           bc26_cfun,        "(0,1,4,7),(0-2)",                                      "functionality",                                       "B Q19"            },
    {"+QGACT",       AT_SET | AT_TEST,                     bc26_qgact,       "(0,1),(1-15)",                                         "activate with APN",                                   "B Q19"            },
    {"+QCGDEFCONT",  AT_READ | AT_SET | AT_TEST,           bc26_qcgdefcont,
     "(\"IP\",\"IPV6\",\"IPV4V6\",\"Non-IP\")",                                                                                      "default PDN",                                         "B Q19"            },
    {"+QBAND",       AT_READ | AT_SET | AT_TEST,           bc26_qband,       "(0-15),(1,2,3,5,8,18,19,20,26,28,66)",
     "bands",                                                                                                                                                                               "B Q19"            },
    {"+QENG",        AT_SET | AT_TEST,                     bc26_qeng,        "(0)",                                                  "serving cell",                                        "B Q19"            },
    {"+QCSEARFCN",   AT_EXEC | AT_TEST,                    bc26_qcsearfcn,   "",                                                     "forget frequencies; from A02",                        "B Q19"            },
    {"+QSCLK",       AT_READ | AT_SET | AT_TEST,           bc26_qsclk,       "(0-2)",                                                "sleep; from A03",                                     "B Q19"            },
    {"+QRELLOCK",    AT_EXEC | AT_TEST,                    bc26_qrellock,    "",                                                     "release the sleep lock; from A03",
     "B Q19"                                                                                                                                                                                                   },
    {"+CPSMS",       AT_READ | AT_SET | AT_TEST,           bc26_cpsms,
     "(0-2),,,(\"00000000\"-\"11111111\"),"
     "(\"00000000\"-\"11111111\")",                                                                                                  "power saving mode",                                   "B Q19"            },
    {"+CEDRXS",      AT_READ | AT_SET | AT_TEST,           bc26_cedrxs,      "(0-3),(5),(\"0000\"-\"1111\")",                        "eDRX",
     "B Q2, 27.007 7.40"                                                                                                                                                                                       },
    {"+CEDRXRDP",    AT_EXEC | AT_TEST,                    bc26_cedrxrdp,    "",                                                     "eDRX in use",                                         "B Q2, 27.007 7.41"},
    {"+QNBIOTEVENT", AT_READ | AT_SET | AT_TEST,           bc26_qnbiotevent, "(0,1),(1)",                                            "PSM events",
     "B Q19 Q23"                                                                                                                                                                                               },
    {"+QATWAKEUP",   AT_READ | AT_SET | AT_TEST,           bc26_qatwakeup,   "(0,1)",                                                "wake-up report",                                      "B Q3"             },
    {"+QPOWD",       AT_SET | AT_TEST,                     bc26_qpowd,       "(0-2)",                                                "power off; from A03",                                 "B Q19"            },
    {"+QRST",        AT_SET | AT_TEST,                     bc26_qrst,        "(1)",                                                  "reset",                                               "B Q19"            },
    {"+QRESET",      AT_SET,                               bc26_qreset,      NULL,                                                   "reset, older firmware; quirk legacy-cmd-names",       "B Q1"             },
    {"+QSM",         AT_SET,                               bc26_qsm,         NULL,                                                   "sleep, older firmware; quirk legacy-cmd-names",       "B Q1"             },
    {"+SM",          AT_SET,                               bc26_sm,          NULL,                                                   "sleep, older firmware; quirk legacy-cmd-names",       "B Q3 Q7"          },
    {"+QFOTADL",     AT_SET | AT_TEST,                     bc26_qfotadl,     NULL,                                                   "upgrade over the air",                                "A S2 3.1"         },
};

/* Names, meanings and sources: sheet 11; "#n" is the row of sheet 9. */
static const struct quirk quirks[] = {
    [BC26_HTTPTART_TYPO] = {"fota-httptart-typo",        "HTTPSTART is misprinted HTTPTART (#1, S2 4.1)"  },
    [BC26_2018_SPACING] = {"fota-2018-spacing",         "a space before each percentage (#2, Q20)"       },
    [BC26_UPDATING_NO_COUNTS] = {"fota-updating-no-counts",   "UPDATING has no counts (#3, Q20)"               },
    [BC26_PERCENT_PLAIN] = {"fota-percent-plain",        "UPDATING has a number only (#3, Q15 Q16)"       },
    [BC26_FORCED_COMPACT] = {"fota-forced-compact",
                            "a forced upgrade prints without spaces (#4, S2 3.1 main text)"               },
    [BC26_BOOT_EOL_LFCR] = {"fota-boot-eol-lfcr",        "bootloader lines end in LF CR (#5, Q3)"         },
    [BC26_BOOT_NO_LEAD_CRLF] = {"fota-boot-no-lead-crlf",
                            "bootloader lines have no leading CR LF (#5, Q12)"                            },
    [BC26_NO_BANNER] = {"fota-no-banner",            "no boot ROM lines in an upgrade (#6, Q20)"      },
    [BC26_BANNER_CRLF] = {"brom-banner-crlf",          "boot ROM lines end in CR LF (#7)"               },
    [BC26_STEP_CHUNK] = {"fota-step-chunk",           "one percentage a chunk, with jumps (#8, Q11)"   },
    [BC26_END_NO_REBOOT_LINES] = {"fota-end-no-reboot-lines",
                            "END,0 follows UPDATING 100 directly (#9, Q20)"                               },
    [BC26_HTTPS_ERROR] = {"fota-https-error",          "https is refused with ERROR (#10)"              },
    [BC26_URL_CASE_STRICT] = {"fota-url-case-strict",
                            "the scheme must be in capitals, as S2 3.1 writes it (#11)"                   },
    [BC26_BUSY_END2] = {"fota-busy-end2",            "a second QFOTADL gets OK, then END,2 (#12)"     },
    [BC26_BUSY_CME3] = {"fota-busy-cme3",            "a second QFOTADL gets +CME ERROR: 3 (#12, Q19)" },
    [BC26_PARAM_CME] = {"fota-param-cme",            "parameter errors are +CME ERROR: 50 or 24 (#13)"},
    [BC26_HTTPSTART_AFTER_NET] = {"fota-httpstart-after-net",
                            "HTTPSTART waits for the network (sheet 5)"                                   },
    [BC26_TEST_LISTS] = {"fota-test-lists",           "the test form prints a list (#14, Q13 Q15)"     },
    [BC26_PORT_REQUIRED] = {"fota-port-required",        "the URL needs a port (#15, Q13)"                },
    [BC26_DOWNLOAD_START_WORDS] = {"fota-download-start-words",
                            "DOWNLOAD START and DOWNLOAD,<err> (#16, Q10)"                                },
    [BC26_COAP] = {"fota-coap",                 "COAPSTART and COAPEND,<err> (#16, Q21)"         },
    [BC26_NO_CONCAT] = {"no-concat",                 "';' is refused (#18, Q1 Q19)"                   },
    [BC26_CGATT_EXEC_ERROR] = {"cgatt-exec-error",          "bare +CGATT is an error (#19)"                  },
    [BC26_CGPADDR_QUOTED] = {"cgpaddr-quoted",            "the address is quoted (#20, BC260Y)"            },
    [BC26_CGSN_NOSPACE] = {"cgsn-nospace",              "no space in +CGSN:<imei> (#21, Q8)"             },
    [BC26_CIMI_PREFIX] = {"cimi-prefix",               "+CIMI: before the IMSI (#22, Q1)"               },
    [BC26_NOSPACE] = {"nospace-after-colon",       "no space after any colon (#23, Q1)"             },
    [BC26_CESQ_SEED] = {"cesq-seed-values",          "+CESQ: 47,6,255,255,0,54 (#24, S2 4.1)"         },
    [BC26_CEREG_SMS_ONLY] = {"cereg-sms-only",            "registered for SMS only, stat 6 and 7 (#25, Q1)"},
    [BC26_ECHO_OFF] = {"echo-off-default",          "echo is off after power-up (#26, V1.0)"         },
    [BC26_ECHO_CRLF] = {"echo-crlf",                 "the echo ends in CR LF (#27, Q9)"               },
    [BC26_BAUD_FIXED] = {"baud-fixed-default",        "factory rate is 115200, no autobaud (#28, Q2)"  },
    [BC26_FLUSH_AFTER_SYNC] = {"autobaud-flush-after-sync",
                            "URCs wait for the autobaud sync instead of being lost (#29)"                 },
    [BC26_QRST_OK] = {"qrst-ok",                   "+QRST=1 prints OK first (#30, Q18)"             },
    [BC26_NO_IP_URC] = {"no-ip-urc",                 "no +IP: line (#31, S2 4.1)"                     },
    [BC26_LEGACY_NAMES] = {"legacy-cmd-names",          "QRESET, QSM and SM exist (#32, Q1 Q3)"          },
    [BC26_CGACT_NO_CARRIER] = {"cgact-no-carrier",          "+CGACT=0 ends in NO CARRIER (#33, Q19)"         },
};
static_assert(ARRAY_LEN(quirks) == BC26_QUIRK_COUNT, "a name per quirk");

static const struct option_row options[] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    BC26_OPTIONS(X)
#undef X
};

const struct fault_point bc26_points[BC26_POINT_COUNT] = {
    [BC26_POINT_DOWNLOAD] = {"bc26.fota.download", FAULT_STEP,
                             "a percentage of the download is reached, before it is said"    },
    [BC26_POINT_HTTPEND] = {"bc26.fota.httpend",  FAULT_STEP, "before HTTPEND is said"      },
    [BC26_POINT_START] = {"bc26.fota.start",    FAULT_STEP, "before START is said"        },
    [BC26_POINT_UPDATE] = {"bc26.fota.update",   FAULT_STEP,
                             "a percentage of the installation is reached, before it is said"},
    [BC26_POINT_SWITCH] = {"bc26.fota.switch",   FAULT_STEP,
                             "all pages are written, before the new firmware is chosen"      },
    [BC26_POINT_END] = {"bc26.fota.end",      FAULT_STEP, "before END is said"          },
};

static const struct line_row lines[] = {
    {"main", NULL, NULL},
};

static void init(struct modem *modem)
{
    modem->style.no_chain = modem_quirk(modem, BC26_NO_CONCAT);
    modem->style.no_space_after_colon = modem_quirk(modem, BC26_NOSPACE);
    if (modem_quirk(modem, BC26_CEREG_SMS_ONLY))
        modem->net.sms_only = true;
}

const struct dialect dialect_bc26 = {
    .name = "bc26",
    .title = "Quectel BC26/BC20 (MT2625), NB-IoT, DFOTA by AT+QFOTADL",
    .firmware = "BC26NBR01A05",
    .base = &dialect_gpp,
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .quirks = quirks,
    .quirk_count = ARRAY_LEN(quirks),
    .options = options,
    .option_count = ARRAY_LEN(options),
    .points = bc26_points,
    .point_count = ARRAY_LEN(bc26_points),
    .boot = bc26_boot,
    .boot_count = BC26_BOOT_STEP_COUNT,
    .lines = lines,
    .line_count = ARRAY_LEN(lines),
    .slots = fota_slots,
    .slot_count = FOTA_SLOT_COUNT,
    .style =
        {
                .unknown_result = AT_ERROR, /* Q19: plain ERROR at any +CMEE */
            .too_long_result = AT_ERROR,
                .cme_text = bc26_cme_text,
                },
    .on_busy = AT_BUSY_QUEUE, /* sheet 1: the next command runs when the previous one ended */
    .state_size = sizeof(struct bc26),
    .init = init,
    .deinit = gpp_deinit,
    .power_up = bc26_power_up,
    .power_down = bc26_fota_power_down,
    .wake = bc26_wake,
    .line_up = bc26_line_up,
    .line_rx = bc26_line_rx,
    .line_voice = bc26_line_voice,
    .net_changed = bc26_net_changed,
    .urc_text = bc26_urc_text,
    .fota_state = bc26_fota_state,
};
