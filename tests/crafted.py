#!/usr/bin/env python3
"""Recordings that no recorder wrote, byte by byte as docs/recording.md has it, and a look at what came of them.

    crafted.py texts FILE              every text in it is hostile
    crafted.py process FILE            the same with one process
    crafted.py document FILE           a zctrace/1 document of the same kind, whose writer sanitised nothing
    crafted.py KIND FILE               asks for much memory by little: see the functions of `kinds`
    crafted.py clean FILE...           nothing in them acts on a terminal or hides, and no line is forged
    crafted.py within BYTES OUT COMMAND...   runs it with so much address space at the most: "STATUS PEAK-KIB", what it
                                       says to OUT and OUT.err
"""
import json
import resource
import struct
import subprocess
import sys
import unicodedata
import zlib

KNOWN = json.load(open("tests/golden/everything.json.expected"))
METRICS = list(KNOWN["system"])
HOOKS = [h["hook"] for h in KNOWN["hooks"]]
LOSSES = list(KNOWN["lost"])
SAME, VALUES, CHANGED, NEW, SYSTEM, CGROUP, TICK = range(7)
HEADER, PART, TICK_FRAME, END = 1, 2, 3, 4
KTHREAD, EXITED, LEADER = 2, 4, 8  # flags of struct zc_record

# What acts on a terminal, forges a line or a label, turns the direction of what follows, cannot be decoded or cannot be seen
ACTS = b"\x1b[31m\x1b]0;owned\x07\r\b\x7f\xc2\x9b2J"
FORGES = b'"} 1\nzctrace_forged_total{comm="x"} 77\nforged \\" \\'
HIDES = "\u202e\u2066\u200b\u3164\u00ad\u034f\u115f\u180e\ufe0f\u2060\ufeff\U000e0041\u2028".encode()
INVALID = b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe6\x97"
HOSTILE = b"<&" + ACTS + FORGES + HIDES + INVALID
COMMS = [b"\x1b[31mred", b"\x1b]0;owned\x07", b"a\nzctrace_forged", b'"} 1\nforged', b"\xe2\x80\xaebidi\xe2\x81\xa6", b"\xff\xfe\xc2\x9b2J\x7f",
         "\u3164\u00ad\ufe0f\u2060".encode(), "\U000e0041\u180e\ufeff".encode(), b"\\x1B\\\\", b"\\\x1b[2J"]


