#!/usr/bin/env python3
"""panels.py PROMETHEUS_URL DASHBOARD: every expression of the dashboard as Grafana would ask it, over the last minute.

Prints "N expressions, M refused", and which; then the titles of panels that had nothing to show."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

VALUES = {"$__rate_interval": "1m", "$job": ".*", "$instance": ".*", "$comm": ".*"}


def ask(url, expr):
    for name, value in VALUES.items():
        expr = expr.replace(name, value)
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': expr})}", timeout=10) as r:
            return json.load(r)["data"]["result"]
    except urllib.error.HTTPError as e:
        return e.read().decode()


def main():
    n, refused, empty = 0, [], []
    for panel in json.load(open(sys.argv[2]))["panels"]:
        found = 0
        for target in panel.get("targets", []):
            n += 1
            answer = ask(sys.argv[1], target["expr"])
            if isinstance(answer, str):
                refused.append(f"{panel['title']}: {answer}")
            else:
                found += len(answer)
        if panel.get("targets") and not found:
            empty.append(panel["title"])
    print(f"{'many' if n > 40 else n} expressions, {len(refused)} refused", *refused)
    print("empty:", ", ".join(empty))


main()
