#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line of hayeswire from outside: exit statuses, messages, what is left behind.

Usage: test-cli.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import glob
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import unittest

from outside import HAYESWIRE, LIMIT_S, Case, is_alive

class Usage(Case):
    def test_help_shows_examples_first(self):
        for words in (['--help'], ['help'], ['run', '--help'], ['help', 'run'], ['list', '-h'],
                      ['lint', '--help']):
            done = self.call(*words)
            self.assertEqual(done.returncode, 0, words)
            self.assertRegex(done.stdout, r'\n\n  hayeswire ', words)

    def test_version(self):
        self.assertRegex(self.call('--version').stdout, r'^hayeswire \d+\.\d+\.\d+\n$')

    def test_no_verb_is_wrong_usage(self):
        done = self.call()
        self.assertEqual((done.returncode, done.stdout), (2, ''))

    def test_misspelt_words_name_the_nearest(self):
        for words, said in ((['rnu'], 'unknown verb "rnu"; did you mean "run"?'),
                            (['--versoin'], 'did you mean "--version"?'),
                            (['run', 'x', '--keeep'], 'unknown option --keeep; did you mean --keep?'),
                            (['run', 'x', '--time', 'rael'], '--time rael: did you mean real?'),
                            (['run', 'x', '--reporter', 'tpa'], 'did you mean tap?'),
                            (['run', 'x', '-d', 'bc62'], 'no dialect "bc62"; did you mean bc26?'),
                            (['list', 'dialect'], 'did you mean "dialects"?')):
            done = self.call(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stderr.count('\n'), 1, done.stderr)
            self.assertEqual(done.stdout, '')

    def test_wrong_values_say_what_is_wanted(self):
        for words, said in ((['-t', '30'], 'wants a duration with its unit'),
                            (['--seed', 'x'], 'wants a number'),
                            (['--time', 'x0'], 'wants a factor'),
                            (['--time', 'virtaul'], 'did you mean virtual?'),
                            (['-j', '0'], 'wants a number from 1'),
                            (['--seed'], 'wants a value'),
                            (['--keep=1'], 'takes no value'),
                            (['-k', '('], '-k'),
                            (['-Z'], 'unknown option -Z')):
            self.run_(2, 'x.lua', *words)
            self.assertIn(said, self.stderr)

    def test_missing_scenario_names_the_nearest(self):
        self.scenario('scenarios/bc26/upgrade.lua', '')
        self.run_(2, 'scenarios/bc26/upgrad.lua')
        self.assertEqual(self.stderr, 'hayeswire: scenarios/bc26/upgrad.lua: no such file; '
                                      'did you mean scenarios/bc26/upgrade.lua?\n')
        self.run_(2, 'scenarois')
        self.assertIn('did you mean scenarios?', self.stderr)
        self.run_(2, 'scenarios/bc62/upgrade.lua')
        self.assertIn('did you mean scenarios/bc26?', self.stderr)

    def test_nothing_selected(self):
        self.scenario('a.lua', '')
        self.run_(5, 'a.lua', '-k', 'no such title')
        self.assertIn("a.lua has none whose title matches -k 'no such title'", self.stderr)
        os.mkdir(self.path('empty'))
        self.run_(5, 'empty')
        self.assertRegex(self.stderr, r'^hayeswire: no scenario is selected: empty has none; .*\.lua')
        self.assertFalse(os.path.exists(self.path('out')))

    def test_missing_host_is_named_before_anything_runs(self):
        self.scenario('a.lua', '')
        self.write('updater', '#!/bin/sh\n', 0o755)
        self.write('plain', 'text\n')
        self.run_(4, 'a.lua', '--', './updatr')
        self.assertEqual(self.stderr,
                         'hayeswire: ./updatr: no such program; did you mean ./updater?\n')
        self.run_(4, 'a.lua', '--', './plain')
        self.assertIn('not executable', self.stderr)
        self.run_(4, 'a.lua', '--', 'no-such-program-at-all')
        self.run_(2, 'a.lua', '--')
        self.run_(2, 'a.lua', '--', 'sh', '{ttty}')
        self.assertIn('did you mean {tty}?', self.stderr)


