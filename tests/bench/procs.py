# SPDX-License-Identifier: GPL-2.0-only
"""procs.py - the processes of a bench run: the load, tracers, nginx; and what the kernel says of them."""
import atexit, json, os, re, signal, subprocess, sys, tempfile, time

BUILD = os.environ.get('BUILD', 'build')
Z, LOAD, FLOOR, MODEL = (os.path.abspath(f'{BUILD}/{p}') for p in ('zctrace', 'bench/load', 'bench/floor', 'bench/model'))
CPUS = os.cpu_count()
# System calls of the load's own in one operation, at the least.
CALLS = {'getppid': 1, 'read1': 1, 'pread4k': 1, 'pread64k': 1, 'pread1m': 1, 'pingpong': 4, 'tcp64k': 2, 'nginx64k': 2, 'storm2': 1}
LOADS = list(CALLS)


class CannotRun(Exception):
    """Why a tracer is named in the table without figures."""


def on_other_cpus():
    os.sched_setaffinity(0, set(range(max(1, CPUS - 1))))


def start(cmd, **more):
    p = subprocess.Popen(cmd, preexec_fn=on_other_cpus, **more)
    atexit.register(lambda: p.poll() is None and p.kill())
    return p


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def end(process, sig=signal.SIGINT):
    if process.poll() is None:
        process.send_signal(sig)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Load:
    """The process that is measured. `calls` is how many system calls it made, at the least."""

    def __init__(self, directory, port):
        self.p = subprocess.Popen([LOAD, f'{directory}/1m', str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.p.stdout.readline().split()[1])
        self.calls = 0

    def ask(self, name, value):
        self.p.stdin.write(f'{name} {value}\n')
        self.p.stdin.flush()
        return self.p.stdout.readline().split()

    def ns(self, name, ms):
        answer = self.ask(name, ms)
        self.calls += int(answer[4]) * CALLS[name]
        return float(answer[1])

    def close(self):
        self.p.stdin.close()
        self.p.wait()


class Tracer:
    """A process that traces. `counted` finds, in what it printed, how many system calls of the load it counted."""

    def __init__(self, cmd, counted=None, **more):
        self.cmd, self.counted = cmd, counted
        self.out = tempfile.TemporaryFile()
        try:
            self.p = start(cmd, stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.STDOUT, **more)
        except FileNotFoundError:
            raise CannotRun('not installed')
        self.pid = self.p.pid

    def printed(self):
        with open(f'/proc/self/fd/{self.out.fileno()}', errors='replace') as f: # an offset of its own
            return f.read()

    def why(self):
        """The last line that sounds like a reason, else the last."""
        lines = [l.strip() for l in self.printed().splitlines() if l.strip()]
        reasons = [l for l in lines if re.search('error|fail|cannot|denied|not permitted', l, re.I)]
        return (reasons or lines or ['no word'])[-1]

    def wait_attached(self, attached, sign):
        """attached: the sure sign that it measures; what a tool prints is printed before that by some."""
        there = until(lambda: self.p.poll() is not None or attached())
        if self.p.poll() is not None:
            raise CannotRun(f'{os.path.basename(self.cmd[0])} ended with status {self.p.returncode}: {self.why()}')
        if not there:
            end(self.p)
            raise CannotRun(f'had not attached after 20 s ({sign})')
        return self

    def stop(self):
        """System calls of the load that it counted, or None if it counts none."""
        end(self.p)
        return self.counted(self.printed()) if self.counted else None


def in_sleep(pid):
    """zctrace sleeps between looks once it has attached."""
    try:
        with open(f'/proc/{pid}/syscall') as f:
            return f.read().split()[0] == '271' # ppoll
    except (OSError, IndexError):
        return False


def calls_in_json(text, pid):
    text = text[text.find('{'):] # what it warns of stands before
    for p in json.loads(text)['processes']:
        if p['pid'] == pid:
            return p['metrics']['syscalls']
    return 0


def calls_in_report(text, pid):
    m = re.search(rf'\({pid}\)  .*?= 2 × \(([\d,]+) calls', text, re.S)
    return int(m.group(1).replace(',', '')) if m else 0


def zctrace(*args, load=None):
    report = '-i' in args
    counted = (lambda text: (calls_in_report if report else calls_in_json)(text, load)) if load else None
    t = Tracer([Z, *args] if report else [Z, '--json', *args], counted)
    return t.wait_attached(lambda: in_sleep(t.pid), 'asleep between two looks')


def floor(*args):
    t = Tracer([FLOOR, *map(str, args)])
    return t.wait_attached(lambda: 'ready' in t.printed(), 'its links exist')


def floor_of_zctrace():
    z = zctrace('-d', '1000')
    t = floor(z.pid)
    z.stop()
    return t


def start_nginx(directory):
    port = 18964
    with open(f'{directory}/nginx.conf', 'w') as f:
        f.write(f'''pid {directory}/pid; worker_processes 1; error_log {directory}/error.log;
worker_cpu_affinity {1 << (CPUS - 1):0{CPUS}b}; daemon off;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 3600s;
server {{ listen 127.0.0.1:{port}; root {directory}; }} }}
''')
    p = subprocess.Popen(['nginx', '-c', f'{directory}/nginx.conf', '-e', f'{directory}/error.log'])
    workers = lambda: open(f'/proc/{p.pid}/task/{p.pid}/children').read().split()
    if not until(lambda: p.poll() is not None or os.path.exists(f'{directory}/pid') and workers()) or p.poll() is not None:
        sys.exit('bench: nginx did not start')
    return p, port, int(workers()[0])


def cpu_seconds(pid):
    """Of all its threads. utime and stime are counted by ticks on some kernels; the scheduler's own sum is exact."""
    total = 0
    for tid in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{tid}/schedstat') as f:
            total += int(f.read().split()[0])
    return total / 1e9


def cpu_share(pid, during):
    """What part of one CPU it took while `during` ran."""
    used, t = cpu_seconds(pid), time.monotonic()
    during()
    return (cpu_seconds(pid) - used) / (time.monotonic() - t)


def rss_bytes(pid):
    with open(f'/proc/{pid}/statm') as f:
        return int(f.read().split()[1]) * os.sysconf('SC_PAGESIZE')


def kmalloc_bytes():
    """Objects of every kmalloc cache times their size. Other caches hold nothing of a BPF map's."""
    with open('/proc/slabinfo') as f:
        rows = [l.split() for l in f if l.startswith('kmalloc-')]
    return sum(int(r[1]) * int(r[3]) for r in rows)


def settled_kmalloc_bytes():
    """What is freed after a grace period, or by a worker, has been freed when three looks agree, or after 3 s."""
    looks = [kmalloc_bytes()]
    for _ in range(15):
        time.sleep(0.2)
        looks.append(kmalloc_bytes())
        if len(looks) > 2 and max(looks[-3:]) - min(looks[-3:]) < 16 << 10:
            break
    return looks[-1]
