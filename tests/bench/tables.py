# SPDX-License-Identifier: GPL-2.0-only
"""tables.py - what bench.py found, for a terminal and as Markdown."""
from goals import met

TITLES = {'getppid': 'getppid', 'read1': 'read 1 B', 'pread4k': 'pread 4 KiB', 'pread64k': 'pread 64 KiB', 'pread1m': 'pread 1 MiB',
          'pingpong': 'ping-pong', 'tcp64k': 'TCP 64 KiB', 'nginx64k': 'nginx 64 KiB', 'storm2': 'two CPUs', 'idle10k': '10,000 idle'}


def variants_of(m):
    return list(dict.fromkeys(k[0] for k in m))


def cells(m, name):
    for l in TITLES:
        v, bare = m.get((name, l)), m.get(('bare', l))
        if v is None or bare is None:
            yield '-', '-'
        elif name == 'bare':
            yield f'{v:,.0f}', ''
        else:
            yield f'{v - bare:+,.0f}', f'{v / bare:.2f}x' if v / bare > 9.95 else f'{v / bare:.3f}x'


def text(m, remarks):
    print(f"{'ns per operation':20}" + ''.join(f'{TITLES[l]:>16}' for l in TITLES))
    for name in variants_of(m):
        print(f'{name:20}' + ''.join(f"{f'{ns} {x}'.strip() if ns != '-' else '-':>16}" for ns, x in cells(m, name)))
    for name, words in remarks:
        print(f'{name:20} {words}')


def figure(g):
    return '-' if g.value is None else f'{g.value:,.{g.digits}f}'


def limit(g):
    return '' if g.limit is None else f"{'≥' if g.at_least else '≤'} {g.limit:g}" if g.limit else '0'


def verdict(g):
    return {True: 'met', False: 'MISS', None: '' if g.limit is None else 'not measured'}[met(g)]


def text_goals(rows):
    for g in rows:
        print(f"  {verdict(g):12} {g.what:55} {figure(g):>8}  {limit(g):8}{f'({g.note})' if g.note else ''}")
    missed = sum(met(g) is False for g in rows)
    silent = sum(met(g) is None and g.limit is not None for g in rows)
    print(f"{missed} goals missed, {silent} not measured, of {sum(g.limit is not None for g in rows)}")


def markdown(path, machine, m, remarks, rows):
    with open(path, 'w') as f:
        f.write(f'{machine}\n\nAdded ns per operation, and the ratio to bare (the first row: ns per operation):\n\n')
        f.write('| | ' + ' | '.join(TITLES.values()) + ' |\n|---' + '|--:' * len(TITLES) + '|\n')
        for name in variants_of(m):
            row = (ns if not x or ns == '-' else f"{ns} {x.replace('x', '×')}" for ns, x in cells(m, name))
            f.write(f"| {name} | {' | '.join(row)} |\n")
        f.write('\n' + ''.join(f'* {name}: {words}\n' for name, words in remarks))
        f.write('\n| measured | | goal | | |\n|---|--:|--:|---|---|\n')
        for g in rows:
            f.write(f"| {g.what} | {figure(g)} | {limit(g)} | {verdict(g).replace('MISS', '**missed**')} | {g.note} |\n")
