-- SPDX-License-Identifier: MIT
std = "lua54"
max_line_length = 120
self = false -- not each method of a class needs its object

-- What scenarios see; see lua/sandbox.lua.
stds.scenario = { read_globals = { "scenario", "pat", "audit" } }
files["scenarios/"] = { std = "lua54+scenario" }
files["harness/audit/rules/"] = { std = "lua54+scenario" }
files["tests/scenarios/"] = { std = "lua54+scenario" }
files["tests/vtime/"] = { std = "lua54+scenario" }
files["tests/hosts/"] = { std = "lua54+scenario" } -- adapters
