/*
 * The class OneNet for scenarios: t:platform("onenet").
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/platform.h"

extern const struct platform_kind platform_onenet;
