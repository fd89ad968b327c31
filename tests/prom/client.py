#!/usr/bin/env python3
"""Clients that are not as they should be, and ones that watch. Each prints one line for the shell to check.

    client.py raw PORT TEXT              the status line of the answer to these bytes (\\r and \\n as in Python)
    client.py header PORT BYTES FIELDS   the same to a header so long, in so many fields
    client.py pipelined PORT N           N requests at once: how many answers
    client.py drip PORT                  sends a byte every 0.1 s: how long until it was cut, in ms
    client.py idle PORT                  says nothing at all: the same
    client.py silent PORT N FILE         N connections that say nothing: "connected", "overdue" 5.5 s later, and when FILE
                                         exists how many of them were cut
    client.py stall PATH                 asks at a unix socket and reads nothing until told: "cut" or "whole"
    client.py flood PORT N               N connections at once; an ordinary scrape among them: its status, and their number
    client.py watch PORT FILE            scrapes until FILE exists: "N scrapes, M sums went back", and which
    client.py torn FILE SECONDS          reads the file over and over: "N reads, M torn"
"""
import os
import re
import socket
import sys
import time


def connect(port):
    s = socket.create_connection(("127.0.0.1", int(port)), timeout=10)
    return s


def read_all(s):
    out = b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            out += more
    except OSError:
        pass
    return out


def ask(port, request):
    s = connect(port)
    try:
        s.sendall(request)
    except OSError:
        pass
    return read_all(s)


def status(answer):
    return answer.split(b"\r\n")[0].decode("latin-1") or "nothing"


def raw(port, text):
    print(status(ask(port, text.encode().decode("unicode_escape").encode("latin-1"))))


def header(port, size, fields):
    each = int(size) // int(fields)
    field = b"X-A: " + b"a" * (each - 7) + b"\r\n"
    print(status(ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + field * int(fields) + b"\r\n")))


def pipelined(port, n):
    print(ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * int(n)).count(b"HTTP/1.1 "))


def drip(port, text=b"GET /metrics HTTP/1.1\r\nX-A: " + b"a" * 1000):
    s = connect(port)
    start = time.monotonic()
    try:
        for i in range(len(text)):
            s.sendall(text[i:i + 1])
            time.sleep(0.1)
    except OSError:
        pass
    print(int((time.monotonic() - start) * 1000))


def idle(port):
    s = connect(port)
    start = time.monotonic()
    read_all(s)
    print(int((time.monotonic() - start) * 1000))


def silent(port, n, stop):
    kept = [connect(port) for _ in range(int(n))]
    print("connected", flush=True)
    time.sleep(5.5)  # what is waited for is that so much time is over
    print("overdue", flush=True)
    while not os.path.exists(stop):
        time.sleep(0.05)
    cut = 0
    for s in kept:
        s.settimeout(10)
        try:
            cut += s.recv(1) == b""
        except OSError as error:
            cut += isinstance(error, ConnectionError)
    print(cut, "cut")


def stall(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(path)
    s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    print("asked", flush=True)
    sys.stdin.readline()
    head, _, body = read_all(s).partition(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    print("whole" if len(body) == length else "cut")


def flood(port, n):
    kept = [connect(port) for _ in range(int(n))]
    answer = ask(port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    print(status(answer), len(kept))


def sums_of(text):
    sums = {}
    for line in text.split("\n"):
        m = re.match(r"(zctrace_\w+_total)(?:\{.*\})? (\S+)$", line)
        if m:
            # as integers of 1e-9, so that adding up in another order is the same
            whole, _, part = m.group(2).partition(".")
            value = int(whole) * 10**9 + int((part + "000000000")[:9])
            sums[m.group(1)] = sums.get(m.group(1), 0) + value
    return sums


def watch(port, stop):
    last, back, n = {}, set(), 0
    while True:
        over = os.path.exists(stop)
        sums = sums_of(ask(port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").decode())
        n += 1
        back |= {k for k in last if sums.get(k, -1) < last[k]}
        last = sums
        if over:
            break
        time.sleep(0.15)
    print(f"{n} scrapes of {len(last)} counters, {len(back)} sums went back", *sorted(back))


def torn(path, seconds):
    end = time.monotonic() + float(seconds)
    n = bad = 0
    while time.monotonic() < end:
        text = open(path).read()
        n += 1
        bad += "zctrace_series_dropped_total " not in text or not text.endswith("\n") or "zctrace_syscalls_total{" not in text
    print(f"{'many' if n > 10 else n} reads, {bad} torn")


globals()[sys.argv[1]](*sys.argv[2:])
