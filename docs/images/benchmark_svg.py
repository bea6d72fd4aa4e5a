#!/usr/bin/env python3
"""Draws tables of a page as bars: benchmark_svg.py FOLDER [PAGE.md]

A table after "<!-- plot: name: title -->" becomes FOLDER/bench-name.svg. A bar shows the number in the second column. A line shows
the minimum and maximum if the cell has the format of bench/Transfers: "1.20 (1.10-1.30)".
"""
import html
import re
import sys

BAR, GAP, LEFT, WIDTH, RIGHT = 16, 8, 290, 360, 60
OWN, OTHER = "#2f81f7", "#8b949e"
CELL = re.compile(r"([0-9.]+)(?: \(([0-9.]+)[–-]([0-9.]+)\))?")
TABLE = re.compile(r"^<!-- plot: ([a-z0-9-]+): (.+) -->\n\n\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", flags=re.M)


def sections(text):
    """Name, title and rows (label, median, least, most) of every table with a plot comment."""
    for name, title, table in TABLE.findall(text + "\n"):
        rows = []
        for line in table.splitlines():
            cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
            figure = CELL.match(cells[1])
            if figure:
                median, least, most = figure.groups()
                rows.append((re.sub(r"[`\\]", "", cells[0]), float(median), float(least or median), float(most or median)))
        if rows:
            yield name, title, rows


def draw(title, rows):
    scale = WIDTH / max(row[3] for row in rows)
    height = 34 + len(rows) * (BAR + GAP)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" '
           f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">')
    yield f'<rect width="100%" height="100%" fill="#ffffff"/><text x="8" y="18" font-weight="bold">{html.escape(title)}</text>'
    for number, (label, median, least, most) in enumerate(rows):
        y = 30 + number * (BAR + GAP)
        middle, colour = y + BAR / 2, OTHER if label.startswith(("scp", "rsync", "tar", "wormhole")) else OWN
        yield f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{html.escape(label)}</text>'
        yield f'<rect x="{LEFT}" y="{y}" width="{median * scale:.1f}" height="{BAR}" fill="{colour}"/>'
        yield f'<path d="M{LEFT + least * scale:.1f} {middle}H{LEFT + most * scale:.1f}" stroke="#24292f" stroke-width="2"/>'
        yield f'<text x="{LEFT + most * scale + 6:.1f}" y="{middle + 4}">{median:g}</text>'
    yield "</svg>"


def main(folder, page="docs/benchmarks.md"):
    with open(page, encoding="utf-8") as source:
        for name, title, rows in sections(source.read()):
            path = f"{folder}/bench-{name}.svg"
            with open(path, "w", encoding="utf-8") as svg:
                svg.write("\n".join(draw(title, rows)) + "\n")
            print(path)


main(*sys.argv[1:])
