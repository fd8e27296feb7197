/*
 * The list of points: every named place where a fault can strike.
 * X(identifier, name, class, sentence). A dialect adds its own array of struct fault_point.
 * A name that ends in ".*" is a family: "at.*" stands for at.csq, at.qfotadl, ... (the member is
 * the command's name in lower case without its '+', '^' or '&').
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define FAULT_POINTS(X)                                                                            \
    X(LINE_RX, "line.rx", BYTES, "bytes that the host sent, before the modem's parser")            \
    X(LINE_TX, "line.tx", BYTES, "bytes that the modem sends on an AT line")                       \
    X(AT, "at.*", COMMAND, "a command of that name was parsed, before its handler runs")           \
    X(REPLY, "reply.*", REPLY, "the reply to a command of that name is ready to be sent")          \
    X(URC, "urc", URC, "an unsolicited result is about to be sent; the text trigger sees it")      \
    X(BOOT_LINE, "boot.line", MESSAGE, "a line of the bootloader is about to be sent")             \
    X(BOOT_STEP, "boot.step", STEP, "before each step of the boot sequence")                       \
    X(NET_REGISTER, "net.register", STEP, "the network accepts the registration")                  \
    X(NET_PDP, "net.pdp", STEP, "the default bearer gets its address")                             \
    X(NET_DNS, "net.dns", STEP, "a download asks for the address of a name")                       \
    X(DOWNLOAD_CONNECT, "download.connect", STEP, "before a download opens its connection")        \
    X(DOWNLOAD_HEAD, "download.head", STEP, "the response head of a download arrived")             \
    X(DOWNLOAD_BODY, "download.body", BYTES, "firmware bytes as the radio delivers them")          \
    X(FLASH_ERASE, "flash.erase", WRITE, "erase of one flash page")                                \
    X(FLASH_PROGRAM, "flash.program", WRITE, "program of one flash page")                          \
    X(NV_COMMIT, "nv.commit", WRITE, "commit of the pending settings")                             \
    X(FOTA_STATE, "fota.state", MARK, "the upgrade has entered a state; the text trigger sees it") \
    X(FOTA_RESULT, "fota.result", RESULT, "an upgrade is over, before its result is settled")      \
    X(CLOUD_SEND, "cloud.send", MESSAGE, "a message of the modem leaves for its platform")         \
    X(CLOUD_RECEIVE, "cloud.receive", MESSAGE, "a message of the platform reaches the modem")      \
    X(REBOOT, "reboot", STEP, "the modem is about to restart by itself")
