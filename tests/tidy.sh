#!/bin/sh
# clang-tidy on some files, for xargs to run several of. usage: tidy.sh COMPILER-OPTION... -- FILE...
options=
while [ "$1" != -- ]; do
	options="$options $1"
	shift
done
shift
# shellcheck disable=SC2086 # words
exec clang-tidy --quiet "$@" -- $options '-DZCTRACE_VERSION=""'
