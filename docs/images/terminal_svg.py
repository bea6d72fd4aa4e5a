#!/usr/bin/env python3
"""Draws what `tmux capture-pane -e -p` printed as a moving SVG: terminal_svg.py OUT.svg 'TITLE|TITLE' [SECONDS SCREEN.txt SCREEN.txt]..."""
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


def trimmed(path):
    with open(path, encoding="utf-8") as screen:
        lines = screen.read().split("\n")
    while lines and not re.sub(r"\x1b\[[0-9;]*m", "", lines[-1]).strip():
        lines.pop()
    return lines


def main(out, titles, *frames):
    """Each frame is SECONDS and one screen for each title; the picture shows one after another, and again from the start."""
    titles = titles.split("|")
    step = len(titles) + 1
    times = [float(s) for s in frames[::step]]
    screens = [[trimmed(path) for path in frames[i + 1:i + step]] for i in range(0, len(frames), step)]
    heights = [max(len(screen[w]) for screen in screens) for w in range(len(titles))]
    total, at, body, style = sum(times), 0.0, [], []
    for number, (seconds, screen) in enumerate(zip(times, screens)):
        start, end = 100 * at / total, 100 * (at + seconds) / total
        at += seconds
        shown = [f"{start:.2f}%{{opacity:1}}", f"{end:.2f}%{{opacity:0}}"]
        if start > 0:
            shown.insert(0, "0%{opacity:0}")
        style.append(f"@keyframes f{number}{{{''.join(shown)}100%{{opacity:0}}}}" if end < 100 else f"@keyframes f{number}{{{''.join(shown[:-1])}100%{{opacity:1}}}}")
        style.append(f".f{number}{{animation:f{number} {total:g}s step-end infinite;opacity:{int(number == len(times) - 1)}}}")
        body.append(f'<g class="f{number}">')
        top = 0
        for title, lines, height in zip(titles, screen, heights):
            body += window(top, title, lines + [""] * (height - len(lines)))
            top += BAR + PAD + LINE * height + 4 + 12
        body.append("</g>")
    style.append("@media (prefers-reduced-motion:reduce){g{animation:none!important}}")
    width = WIDTH * COLUMN + 2 * PAD
    with open(out, "w", encoding="utf-8") as svg:
        svg.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top - 12}" width="{width:g}" height="{top - 12}" '
                  f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}" fill="#cdd9e5">\n')
        svg.write(f"<style>{''.join(style)}</style>\n")
        svg.write("\n".join(body) + "\n</svg>\n")


main(*sys.argv[1:])
