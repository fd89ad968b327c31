#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh GOLDEN [update] - every NAME.in through every view, against NAME.report|table|json|svg|prom.expected; then the sum.
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

# It stands alone, whatever names are in it.
check_svg() { # NAME FILE
	if command -v xmllint >/dev/null; then
		xmllint --noout --nonet "$2"
		verdict "$1: well-formed" $?
	else
		echo "skip $1: well-formed: libxml2-utils is not installed"
	fi
	! sed 's|xmlns="http://www.w3.org/2000/svg"||' "$2" | grep -iE '<script|https?:|href|@import|url\([^#]|<foreignObject| on[a-z]+='
	verdict "$1: stands alone" $?
	! LC_ALL=C tr -d '\n' <"$2" | LC_ALL=C grep -q '[[:cntrl:]]'
	verdict "$1: no control characters" $?
}

for in in *.in; do
	name=${in%.in}
	for view in report table json svg prom; do
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
		svg) check_svg "$name svg" "$work/$name.svg" ;;
		report | table)
			[ "$(wc -L <"$work/$name.$view")" -le 80 ]
			verdict "$name $view: 80 columns" $?
			! LC_ALL=C grep -q '[[:cntrl:]]' "$work/$name.$view"
			verdict "$name $view: no control characters" $?
			;;
		esac
	done
done

pair=demo-read-write+sendfile.svg
"$golden" pair demo-read-write.in sendfile.in >"$work/$pair"
[ "$update" != update ] || cp "$work/$pair" "$pair.expected"
diff -u "$pair.expected" "$work/$pair"
verdict "pair svg" $?
check_svg "pair svg" "$work/$pair"

# The README's pictures are these.
for shown in demo-read-write:read-write sendfile:sendfile mixed:mixed; do
	picture=../../docs/pictures/${shown#*:}.svg
	[ "$update" != update ] || cp "$work/${shown%:*}.svg" "$picture"
	cmp "$work/${shown%:*}.svg" "$picture"
	verdict "docs/pictures/${shown#*:}.svg" $?
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
