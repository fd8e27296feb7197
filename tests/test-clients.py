#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients in other languages: the pytest plugin and a script for Node. Those that are not installed are skipped.

Usage: test-clients.py PATH-OF-HAYESWIRE PATH-OF-BC26-UPDATER pytest|node
Exit status: 77 when pytest (or node) is not there.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 120


def plain_environment(updater):
    path = os.path.join(HERE, '..', 'harness', 'python')
    return dict(os.environ, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE='1', HAYESWIRE_HOSTS=os.path.dirname(updater))


def run_pytest(program, hayeswire, updater, file, folder):
    done = subprocess.run(
        [program, '-p', 'pytest_hayeswire', '-p', 'no:cacheprovider', '--hayeswire', hayeswire,
         '--hayeswire-time', 'x20', '--rootdir', os.path.join(HERE, 'clients'), '-q', os.path.join(HERE, 'clients', file)],
        env=plain_environment(updater), cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    print(done.stdout, done.stderr)
    return done


def check_replay(program, hayeswire, updater, said):
    """The command that a failure prints, from the folder of its tests: that test, its seed and its time, and no other."""
    token = re.search(r'again: pytest --hayeswire-replay (hwpy1\w+)', said).group(1)
    words = [program, '-p', 'pytest_hayeswire', '-p', 'no:cacheprovider', '--hayeswire', hayeswire, '-q', '--rootdir',
             os.path.join(HERE, 'clients')]
    options = dict(env=plain_environment(updater), cwd=os.path.join(HERE, 'clients'), capture_output=True, text=True,
                   timeout=LIMIT_S, check=False)
    done = subprocess.run([*words, '--hayeswire-replay', token], **options)
    assert '1 failed' in done.stdout and 'passed' not in done.stdout and token in done.stdout, done.stdout
    done = subprocess.run([*words, '--hayeswire-replay', token[:-9]], **options)
    assert done.returncode == 4 and 'is no token of a failed test' in done.stderr, done.stderr


def check_pytest(hayeswire, updater, folder):
    program = shutil.which('pytest-3') or shutil.which('pytest')
    if not program:
        return 77
    for file in ('test_bc26.py', 'test_mt5700.py'):
        done = run_pytest(program, hayeswire, updater, file, folder)
        assert done.returncode == 0 and '1 passed' in done.stdout, file
    done = run_pytest(program, hayeswire, updater, 'failing.py', folder)
    assert '1 failed, 2 passed, 2 errors' in done.stdout
    for said in ('did not send "AT+QFOTADL=" within 1 s', 'transcript of bc26', '>  AT\\r', 'since then',
                 'the fault "at.csq=fail:10" never fired', 'which modem?'):
        assert said in done.stdout, said
    check_replay(program, hayeswire, updater, done.stdout)
    return 0


def check_node(hayeswire, updater, folder):
    node = shutil.which('node')
    if not node:
        return 77
    path = os.path.join(folder, 'bench.sock')
    server = subprocess.Popen([hayeswire, 'serve', '--control', path, '--time', 'x20'], stderr=subprocess.PIPE)
    try:
        server.stderr.readline()  # it listens
        done = subprocess.run([node, os.path.join(HERE, 'clients', 'upgrade.js'), path,
                               os.path.join(os.path.dirname(updater), 'mt5700-updater')],
                              timeout=LIMIT_S, check=False)
        assert done.returncode == 0
    finally:
        server.terminate()
        server.wait()
        server.stderr.close()
    return 0


def main(hayeswire, updater, which):
    with tempfile.TemporaryDirectory(prefix='hayeswire-clients-') as folder:
        check = {'pytest': check_pytest, 'node': check_node}[which]
        return check(os.path.abspath(hayeswire), os.path.abspath(updater), folder)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
