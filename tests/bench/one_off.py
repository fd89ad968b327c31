# SPDX-License-Identifier: GPL-2.0-only
"""one_off.py - figures that are no ratio of a load's times: reader, memory, attach and detach, sweep, the model, loss."""
import fcntl, json, os, pty, signal, statistics, struct, subprocess, termios, threading, time

from procs import MODEL, Load, Tracer, Z, cpu_seconds, cpu_share, end, in_sleep, rss_bytes, start, zctrace

ENDS = 2000


def reader(r, load):
    """In the form `zctrace -d N`: every process, silent until the report."""
    t = time.monotonic()
    z = zctrace('-d', '1000')
    r['attach s'] = time.monotonic() - t
    r['reader CPU idle %'] = 100 * cpu_share(z.pid, lambda: time.sleep(10))
    r['reader CPU storm %'] = 100 * cpu_share(z.pid, lambda: load.ask('getppid', 2000))
    t = time.monotonic()
    end(z.p)
    r['detach s'] = time.monotonic() - t


def display(r):
    """The same as the live display, on a terminal of 40 lines."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
    p = start([Z], stdin=slave, stdout=slave, stderr=slave, env={**os.environ, 'TERM': 'xterm-256color'}, start_new_session=True)
    os.close(slave)

    def drain():
        try:
            while os.read(master, 65536):
                pass
        except OSError: # the other side has closed
            pass

    reading = threading.Thread(target=drain)
    reading.start()
    time.sleep(2)
    r['reader CPU idle, live display %'] = 100 * cpu_share(p.pid, lambda: time.sleep(5))
    end(p, signal.SIGTERM)
    reading.join()
    os.close(master)


def many_threads(r, load):
    load.ask('idle', 1000)
    z = zctrace('-i', '1')
    time.sleep(2.5)
    r['RSS at 1,000 threads MB'] = rss_bytes(z.pid) / 1e6
    end(z.p)

    load.ask('idle', 10000)
    t = time.monotonic()
    z = zctrace('-d', '1000')
    r['attach, 10,000 threads s'] = time.monotonic() - t
    r['reader CPU idle, 10,000 threads %'] = 100 * cpu_share(z.pid, lambda: time.sleep(5))
    t = time.monotonic()
    end(z.p)
    r['detach, 10,000 threads s'] = time.monotonic() - t

    z = zctrace('-i', '1')
    r['sweep per thread ns'] = sweep_ns(z, 5, 10000)
    r['RSS at 10,000 threads MB'] = rss_bytes(z.pid) / 1e6
    end(z.p)


def sweep_ns(z, seconds, threads):
    """Of a reader that prints a table each second; the first sweep, which tells of all, is over."""
    time.sleep(2 if threads < 50000 else 8)
    used, t = cpu_seconds(z.pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(z.pid) - used) * 1e9 / (time.monotonic() - t) / threads


def most_threads(r, load, directory, port):
    """100,000 idle threads, in ten processes, if the system has numbers for as many."""
    with open('/proc/sys/kernel/pid_max') as f:
        if int(f.read()) < 110000:
            return
    others = [Load(directory, port) for _ in range(9)]
    for l in [load, *others]:
        l.ask('idle', 10000)
    bare = statistics.median(load.ns('getppid', 150) for _ in range(5))
    z = zctrace('-i', '1')
    r['sweep per thread at 100,000 ns'] = sweep_ns(z, 10, 100000)
    r['RSS at 100,000 threads MB'] = rss_bytes(z.pid) / 1e6
    end(z.p)
    z = zctrace('-d', '1000')
    r['added per getppid at 100,000 threads ns'] = statistics.median(load.ns('getppid', 150) for _ in range(5)) - bare
    end(z.p)
    for l in others:
        l.close()


def loss(r, load):
    """Threads that end, each a record, more than a ring of 4 KiB holds, under a reader that looks every 50 ms. Their reads
    are the load's only ones of a file, so the process's line must have each byte."""
    t = Tracer([Z, '--json', '--buffer', '4K', '--reader-sleep', '50', '-p', str(load.pid)])
    t.wait_attached(lambda: in_sleep(t.pid), 'asleep between two looks')
    read = int(load.ask('ends', ENDS)[2])
    end(t.p)
    text = t.printed()
    d = json.loads(text[text.find('{'):])
    told = sum(p['metrics']['copy_to_user_file_bytes'] or 0 for p in d['processes'] if p['pid'] == load.pid)
    r['ring 4 KiB: threads that ended'] = ENDS
    r['ring 4 KiB: records that found it full'] = d['lost']['ring_full']
    r['ring 4 KiB: records lost'] = d['lost']['ended_untold'] + d['lost']['finals_full'] + d['lost']['no_storage']
    r['ring 4 KiB: bytes read'] = read
    r['ring 4 KiB: bytes unaccounted'] = read - told


def model(r):
    for line in subprocess.check_output([MODEL], text=True).splitlines():
        key, value = line.rsplit(' ', 1)
        r[key] = float(value)


def idle_threads(r, rounds, n):
    """rounds: of (load ns, kmalloc bytes) per variant with n idle threads, as bench.py took them."""
    for name in ('bare', 'zctrace'):
        r[f'{name}, {n:,} idle threads: getppid ns'] = statistics.median(x[name][0] for x in rounds)
    r[f'kmalloc bytes that zctrace adds, {n:,} idle threads'] = statistics.median(x['zctrace'][1] - x['bare'][1] for x in rounds)


def one_off(directory, port, idle):
    r = {}
    load = Load(directory, port)
    reader(r, load)
    display(r)
    loss(r, load)
    many_threads(r, load)
    most_threads(r, load, directory, port)
    load.close()
    for n, rounds in idle.items():
        if rounds:
            idle_threads(r, rounds, n)
    model(r)
    return r
