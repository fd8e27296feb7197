#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Put the scripts and styles of the report pages into the program: embed.py OUTPUT NAME=FILE,FILE,...

Each NAME becomes a `struct page_asset` of its script and its style, with their SHA-256 digests for the page's content
security policy: a browser runs this script and no other."""
import base64
import hashlib
import os
import sys

HEADER = '/* Made by harness/page/embed.py. */\n#include "harness/page.h"\n\n'
LICENSE = ('// SPDX', '/* SPDX')


def joined(paths, suffix):
    parts = []
    for path in paths:
        if path.endswith(suffix):
            with open(path, encoding='utf-8') as file:
                parts.append(''.join(line for line in file if not line.startswith(LICENSE)))
    text = '\n'.join(parts)
    # Inside an element these would end it, or begin a comment that hides its end.
    for bad in ('</script', '</style', '<!--', '<script'):
        if bad in text.lower():
            sys.exit('%s: %s cannot stand in a page' % (' '.join(paths), bad))
    return text


def digest(text):
    return 'sha256-' + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def quoted(text):
    out = []
    for line in text.encode().splitlines(keepends=True):
        chars = (chr(b) if 32 <= b < 127 and b not in b'"\\?' else '\\%03o' % b for b in line)
        out.append('    "' + ''.join(chars) + '"\n')
    return ''.join(out) or '    ""\n'


def main(output, assets):
    with open(output, 'w', encoding='ascii') as out:
        out.write(HEADER)
        for asset in assets:
            name, files = asset.split('=', 1)
            paths = files.split(',')
            script = "'use strict';\n(() => {\n" + joined(paths, '.js') + '})();\n'
            style = joined(paths, '.css')
            for part, text in (('script', script), ('style', style)):
                out.write('static const char %s_%s[] =\n%s    ;\n\n' % (name, part, quoted(text)))
            out.write('const struct page_asset page_%s = {\n    .script = %s_script,\n    .style = %s_style,\n'
                      '    .script_digest = "%s",\n    .style_digest = "%s",\n};\n\n'
                      % (name, name, name, digest(script), digest(style)))


main(sys.argv[1], sys.argv[2:])
