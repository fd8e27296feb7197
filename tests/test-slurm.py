#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ready file for Slurm, run by a Slurm of one node that this test starts for itself, on loopback. Skipped (77), with the
reason, where there is no Slurm or where it cannot start.

Usage: test-slurm.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import getpass
import glob
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import unittest

from outside import HAYESWIRE, Case

HERE = os.path.dirname(os.path.abspath(__file__))
READY_FILE = os.path.join(HERE, '..', 'harness', 'ci', 'slurm-sweep.sbatch')
SWEEP = os.path.join(HERE, 'scenarios', 'sweep.lua')
WHAT = ('-k', '^BC26 upgrades$', '--time', 'x50', '--points', 'bc26.fota', '--', 'bc26-updater', '{tty}', '{url}')
PARTS = 3
PROGRAMS = ('munged', 'slurmctld', 'slurmd', 'sbatch', 'srun')
SEARCH = os.environ['PATH'] + ':/usr/sbin'
LIMIT_S = 120
CONFIG = '''ClusterName=hayeswire
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port_a}
SlurmdPort={port_b}
AuthType=auth/munge
AuthInfo=socket={dir}/munge/socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdLogFile={dir}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES State=UP
SlurmdParameters=config_overrides
'''


def program(name):
    return shutil.which(name, path=SEARCH)


def free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm(Case):
    def setUp(self):
        super().setUp()
        for name in ('munge', 'state', 'spool', 'results'):
            os.makedirs(self.path(name), mode=0o700)
        port_a, port_b = free_ports(2)
        self.write('slurm.conf', CONFIG.format(host=socket.gethostname().split('.')[0], dir=self.dir, user=getpass.getuser(),
                                               port_a=port_a, port_b=port_b))
        self.env = {name: value for name, value in os.environ.items() if 'SHARD' not in name}
        self.env.update(SLURM_CONF=self.path('slurm.conf'), HAYESWIRE=HAYESWIRE, TMPDIR=self.dir, PATH=SEARCH)
        self.start_munge()
        for name in ('slurmctld', 'slurmd'):
            self.start(name)
        if self.slurm('srun', 'true').returncode != 0:
            self.skipTest('Slurm does not run a job here')

    def start_munge(self):
        key = self.path('munge/key')
        with open(key, 'wb') as file:
            file.write(os.urandom(64))
        os.chmod(key, 0o600)
        os.chmod(self.dir, 0o755)
        self.start('munged', '--force', '--key-file=' + key, '--socket=' + self.path('munge/socket'),
                   '--pid-file=' + self.path('munged.pid'), '--log-file=' + self.path('munge/log'),
                   '--seed-file=' + self.path('munge/seed'), '--num-threads=1')

    def start(self, name, *args):
        """The daemon leaves its number in a file, and ends with the test."""
        done = subprocess.run([program(name), *args], env=self.env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if done.returncode != 0:
            self.skipTest('%s does not start here: %s' % (name, done.stderr.strip()))
        self.addCleanup(self.stop, self.path(name + '.pid'))

    @staticmethod
    def stop(pid_file):
        with open(pid_file, encoding='ascii') as file:
            pid = int(file.read())
        end = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([end], [], [], LIMIT_S)
        os.close(end)

    def slurm(self, name, *args):
        return subprocess.run([program(name), *args], cwd=self.dir, env=self.env, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)

    def test_an_array_of_parts_is_one_sweep(self):
        done = self.slurm('sbatch', '--wait', '--array=1-%d' % PARTS, READY_FILE, SWEEP, *WHAT)
        logs = ''
        for name in glob.glob(self.path('results/*.log')):
            with open(name, encoding='utf-8') as file:
                logs += file.read()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + logs)
        for number in range(1, PARTS + 1):
            self.assertIn("--shard auto: %d/%d, from Slurm's array" % (number, PARTS), logs)
        files = sorted(glob.glob(self.path('results/shard-*.jsonl.gz')))
        self.assertEqual(len(files), PARTS)
        merged = self.call('report', 'merge', '--expect-shards', str(PARTS), *files)
        self.assertEqual(merged.returncode, 0, merged.stdout + merged.stderr)
        self.assertRegex(merged.stdout, r': (\d+) trials, \1 passed')


if __name__ == '__main__':
    missing = [name for name in PROGRAMS if not program(name)]
    if missing:
        print('1..0 # SKIP no %s' % ', '.join(missing))
        sys.exit(77)
    result = unittest.main(exit=False).result
    sys.exit(77 if result.skipped and result.wasSuccessful() else 0 if result.wasSuccessful() else 1)
