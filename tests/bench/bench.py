#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bench.py - what tracing costs: zctrace, empty programs on the same hooks, and its peers, side by side in one run.

usage: bench.py [--rounds N] [--ms N] [--only VARIANT,...] [--json FILE] [--markdown FILE]   (from the top of the tree, as root)

Every round runs every variant once, in an order that rotates; each variant is attached once and sees every load. A
figure is the median over the rounds of the 20th percentile of slices of 2 ms (load.c): what one operation costs when
nothing else interferes. Loads run on the last CPU with real-time priority, tracers on the others. Then the same with
10,000 idle threads in the load's process (idle10k: getppid there), and the figures of one_off.py.
"""
import sys
sys.dont_write_bytecode = True

import argparse, json, os, re, shutil, signal, statistics, subprocess, tempfile, time

from goals import derive, goals
from one_off import one_off
from peers import LOSES, PEERS, PER_THREAD, mount_tracefs
from procs import CPUS, LOADS, CannotRun, Load, end, floor, floor_of_zctrace, settled_kmalloc_bytes, start_nginx, zctrace
import tables

IDLE_ROUNDS = 3


def variants(worker, other):
    """{name: what attaches it to a load's pid; None: nothing}"""
    own = {
        'bare': None,
        'empty sys_exit': lambda _: floor('sys_exit'),
        'empty, every hook': lambda _: floor_of_zctrace(),
        'zctrace': lambda load: zctrace('-d', '1000', load=load),
        'zctrace -p': lambda load: zctrace('-p', f'{load},{worker}', load=load),
        'zctrace --threads': lambda load: zctrace('--threads', '-i', '1', '-p', f'{load},{worker}', load=load),
        'zctrace --exact': lambda load: zctrace('--exact', '-p', f'{load},{worker}', load=load),
        'zctrace -p OTHER': lambda _: zctrace('-p', str(other)),
    }
    return {**own, **PEERS}


class Bench:
    def __init__(self, args, directory, port, worker, other):
        self.args, self.directory, self.port = args, directory, port
        self.all = variants(worker, other)
        self.names = [v for v in self.all if not args.only or v in args.only or v in ('bare', 'zctrace')]
        self.figures, self.absent, self.counted = {}, {}, {}

    def run(self, name, load, what):
        """what(): measures, while `name` is attached. Returns whether it did, and was."""
        if name in self.absent:
            return False
        try:
            tracer = self.all[name](load.pid) if self.all[name] else None
        except CannotRun as e:
            self.absent[name] = str(e)
            return False
        before = load.calls
        what()
        counted = tracer.stop() if tracer else None
        print('.', end='', file=sys.stderr, flush=True)
        if counted is None:
            return True
        part = counted / (load.calls - before)
        self.counted[name] = min(part, self.counted.get(name, part))
        if part < LOSES.get(name, 1):
            self.absent[name] = f'attached, but counted {counted:,} of at least {load.calls - before:,} system calls: no figures'
        return name not in self.absent

    def take(self, name, load, loads):
        for l, as_name in loads:
            self.figures.setdefault((name, as_name), []).append(load.ns(l, self.args.ms))

    def rounds(self):
        for n in range(self.args.rounds):
            load = Load(self.directory, self.port)
            shift = n * 5 % len(self.names)
            for name in self.names[shift:] + self.names[:shift]:
                self.run(name, load, lambda: self.take(name, load, [(l, l) for l in LOADS]))
            load.close()

    def idle(self):
        """{10, 10,000 threads: [{variant: (getppid ns, kmalloc bytes)}, one of each round]}"""
        found = {10: [], 10000: []}
        for _ in range(min(IDLE_ROUNDS, self.args.rounds)):
            for n, rounds in found.items():
                load, one = Load(self.directory, self.port), {}
                load.ask('idle', n)
                for name in [v for v in self.names if v not in PER_THREAD] if n > 10 else ['bare', 'zctrace']:
                    memory = name in ('bare', 'zctrace')

                    def measure():
                        held = settled_kmalloc_bytes() if memory else 0
                        ns = load.ns('getppid', self.args.ms)
                        one[name] = ns, held
                    if self.run(name, load, measure) and n > 10:
                        self.figures.setdefault((name, 'idle10k'), []).append(one[name][0])
                load.close()
                rounds.append(one)
        return {n: [x for x in rounds if 'zctrace' in x] for n, rounds in found.items()}

    def medians(self):
        return {k: statistics.median(v) for k, v in self.figures.items() if k[0] not in self.absent}

    def remarks(self):
        """[(variant, words)]: who has no figures and why; who has, and did not count everything."""
        words = list(self.absent.items())
        for name, part in self.counted.items():
            if name not in self.absent and part < 1:
                words.append((name, f'counted {part * 100:.1f} % of what the load did: it lost the rest'))
        whole = [n for n, part in self.counted.items() if part >= 1 and n not in self.absent]
        if whole:
            words.append(('counted every call', ', '.join(whole)))
        return words


def machine(note):
    uname = os.uname()
    cpu = re.search(r'model name\s*: (.*)', open('/proc/cpuinfo').read())
    return (f"{cpu.group(1) if cpu else uname.machine}, {CPUS} CPUs, Linux {uname.release}, {time.strftime('%Y-%m-%d')}; "
            f"load average before {os.getloadavg()[0]:.2f}{'; ' + note if note else ''}")


def fill(directory):
    os.chmod(directory, 0o755)
    for name, size in (('64k', 64 << 10), ('1m', 1 << 20)):
        with open(f'{directory}/{name}', 'wb') as f:
            f.write(os.urandom(size))


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--rounds', type=int, default=7)
    a.add_argument('--ms', type=int, default=150)
    a.add_argument('--only', type=lambda s: s.split(','))
    a.add_argument('--json')
    a.add_argument('--markdown')
    args = a.parse_args()
    begin = time.monotonic()
    head = machine(mount_tracefs())
    directory = tempfile.mkdtemp(prefix='zctrace-bench.', dir='/var/tmp')
    fill(directory)
    other = subprocess.Popen(['sleep', '100000'])
    nginx, port, worker = start_nginx(directory)
    try:
        bench = Bench(args, directory, port, worker, other.pid)
        bench.rounds()
        r = one_off(directory, port, bench.idle())
    except CannotRun as e:
        sys.exit(f'bench: {e}')
    finally:
        print(file=sys.stderr)
        other.kill()
        end(nginx, signal.SIGTERM)
        shutil.rmtree(directory)
    derive(r)
    m, remarks = bench.medians(), bench.remarks()
    rows = goals(m, r)
    print(f'{head}; took {time.monotonic() - begin:.0f} s\n')
    tables.text(m, remarks)
    print()
    for k, v in r.items():
        print(f'  {k:55} {v:,.4g}' if v < 100 else f'  {k:55} {v:,.0f}')
    print()
    tables.text_goals(rows)
    if args.markdown:
        tables.markdown(args.markdown, head, m, remarks, rows)
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'median ns': {f'{k[0]}|{k[1]}': v for k, v in m.items()}, 'one-off': r, 'remarks': remarks}, f, indent=1)


main()
