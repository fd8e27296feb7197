/*
 * What a person does to a modem of the sandbox. Each act is a note of SANDBOX_WHO in the record,
 * "NAME ACT ARGUMENT", from which a scenario can be written.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct modem;

#define SANDBOX_WHO "sandbox"

/*
 * power_on, power_cut, reset, urc TEXT, fault TEXT, clear_faults, signal DBM, network WORLD,
 * detach, attach. Return: 0, or -EINVAL with a message.
 */
int sandbox_act(struct modem *modem, const char *act, const char *argument, struct buf *error_out);
/* Append what there is to know of a modem now, some lines. */
void sandbox_describe(const struct modem *modem, struct buf *out);
