#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What others' tables say of every code point: one character each, for tests/unit/test_safe.c.

    r  acts on a terminal or shows as nothing: to be refused     s  a surrogate, which is no character
    u  not assigned in these tables: may be reserved for either    .  to be shown

General categories are Python's, Default_Ignorable_Code_Point is Perl's.
"""
import subprocess
import sys
import unicodedata

PERL = r"""no warnings; for (0 .. 0x10ffff) { print chr($_) =~ /\p{Default_Ignorable_Code_Point}/ ? "i" : "." }"""
BLANK = {0x2800, 0x1D159}  # symbols by category, drawn as nothing: Braille without a dot, a note without a head


def kind(code, ignorable):
    category = unicodedata.category(chr(code))
    if category == "Cs":
        return "s"
    if ignorable == "i" or category in ("Cc", "Cf", "Zl", "Zp") or code in BLANK:
        return "r"
    if category == "Zs" and code != 0x20:
        return "r"
    if 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:  # noncharacters
        return "r"
    return "u" if category == "Cn" else "."


ignorables = subprocess.run(["perl", "-e", PERL], check=True, stdout=subprocess.PIPE).stdout.decode()
assert len(ignorables) == 0x110000
sys.stdout.write("".join(kind(c, i) for c, i in enumerate(ignorables)))
