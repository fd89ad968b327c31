#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bench.py - what tracing costs: zctrace, empty programs on the same hooks, and its peers, side by side in one run.

usage: bench.py [--rounds N] [--ms N] [--only VARIANT,...] [--json FILE]   (from the top of the tree, as root)

Every round runs every variant once, in an order that rotates; each variant is attached once and sees every load. A
figure is the median over the rounds of the 20th percentile of slices of 2 ms (load.c): what one operation costs when
nothing else interferes. Loads run on the last CPU with real-time priority, tracers on the others.
"""
import argparse, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, time

BUILD = os.environ.get('BUILD', 'build')
Z, LOAD, FLOOR, MODEL = (os.path.abspath(f'{BUILD}/{p}') for p in ('zctrace', 'bench/load', 'bench/floor', 'bench/model'))
CPUS = os.cpu_count()
LOADS = ['getppid', 'read1', 'pread4k', 'pread64k', 'pread1m', 'pingpong', 'tcp64k', 'nginx64k', 'storm2']
NULL = subprocess.DEVNULL


def on_other_cpus():
    os.sched_setaffinity(0, set(range(max(1, CPUS - 1))))


def start(cmd, **more):
    return subprocess.Popen(cmd, preexec_fn=on_other_cpus, **more)


def wait_until(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f'bench: {what} did not happen within {seconds} s')
        time.sleep(0.01)


def end(process, sig=signal.SIGINT):
    if process.poll() is None:
        process.send_signal(sig)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Load:
    """The process that is measured."""

    def __init__(self, files, port):
        self.p = subprocess.Popen([LOAD, files, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.p.stdout.readline().split()[1])

    def ask(self, name, value):
        self.p.stdin.write(f'{name} {value}\n')
        self.p.stdin.flush()
        return self.p.stdout.readline().split()

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def in_sleep(pid):
    """zctrace sleeps between looks once it has attached."""
    try:
        with open(f'/proc/{pid}/syscall') as f:
            return f.read().split()[0] in ('35', '230')
    except (OSError, IndexError):
        return False


def start_zctrace(*args):
    p = start([Z, *args], stdout=NULL, stderr=subprocess.PIPE)
    wait_until('zctrace attaching', lambda: in_sleep(p.pid) or p.poll() is not None)
    if p.poll() is not None:
        sys.exit('bench: ' + p.stderr.read().decode())
    return p


def start_floor(*args):
    p = start([FLOOR, *map(str, args)], stdout=subprocess.PIPE)
    if not p.stdout.readline():
        sys.exit('bench: the empty programs did not attach')
    return p


def floor_of_zctrace():
    z = start_zctrace('-d', '1000')
    p = start_floor(z.pid)
    end(z)
    return p


def attached_raw_syscalls():
    try:
        with open('/sys/kernel/tracing/events/raw_syscalls/sys_exit/enable') as f:
            return f.read()[0] != '0'
    except OSError:
        return True


def start_peer(cmd, ready=None):
    """ready: a line of its output; None: it has no sign, so it gets a second."""
    out = subprocess.PIPE if ready else NULL
    p = start(cmd, stdout=out, stderr=subprocess.STDOUT if ready else NULL, text=True)
    if ready:
        while True:
            line = p.stdout.readline()
            if not line:
                raise RuntimeError(f'{cmd[0]} ended')
            if ready in line:
                break
    else:
        time.sleep(1)
    if p.poll() is not None:
        raise RuntimeError(f'{cmd[0]} ended with status {p.returncode}')
    return p


BPFTRACE = 'BEGIN { printf("ready\\n"); } tracepoint:raw_syscalls:sys_exit { @c[pid] = count(); @b[pid] = sum(args->ret); }'
PERF = shutil.which('perf') or 'perf'


def variants(load_pid, worker, other):
    traced = f'{load_pid},{worker}'
    return {
        'bare': None,
        'empty sys_exit': lambda: start_floor('sys_exit'),
        'empty, every hook': floor_of_zctrace,
        'zctrace': lambda: start_zctrace('-d', '1000'),
        'zctrace -p': lambda: start_zctrace('-p', traced),
        'zctrace --threads': lambda: start_zctrace('--threads', '-i', '1', '-p', traced),
        'zctrace --exact': lambda: start_zctrace('--exact', '-p', traced),
        'zctrace -p OTHER': lambda: start_zctrace('-p', str(other)),
        'syscount -P': lambda: start_peer(['syscount', '-P', '-d', '1000'], 'Tracing'),
        'bpftrace count+sum': lambda: start_peer(['bpftrace', '-e', BPFTRACE], 'ready'),
        'perf stat': lambda: start_peer([PERF, 'stat', '-a', '-e', 'raw_syscalls:sys_enter,raw_syscalls:sys_exit']),
        'perf trace -s': lambda: start_peer([PERF, 'trace', '-s', '-p', str(load_pid)]),
        'strace -c': lambda: start_peer(['strace', '-f', '-c', '-o', '/dev/null', '-p', str(load_pid)]),
    }


PEERS = {'syscount -P': 'syscount', 'bpftrace count+sum': 'bpftrace', 'perf stat': PERF, 'perf trace -s': PERF, 'strace -c': 'strace'}


def start_nginx(directory):
    port = 18964
    with open(f'{directory}/64k', 'wb') as f:
        f.write(os.urandom(64 << 10))
    os.chmod(directory, 0o755)
    with open(f'{directory}/nginx.conf', 'w') as f:
        f.write(f'''pid {directory}/pid; worker_processes 1; error_log {directory}/error.log;
worker_cpu_affinity {1 << (CPUS - 1):0{CPUS}b}; daemon off;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 3600s;
server {{ listen 127.0.0.1:{port}; root {directory}; }} }}
''')
    p = subprocess.Popen(['nginx', '-c', f'{directory}/nginx.conf', '-e', f'{directory}/error.log'])
    workers = lambda: open(f'/proc/{p.pid}/task/{p.pid}/children').read().split()
    wait_until('nginx starting', lambda: os.path.exists(f'{directory}/pid') and workers())
    return p, port, int(workers()[0])


def measure(args, directory):
    nginx, port, worker = start_nginx(directory)
    with open(f'{directory}/1m', 'wb') as f:
        f.write(os.urandom(1 << 20))
    other = subprocess.Popen(['sleep', '100000'])
    figures, absent = {}, {}
    try:
        for n in range(args.rounds):
            load = Load(f'{directory}/1m', port)
            rows = variants(load.pid, worker, other.pid)
            names = [v for v in rows if not args.only or v in args.only or v == 'bare']
            shift = n * 5 % len(names)
            for name in names[shift:] + names[:shift]:
                if name in absent:
                    continue
                if name in PEERS and not shutil.which(PEERS[name]):
                    absent[name] = 'not installed'
                    continue
                try:
                    tracer = rows[name]() if rows[name] else None
                except RuntimeError as e:
                    absent[name] = str(e)
                    continue
                for l in LOADS:
                    figures.setdefault((name, l), []).append(float(load.ask(l, args.ms)[1]))
                if tracer:
                    end(tracer)
                print('.', end='', file=sys.stderr, flush=True)
            load.close()
        print(file=sys.stderr)
    finally:
        other.kill()
        end(nginx, signal.SIGTERM)
    return {k: statistics.median(v) for k, v in figures.items()}, absent


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def schedstat_seconds(pid):
    """utime and stime are counted by ticks on some kernels; the scheduler's own sum is exact."""
    with open(f'/proc/{pid}/schedstat') as f:
        return int(f.read().split()[0]) / 1e9


