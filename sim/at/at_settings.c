/*
 * The settings a line has after a cold start.
 * SPDX-License-Identifier: MIT
 */
#include "sim/at/at_cmd.h"

void at_settings_init(struct at_settings *settings)
{
    *settings = (struct at_settings){
        .echo = true,
        .quiet = false,
        .verbose = true,
        .x = 4,
        .cmee = 0,
        .s3 = '\r',
        .s4 = '\n',
        .s5 = '\b',
        /* V.250 6.3.8-6.3.12 leaves S7 and S10 to the maker; these are usual for cellular parts. */
        .s0 = 0,
        .s6 = 2,
        .s7 = 60,
        .s8 = 2,
        .s10 = 15,
        .c = 1,
        .d = 2,
    };
}
