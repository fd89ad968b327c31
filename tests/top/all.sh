#!/bin/bash
# The live display in a terminal of tmux's. usage: tests/top/all.sh [NAME...], e.g. tests/top/all.sh keys
cd "$(dirname "$0")/../.." || exit 1
[ "$(id -u)" = 0 ] || { echo "the live display traces this kernel: run its tests as root" >&2; exit 1; }
make -s build/fake-top build/bench-top || exit 1
. tests/top/common.sh
[ $# -gt 0 ] || set -- keys sizes ends figures
for name in "$@"; do
	started=$SECONDS
	echo "--- $name"
	# shellcheck disable=SC1090
	. "tests/top/$name.sh"
	note "$name: $((SECONDS - started)) s"
done
summary
