#!/usr/bin/env python3
"""compare.py ANSWER DOCUMENT: each metric of each process, as Prometheus has it and as zctrace's own document.

ANSWER is what Prometheus says to sum by (__name__, pid): a process that changed its name has more than one series, and in the
document the last of its names."""
import json
import sys


def series_name(key):
    if key.endswith("_ns"):
        return f"zctrace_{key[:-3]}_seconds_total"
    return f"zctrace_{key}_total"


def main():
    answer = json.load(open(sys.argv[1]))
    prom = {(r["metric"]["__name__"], r["metric"].get("pid", "none")): float(r["value"][1]) for r in answer["data"]["result"]}
    own, unknown = {}, set()
    for p in json.load(open(sys.argv[2]))["processes"]:
        pid = str(p["pid"])
        for key, value in p["metrics"].items():
            at = (series_name(key), pid)
            if value is None:
                unknown.add(at)
            else:
                own[at] = own.get(at, 0) + value
    wrong = []
    for at in sorted((set(own) | set(prom)) - unknown):
        want = own.get(at, 0)
        got = prom.get(at, 0)
        if abs(got - want / 1e9) > 1e-9 * max(1, want / 1e9) if at[0].endswith("_seconds_total") else got != want:
            wrong.append(f"{at}: Prometheus {got}, zctrace {want}")
    for line in wrong[:20]:
        print("#", line)
    n = len([at for at in prom if at not in unknown])
    print(f"{'many' if n > 1000 else n} figures, {len(wrong)} differ")
    print(f"{n} figures of {len({pid for _, pid in prom})} processes", file=sys.stderr)


main()
