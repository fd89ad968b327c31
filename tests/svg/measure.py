#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What of pictures can be measured, as TAP-like lines for tests/svg/all.sh.

measure.py geometry FILE...        arrows are as wide as their bytes
measure.py page TEMPLATE FILE...   the page that measures them in a browser, to standard output
measure.py browser SCHEME DUMP     what that page found
measure.py png FILE SCHEME         a screenshot has something on it, on a ground light or dark
measure.py json FILE.svg FILE.json PID   the picture's figures are those of the document
"""
import html
import json
import os
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zlib

SVG = "{http://www.w3.org/2000/svg}"
THINNEST = 3.0


def verdict(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}")


def arrows(path):
    """Of each drawing its arrows: (what, bytes, width)."""
    for g in ET.parse(path).iter(SVG + "g"):
        if g.get("class") != "arrow":
            continue
        d = g.find(SVG + "path").get("d")
        (x0, y0), (x1, y1) = [map(float, p) for p in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)[:2]]
        yield g.find(SVG + "title").text, int(g.get("data-bytes")), ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5


def scales(path):
    """Units of |--|, and bytes they stand for as written."""
    found = []
    for p in ET.parse(path).iter(SVG + "path"):
        if p.get("class") == "scale":
            found.append(float(re.search(r"h([\d.]+)", p.get("d")).group(1)))
    return found


def geometry(path):
    """One number of bytes a unit for all arrows of one scale; a picture has as many scales as it has |--|."""
    name, wrong, ratios = os.path.basename(path), [], []
    seen = list(arrows(path))
    for what, count, width in seen:
        if width < THINNEST - 0.02:
            wrong.append(f"{what}: {width} wide")
        if width > THINNEST + 0.02:
            ratios.append(count / width)
        elif count <= 0:
            wrong.append(f"{what}: an arrow of nothing")
    ratios.sort()
    groups = []
    for r in ratios:
        if not groups or r > groups[-1] * 1.012:
            groups.append(r)
    if len(groups) > len(scales(path)):
        wrong.append(f"{len(groups)} scales among arrows, {len(scales(path))} told: {groups}")
    if not seen and "nothing" not in name:
        wrong.append("no arrow")
    verdict(f"{name}: widths are in proportion ({len(seen)} arrows)", "; ".join(wrong))


BROKEN = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 100" width="100%"><text x="10" y="50" font-size="19">'
          'one</text><text x="20" y="55" font-size="19">two</text><text x="740" y="90" font-size="8">outside</text></svg>')


def page(template, paths):
    pictures = [{"name": "broken", "text": BROKEN}]
    for path in paths:
        with open(path, encoding="utf-8") as f:
            pictures.append({"name": os.path.basename(path)[:-4], "text": f.read()})
    with open(template, encoding="utf-8") as f:
        text = json.dumps(pictures).replace("<", "\\u003c")
        sys.stdout.write(f.read().replace("@PICTURES@", text))


def browser(scheme, dump):
    with open(dump, encoding="utf-8") as f:
        found = re.search(r"RESULT(\[.*?\])END", f.read(), re.S)
    if not found:
        return verdict(f"{scheme}: measured by a browser", "the page did not finish")
    for r in json.loads(html.unescape(found.group(1))):
        name = f"{r['name']}, {scheme}, {r['width']} wide"
        if r["name"] == "broken":  # that these checks can fail
            if not r.get("painted"):
                caught = r["outside"] and r["overlap"] and r["least"] < 0.5 * r["width"] / 19
                verdict(f"{name}: what is wrong is seen", "" if caught else f"nothing was found in {r}")
        elif r.get("painted"):
            check_paint(name, scheme, r)
        else:
            wrong = []
            if abs(r["span"] - r["width"]) > 1:
                wrong.append(f"spans {r['span']}")
            if r["texts"] < 10:
                wrong.append(f"{r['texts']} texts")
            if r["least"] < 9.4 * r["width"] / 390:
                wrong.append(f"letters of {r['least']:.2f} pixels")
            if r["outside"]:
                wrong.append(f"outside: {r['outside'][:5]}")
            if r["overlap"]:
                wrong.append(f"overlap: {r['overlap'][:5]}")
            verdict(f"{name}: legible, nothing overlaps ({r['texts']} texts)", "; ".join(wrong))


def check_paint(name, scheme, r):
    share = lambda kind: r[kind] / r["pixels"]
    wrong = []
    if (sum(r["corner"]) > 600) != (scheme == "light"):
        wrong.append(f"ground is {r['corner']}")
    if not 0.03 < share("ink") < 0.6:
        wrong.append(f"{share('ink'):.3f} of it is drawn on")
    for kind in ("orange", "blue", "green"):  # the legend has all three
        if r[kind] < 10:
            wrong.append(f"no {kind}")
    verdict(f"{name}: painted", "; ".join(wrong))


def read_png(path):
    with open(path, "rb") as f:
        raw = f.read()
    at, packed = 8, b""
    while at < len(raw):
        size, kind = struct.unpack(">I4s", raw[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", raw[at + 8:at + 18])
        elif kind == b"IDAT":
            packed += raw[at + 8:at + 8 + size]
        at += 12 + size
    assert depth == 8 and colour in (2, 6)
    step, lines, data = 3 if colour == 2 else 4, [], zlib.decompress(packed)
    stride, above = width * step, bytearray(width * step)
    for y in range(height):
        kind, line = data[y * (stride + 1)], bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if kind else 0):
            a, b, c = line[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
            if kind == 1:
                line[i] = line[i] + a & 255
            elif kind == 2:
                line[i] = line[i] + b & 255
            elif kind == 3:
                line[i] = line[i] + (a + b) // 2 & 255
            else:
                p, q, r = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                line[i] = line[i] + (a if p <= q and p <= r else b if q <= r else c) & 255
        lines.append(line)
        above = line
    return width, height, step, lines


def png(path, scheme):
    width, height, step, lines = read_png(path)
    ground = tuple(lines[0][:3])
    colours = {tuple(line[i:i + 3]) for line in lines for i in range(0, width * step, step)}
    wrong = []
    if (sum(ground) > 600) != (scheme == "light"):
        wrong.append(f"ground is {ground}")
    if len(colours) < 20:
        wrong.append(f"{len(colours)} colours")
    verdict(f"screenshot {os.path.basename(path)} {width} x {height}: a picture, {scheme}", "; ".join(wrong))


def figures(path, document, pid):
    """Every arrow with a metric of its own, both ways, and the counts at the border."""
    metrics = {
        "page cache to user": ("read", "copy_to_user_file_bytes"), "user to page cache": ("write", "copy_from_user_file_bytes"),
        "user to socket": ("send", "copy_from_user_socket_bytes"), "socket to user": ("receive", "copy_to_user_socket_bytes"),
        "page cache to socket": ("sendfile", "zerocopy_sendfile_bytes"),
    }
    with open(document, encoding="utf-8") as f:
        found = [p for p in json.load(f)["processes"] if p["pid"] == pid]
    name = os.path.basename(path)
    if len(found) != 1:
        return verdict(f"{name}: figures", f"{len(found)} processes {pid}")
    values, drawn, wrong = found[0]["metrics"], {}, []
    for what, count, _ in arrows(path):
        drawn[re.sub(r":.*\((.*)\)$", r"|\1", what)] = count
    for passage, (how, metric) in metrics.items():
        if drawn.get(f"{passage}|{how}", 0) != (values[metric] or 0):
            wrong.append(f"{passage}: {drawn.get(f'{passage}|{how}', 0)} drawn, {values[metric]} in {metric}")
    words = [t.text for t in ET.parse(path).iter(SVG + "text")]
    if f"{found[0]['derived']['mode_switches']:,} mode switches" not in " ".join(words).replace("≥", "").replace("~", ""):
        wrong.append("mode switches differ")
    copies = found[0]["derived"]["copies_per_payload_byte"]
    if f"{copies:.2f}" not in [w.lstrip("≥~") for w in words]:
        wrong.append(f"{copies:.2f} copies per byte are not told")
    verdict(f"{name}: figures are those of the document ({len(drawn)} arrows)", "; ".join(wrong))


if __name__ == "__main__":
    what, args = sys.argv[1], sys.argv[2:]
    if what == "geometry":
        for each in args:
            geometry(each)
    elif what == "page":
        page(args[0], args[1:])
    elif what == "browser":
        browser(*args)
    elif what == "png":
        png(*args)
    elif what == "json":
        figures(args[0], args[1], int(args[2]))
