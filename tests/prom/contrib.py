#!/usr/bin/env python3
"""contrib.py DASHBOARD RULES EXPOSITION...: that what the dashboard and the rules ask for is what we serve.

Prints "N names, all there" or the names that are in no exposition; then what is wrong with the dashboard itself."""
import json
import re
import sys


def expressions(panels):
    for p in panels:
        yield from (t["expr"] for t in p.get("targets", []))
        yield from expressions(p.get("panels", []))


def dashboard_faults(d):
    for p in d["panels"]:
        if p["type"] == "row":
            continue
        for t in [p, *p["targets"]]:
            if t["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                yield f"{p['title']}: a data source of its own"
        if p["fieldConfig"]["defaults"]["unit"] not in ("bytes", "Bps", "percentunit", "s", "ops", "short"):
            yield f"{p['title']}: unit"
        for e in expressions([p]):
            if "rate(" in e and "[$__rate_interval]" not in e:
                yield f"{p['title']}: a fixed range"
            if e.count("(") != e.count(")"):
                yield f"{p['title']}: brackets"
    at = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in d["panels"]]
    ids = [p["id"] for p in d["panels"]]
    if len(set(at)) < len(at) or len(set(ids)) < len(ids):
        yield "panels on one another"
    if {"datasource", "job", "instance"} - {v["name"] for v in d["templating"]["list"]}:
        yield "variables"
    if not d["uid"] or d["schemaVersion"] < 30 or "__requires" not in d or "__inputs" not in d:
        yield "head"


def main():
    dashboard = json.load(open(sys.argv[1]))
    rules = re.sub(r"(?m)^\s*#.*", "", open(sys.argv[2]).read())
    served = set()
    for name in sys.argv[3:]:
        served |= set(re.findall(r"(?m)^# TYPE (\S+) ", open(name).read()))
    asked = " ".join(expressions(dashboard["panels"])) + " " + " ".join(v.get("definition", "") for v in dashboard["templating"]["list"])
    recorded = set(re.findall(r"record: (\S+)", rules))
    text = " ".join(re.findall(r"(?s)expr:(.*?)(?=\n\s+(?:- |for:|labels:|annotations:|#)|\Z)", rules))
    patterns = re.findall(r'__name__=~"([^"]+)"', text)
    text = re.sub(r'"[^"]*"', "", text)
    names = set(re.findall(r"(?<![:\w])zctrace_\w+(?![:\w])", asked + " " + text))
    missing = sorted(names - served) + [p for p in patterns if not any(re.fullmatch(p, n) for n in served)]
    missing += sorted(set(re.findall(r"instance:\w+:\w+", text)) - recorded)
    n = len(names) + len(patterns)
    print(f"{'many' if n > 50 else n} names, " + (f"not there: {' '.join(missing)}" if missing else "all there"))
    print("; ".join(dashboard_faults(dashboard)) or "sound")


main()
