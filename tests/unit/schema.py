#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema.py - writes docs/zctrace-1.schema.json from the lists in bpf/metrics.h and user/model/metric.c.

With --check it only says whether the file is up to date. Run at the top of the tree."""
import json
import re
import sys

FILE = 'docs/zctrace-1.schema.json'
UNITS = {'COUNT': '', 'BYTES': 'bytes: ', 'NS': 'nanoseconds: ', 'PAGES': 'pages of 4 KiB: '}

lists = open('bpf/metrics.h').read()
METRICS = re.findall(r'\bM\(\w+,\s*"([^"]+)",\s*(\w+),\s*\w+,\s*"([^"]*)"\)', lists)
LOSSES = re.findall(r'\bL\(\w+,\s*"([^"]+)",\s*"([^"]*)"\)', lists)
HOOKS = re.findall(r'\bH\(\w+,\s*"([^"]+)",\s*"[^"]*"\)', lists)
DERIVEDS = re.findall(r'\[D_\w+\]\s*=\s*\{"([^"]+)",\s*"([^"]*)",\s*(true|false)\}', open('user/model/metric.c').read())

COUNT = {'type': 'integer', 'minimum': 0}
COUNT_OR_NULL = {'type': ['integer', 'null'], 'minimum': 0}
BOOLEAN = {'type': 'boolean'}
TEXT = {'type': 'string'}
TEXT_OR_NULL = {'type': ['string', 'null']}


def told(schema, description):
    return {'description': description, **schema}


def ref(name):
    return {'$ref': '#/definitions/' + name}


def array(items, description):
    return told({'type': 'array', 'items': items}, description)


def names(of, description):
    return told({'type': 'array', 'items': {'enum': of}, 'uniqueItems': True}, description)


def null_or(schema, description):
    return told({'anyOf': [{'type': 'null'}, schema]}, description)


def record(properties, description=None, optional=()):
    schema = {'description': description} if description else {}
    schema.update(type='object', properties=properties, required=[p for p in properties if p not in optional],
                  additionalProperties=False)
    return schema


def derived(is_ratio, description):
    return told({'type': ['number' if is_ratio == 'true' else 'integer', 'null'], 'minimum': 0}, description)


DEFINITIONS = {
    'metrics': record({name: told(COUNT_OR_NULL, UNITS[unit] + help) for name, unit, help in METRICS}),
    'derived': record({name: derived(is_ratio, help) for name, help, is_ratio in DERIVEDS},
                      'null: not known, or nothing to divide by'),
    'lost': record({name: told(COUNT, help) for name, help in LOSSES},
                   'what happened and is in no total, or came to one by another way, by reason'),
    'hook': record({
        'hook': {'enum': HOOKS},
        'by': told(TEXT_OR_NULL, 'what serves it; null: not attached'),
        'error': told(TEXT_OR_NULL, 'why not, or why not the better alternative'),
    }),
    'cost': record({
        'cpu_ns': told(COUNT, 'CPU time of zctrace itself'),
        'resident_bytes': told(COUNT, 'memory of zctrace itself'),
        'records': told(COUNT, 'read from the kernel'),
        'events': told(COUNT, 'counted by the programs in the kernel, of what was traced'),
        'added_ns_per_event': told(COUNT_OR_NULL, 'what tracing adds to a system call here, measured at the start; null: not known'),
    }),
    'command': record({
        'pid': COUNT,
        'exited': BOOLEAN,
        'status': told(COUNT_OR_NULL, 'its exit status'),
        'signal': told(COUNT_OR_NULL, 'the signal that killed it'),
    }),
    'exact': record({'to_user': ref('exact_direction'), 'from_user': ref('exact_direction')}),
    'exact_direction': record({
        'leaf_bytes': told(COUNT, 'by hardware breakpoint on the functions that hold the copy instructions'),
        'site_bytes': told(COUNT, 'by the copy sites, same processes, same time'),
        'difference': told({'type': 'integer'}, 'site_bytes - leaf_bytes'),
    }),
    'thread': record({'tid': COUNT, 'comm': TEXT, 'exited': BOOLEAN, 'metrics': ref('metrics')},
                     'work done for the process while it was not current is in no thread'),
    'process': record({
        'pid': told(COUNT_OR_NULL, 'null: folded'),
        'start_time': told(COUNT_OR_NULL, 'CLOCK_BOOTTIME, ns; (pid, start_time) is the identity; null: folded'),
        'ppid': told(COUNT_OR_NULL, 'null: not known, or folded'),
        'comm': told(TEXT, 'of the leader; sanitised: a byte that acts on a terminal is \\xNN'),
        'cgroup': told(TEXT_OR_NULL, 'path beneath the cgroup root, sanitised; null: not known'),
        'exited': told(BOOLEAN, 'all its threads have ended'),
        'folded': told(COUNT, '0: one process; else the sum of so many ended ones of one comm and cgroup'),
        'metrics': ref('metrics'),
        'derived': ref('derived'),
        'lower_bounds': names([name for name, _, _ in DERIVEDS], 'derived figures of which some part was not measured'),
        'threads': array(ref('thread'), 'with --threads only; empty for folded ones'),
    }, optional=('threads',)),
}

SCHEMA = {
    '$schema': 'http://json-schema.org/draft-07/schema#',
    '$id': 'zctrace-1.schema.json',
    'title': 'zctrace/1: what one trace counted',
    **record({
        'schema': {'const': 'zctrace/1'},
        'kernel': told(TEXT_OR_NULL, 'uname -r'),
        'host': told(TEXT_OR_NULL, 'uname -n, sanitised'),
        'duration_ns': COUNT,
        'whole_machine': told(BOOLEAN, 'every process was traced: processes and system add up to the machine'),
        'calls_in_flight': told(COUNT, 'system calls under way when tracing began: bytes counted, entries not'),
        'hooks': array(ref('hook'), 'each hook once'),
        'lost': ref('lost'),
        'inferred': names([name for name, _, _ in METRICS], "derived from a system call's result and its object"),
        'cost': told(ref('cost'), 'what zctrace itself took'),
        'command': null_or(ref('command'), 'the command zctrace started; null: none'),
        'exact': null_or(ref('exact'), '--exact: copy functions beside copy sites; null: not asked for'),
        'folded': told(COUNT, 'ended processes that are no longer listed by name'),
        'system': ref('metrics'),
        'processes': array(ref('process'), 'largest --sort metric first; all of them'),
    }, 'One document per trace. An integer is measured, or inferred if `inferred` names it (what is derived from it is '
       'inferred too); null is not measured; 0 is measured, and none.'),
    'definitions': DEFINITIONS,
}

text = json.dumps(SCHEMA, indent=1) + '\n'
if '--check' not in sys.argv:
    open(FILE, 'w').write(text)
elif open(FILE).read() != text:
    sys.exit(FILE + ' is out of date: make schema')
