# SPDX-License-Identifier: GPL-2.0-only
"""goals.py - what was measured beside what is asked for."""
import glob, os
from collections import namedtuple

# value None: not measured, note says why; limit None: no goal, beside one. at_least: the limit is a lower one.
Goal = namedtuple('Goal', 'what value limit digits note at_least', defaults=(2, '', False))


def met(g):
    if g.value is None or g.limit is None:
        return None
    return g.value >= g.limit if g.at_least else g.value <= g.limit


def instructions():
    """From what the bench in the VM wrote down; nothing of it is measured in this run."""
    files = sorted(glob.glob(os.path.join(os.path.dirname(__file__), 'instructions.[0-9]*')))
    if not files:
        return []
    n = {}
    with open(files[-1]) as f:
        for line in f:
            variant, load, value = line.split()
            n[variant, load] = float(value)
    over = lambda v, base, l: n[v, l] - n[base, l]
    z, other, e, b = 'zctrace', 'zctrace-p-other', 'empty-same-hooks', 'bare'
    note = f'not of this run: {os.path.basename(files[-1])}, make bench-vm'
    return [Goal('not traced under -p / empty, system call', over(other, b, 'getppid') / over(e, b, 'getppid'), 1.1, 2, note),
            Goal('not traced under -p / empty, with a copy site', over(other, b, 'pread4k') / over(e, b, 'pread4k'), 1.1, 2, note),
            Goal('fexit site, instructions per copy', over(z, e, 'pread4k') - over(z, e, 'getppid'), 120, 0, note)]


def goals(m, r):
    """m: {(variant, load): ns}, r: one-off figures."""
    rows = []
    added = lambda name, l: m[name, l] - m['bare', l]
    ratio = lambda name, l: m[name, l] / m['bare', l]
    every = 'empty, every hook'

    def row(what, names, value, limit, digits=2, note=None, at_least=False):
        missing = [n for n in names if (n, 'getppid') not in m]
        if missing:
            rows.append(Goal(what, None, limit, digits, f"{', '.join(missing)}: no figures", at_least))
        else:
            rows.append(Goal(what, value(), limit, digits, note() if note else '', at_least))

    def beside(what, over, limit):
        row(what, ('zctrace', over), lambda: added('zctrace', 'getppid') / added(over, 'getppid'), limit)

    def over_bare(what, l, limit):
        row(what, ('zctrace', every), lambda: ratio('zctrace', l), limit, 3, lambda: f'{every}: {ratio(every, l):.3f}')

    def figure(what, key, limit, digits=2, note=''):
        rows.append(Goal(what, r.get(key), limit, digits, note if key in r else 'not measured'))

    beside('added per system call / an empty sys_exit program', 'empty sys_exit', 1.4)
    beside('added per system call / syscount -P', 'syscount -P', 0.65)
    beside('added per system call / bpftrace count+sum', 'bpftrace count+sum', 0.5)
    over_bare('switch storm / bare', 'pingpong', 1.06)
    over_bare('pread 64 KiB / bare', 'pread64k', 1.10)
    over_bare('pread 1 MiB / bare', 'pread1m', 1.04)
    row('nginx, requests a second / bare', ('zctrace', every), lambda: 1 / ratio('zctrace', 'nginx64k'), 0.97, 3,
        lambda: f'{every}: {1 / ratio(every, "nginx64k"):.3f}', True)
    row('two CPUs at once, added per event / one CPU', ('zctrace',),
        lambda: added('zctrace', 'storm2') / added('zctrace', 'getppid'), 1.1)
    row('not traced under -p, added / an empty sys_exit program', ('zctrace -p OTHER', 'empty sys_exit'),
        lambda: added('zctrace -p OTHER', 'getppid') / added('empty sys_exit', 'getppid'), 1.1, 2, lambda: 'system calls')
    rows.extend(instructions())
    found_full = f"{r.get('ring 4 KiB: records that found it full', 0):,} of {r.get('ring 4 KiB: threads that ended', 0):,} found it full"
    wants = 'not simulated: 100,000 threads; wants kernel.pid_max of 110,000'
    form = 'of one CPU, as `zctrace -d N`'
    figure('reader CPU under the storm, %', 'reader CPU storm %', 1, 3, form)
    figure('reader CPU idle, %', 'reader CPU idle %', 0.1, 3, f'{form}, 10 s')
    figure('reader CPU idle with 10,000 threads, %', 'reader CPU idle, 10,000 threads %', None, 3, form)
    figure('reader CPU idle as the live display, %', 'reader CPU idle, live display %', None, 3, 'of one CPU, 120x40')
    figure('resident at 1,000 threads, MB', 'RSS at 1,000 threads MB', 20, 1)
    figure('kernel bytes per thread', 'kernel bytes per thread', 1536, 0, 'kmalloc, traced less bare, 10,000 threads less 10')
    figure('attach, s', 'attach s', 1)
    figure('detach, s', 'detach s', 1)
    figure('added per event, 10,000 threads / 10', 'growth, 10,000 / 10', 1.1)
    figure('added per event, 100,000 threads / 10', 'growth, 100,000 / 10', 1.1, 2, wants)
    figure('sweep at 10,000 threads, ns per thread', 'sweep per thread ns', 1000, 0, 'the model and the table included')
    figure('sweep at 100,000 threads, ns per thread', 'sweep per thread at 100,000 ns', 1000, 0, wants)
    figure('of it the model, 100,000 threads / 10', 'model, 100,000 / 10', None, 1, 'per record; memory beyond the caches')
    figure('ring of 4 KiB, records lost', 'ring 4 KiB: records lost', 0, 0, found_full)
    figure('ring of 4 KiB, bytes unaccounted', 'ring 4 KiB: bytes unaccounted', 0, 0, f"of {r.get('ring 4 KiB: bytes read', 0):,}")
    # a byte too many is as wrong as one too few
    return [g._replace(value=abs(g.value)) if 'unaccounted' in g.what and g.value is not None else g for g in rows]


def derive(r):
    """Figures made of others, in place."""
    few, many = (f'{{}}, {n:,} idle threads: getppid ns' for n in (10, 10000))
    kernel = 'kmalloc bytes that zctrace adds, {:,} idle threads'
    if kernel.format(10000) in r:
        r['kernel bytes per thread'] = (r[kernel.format(10000)] - r[kernel.format(10)]) / (10000 - 10)
        r['growth, 10,000 / 10'] = ((r[many.format('zctrace')] - r[many.format('bare')]) /
                                    (r[few.format('zctrace')] - r[few.format('bare')]))
        if 'added per getppid at 100,000 threads ns' in r:
            r['growth, 100,000 / 10'] = (r['added per getppid at 100,000 threads ns'] /
                                         (r[few.format('zctrace')] - r[few.format('bare')]))
    if 'model ns per record at 100000' in r:
        r['model, 100,000 / 10'] = r['model ns per record at 100000'] / r['model ns per record at 10']
