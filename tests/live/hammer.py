#!/usr/bin/env python3
"""hammer.py UNTIL - has the reader's program sync_cpu run on every CPU, over and over, until the file UNTIL exists, as a
sweep does but far more often. Prints how often. Needs nothing but the bpf system call, so that it knows nothing of zctrace."""
import ctypes
import os
import sys

BPF = 321 if os.uname().machine == "x86_64" else 280
PROG_TEST_RUN, PROG_GET_NEXT_ID, PROG_GET_FD_BY_ID, OBJ_GET_INFO = 10, 11, 13, 15
ON_CPU = 1
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    return libc.syscall(BPF, command, ctypes.byref(attr), ctypes.sizeof(attr))


class Ids(ctypes.Structure):
    _fields_ = [("start", ctypes.c_uint32), ("next", ctypes.c_uint32), ("flags", ctypes.c_uint32)]


class Info(ctypes.Structure):
    _fields_ = [("fd", ctypes.c_uint32), ("len", ctypes.c_uint32), ("info", ctypes.c_uint64)]


class Run(ctypes.Structure):  # union bpf_attr, test
    _fields_ = [("fd", ctypes.c_uint32), ("retval", ctypes.c_uint32), ("sizes", ctypes.c_uint32 * 2),
                ("data", ctypes.c_uint64 * 2), ("repeat", ctypes.c_uint32), ("duration", ctypes.c_uint32),
                ("ctx_sizes", ctypes.c_uint32 * 2), ("ctx", ctypes.c_uint64 * 2), ("flags", ctypes.c_uint32),
                ("cpu", ctypes.c_uint32), ("batch", ctypes.c_uint32), ("pad", ctypes.c_uint32)]


def programs(name):
    ids = Ids()
    while not bpf(PROG_GET_NEXT_ID, ids):
        ids.start = ids.next
        fd = bpf(PROG_GET_FD_BY_ID, Ids(ids.next, 0, 0))
        if fd < 0:
            continue
        info = ctypes.create_string_buffer(256)  # struct bpf_prog_info: name at 64
        if not bpf(OBJ_GET_INFO, Info(fd, len(info), ctypes.addressof(info))) and \
                info.raw[64:80].split(b"\0")[0].decode() == name:
            yield fd
        else:
            os.close(fd)


def main():
    fds = list(programs("sync_cpu"))
    if not fds:
        sys.exit("hammer.py: no program named sync_cpu is loaded")
    runs = [Run(fd=fd, flags=ON_CPU, cpu=cpu) for fd in fds for cpu in sorted(os.sched_getaffinity(0))]
    n = 0
    while not os.path.exists(sys.argv[1]):
        for _ in range(100):
            for run in runs:
                n += not bpf(PROG_TEST_RUN, run)
    print(n)


main()
