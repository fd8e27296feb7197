/* SPDX-License-Identifier: MIT */
#include "sim/modem/sim_card.h"

#include <string.h>

#include "sim/modem/modem.h"

/* Usual numbers of tries on a card (ETSI TS 102 221 9.5). */
#define PIN_TRIES 3
#define PUK_TRIES 10

void sim_card_init(struct modem *modem)
{
    modem->sim = (struct sim_card){
        .state = (enum sim_state)modem_number(modem, MODEM_OPTION_SIM),
        .pin_tries = PIN_TRIES,
        .puk_tries = PUK_TRIES,
    };
}

void sim_card_power_up(struct modem *modem)
{
    enum sim_state factory = (enum sim_state)modem_number(modem, MODEM_OPTION_SIM);

    if (factory == SIM_PIN && modem->sim.state == SIM_READY)
        modem->sim.state = SIM_PIN;
}

int sim_card_enter_pin(struct modem *modem, const char *pin)
{
    struct sim_card *card = &modem->sim;

    if (card->state == SIM_PUK)
        return 12;
    if (card->state != SIM_PIN)
        return 3;
    if (strcmp(pin, modem_text(modem, MODEM_OPTION_PIN)) == 0) {
        card->pin_tries = PIN_TRIES;
        card->state = SIM_READY;
        modem_urc(modem, URC_SIM, 0, 0);
        net_set_world(modem, modem->net.world); /* the radio waited for the card */
        return 0;
    }
    if (--card->pin_tries == 0)
        card->state = SIM_PUK;
    return card->state == SIM_PUK ? 12 : 16;
}

const char *sim_card_state_text(const struct sim_card *card)
{
    switch (card->state) {
    case SIM_READY:
        return "READY";
    case SIM_PIN:
        return "SIM PIN";
    case SIM_PUK:
        return "SIM PUK";
    case SIM_ABSENT:
        return NULL;
    }
    return NULL;
}
