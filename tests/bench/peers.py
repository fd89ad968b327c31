# SPDX-License-Identifier: GPL-2.0-only
"""peers.py - the other tools. Each must show that it is attached before it is measured, and print afterwards at least as
many system calls of the load as the load made; one that did not is named with the reason."""
import ctypes, json, os, re, shutil, subprocess

from procs import CannotRun, Tracer

TRACEFS = '/sys/kernel/tracing'
CLONE_NEWNS = 0x20000
BPFTRACE = 'tracepoint:raw_syscalls:sys_exit { @c[pid] = count(); @b[pid] = sum(args->ret); }'
# The least that it may count of what the load did, where that is not all: perf trace says so when events are lost.
LOSES = {'perf trace -s': 0.1}
PERF = shutil.which('perf') or 'perf'


def mount_tracefs():
    """perf, bpftrace and libbpf-tools look their tracepoints up there. Returns a word for the reader, if one is due."""
    if os.path.exists(f'{TRACEFS}/events/raw_syscalls'):
        return ''
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS):
        return f'no mount namespace for tracefs: {os.strerror(ctypes.get_errno())}'
    subprocess.run(['mount', '--make-rprivate', '/'], stderr=subprocess.DEVNULL)
    r = subprocess.run(['mount', '-t', 'tracefs', 'tracefs', TRACEFS], stderr=subprocess.PIPE, text=True)
    if r.returncode:
        return f'tracefs is not mounted and cannot be: {r.stderr.strip()}'
    return 'tracefs, which the peers need, was not mounted: mounted for this run alone (a mount namespace of its own)'


def on_tracepoint(pid):
    """A BPF program of this process's is on sys_exit, as the kernel tells: bpftrace says that it has begun before it is."""
    r = subprocess.run(['bpftool', '-j', 'perf', 'show'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        rows = json.loads(r.stdout)
    except ValueError:
        return False
    return any(e['pid'] == pid and e.get('tracepoint', '').endswith('sys_exit') for e in rows)


def bpf_tool(cmd, counted):
    if not shutil.which('bpftool'):
        raise CannotRun('no bpftool to see that it is attached')
    t = Tracer(cmd, counted)
    return t.wait_attached(lambda: on_tracepoint(t.pid), 'no program of its on sys_exit in bpftool perf show')


def number(pattern, text):
    m = re.search(pattern, text, re.M)
    return int(m.group(1)) if m else 0


def syscount(load):
    return bpf_tool(['syscount', '-P', '-T', '10000', '-d', '100000'], lambda text: number(rf'^{load} +.*?(\d+)$', text))


def bpftrace(load):
    return bpf_tool(['bpftrace', '-e', BPFTRACE], lambda text: number(rf'^@c\[{load}\]: (\d+)', text))


def perf_stat(_load):
    """Its counters begin switched off and are switched on by word, which it acknowledges."""
    control, ack = os.pipe(), os.pipe()
    os.set_blocking(ack[0], False)
    t = Tracer([PERF, 'stat', '-a', '-x,', '-e', 'raw_syscalls:sys_enter,raw_syscalls:sys_exit', '-D', '-1',
                '--control', f'fd:{control[0]},{ack[1]}'],
               lambda text: number(r'^(\d+),.*sys_exit', text), pass_fds=(control[0], ack[1]))
    os.write(control[1], b'enable\n')

    def acknowledged():
        try:
            return b'ack' in os.read(ack[0], 100)
        except BlockingIOError:
            return False

    try:
        return t.wait_attached(acknowledged, 'no ack of its enable')
    finally:
        for fd in control + ack:
            os.close(fd)


def perf_events_polled(pid):
    """perf trace opens, maps and enables its events, and then polls them."""
    try:
        fds = [os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd')]
        with open(f'/proc/{pid}/syscall') as f:
            return f.read().split()[0] == '7' and any('perf_event' in fd for fd in fds)
    except (OSError, IndexError):
        return False


def perf_trace(load):
    rows = r'^   (?:\w+) +(\d+) +\d+ +[\d.]+ +[\d.]+'
    t = Tracer([PERF, 'trace', '-s', '-p', str(load)], lambda text: sum(int(n) for n in re.findall(rows, text, re.M)))
    return t.wait_attached(lambda: perf_events_polled(t.pid), 'it does not poll its events')


def traced_by(load, tracer):
    for tid in os.listdir(f'/proc/{load}/task'):
        with open(f'/proc/{load}/task/{tid}/status') as f:
            if f'TracerPid:\t{tracer}\n' not in f.read():
                return False
    return True


def strace(load):
    t = Tracer(['strace', '-f', '-c', '-p', str(load)], lambda text: number(r'^100\.00 +[\d.]+ +(?:\d+ +)?(\d+) +(?:\d+ +)?total', text))
    return t.wait_attached(lambda: traced_by(load, t.pid), 'not the tracer of every thread')


PEERS = {'syscount -P': syscount, 'bpftrace count+sum': bpftrace, 'perf stat': perf_stat, 'perf trace -s': perf_trace, 'strace -c': strace}
PER_THREAD = ('perf trace -s', 'strace -c') # these attach to each of 10,000 threads: not with that load
