/*
 * hayeswire audit: judge a host against the rules of its module's guide.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/*
 * argv[0] is "audit". Return: the exit status (0 no must rule is broken, 1 one is, 2 usage, 3
 * Hayeswire failed, 4 the host could not be started).
 */
int audit_command(int argc, char **argv);
