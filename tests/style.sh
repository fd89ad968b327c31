#!/bin/sh
# Formatting, lints, a build with clang, and documents that follow from the source. Each is one check.
cd "$(dirname "$0")/.." || exit 1
. tests/lib.sh
try() { # NAME COMMAND...: its output only if it fails
	name=$1
	shift
	if "$@" >build/test/style.out 2>&1; then pass "$name"; else
		fail "$name" "$*"
		tail -n 25 build/test/style.out
	fi
}
mkdir -p build/test
try "clang-format" make -s style-format
try "builds with clang, warnings are errors" make -s style-clang
try "clang-tidy on the user half" make -s style-tidy
try "README's table of metrics is the list's" tests/metric-table.sh --check README.md
try "no file of this machine's in the tree" sh -c '! git grep -nE "(^|[ =])/(work|root|home)/[a-z]" -- . ":!tests/style.sh" ":!LICENSE"'
try "no file much over 400 lines" sh -c '! git ls-files "*.c" "*.h" | xargs wc -l | awk "\$2 != \"total\" && \$1 > 450" | grep .'
summary