def slab_bytes():
    with open('/proc/meminfo') as f:
        m = dict(re.findall(r'(\w+):\s+(\d+) kB', f.read()))
    return (int(m['Slab']) + int(m.get('Percpu', 0))) * 1024


def rss_bytes(pid):
    with open(f'/proc/{pid}/statm') as f:
        return int(f.read().split()[1]) * os.sysconf('SC_PAGESIZE')


def one_off(args, directory):
    """Figures that are no ratio: reader, memory, attach and detach, growth."""
    r = {}
    t = time.monotonic()
    z = start_zctrace('-d', '1000')
    r['attach s'] = time.monotonic() - t
    used, t = schedstat_seconds(z.pid), time.monotonic()
    time.sleep(3)
    r['reader idle'] = (schedstat_seconds(z.pid) - used) / (time.monotonic() - t)
    load = Load(f'{directory}/1m', 0) if False else Load(f'{directory}/1m', args.port)
    used, t = schedstat_seconds(z.pid), time.monotonic()
    load.ask('getppid', 2000)
    r['reader storm'] = (schedstat_seconds(z.pid) - used) / (time.monotonic() - t)
    t = time.monotonic()
    end(z)
    r['detach s'] = time.monotonic() - t

    load.ask('idle', 1000)
    z = start_zctrace('-i', '1')
    time.sleep(2.5)
    r['rss bytes, 1,000 threads'] = rss_bytes(z.pid)
    end(z)

    for n in (10, 1000, 10000):
        load.ask('idle', n)
        before = slab_bytes()
        z = start_zctrace('-i', '0.5')
        time.sleep(1)
        r[f'ns per getppid, {n} idle threads'] = statistics.median(float(load.ask('getppid', 200)[1]) for _ in range(5))
        if n == 10000:
            used, t = schedstat_seconds(z.pid), time.monotonic()
            time.sleep(3)
            span = time.monotonic() - t
            r['sweep ns per thread'] = (schedstat_seconds(z.pid) - used) * 1e9 / (span / 0.5) / n
            r['kernel bytes per thread'] = (slab_bytes() - before) / n
            r['rss bytes, 10,000 threads'] = rss_bytes(z.pid)
        end(z)
    load.close()
    if os.path.exists(MODEL):
        for line in subprocess.check_output([MODEL], text=True).splitlines():
            key, value = line.rsplit(' ', 1)
            r[key] = float(value)
    return r


