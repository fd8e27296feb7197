#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write harness.lua as a C array: embed.py OUTPUT INPUT."""
import sys


def main(output, path):
    with open(path, 'rb') as source:
        data = source.read()
    with open(output, 'w', encoding='ascii') as out:
        out.write('/* Made by harness/embed.py. */\n#include "harness/harness_lua.h"\n\n')
        out.write('const char harness_lua[] = {\n')
        for start in range(0, len(data), 16):
            out.write('    ' + ' '.join('%d,' % byte for byte in data[start:start + 16]) + '\n')
        out.write('    0};\nconst size_t harness_lua_len = sizeof(harness_lua) - 1;\n')


main(sys.argv[1], sys.argv[2])
