/*
 * What scenarios can call, gathered from where it is written: the rows of the C classes, and the
 * annotations in front of the functions of the Lua half. Nothing of it is written twice.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Append a row a function or field: class, name, doc, params. */
void api_fill(json_t *rows);
/* Editor stubs for the Lua language server: a ---@meta file. Return: the exit status. */
int api_print_stubs(FILE *file);