class Selection(Case):
    def test_line_selects_the_scenario_around_it(self):
        self.write('two.lua', 'scenario("one", function(t)\nend)\n'
                              'scenario("two", function(t)\nend)\n')
        self.assertIn('two.lua:3', self.run_(0, 'two.lua:4'))
        self.assertIn('1 passed', self.run_(0, 'two.lua:1'))
        self.assertIn('2 passed', self.run_(0, 'two.lua', 'two.lua:1'))

    def test_scenarios_of_a_loop_are_told_apart(self):
        self.write('a.lua', 'for _, word in ipairs { "a.b (1)", "aXb (1)", "it\'s" } do\n'
                            '  scenario(word, function(t) t:check(word == "aXb (1)", word) end)\n'
                            'end\nscenario("last", function(t) end)\n')
        out = self.run_(1, 'a.lua')
        self.assertIn('2 passed, 2 failed', out)
        self.assertIn('1 passed, 2 failed', self.run_(1, 'a.lua:2'))
        self.assertIn('1 passed, 0 failed', self.run_(0, 'a.lua:4'))
        for again in re.findall(r'(?m)^      again +(.*)$', out):
            self.assertIn('0 passed, 1 failed', self.paste(1, again))

    def test_folder_means_all_below_it_but_lib(self):
        self.scenario('s/b/two.lua', '')
        self.scenario('s/a.lua', '')
        self.scenario('s/lib/helper.lua', 'error("never")')
        places = re.findall(r'^ok +(\S+)', self.run_(0, 's/', '-j', '4'), re.M)
        self.assertEqual(places, ['s/a.lua:1', 's/b/two.lua:1'])

    def test_title_regex(self):
        self.write('two.lua', 'scenario("power cut", function(t) end)\n'
                              'scenario("silence", function(t) end)\n')
        out = self.run_(0, 'two.lua', '-k', '^pow.r (cut|dip)')
        self.assertIn('power cut', out)
        self.assertNotIn('silence', out)

    def test_one_broken_file_does_not_stop_the_others(self):
        self.scenario('a.lua', '')
        self.write('b.lua', 'scenario("x", function(t)\n  local a = = 1\nend)\n')
        out = self.run_(2, '.')
        self.assertRegex(out, r'(?m)^ok +\S*a\.lua')
        self.assertRegex(out, r'(?m)^INVALID +\S*b\.lua:2')
        self.assertIn('1 invalid', out)


