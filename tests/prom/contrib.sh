#!/bin/bash
# The dashboard and the rules of contrib: what they name is served, what they say is what is meant.
. "$(dirname "$0")/common.sh"

D=contrib/grafana/zctrace.json R=contrib/prometheus/zctrace.rules.yml
serve --max-series 100000
scrape
check "the served exposition" "$(grep -c '^zctrace_http_rejected_total' "$T/scrape")" -ge 5
# what this kernel cannot measure is in the golden ones
tests/prom/contrib.py $D $R "$T/scrape" tests/golden/*.prom.expected >"$T/contrib"
check "every metric that dashboard and rules name" "$(sed -n 1p "$T/contrib")" = "many names, all there"
check "the dashboard" "$(sed -n 2p "$T/contrib")" = sound
grep -v zctrace_mode "$T/scrape" | grep -v zctrace_syscalls >"$T/less"
check "a name that is not served is found" "$(tests/prom/contrib.py $D $R "$T/less" | sed -n 1p)" '~' 'not there: .*zctrace_syscalls_total'
check_run "promtool check rules" promtool check rules $R
check_run "promtool test rules" promtool test rules tests/prom/rules.test.yml
kill -INT "$ZPID"
wait "$ZPID"
summary