def print_table(m, absent):
    names = list(dict.fromkeys(k[0] for k in m))
    print(f"{'ns per operation':20}" + ''.join(f'{l:>16}' for l in LOADS))
    for name in names:
        cells = []
        for l in LOADS:
            v, bare = m[name, l], m['bare', l]
            cells.append(f'{v:,.0f}' if name == 'bare' else f'{v - bare:+,.0f} {v / bare:.3f}x')
        print(f'{name:20}' + ''.join(f'{c:>16}' for c in cells))
    for name, why in absent.items():
        print(f'{name:20} {why}')


def goals(m, r):
    """(measure, value, limit, floor or None): the floor is what empty programs on the same hooks give."""
    added = lambda name, l: m[name, l] - m['bare', l]
    ratio = lambda name, l: m[name, l] / m['bare', l]
    every, rows = 'empty, every hook', []

    def row(what, value, limit, floor=None, digits=2):
        rows.append((what, value, limit, floor, digits))

    def have(*names):
        return all((n, 'getppid') in m for n in names)

    if have('zctrace', 'empty sys_exit'):
        row('added ns per system call / an empty sys_exit program', added('zctrace', 'getppid') / added('empty sys_exit', 'getppid'), 1.4)
    if have('zctrace', 'syscount -P'):
        row('added ns per system call / syscount -P', added('zctrace', 'getppid') / added('syscount -P', 'getppid'), 0.65)
    if have('zctrace', 'bpftrace count+sum'):
        row('added ns per system call / bpftrace count+sum', added('zctrace', 'getppid') / added('bpftrace count+sum', 'getppid'), 0.5)
    if have('zctrace', every):
        row('switch storm / bare', ratio('zctrace', 'pingpong'), 1.06, ratio(every, 'pingpong'), 3)
        row('pread 64 KiB / bare', ratio('zctrace', 'pread64k'), 1.10, ratio(every, 'pread64k'), 3)
        row('pread 1 MiB / bare', ratio('zctrace', 'pread1m'), 1.04, ratio(every, 'pread1m'), 3)
        row('nginx requests a second, traced / bare (at least)', -1 / ratio('zctrace', 'nginx64k'), -0.97, -1 / ratio(every, 'nginx64k'), 3)
        row('two CPUs at once: added per event / one CPU', added('zctrace', 'storm2') / added('zctrace', 'getppid'), 1.1)
    if have('zctrace -p OTHER', 'empty sys_exit'):
        row('not traced under -p: added / an empty program', added('zctrace -p OTHER', 'getppid') / added('empty sys_exit', 'getppid'), 1.1)
    row('reader CPU under the storm, %', r['reader storm'] * 100, 1)
    row('reader CPU idle, %', r['reader idle'] * 100, 0.1, None, 3)
    row('resident MB at 1,000 threads', r['rss bytes, 1,000 threads'] / 1e6, 20, None, 1)
    row('kernel bytes per thread', r['kernel bytes per thread'], 1536, None, 0)
    row('attach, s', r['attach s'], 1)
    row('detach, s', r['detach s'], 1)
    row('cost per event, 10,000 threads / 10', r['ns per getppid, 10000 idle threads'] / r['ns per getppid, 10 idle threads'], 1.1)
    row('sweep, ns per thread', r['sweep ns per thread'], 1000, None, 0)
    if 'model ns per record at 100000' in r:
        row('model at 100,000 threads / at 10, per record', r['model ns per record at 100000'] / r['model ns per record at 10'], 1.1)
    return rows


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--rounds', type=int, default=7)
    a.add_argument('--ms', type=int, default=150)
    a.add_argument('--only', type=lambda s: s.split(','))
    a.add_argument('--json')
    args = a.parse_args()
    directory = tempfile.mkdtemp(prefix='zctrace-bench.', dir='/var/tmp')
    try:
        m, absent = measure(args, directory)
        nginx, args.port, _ = start_nginx(directory)
        try:
            r = one_off(args, directory)
        finally:
            end(nginx, signal.SIGTERM)
    finally:
        shutil.rmtree(directory)
    uname = os.uname()
    cpu = re.search(r'model name\s*: (.*)', open('/proc/cpuinfo').read())
    print(f"{cpu.group(1) if cpu else uname.machine}, {CPUS} CPUs, Linux {uname.release}; load average {os.getloadavg()[0]:.2f}\n")
    print_table(m, absent)
    print()
    for k, v in r.items():
        print(f'  {k:45} {v:,.4g}' if v < 100 else f'  {k:45} {v:,.0f}')
    print()
    missed = 0
    for what, value, limit, floor, digits in goals(m, r):
        ok = value <= limit
        missed += not ok
        f = '' if floor is None else f'   (empty programs on the same hooks: {abs(floor):.{digits}f})'
        print(f"  {'met ' if ok else 'MISS'} {what:52} {abs(value):.{digits}f}  goal {abs(limit)}{f}")
    print(f'{missed} goals missed' if missed else 'every goal met')
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'median ns': {f'{k[0]}|{k[1]}': v for k, v in m.items()}, 'one-off': r}, f, indent=1)


main()