class Outcomes(Case):
    def test_pass_prints_one_line_and_leaves_no_folder(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", "echo hi" }\n'
                               'h:expect_output "hi"\nh:expect_exit(0)')
        out = self.run_(0, 'a.lua')
        self.assertRegex(out, r'^ok    a\.lua:1  a title   \d+\.\d\d s   \(modem \d+\.\d\d s\)\n'
                              r'1 passed, 0 failed, 0 skipped in \d+\.\d\d s   seed \d+   virtual \(shim\)   out/\S+\n$')
        self.assertEqual(os.listdir(self.folder()), ['results.jsonl'])
        self.assertEqual(self.stderr, '')

    def test_failure_tells_all_and_can_be_repeated(self):
        self.scenario('a.lua', 'local h = t:host()\n'
                               'h:expect_output "ready"\n'
                               'h:expect_exit(0, { within = "100ms" })')
        out = self.run_(1, 'a.lua', '--seed', '7', '--', 'sh', '-c',
                        "echo ready; echo it\\'s bad >&2; exec tail -f /dev/null")
        self.assertRegex(out, r'(?m)^FAIL  a\.lua:4  a title   0\.\d\d s')
        self.assertIn('the host did not exit within', out)
        self.assertRegex(out, r'(?m)^ +2 \| local h = t:host\(\)\n +3 \| .*\n +> +4 \| h:expect_exit')
        self.assertRegex(out, r'(?m)^      host +pid \d+ running; last stderr: "it\'s bad"$')
        kept = re.search(r'(?m)^      kept +(\S+)/ +(.*)$', out)
        self.assertEqual(kept.group(2).split()[:4],
                         ['transcript.txt', 'trace.jsonl', 'host.err', 'host.out'])
        for name in kept.group(2).split():
            self.assertTrue(os.path.exists(os.path.join(self.dir, kept.group(1), name)))
        again = re.search(r'(?m)^      again +(.*)$', out).group(1)
        self.assertEqual(shlex.split(again)[:5], [HAYESWIRE, 'run', 'a.lua:1', '--seed', '7'])
        self.assertIn('did not exit within', self.paste(1, again))

    def test_wrong_exit_status_and_crash(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "exit 3" }:expect_exit(0)', 'status')
        self.scenario('b.lua', 't:host { "sh", "-c", "ulimit -c 0; kill -SEGV $$" }:expect_exit()',
                      'crash')
        out = self.run_(1, '.')
        self.assertIn('the host exited with 3; exit status 0 was expected', out)
        self.assertIn('the host was killed by SIGSEGV; an exit was expected', out)
        self.assertRegex(out, r'host +killed by SIGSEGV at \+')
        self.assertIn('2 failed', out)

    def test_wrong_scenario(self):
        self.scenario('a.lua', 't:hots { "sh" }', 'name')
        self.scenario('b.lua', 't:host { "sh", fixde = true }', 'option')
        self.scenario('c.lua', 'error("x")', 'error')
        self.scenario('d.lua', 't:host()', 'no host')
        out = self.run_(2, '.')
        self.assertEqual(len(re.findall(r'(?m)^INVALID +\S+\.lua:2 ', out)), 4, out)
        self.assertIn('did you mean "host"', out)
        self.assertIn('did you mean "fixed"', out)
        self.assertIn('-- PROGRAM ARGS', out)

    def test_skip(self):
        self.scenario('a.lua', 't:skip("no radio here")')
        self.assertRegex(self.run_(77, 'a.lua'), r'(?m)^skip  a\.lua:1  a title   no radio here$')
        self.scenario('b.lua', '')
        self.run_(0, '.')

    def test_host_of_a_scenario_that_cannot_start(self):
        self.scenario('a.lua', 't:host { "./no-such-host" }')
        out = self.run_(4, 'a.lua')
        self.assertRegex(out, r'(?m)^NO HOST +a\.lua:2 ')
        self.assertIn('./no-such-host: no such program', out)

    def test_dead_process_is_our_error(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "kill -KILL $PPID" }:expect_exit()')
        self.scenario('b.lua', 't:check(false, "x")')
        out = self.run_(3, '.')
        self.assertRegex(out, r'(?m)^ERROR ')
        self.assertIn("the scenario's process was killed by SIGKILL", out)
        self.assertIn('1 failed', out)

    def test_abort_shows_the_last_records(self):
        self.scenario('a.lua', 't:note("a word before the end")\n'
                               't:host { "sh", "-c", "kill -ABRT $PPID" }:expect_exit()')
        self.assertIn('killed by SIGABRT', self.run_(3, 'a.lua'))
        self.assertIn('a word before the end', self.stderr)

    def test_overrun_is_a_failure_that_says_where(self):
        self.scenario('a.lua', 't:let_pass("20s")')
        out = self.run_(1, 'a.lua', '-t', '200ms', '--time', 'real')
        self.assertRegex(out, r'(?m)^FAIL  a\.lua:2 ')
        self.assertIn('did not end within 0.2 s of wall time', out)

    def test_order_of_output_is_that_of_the_selection(self):
        for name in 'abcdef':
            self.scenario(name + '.lua', 't:let_pass("%dms")' % (100 if name == 'a' else 0), name)
        out = self.run_(0, '.', '-j', '6')
        self.assertEqual(re.findall(r'(?m)^ok +\S*(\w)\.lua', out), list('abcdef'))

    def test_first_failure_stops(self):
        for name in 'abc':
            self.scenario(name + '.lua', 't:check(false, "no")', name)
        self.assertIn('1 failed, 0 skipped, 2 not run', self.run_(1, '.', '-x', '-j', '1'))
        self.assertIn('2 failed, 0 skipped, 1 not run', self.run_(1, '.', '--max-fail', '2', '-j', '1'))