def number(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def signed(n):
    return number(n << 1 if n >= 0 else (-n << 1) - 1)


def text(s):
    return number(0) if s is None else number(len(s) + 1) + s


def operation(op, own):
    return number(own << 3 | op)


def changes(steps):
    return b"".join(number(on) + signed(more) for on, more in steps) + b"\0"


def identity(uid=0, start=0, tgid=0, flags=LEADER, comm=b"x", cgroup=0, leader=None):
    """Differences from the identity before, but flags and names."""
    out = signed(uid) + signed(start) + signed(tgid) + signed(0) + signed(0) + signed(0) + number(flags) + signed(cgroup)
    return out + comm.ljust(16, b"\0")[:16] + (b"\0" if leader is None else b"\1" + leader.ljust(16, b"\0")[:16])


def rare(kernel=b"6.1.0", host=b"host", by=b"tp_btf", error=None, hooks=len(HOOKS), metrics=len(METRICS), whole=True):
    return b"\1" + number(1700000000 * 10**9) + text(kernel) + text(host) + bytes([whole]) + (text(by) + text(error)) * hooks + b"\2" * metrics


def tick(duration_ns, seldom=b"\0"):
    return operation(TICK, 0) + number(duration_ns) + seldom + number(0) + changes([]) + b"\0" + number(0) * 4 + b"\0\0" + signed(0) * 2 + number(0) * 4


class Recording:
    """A frame whose payload is one piece many times over costs little here, too."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(b"zctrace recording 1\n")
        self.z = zlib.compressobj(9)

    def frame(self, kind, pieces, time_ns=0):
        deflated, length = b"", 0
        for piece in pieces:
            deflated += self.z.compress(piece)
            length += len(piece)
        deflated += self.z.flush(zlib.Z_SYNC_FLUSH)
        head = struct.pack("<BQII", kind, time_ns, length, len(deflated))
        self.file.write(head + struct.pack("<I", zlib.crc32(deflated, zlib.crc32(head))) + deflated)

    def header(self, metrics=METRICS, hooks=HOOKS, losses=LOSSES, max_ended=10000):
        lists = b"".join(number(len(names)) + b"".join(text(n if isinstance(n, bytes) else n.encode()) for n in names)
                         for names in (metrics, hooks, losses))
        self.frame(HEADER, [text(b"crafted") + number(max_ended) + lists])

    def end(self):
        self.frame(END, [])
        self.file.close()


def texts(path, comms=COMMS):
    r = Recording(path)
    r.header(METRICS + [HOSTILE], HOOKS + [HOSTILE], LOSSES + [HOSTILE])
    seldom = rare(HOSTILE, HOSTILE, HOSTILE, HOSTILE, len(HOOKS) + 1, len(METRICS) + 1)
    for n in range(1, 4):
        payload = b"".join(operation(CGROUP, 0) + number(i + 1) + text(b"/" + HOSTILE + b"%d" % i) for i in range(len(comms)))
        for i, comm in enumerate(comms):
            payload += operation(NEW, 0) + identity(uid=1, start=1, tgid=1, comm=comm, cgroup=1)
            # every figure, so that every face has something to show
            payload += changes([(1, (i + 3) * 1009 * n)] * len(METRICS))
            # and one more thread of each, of another name
            payload += operation(NEW, 0) + identity(uid=1, flags=0, comm=comm[::-1], leader=comm) + changes([(1, 7)])
        # back to the first one's identity
        payload += operation(NEW, 0) + identity(
            uid=-2 * len(comms), start=-len(comms), tgid=-len(comms), flags=KTHREAD, comm=b"kthread", cgroup=-len(comms)) + changes([])
        r.frame(TICK_FRAME, [payload + tick(n * 10**9, seldom)], n * 10**9)
        seldom = b"\0"
    r.end()


def document(path):
    doc = json.loads(json.dumps(KNOWN))
    hostile = HOSTILE.decode("utf-8", "replace").replace("\0", "")
    doc["host"], doc["kernel"] = hostile[:40], hostile[:40]
    for i, comm in enumerate(COMMS):
        doc["processes"][i % len(doc["processes"])]["comm"] = comm.decode("utf-8", "replace")
    json.dump(doc, open(path, "w"))


kinds = {}


def main(what, *args):
    if what == "process":
        return texts(*args, COMMS[:1])
    if what in ("texts", "document"):
        return globals()[what](*args)
    if what == "clean":
        return clean(*args)
    if what == "within":
        return within(*args)
    r = Recording(args[0])
    kinds[what](r)
    r.end()


def clean(*paths):
    refused = HIDES.decode() + "\u3000\u2800"
    for path in paths:
        shown = open(path, "rb").read().decode("utf-8")  # or it fails
        bad = sorted({hex(ord(c)) for c in shown if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") or c in refused)})
        if bad:
            sys.exit(f"{path}: these reached it: {' '.join(bad)}")
        forged = [line for line in shown.split("\n") if line.lstrip().startswith(("zctrace_forged", "forged"))]
        if forged:
            sys.exit(f"{path}: a line is forged: {forged[0]!a}")
        if path.endswith(".json"):
            clean_strings(json.loads(shown), path)


def clean_strings(value, path):
    """Decoded, too: JSON can carry what a terminal must not see."""
    if isinstance(value, dict):
        value = list(value) + list(value.values())
    if isinstance(value, list):
        for v in value:
            clean_strings(v, path)
    elif isinstance(value, str) and any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") or c in HIDES.decode() for c in value):
        sys.exit(f"{path}: a string holds what must not be shown: {value!a}")


def within(most, out, *command):
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (int(most), int(most)))
    status = subprocess.run(command, stdout=open(out, "wb"), stderr=open(out + ".err", "wb"), preexec_fn=limit).returncode
    print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if __name__ == "__main__":
    main(*sys.argv[1:])
