#!/bin/sh
# Programs that use cpu_beside (bpf/acc.bpf.h) save their context in the first 8 bytes of the stack without the compiler's
# knowledge: it must keep nothing of its own there. usage: llvm-objdump -d --no-show-raw-insn OBJECT | frame.sh
# Prints the first function that does, exit status 1; or that no function uses it at all, exit status 2.
awk '
	function judge() {
		if (saves && (others || saves != loads)) {
			print name ": something else stands where its context is saved"
			bad = 1
		}
		programs += saves > 0
	}
	/<LBB/ { next }
	/^[0-9a-f]+ <.*>:$/ { judge(); name = $2; saves = loads = others = copied = 0; next }
	copied && /[ \t]r[0-9] \+= -/ { others++ }
	{ copied = 0 }
	/\*\(u64 \*\)\(r10 - 8\) = r1$/ { stored = NR; held = 1; next }
	/[ \t]call 8$/ && held && NR == stored + 1 { saves++; held = 0; next }
	held { others++; held = 0 }
	/[ \t]r[0-9] = \*\(u64 \*\)\(r10 - 8\)$/ { loads++; next }
	/[ \t]r[0-9] = r10$/ { copied = 1; next }
	/r10 - [1-9]\)/ || /r10 - 1[0-5]\)/ && !/u8|u16|u32/ { others++ }
	END {
		judge()
		if (!programs)
			print "no program saves its context: nothing was looked at"
		exit bad ? 1 : programs ? 0 : 2
	}
'
