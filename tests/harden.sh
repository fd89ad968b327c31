#!/bin/sh
# harden.sh WHAT FILE: whether a built program, or an object file for those marked *, has what the compiler can do against
# bugs. Silent if it has, else one line and status 1.
#   pie         its code is at no fixed address
#   relro       tables of the linker cannot be written to, and are filled before it runs
#   stack       the stack is not executable
#   canary   *  a function that overflows its frame does not return
#   fortify  *  copies and prints into buffers whose size is known are checked
#   clash    *  large frames are touched page by page, so that none leaps over the guard page
#   cet      *  jumps go to where jumps may go, returns to where calls came from (x86; * only: a program is as good as its C library)
export LC_ALL=C
what=$1 file=$2

lacks() {
	echo "$file: $1"
	exit 1
}

has() { grep -Eq -- "$1"; } # PATTERN
[ -r "$file" ] || lacks "not there"

case $what in
pie)
	readelf -hW "$file" | has 'Type: +DYN' && readelf -dW "$file" | has 'FLAGS_1.*PIE' || lacks "not position-independent"
	;;
relro)
	readelf -lW "$file" | has GNU_RELRO || lacks "no RELRO"
	readelf -dW "$file" | has 'BIND_NOW|FLAGS_1.*NOW' || lacks "RELRO is not full: symbols are bound late"
	;;
stack)
	readelf -lW "$file" | has 'GNU_STACK.* RW ' || lacks "the stack may be executable"
	;;
canary)
	nm -u "$file" | has ' __stack_chk_fail(@|$)' || lacks "no stack protector"
	;;
fortify)
	nm -u "$file" | has ' __v?snprintf_chk(@|$)' || lacks "_FORTIFY_SOURCE has no effect"
	;;
clash)
	# a page more of stack, then a touch of it
	objdump -d "$file" | grep -EA1 'sub +\$0x1000,%rsp' | has '(or|mov)q +\$0x0,(0x[0-9a-f]+)?\(%rsp\)' ||
		lacks "large frames are not probed"
	;;
cet)
	readelf -nW "$file" | has 'IBT' && readelf -nW "$file" | has 'SHSTK' || lacks "not marked for IBT and SHSTK"
	;;
*)
	lacks "no such check: $what"
	;;
esac
