/*
 * The SIM card: numbers and lock state.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

enum sim_state { SIM_READY, SIM_PIN, SIM_PUK, SIM_ABSENT };

struct sim_card {
    enum sim_state state;
    unsigned pin_tries, puk_tries;
};

struct modem;

void sim_card_init(struct modem *modem);
/* At power-up a card with PIN asks for it again. */
void sim_card_power_up(struct modem *modem);
/* Return: 0 accepted; 16 incorrect password; 12 PUK now required; 3 not expected (27.007 9.2.1). */
int sim_card_enter_pin(struct modem *modem, const char *pin);
/* 27.007 8.3: "READY", "SIM PIN", ... ; NULL when absent. */
const char *sim_card_state_text(const struct sim_card *card);
