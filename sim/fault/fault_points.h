/*
 * The list of points: every named place where a fault can strike.
 * X(identifier, name, class, sentence). A dialect adds its own array of struct fault_point.
 * A name that ends in ".*" is a family: "at.*" stands for at.csq, at.qfotadl, ... (the member is
 * the command's name in lower case without its '+', '^' or '&').
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define FAULT_POINTS(X)                                                                        \
    X(LINE_RX, "line.rx", BYTES, "bytes that the host sent, before the modem's parser")        \
    X(LINE_TX, "line.tx", BYTES, "bytes that the modem sends on an AT line")                   \
    X(AT, "at.*", STEP, "a command of that name was parsed, before its handler runs")          \
    X(URC, "urc", STEP, "an unsolicited result is about to be sent; the text trigger sees it") \
    X(BOOT_STEP, "boot.step", STEP, "before each step of the boot sequence")                   \
    X(NET_REGISTER, "net.register", STEP, "the network accepts the registration")              \
    X(NET_PDP, "net.pdp", STEP, "the default bearer gets its address")                         \
    X(DOWNLOAD_CONNECT, "download.connect", STEP, "before a download opens its connection")    \
    X(DOWNLOAD_HEAD, "download.head", STEP, "the response head of a download arrived")         \
    X(DOWNLOAD_BODY, "download.body", BYTES, "firmware bytes as the radio delivers them")      \
    X(FLASH_ERASE, "flash.erase", WRITE, "erase of one flash page")                            \
    X(FLASH_PROGRAM, "flash.program", WRITE, "program of one flash page")                      \
    X(NV_COMMIT, "nv.commit", WRITE, "commit of the pending settings")                         \
    X(REBOOT, "reboot", STEP, "the modem is about to restart by itself")
