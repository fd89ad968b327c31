#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema.py - writes docs/zctrace-1.schema.json from the lists of bpf/metrics.h and user/metric.c; run at the top of the tree.

With --check it only says whether the file is up to date."""
import json, re, sys
t=open('bpf/metrics.h').read()
M=re.findall(r'\bM\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*"((?:[^"])*)"\)',t)
L=re.findall(r'\bL\((\w+),\s*"([^"]+)",\s*"([^"]*)"\)',t)
H=re.findall(r'\bH\((\w+),\s*"([^"]+)",\s*"([^"]*)"\)',t)
mc=open('user/metric.c').read()
D=re.findall(r'\[D_\w+\]\s*=\s*\{"([^"]+)",\s*"([^"]*)",\s*(true|false)\}',mc)
def obj(props,required=None,desc=None):
    o={}
    if desc: o["description"]=desc
    o.update({"type":"object","properties":props,"required":required if required is not None else list(props),"additionalProperties":False})
    return o
unit={'COUNT':'','BYTES':'bytes: ','NS':'nanoseconds: ','PAGES':'pages of 4 KiB: '}
nn={"type":"integer","minimum":0}
ni={"type":["integer","null"],"minimum":0}
def d(x,s): return {"description":s,**x}
text={"type":"string"}
tn={"type":["string","null"]}
leaf=obj({"leaf_bytes":d(nn,"by hardware breakpoint on the functions that hold the copy instructions"),"site_bytes":d(nn,"by the copy sites, same processes, same time"),"difference":d({"type":"integer"},"site_bytes - leaf_bytes")})
thread=obj({"tid":nn,"comm":text,"exited":{"type":"boolean"},"metrics":{"$ref":"#/definitions/metrics"}},desc="work done for the process while it was not current is in no thread")
process=obj({
 "pid":d(ni,"null for folded processes"),
 "start_time":d(ni,"CLOCK_BOOTTIME, nanoseconds; (pid, start_time) is the identity; null for folded processes"),
 "ppid":d(ni,"null: not known, or folded"),
 "comm":d(text,"of the leader; sanitised: what acts on a terminal is \\xNN"),
 "cgroup":d(tn,"path beneath the cgroup root; sanitised; null: not known"),
 "exited":d({"type":"boolean"},"all its threads have ended"),
 "folded":d(nn,"0: one process by name; else so many ended ones of one comm and cgroup, summed"),
 "metrics":{"$ref":"#/definitions/metrics"},
 "derived":{"$ref":"#/definitions/derived"},
 "lower_bounds":d({"type":"array","items":{"enum":[x[0] for x in D]},"uniqueItems":True},"derived figures some part of which was not measured"),
 "threads":d({"type":"array","items":{"$ref":"#/definitions/thread"}},"with --threads only"),
})
process["required"].remove("threads")
S={"$schema":"http://json-schema.org/draft-07/schema#","$id":"zctrace-1.schema.json","title":"zctrace/1: what one trace counted",
 "description":"One document per trace. An integer is measured, or inferred if its name is in `inferred` (figures derived from it are then inferred too); null is not measured; 0 is measured, and none.",
 **obj({
 "schema":{"const":"zctrace/1"},
 "kernel":d(tn,"uname -r"),"host":d(tn,"uname -n, sanitised"),
 "duration_ns":nn,
 "whole_machine":d({"type":"boolean"},"every process was traced: processes and system add up to the machine"),
 "calls_in_flight":d(nn,"threads that were inside a system call when tracing began: its bytes are counted, its entry is not"),
 "hooks":d({"type":"array","items":{"$ref":"#/definitions/hook"}},"one for each hook"),
 "lost":{"$ref":"#/definitions/lost"},
 "inferred":d({"type":"array","items":{"enum":[m[1] for m in M]},"uniqueItems":True},"metrics that were derived from a system call's result and its object"),
 "command":{"description":"the command zctrace started; null: none","anyOf":[{"type":"null"},{"$ref":"#/definitions/command"}]},
 "exact":{"description":"--exact: the copy functions beside the copy sites; null: not asked for","anyOf":[{"type":"null"},{"$ref":"#/definitions/exact"}]},
 "folded":d(nn,"ended processes that are no longer listed by name"),
 "system":{"$ref":"#/definitions/metrics"},
 "processes":{"type":"array","items":{"$ref":"#/definitions/process"}},
 }),
 "definitions":{
  "metrics":obj({m[1]:d(ni,unit[m[2]]+m[4]) for m in M}),
  "derived":obj({n:d({"type":["number" if r=='true' else "integer","null"],"minimum":0},h) for n,h,r in D},desc="null: not known, or nothing to divide by"),
  "lost":obj({l[1]:d(nn,l[2]) for l in L},desc="what happened and is in no total, or reached one by another way, by reason"),
  "hook":obj({"hook":{"enum":[h[1] for h in H]},"by":d(tn,"what serves it; null: not attached"),"error":d(tn,"why not, or why not the better alternative")}),
  "command":obj({"pid":nn,"exited":{"type":"boolean"},"status":d(ni,"its exit status"),"signal":d(ni,"the signal that killed it")}),
  "exact":obj({"to_user":{"$ref":"#/definitions/exact_direction"},"from_user":{"$ref":"#/definitions/exact_direction"}}),
  "exact_direction":leaf,
  "thread":thread,"process":process,
 }}
new = json.dumps(S, indent=1) + '\n'
if '--check' in sys.argv:
    if open('docs/zctrace-1.schema.json').read() != new:
        sys.exit('docs/zctrace-1.schema.json is out of date: make schema')
else:
    open('docs/zctrace-1.schema.json', 'w').write(new)
