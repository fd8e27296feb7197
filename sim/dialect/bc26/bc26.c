/*
 * Quectel BC26/BC20: the record.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/bc26/bc26.h"

#include "sim/base/mem.h"
#include "sim/modem/fota.h"

/* Answers of test forms that are too long for a row (Q19). */
#define RATES                                                                                   \
    "(4800,9600,115200),(0,110,300,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800," \
    "921600)"
#define CESQ_RANGES          "(0-63,99),(0-7,99),(255),(255),(0-34,255),(0-97,255)"
#define CGDCONT_RANGES(type) "(1-15),\"" type "\",,,(0-2),(0-4),(0),,,,,,(0,1),,(0,1)"
#define CGDCONT_LINES    \
    CGDCONT_RANGES("IP") \
    "\n" CGDCONT_RANGES("IPV6") "\n" CGDCONT_RANGES("IPV4V6") "\n" CGDCONT_RANGES("Non-IP")
#define PDN_TYPES   "(\"IP\",\"IPV6\",\"IPV4V6\",\"Non-IP\")"
#define BANDS       "(0-15),(1,2,3,5,8,18,19,20,26,28,66)"
#define PSM_RANGES  "(0-2),,,(\"00000000\"-\"11111111\"),(\"00000000\"-\"11111111\")"
#define EDRX_RANGES "(0-3),(5),(\"0000\"-\"1111\")"

