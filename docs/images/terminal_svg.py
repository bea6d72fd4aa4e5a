#!/usr/bin/env python3
"""Draws what `tmux capture-pane -e -p` printed as an SVG: terminal_svg.py OUT.svg TITLE SCREEN.txt [TITLE SCREEN.txt]..."""
import html
import re
import sys

WIDTH, LINE, COLUMN, SIZE, PAD, BAR = 80, 18, 8.0, 13, 14, 26
COLOURS = ["#24292f", "#ff8182", "#57ab5a", "#d4a72c", "#6cb6ff", "#dcbdfb", "#76e3ea", "#d0d7de"]


def spans(line):
    """Pieces of a line with the style that SGR sequences gave them."""
    colour, bold, at = None, False, 0
    for match in list(re.finditer(r"\x1b\[([0-9;]*)m", line)) + [None]:
        text = line[at:match.start() if match else len(line)]
        if text:
            yield text, colour, bold
        if match is None:
            return
        at = match.end()
        for code in [int(c or 0) for c in match.group(1).split(";")]:
            if code == 0:
                colour, bold = None, False
            elif code == 1:
                bold = True
            elif 30 <= code <= 37 or 90 <= code <= 97:
                colour = COLOURS[code % 10]
            elif code == 39:
                colour = None


def window(top, title, lines):
    height = BAR + PAD + LINE * len(lines) + 4
    width = WIDTH * COLUMN + 2 * PAD
    yield f'<rect x="0" y="{top}" width="{width:g}" height="{height}" rx="8" fill="#22272e" stroke="#444c56"/>'
    yield f'<text x="{PAD}" y="{top + 18}" fill="#909dab" font-size="12">{html.escape(title)}</text>'
    for number, line in enumerate(lines):
        y, column = top + BAR + LINE * (number + 1) - 2, 0
        for text, colour, bold in spans(line):
            style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if bold else "")
            shown = text.rstrip()
            if shown:
                yield (f'<text x="{PAD + column * COLUMN:g}" y="{y}" textLength="{len(shown) * COLUMN:g}" '
                       f'xml:space="preserve"{style}>{html.escape(shown)}</text>')
            column += len(text)


def main(out, *parts):
    body, top = [], 0
    for title, path in zip(parts[::2], parts[1::2]):
        with open(path, encoding="utf-8") as screen:
            lines = screen.read().split("\n")
        while lines and not re.sub(r"\x1b\[[0-9;]*m", "", lines[-1]).strip().strip("$"):
            lines.pop()
        body += window(top, title, lines)
        top += BAR + PAD + LINE * len(lines) + 4 + 12
    width = WIDTH * COLUMN + 2 * PAD
    with open(out, "w", encoding="utf-8") as svg:
        svg.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top - 12}" width="{width:g}" height="{top - 12}" '
                  f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}" fill="#cdd9e5">\n')
        svg.write("\n".join(body) + "\n</svg>\n")


main(*sys.argv[1:])
