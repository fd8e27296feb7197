/*
 * hayeswire lint: load scenarios and check what can be seen without running them.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "lint". Return: the exit status (0 clean, 2 usage or a wrong scenario, 3, 5). */
int lint_command(int argc, char **argv);
