#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh GOLDEN [update] - every NAME.in through every view, against NAME.report|table|json|prom.expected; then the sum.
# The JSON documents are held against the schema, the texts against 80 columns, the expositions against promtool.
golden=$1 update=$2
case $golden in /*) ;; *) golden=$PWD/$golden ;; esac
cd "$(dirname "$0")" || exit 1
export LC_ALL=C.UTF-8
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

verdict() { # NAME STATUS
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $1"
	fi
}

for in in *.in; do
	name=${in%.in}
	for view in report table json prom; do
		expected=$name.$view.expected
		if ! "$golden" $view "$in" >"$work/$name.$view" 2>"$work/error" || [ -s "$work/error" ]; then
			cat "$work/error"
			verdict "$name $view" 1
			continue
		fi
		[ "$update" != update ] || cp "$work/$name.$view" "$expected"
		diff -u "$expected" "$work/$name.$view"
		verdict "$name $view" $?
		case $view in
		report | table)
			[ "$(wc -L <"$work/$name.$view")" -le 80 ]
			verdict "$name $view: 80 columns" $?
			! LC_ALL=C grep -q '[[:cntrl:]]' "$work/$name.$view"
			verdict "$name $view: no control characters" $?
			;;
		esac
	done
done

if python3 -c 'import jsonschema' 2>/dev/null; then
	for doc in "$work"/*.json; do
		python3 - "$doc" <<-'PY'
			import json, jsonschema, sys
			schema = json.load(open('../../docs/zctrace-1.schema.json'))
			jsonschema.Draft7Validator.check_schema(schema)
			jsonschema.Draft7Validator(schema).validate(json.load(open(sys.argv[1])))
		PY
		verdict "${doc##*/}: schema" $?
	done
else
	echo 'skip schema: python3-jsonschema is not installed'
fi
if command -v promtool >/dev/null; then
	for doc in "$work"/*.prom; do
		promtool check metrics <"$doc"
		verdict "${doc##*/}: promtool" $?
		[ "$(grep -v '^#' "$doc" | sed 's/ [^ ]*$//' | sort | uniq -d | wc -l)" -eq 0 ]
		verdict "${doc##*/}: no series twice" $?
	done
else
	echo 'skip promtool: prometheus is not installed'
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
