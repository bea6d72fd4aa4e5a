#!/usr/bin/env python3
"""Copies through the tool while networks fail, processes are killed and files change, and checks what must hold each time.

    dotnet build src/P2PCopy.Tool -c Release && tests/Chaos/run.py --scenarios 5000

Each scenario is drawn from its seed. A failed one prints the command that repeats it. Python 3.11 is all it needs."""

import argparse
import asyncio
import collections
import itertools
import pathlib
import shutil
import sys
import tempfile
import time

from player import Player
from scenario import draw, draw_kills

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE.parents[1] / "artifacts/bin/P2PCopy.Tool/release/p2pcopy"


def options():
    parser = argparse.ArgumentParser(description="Copies while networks fail, processes are killed and files change.")
    parser.add_argument("--scenarios", type=int, default=100, help="number of seeds [default: 100]")
    parser.add_argument("--kills", type=int, default=0, help="instead of scenarios: kill so many processes and paths, and nothing else")
    parser.add_argument("--seed", type=int, default=1, help="first seed [default: 1]")
    parser.add_argument("--seeds", help="these seeds only, separated by commas")
    parser.add_argument("--tool", type=pathlib.Path, default=TOOL, help="the p2pcopy to test [default: the Release build]")
    parser.add_argument("--jobs", type=int, default=8, help="scenarios at the same time [default: 8]")
    parser.add_argument("--keep", action="store_true", help="keep the folders of failed scenarios")
    return parser.parse_args()


async def play(seed, settings):
    scenario = (draw_kills if settings.kills else draw)(seed)
    root = pathlib.Path(tempfile.mkdtemp(prefix=f"p2pcopy-chaos-{seed}-"))
    player = Player(scenario, settings.tool.resolve(), root)
    good = await player.play()
    if not good:
        print(f"FAILED  seed {seed}", *player.found, player.report(), sep="\n")
        print(f"repeat: tests/Chaos/run.py --{'kills' if settings.kills else 'scenarios'} 1 --seed {seed}" + (f"\nkept: {root}" if settings.keep else ""), flush=True)
    if good or not settings.keep:
        shutil.rmtree(root, ignore_errors=True)
    complete = all(processes and processes[-1].status == 0 for processes in player.sides.values())
    return seed, good, complete, player.kills


async def main():
    settings = options()
    if not settings.tool.is_file():
        print(f"{settings.tool} does not exist: dotnet build src/P2PCopy.Tool -c Release", file=sys.stderr)
        return 2
    counts = collections.Counter()
    failed = []
    chosen = [int(seed) for seed in settings.seeds.split(",")] if settings.seeds \
        else itertools.count(settings.seed) if settings.kills else range(settings.seed, settings.seed + settings.scenarios)
    seeds = iter(chosen)
    begin = time.monotonic()

    async def work():
        for seed in seeds:
            if settings.kills and counts["kills"] >= settings.kills:
                return
            seed, good, complete, kills = await play(seed, settings)
            counts["kills"] += kills
            counts["passed" if good else "failed"] += 1
            counts["complete"] += complete
            if not good:
                failed.append(seed)

    await asyncio.gather(*(work() for _ in range(settings.jobs)))
    if settings.kills:
        print(f"{counts['kills']} kills")
    print(f"{counts['complete']} of {counts['passed'] + counts['failed']} runs with faults were complete at once; {time.monotonic() - begin:.0f} s")
    if failed:
        print("failed seeds:", *sorted(failed))
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
