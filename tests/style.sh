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
# Their CFLAGS and LDFLAGS ask for none of it, see style-clang; and a program that really has none must be told.
echo 'int main(void) { return 0; }' | gcc -x c - -fno-pie -no-pie -fno-stack-protector -fcf-protection=none \
	-Wl,-z,norelro,-z,lazy,-z,execstack -o build/test/soft
for what in pie relro stack canary fortify clash cet; do
	marked=
	[ $what != cet ] || marked=/user/fmt.o # the whole is not, where the C library is not
	try "built with gcc, hardened: $what" tests/harden.sh $what build${marked:-/zctrace}
	try "built with clang, hardened: $what" tests/harden.sh $what build/clang${marked:-/zctrace}
	try "not hardened is seen: $what" sh -c "! tests/harden.sh $what build/test/soft"
done
try "clang-tidy on the user half" make -s style-tidy
try "programs keep nothing where their context is saved" sh -c "llvm-objdump -d --no-show-raw-insn build/zctrace.bpf.o | tests/frame.sh"
try "one that does is seen" sh -c 'printf "0 <p>:\n0:\t*(u64 *)(r10 - 8) = r1\n1:\tcall 8\n2:\tr1 = *(u64 *)(r10 - 8)\n3:\t*(u64 *)(r10 - 8) = r6\n" |
	tests/frame.sh; [ $? = 1 ]'
try "README's table of metrics is the list's" tests/metric-table.sh --check README.md
try "no file of this machine's in the tree" sh -c '! git grep -nE "(^|[ =])/(work|root|home)/[a-z]" -- . ":!tests/style.sh" ":!LICENSE"'
try "no file much over 400 lines" sh -c '! git ls-files "*.c" "*.h" | xargs wc -l | awk "\$2 != \"total\" && \$1 > 450" | grep .'
summary
