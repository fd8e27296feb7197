/*
 * M531x: documented variants (sheet 12). A quirk with a value has the value in its name.
 * SPDX-License-Identifier: MIT
 */
#include "sim/dialect/m531x/m531x.h"

const struct quirk m531x_quirks[M531X_QUIRK_COUNT] = {
    [M531X_STRICT_MID] = {"strict-mid",
                          "a response with a wrong number gets OK, then event 20 (C-1, CIS)"                                 },
    [M531X_STRICT_MID_ERR] = {"strict-mid-err",
                          "a response with a wrong number gets error 601 (C-1, MTK)"                                         },
    [M531X_WRITE_ONELINE] =
        {"write-oneline",            "+MIPLWRITE has its payload on the same line (C-2, OMO, MTK, LOG-NB73)"},
    [M531X_SOTA_GENERIC_RSP] = {"sota-generic-rsp",
                          "WRITE and EXECUTE of the upgrade need their own RSP (C-3)"                                        },
    [M531X_SOTA_CODES_CIS] = {"sota-codes=cis",
                          "+MIPLSOTA in the SDK's order: 1 erased, 3 written (C-4, FISH)"                                    },
    [M531X_LEN_STRICT] = {"len-strict",               "error 601 when <len> is not the value's (C-5, MTK, HECL)"             },
    [M531X_MID_SCRIPT] = {"mid-script",               "the message numbers of the guide's example (C-6, S4)"                 },
    [M531X_MID32] = {"mid32",                    "message numbers above 65535 (C-22, LOG-NB73)"                         },
    [M531X_SP_COLON] = {"sp-colon",                 "a space after the colon of +MIPL lines (C-7, OMO)"                    },
    [M531X_SP_ALL] = {"sp-all",                   "a space after the colon and each comma of them (C-7, MTK)"            },
    [M531X_CREATE_OK_ONLY] = {"create-ok-only",           "+MIPLCREATE answers OK only (C-8, S4)"                                },
    [M531X_CREATE_BLOB_2017] = {"create-blob=2017",
                          "the configuration has the old M5310's layout (CONF17)"                                            },
    [M531X_EVENTS_MIN] = {"events-min",               "+MIPLOPEN leads to event 6 only (C-9, S4)"                            },
    [M531X_EVENTS_FULL] = {"events-full",
                          "+MIPLOPEN leads to events 1, 2, 4 and 6 (C-9, DOC-5310, LOG-NB73)"                                },
    [M531X_SOTA_EVENTS] = {"sota-events",              "events 51 to 54 tell of the upgrade (C-10, FISH, UNI)"                },
    [M531X_ERR_PREFIX_CIS] =
        {"err-prefix=cis",           "errors are +CIS ERROR:<n> whatever +CMEE says (C-11, LOG-NB73, MTK)"  },
    [M531X_ERR_TABLE_MTK] = {"err-table=mtk",            "the MT2625's numbers 651 to 655 (C-11, MTK)"                          },
    [M531X_DISCOVER_REACTIVE] = {"discover-reactive",
                          "+MIPLDISCOVERRSP only behind +MIPLDISCOVER (C-12, DOC-5310)"                                      },
    [M531X_OBSERVE_INVERTED] = {"observe-inverted",
                          "flag 0 of +MIPLOBSERVE begins the observation (C-14, BC26-AN)"                                    },
    [M531X_RESULT_BC26] = {"result-bc26",
                          "results are 0 for content, 1 for changed (C-15, BC26-AN)"                                         },
    [M531X_UPDATE0_86400] = {"update0=86400",
                          "+MIPLUPDATE with a lifetime below 10 sets 86400 s (C-17, OMO, OCPU)"                              },
    [M531X_UPDATE0_3600] = {"update0=3600",             "+MIPLUPDATE with lifetime 0 sets 3600 s (C-17, MTK)"                  },
    [M531X_WRITE_TAIL_FLAG_INDEX] = {"write-tail=flag-index",
                          "+MIPLWRITE ends with flag and index (C-18, MTK, DOC-5310)"                                        },
    [M531X_NO_RESUME] = {"no-resume",                "a download that was cut begins at byte 0 again (C-19)"                },
    [M531X_AUTO_ACK_0] = {"auto-ack=0",
                          "the module answers an EXECUTE of the upgrade at once; else option "
                          "auto_ack (C-20, CIS)"                                                                             },
    [M531X_BANNER_STAR_MATREADY] = {"boot-banner=*MATREADY: 1",
                          "the ready line of other MT2625 parts (C-21, ME3616)"                                              },
    [M531X_BANNER_PLUS_MATREADY] =
        {"boot-banner=+MATREADY",    "the ready line of MN31x; any other: option boot_banner (C-21)"        },
    [M531X_CMRB_OK_ONLY] = {"cmrb=ok-only",             "+CMRB answers OK and restarts (sheet 8, HECL)"                        },
    [M531X_CMRB_REBOOTING_ONLY] = {"cmrb=rebooting-only",
                          "+CMRB answers REBOOTING without OK (sheet 8, INO, XY)"                                            },
    [M531X_CMRB_SILENT] = {"cmrb=silent",              "+CMRB answers nothing before the ready line (sheet 8)"                },
    [M531X_SOTAVER_NV] = {"sotaver-nv",
                          "+MIPLSOTAVER survives a restart and +MIPLDELETE (sheet 3)"                                        },
    [M531X_FOTA_EVENTS_FULL] =
        {"fota-events-full",
                          "events 47 to 49 of the module's own upgrade too (sheet 5, FISH, QSDK)"                            },
    [M531X_FOTA_WORDS] = {"fota-words",
                          "events 40 to 46 in words, FIRMWARE DOWNLOADING ... (sheet 6.5, HI-657)"                           },
};