/* Rows of sheet 3 and 4, and +QFOTADL of S2 3.1; the base has the rest. */
static const struct at_cmd cmds[] = {
    {"I",            AT_EXEC,                     bc26_ati,         NULL,              "identification",                                "B Q19"            },
    {"&W",           AT_EXEC,                     bc26_store,       NULL,              "store the profile and +IPR",                    "B Q19"            },
    {"+IPR",         AT_PARAMETER,                bc26_ipr,         RATES,             "rate of the UART, 0 = autobaud",                "B Q19"            },
    {"+CGMI",        AT_ACTION,                   bc26_cgmi,        "",                "manufacturer",                                  "B Q19"            },
    {"+CGMM",        AT_ACTION,                   bc26_cgmm,        "",                "model",                                         "B Q19"            },
    {"+CGMR",        AT_ACTION,                   bc26_cgmr,        "",                "revision",                                      "B Q19"            },
    {"+CGSN",        AT_EXEC | AT_SET | AT_TEST,  bc26_cgsn,        "(0-3)",           "serial number, IMEI",                           "B Q19"            },
    {"+GSN",         AT_ACTION,                   bc26_gsn,         "",                "IMEI",                                          "C Q4"             },
    {"+CIMI",        AT_ACTION,                   bc26_cimi,        "",                "IMSI",                                          "B Q19"            },
    {"+QCCID",       AT_EXEC | AT_READ | AT_TEST, bc26_qccid,       "",                "ICCID",                                         "B Q19"            },
    {"+CBC",         AT_ACTION,                   bc26_cbc,         "",                "supply; from NBR01A03",                         "B Q19"            },
    {"+CESQ",        AT_ACTION,                   bc26_cesq,        CESQ_RANGES,       "signal",                                        "A S2 4.1, Q19"    },
    {"+COPS",        AT_PARAMETER,                bc26_cops,        NULL,              "operator, format 2 only",                       "B Q19"            },
    {"+CGATT",       AT_EXEC | AT_PARAMETER,      bc26_cgatt,       "(0,1)",           "attach; the bare form is S2 4.1's",
     "A S2 4.1, Q19"                                                                                                                                       },
    {"+CGDCONT",     AT_PARAMETER,                bc26_cgdcont,     CGDCONT_LINES,
     "contexts, four lines of ranges; kept over a restart",                                                                             "B Q19"            },
    {"+CGACT",       AT_PARAMETER,                bc26_cgact,       "(0,1)",           "contexts",                                      "B Q19"            },
    {"+CGPADDR",     AT_EXEC | AT_PARAMETER,      bc26_cgpaddr,     "(1)",             "address",                                       "B Q19"            },
    {"+CFUN",        AT_PARAMETER,                bc26_cfun,        "(0,1,4,7),(0-2)", "functionality",                                 "B Q19"            },
    {"+QGACT",       AT_SET | AT_TEST,            bc26_qgact,       "(0,1),(1-15)",    "activate with APN",                             "B Q19"            },
    {"+QCGDEFCONT",  AT_PARAMETER,                bc26_qcgdefcont,  PDN_TYPES,         "default PDN",                                   "B Q19"            },
    {"+QBAND",       AT_PARAMETER,                bc26_qband,       BANDS,             "bands",                                         "B Q19"            },
    {"+QENG",        AT_SET | AT_TEST,            bc26_qeng,        "(0)",             "serving cell",                                  "B Q19"            },
    {"+QCSEARFCN",   AT_ACTION,                   bc26_qcsearfcn,   "",                "forget frequencies; from A02",                  "B Q19"            },
    {"+QSCLK",       AT_PARAMETER,                bc26_qsclk,       "(0-2)",           "sleep; from A03",                               "B Q19"            },
    {"+QRELLOCK",    AT_ACTION,                   bc26_qrellock,    "",                "release the sleep lock; from A03",              "B Q19"            },
    {"+CPSMS",       AT_PARAMETER,                bc26_cpsms,       PSM_RANGES,        "power saving mode",                             "B Q19"            },
    {"+CEDRXS",      AT_PARAMETER,                bc26_cedrxs,      EDRX_RANGES,       "eDRX",                                          "B Q2, 27.007 7.40"},
    {"+CEDRXRDP",    AT_ACTION,                   bc26_cedrxrdp,    "",                "eDRX in use",                                   "B Q2, 27.007 7.41"},
    {"+QNBIOTEVENT", AT_PARAMETER,                bc26_qnbiotevent, "(0,1),(1)",       "PSM events",                                    "B Q19 Q23"        },
    {"+QATWAKEUP",   AT_PARAMETER,                bc26_qatwakeup,   "(0,1)",           "wake-up report",                                "B Q3"             },
    {"+QPOWD",       AT_SET | AT_TEST,            bc26_qpowd,       "(0-2)",           "power off; from A03",                           "B Q19"            },
    {"+QRST",        AT_SET | AT_TEST,            bc26_qrst,        "(1)",             "reset",                                         "B Q19"            },
    {"+QRESET",      AT_SET,                      bc26_qreset,      NULL,              "reset, older firmware; quirk legacy-cmd-names", "B Q1"             },
    {"+QSM",         AT_SET,                      bc26_qsm,         NULL,              "sleep, older firmware; quirk legacy-cmd-names", "B Q1"             },
    {"+SM",          AT_SET,                      bc26_sm,          NULL,              "sleep, older firmware; quirk legacy-cmd-names", "B Q3 Q7"          },
    {"+QFOTADL",     AT_SET | AT_TEST,            bc26_qfotadl,     NULL,              "upgrade over the air",                          "A S2 3.1"         },
};

static const struct quirk quirks[BC26_QUIRK_COUNT] = {
#define X(id, name, doc) {name, doc},
    BC26_QUIRKS(X)
#undef X
};
static_assert(BC26_QUIRK_COUNT <= QUIRK_MAX, "a bit per quirk");

static const struct option_row options[] = {
#define X(id, name, type, initial, range, doc) {name, type, initial, range, doc},
    BC26_OPTIONS(X)
#undef X
};

const struct fault_point bc26_points[BC26_POINT_COUNT] = {
#define X(id, name, doc) {name, FAULT_MARK, doc},
    BC26_POINTS(X)
#undef X
};

static const int fota_codes[] = {BC26_ERR_UNKNOWN, BC26_ERR_MISMATCH, BC26_ERR_INVALID};

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
    .fota_codes = fota_codes,
    .fota_code_count = ARRAY_LEN(fota_codes),
    .boot = bc26_boot,
    .boot_count = BC26_BOOT_STEP_COUNT,
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
