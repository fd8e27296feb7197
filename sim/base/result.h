/*
 * Result codes of sim/.
 * 0 is success. Positive values are documented results that the caller must handle right there.
 * Negative values are fatal for the call: forward them unchanged, print nothing.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/*
 * The power went away (cut, reset or hang) under the code that received this. Whoever sees it
 * touches nothing more of the modem and returns it: the C stack unwinds by itself.
 */
#define MODEM_GONE (-1000)