class Folders(Case):
    def test_keep_and_trace(self):
        self.scenario('a.lua', '')
        self.run_(0, 'a.lua', '--keep')
        self.assertTrue(os.path.exists(self.folder('a/trace.jsonl')))
        with open(self.folder('a/trace.jsonl'), encoding='utf-8') as trace:
            lines = [json.loads(line) for line in trace]
        self.assertEqual((lines[0]['k'], lines[-1]['k']), ('header', 'end'))
        self.run_(0, 'a.lua', '--keep', '--trace', 'off')
        self.assertEqual(os.listdir(self.folder('a')), [])
        self.run_(0, 'a.lua', '--trace', 'on')
        self.assertTrue(os.path.exists(self.folder('a/transcript.txt')))
        self.scenario('b.lua', 't:check(false, "x")')
        self.run_(1, 'b.lua', '--trace', 'off')
        self.assertFalse(os.path.exists(self.folder('b/transcript.txt')))

    def test_out_elsewhere_and_foreign_latest(self):
        self.scenario('a.lua', '')
        os.makedirs(self.path('x/y/latest'))
        self.run_(0, 'a.lua', '--out', 'x/y')
        self.assertIn('not a symlink', self.stderr)
        self.assertEqual(len(glob.glob(self.path('x/y/2*/results.jsonl'))), 1)
        self.write('file', '')
        self.run_(3, 'a.lua', '--out', 'file/y')

    def test_results_are_kept_as_json(self):
        self.scenario('a.lua', 't:check(false, "n\u00f6")')
        self.run_(1, 'a.lua')
        with open(self.folder('results.jsonl'), encoding='utf-8') as results:
            result = json.loads(results.read())
        self.assertEqual((result['file'], result['line'], result['result'], result['at_line']),
                         ('a.lua', 1, 'FAIL', 2))
        self.assertIn('n\u00f6', json.dumps(result, ensure_ascii=False))

    def test_same_stems_get_folders_of_their_own(self):
        self.scenario('p/a.lua', 't:check(false, "x")')
        self.scenario('q/a.lua', 't:check(false, "x")')
        self.run_(1, 'p', 'q')
        folders = [name for name in os.listdir(self.folder()) if name.startswith('a')]
        self.assertEqual(len(folders), 2)


class Hosts(Case):
    ENV = ('"$HAYESWIRE_SEED" "$HAYESWIRE_BOOT" "$HAYESWIRE" "$HAYESWIRE_DIR"')

    def test_environment_and_placeholders(self):
        self.scenario('a.lua', 'local h = t:host { "false" }\n'
                               'h:expect_output "seed 5 boot 1 {x}"\nh:expect_exit(0)')
        self.run_(0, 'a.lua', '--seed', '5', '--', 'sh', '-c',
                  'test "$2" = "$HAYESWIRE_DIR" && test -d "$2" && test -n "$HAYESWIRE" && '
                  'echo seed $1 boot $HAYESWIRE_BOOT $3', 'sh', '{seed}', '{dir}', '{{x}')

    def test_host_is_told_how_fast_modem_time_runs(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "echo scale $HAYESWIRE_TIME_SCALE." }'
                               ':expect_output("scale 2.5.")')
        self.run_(0, 'a.lua', '--time', 'x2.5')

    def test_fixed_host_is_not_replaced(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "exit 4", fixed = true }:expect_exit(4)')
        self.run_(0, 'a.lua', '--', 'false')

    def test_variables_of_the_scenario(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "echo $A/$HOME", env = { A = 1, HOME = "h" } }'
                               ':expect_output("1/h")')
        self.run_(0, 'a.lua')

    def test_restart_keeps_the_folder(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", '
                               '"cd $HAYESWIRE_DIR; ls; touch flash; echo boot $HAYESWIRE_BOOT; '
                               'exec tail -f /dev/null" }\n'
                               'h:expect_output "boot 1"\nlocal pid = h.pid\nh:restart()\n'
                               't:check(h.pid ~= pid, "another process")\n'
                               'h:expect_output "flash"\nh:expect_output "boot 2"\n'
                               't:check(h:running(), "it runs")\nh:stop()\n'
                               'local status, signal = h:exit_status()\n'
                               't:equal(status, nil)\nt:equal(signal, "TERM")')
        self.run_(0, 'a.lua')

    def test_output_is_looked_at_once_and_its_end_is_noticed(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", "echo one; echo two >&2" }\n'
                               't:equal(h:expect_output(pat"^o"), "one")\n'
                               'h:expect_output("one", { within = "60s", because = "why" })')
        out = self.run_(1, 'a.lua')
        self.assertIn('the host exited with 0 before it printed "one"  (why)', out)

    def test_signals(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", "echo up; exec tail -f /dev/null" }\n'
                               'h:expect_output "up"\nh:signal("INT")\nh:expect_exit("SIGINT")')
        self.run_(0, 'a.lua')
        self.scenario('b.lua', 't:host { "true" }:signal("TREM")')
        self.assertIn('did you mean "TERM"', self.run_(2, 'b.lua'))

    def test_nothing_outlives_its_scenario(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", "tail -f /dev/null > /dev/null & echo $! > pid1; '
                               'setsid -f sh -c \'echo $$ > pid2; echo up; exec tail -f /dev/null > /dev/null\'" }\n'
                               'h:expect_output "up"\nh:expect_exit(0)')
        self.run_(0, 'a.lua')
        self.check_dead()

    def test_nothing_outlives_a_killed_scenario(self):
        self.scenario('a.lua', 'local h = t:host { "sh", "-c", "mkfifo up; tail -f /dev/null & '
                               'echo $! > pid1; setsid -f sh -c \'echo $$ > pid2; echo > up; '
                               'exec tail -f /dev/null > /dev/null\'; read line < up; '
                               'kill -KILL $PPID; exec tail -f /dev/null" }\nh:expect_exit(0)')
        self.run_(3, 'a.lua')
        self.check_dead()

    def check_dead(self):
        for name in ('pid1', 'pid2'):
            with open(self.path(name), encoding='ascii') as file:
                self.assertFalse(is_alive(int(file.read())), name)

    def test_interruption_ends_all_in_order(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            self.scenario('a.lua', '', 'quick')
            self.scenario('b.lua', 'local h = t:host { "sh", "-c", "echo $$ > pid; '
                                   'kill -%s $(cat run); exec tail -f /dev/null" }\n'
                                   'h:expect_exit(0, { within = "50s" })' % number.name[3:], 'slow')
            os.chdir(self.dir)
            # In real time: virtual time would pass the 50 s before a signal gets anywhere.
            with subprocess.Popen(['sh', '-c', 'echo $$ > run; exec "$0" run a.lua b.lua -j 1 --time real',
                                   HAYESWIRE], stdout=subprocess.PIPE, text=True,
                                  cwd=self.dir) as process:
                out = process.communicate(timeout=LIMIT_S)[0]
            self.assertEqual(process.returncode, status, out)
            self.assertRegex(out, r'(?m)^ok +a\.lua')
            self.assertRegex(out, '1 passed.* 1 not run.*interrupted by ' + number.name)
            with open(self.path('pid'), encoding='ascii') as file:
                self.assertFalse(is_alive(int(file.read())))

    def test_package_server(self):
        self.write('get.py', 'import sys, urllib.request\n'
                             'print(urllib.request.urlopen(sys.argv[1]).read().decode())\n')
        self.scenario('a.lua', 'local server = t:http()\n'
                               'local url = server:publish("/f.bin", "the bytes")\n'
                               't:equal(url, server.url .. "/f.bin")\n'
                               'local h = t:host { "false" }\n'
                               'h:expect_output "the bytes"\n'
                               'local request = server:expect_request "/f.bin"\n'
                               't:equal(request.method, "GET")\nt:equal(request.status, 200)\n'
                               't:equal(#server:requests(), 1)\n'
                               'server:expect_request("/g.bin", { within = "50ms" })')
        out = self.run_(1, 'a.lua', '--', sys.executable, 'get.py', '{url}')
        self.assertIn('nobody asked the server for "/g.bin"', out)
        self.scenario('b.lua', 't:host()')
        self.assertIn('nothing is published yet', self.run_(2, 'b.lua', '--', 'echo', '{url}'))


class Modems(Case):
    def test_tty_reaches_the_host_in_every_way(self):
        self.scenario('a.lua', 'local m = t:modem { dialect = "bc26", name = "first" }\n'
                               'local h = t:host()\n'
                               'h:expect_output("ttys " .. (m.tty .. " "):rep(5))')
        self.run_(0, 'a.lua', '--tty-link', 'link', '--', 'sh', '-c',
                  'echo "ttys $1 $2 $HAYESWIRE_TTY $HAYESWIRE_TTY_FIRST $(readlink link) "', 'sh',
                  '{tty}', '{tty:first}')
        self.assertFalse(os.path.lexists(self.path('link')))
        self.assertIn('did you mean first', self.run_(2, 'a.lua', '--', 'echo', '{tty:frist}'))
        self.write('link', 'mine')
        self.run_(2, 'a.lua', '--tty-link', 'link')
        self.assertIn('not a symlink', self.stderr)

    def test_further_lines_have_names_of_their_own(self):
        self.scenario('s.lua', "local m = t:modem { dialect = 'air720' }\n"
                      "local h = t:host { 'sh', '-c', 'echo $HAYESWIRE_TTY_AIR720_UART2' }\n"
                      "h:expect_output(m:tty_of('uart2'))")
        self.run_(0, 's.lua')
        self.run_(0, 's.lua', '--', 'echo', '{tty:air720.uart2}')
        self.assertIn('did you mean air720.uart2?', self.run_(2, 's.lua', '--', 'echo', '{tty:air720.uart1}'))

    def test_platforms(self):
        self.scenario('nearest.lua', 't:platform "luta"')
        self.assertIn('t:platform: there is no "luta"; did you mean "luat"?', self.run_(2, 'nearest.lua'))
        self.scenario('one.lua', 't:check(t:platform "luat" == t:platform "luat", "one of each kind")')
        self.run_(0, 'one.lua')
        self.scenario('version.lua', 't:platform("luat"):release { version = "V1", url = "http://x/y" }')
        self.assertIn('"V1" is no version such as AirM2M_720_V9999_LTE_AT', self.run_(2, 'version.lua'))
        self.scenario('nothing.lua', 't:platform("luat"):release { version = "AirM2M_720_V9999_LTE_AT" }')
        self.assertIn('give a package, or the url of one', self.run_(2, 'nothing.lua'))
        self.scenario('nobody.lua', 't:platform("luat"):expect_query { within = "1s" }')
        self.assertIn('no device asked for firmware within 1 s of modem time', self.run_(1, 'nobody.lua'))

    def test_transcript_and_unhandled_commands(self):
        self.write('ask.py', 'import os, sys\n'
                             'fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)\n'
                             'for line in (b"AT\\r", b"AT+NOSUCH\\r"):\n'
                             '    os.write(fd, line)\n'
                             '    got = b""\n'
                             '    while not any(end in got for end in (b"OK", b"ERROR")):\n'
                             '        got += os.read(fd, 100)\n')
        self.scenario('a.lua', 'local m = t:modem { dialect = "gpp" }\n'
                               'm:wait_power "on"\n'
                               't:host { "%s", "ask.py", m.tty }:expect_exit(0)' % sys.executable)
        out = self.run_(0, 'a.lua', '-v')
        self.assertRegex(out, r'(?m)^      note  \S+ does not know .*\+NOSUCH')
        self.assertRegex(out, r'(?m)^        \+00:0\d\.\d+  >  AT\\r')
        self.assertIn('unhandled', self.run_(1, 'a.lua', '--strict'))


class Reports(Case):
    def test_tap(self):
        self.scenario('a.lua', '', 'passes # 1')
        self.scenario('b.lua', 't:check(false, "it is so")', 'fails')
        self.scenario('c.lua', 't:skip("why not")', 'skips')
        out = self.run_(1, '.', '--reporter', 'tap').splitlines()
        self.assertEqual(out[:2], ['TAP version 14', '1..3'])
        points = [line for line in out if re.match('(not )?ok ', line)]
        self.assertRegex(points[0], r'^ok 1 - \S*a\.lua:1 passes \\# 1$')
        self.assertRegex(points[1], r'^not ok 2 - \S*b\.lua:1 fails$')
        self.assertRegex(points[2], r'^ok 3 - \S*c\.lua:1 skips # SKIP why not$')
        block = out[out.index('  ---'):out.index('  ...')]
        self.assertTrue(any('it is so' in line for line in block))
        self.assertTrue(any(re.match(r'    again +\S*hayeswire run', line) for line in block))
        self.assertTrue(all(line.startswith('  ') for line in block))

    def test_tap_tells_of_skips_without_a_status(self):
        self.scenario('a.lua', 't:skip("why not")')
        self.assertIn('# SKIP why not', self.run_(0, 'a.lua', '--reporter', 'tap'))

    def test_tap_bails_out_on_our_error(self):
        self.scenario('a.lua', 't:host { "sh", "-c", "kill -KILL $PPID" }:expect_exit()')
        self.assertRegex(self.run_(3, 'a.lua', '--reporter', 'tap'), r'\nBail out! .*SIGKILL\n$')

    def test_quiet_prints_failures_only(self):
        self.scenario('a.lua', '')
        self.scenario('b.lua', 't:check(false, "x")')
        self.assertNotRegex(self.run_(1, '.', '-q'), r'(?m)^ok')

    def test_color_only_on_a_terminal(self):
        self.scenario('a.lua', '')
        self.assertNotIn('\033', self.run_(0, 'a.lua'))
        for variables, colored in (({'TERM': 'xterm'}, True), ({'TERM': 'xterm', 'NO_COLOR': '1'}, False),
                                   ({'TERM': 'dumb'}, False)):
            self.assertEqual('\033' in self.on_terminal(variables), colored, variables)

    def on_terminal(self, variables):
        ours, theirs = pty.openpty()
        env = {key: value for key, value in os.environ.items() if key != 'NO_COLOR'}
        env.update(variables)
        with subprocess.Popen([HAYESWIRE, 'run', 'a.lua'], stdout=theirs, cwd=self.dir, env=env) as process:
            process.wait(timeout=LIMIT_S)
        os.close(theirs)
        text = b''
        try:
            while chunk := os.read(ours, 4096):
                text += chunk
        except OSError:
            pass
        os.close(ours)
        return text.decode()

    def test_seeds(self):
        self.scenario('a.lua', 't:check(false, tostring(t.seed))')
        seeds = [re.search(r'--seed (\d+)', self.run_(1, 'a.lua', *options)).group(1)
                 for options in ([], [], ['--seed', '9'], ['--seed', 'random'], ['--seed', 'random'])]
        self.assertEqual(seeds[0], seeds[1])
        self.assertEqual(seeds[2], '9')
        self.assertEqual(len(set(seeds[2:])), 3)
        self.assertEqual(re.search(r'seed (\d+)   ', self.run_(1, 'a.lua')).group(1), seeds[0])


class OtherVerbs(Case):
    def test_stubs_are_lua_and_have_each_listed_function(self):
        stubs = self.call('list', 'functions', '--stubs').stdout
        path = self.write('stubs.lua', stubs)
        self.assertNotIn('Primitives', stubs)
        self.assertRegex(stubs, r'---@param text string\nfunction Modem:fault\(text\) end')
        self.assertRegex(stubs, r'---@return hayeswire.Command\nfunction Modem:expect\(what, opts\) end')
        for row in json.loads(self.call('list', 'functions', '--json').stdout):
            self.assertTrue(row['doc'], row)
            self.assertRegex(stubs, r'(%s:|field )%s\b' % (row['class'], row['name']))
        if shutil.which('luac5.4'):
            checked = subprocess.run(['luac5.4', '-p', path], cwd=self.dir, check=False)
            self.assertEqual(checked.returncode, 0)

    def test_lists(self):
        for topic, key in (('dialects', 'title'), ('commands', 'forms'), ('points', 'class'),
                           ('quirks', 'doc'), ('options', 'type')):
            done = self.call('list', topic, '--json')
            rows = json.loads(done.stdout)
            self.assertEqual(done.returncode, 0)
            self.assertTrue(all(key in row and row['name'] for row in rows))
            self.assertTrue(rows, topic)
            table = self.call('list', topic)
            self.assertEqual(len(table.stdout.splitlines()), len(rows))
        rows = json.loads(self.call('list', 'commands', '-d', 'bc26', '--json').stdout)
        self.assertEqual({row['dialect'] for row in rows}, {'bc26'})
        self.assertEqual(len({row['name'] for row in rows}), len(rows))
        self.assertEqual(self.call('list', 'commands', '-d', 'bc62').returncode, 2)

    def test_list_of_scenarios(self):
        self.scenario('scenarios/a.lua', '', 'first')
        self.assertRegex(self.call('list', 'scenarios').stdout, r'^scenarios/a\.lua +1 +first\n$')
        rows = json.loads(self.call('list', 'scenarios', 'scenarios', '--json').stdout)
        self.assertEqual(rows, [{'file': 'scenarios/a.lua', 'line': 1, 'title': 'first'}])

    def test_lint(self):
        self.scenario('s/a.lua', 'local m = t:modem { dialect = "bc26" }\nm:expect "AT"')
        done = self.call('lint', 's')
        self.assertEqual((done.returncode, done.stdout), (0, 'ok       s/a.lua   1 scenario\n'))
        self.scenario('s/b.lua', 'local m = t:modem { dialect = "bc26" }\nm:expekt "AT"')
        self.write('s/c.lua', 'scenario("x", function(t)\n')
        done = self.call('lint', 's')
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout, r'(?m)^INVALID  s/b\.lua:3: .*expekt.*expect')
        self.assertRegex(done.stdout, r'(?m)^INVALID  s/c\.lua:')
        self.assertRegex(done.stdout, r'(?m)^ok       s/a\.lua')
        self.assertEqual(self.call('lint', 'nowhere').returncode, 2)
        self.assertEqual(self.call('lint').returncode, 2)


if __name__ == '__main__':
    unittest.main()
