#!/usr/bin/env python3
"""Four connections, one of them silent or at a hundredth of the speed: how long the copy takes and how long it stands still.

    dotnet build src/P2PCopy.Tool -c Release && tests/Chaos/bars.py

For each seed three connections copy alone, then four with the fault on each one in turn. The seed draws the side of the network
that fails, the moment, and the size of the chunks. A copy may take 1.5 times as long as that of the three connections, and may
stand still for 3 s. Every connection has the same speed limit, so no connection gains from another's loss. Python 3.11 is all
it needs; a loaded machine gives longer times."""

import argparse
import asyncio
import collections
import dataclasses
import pathlib
import random
import shutil
import statistics
import sys
import tempfile
import time

from processes import Process
from proxy import Fault, Proxy

TOOL = pathlib.Path(__file__).resolve().parents[2] / "artifacts/bin/P2PCopy.Tool/release/p2pcopy"
CONNECTIONS = 4
MEBIBYTE = 1 << 20
LONGEST = 1.5
STANDSTILL = 3
# Seconds after which a copy counts as stuck.
STUCK = 180


@dataclasses.dataclass
class Copy:
    seconds: float
    standstill: float
    # What was disturbed, and what happened.
    story: list


def options():
    parser = argparse.ArgumentParser(description="Measures copies over four connections of which one is silent or slow.")
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds [default: 20]")
    parser.add_argument("--seed", type=int, default=1, help="first seed [default: 1]")
    parser.add_argument("--kinds", default="stall,slow", help="kinds of faults [default: stall,slow]")
    parser.add_argument("--rate", type=int, default=4, help="MiB/s of each connection [default: 4]")
    parser.add_argument("--size", type=int, default=60, help="MiB to copy [default: 60]")
    parser.add_argument("--jobs", type=int, default=1, help="seeds at the same time [default: 1]")
    parser.add_argument("--tool", type=pathlib.Path, default=TOOL, help="the p2pcopy to test [default: the Release build]")
    return parser.parse_args()


class Bars:
    def __init__(self, settings, root):
        self._settings = settings
        self._tool = settings.tool.resolve()
        self._root = root
        self._source = root / "source"
        self._source.write_bytes(random.Random(1).randbytes(settings.size * MEBIBYTE))

    async def seed(self, seed):
        """Plays a seed, and returns the copies of each kind of fault."""
        drawn = random.Random(seed)
        side = drawn.choice(("sender", "receiver"))
        chunk = drawn.choice(("512KiB", "1MiB", "4MiB"))
        alone = await self._copy(f"{seed}-alone", CONNECTIONS - 1, chunk, side, None)
        found = collections.defaultdict(list)
        print(f"seed {seed}: {side}, chunks of {chunk}; three connections alone: {alone.seconds:.1f} s", flush=True)
        for kind in self._settings.kinds.split(","):
            for connection in range(CONNECTIONS):
                # Within the first half of the content that the connection would carry.
                after = drawn.randrange(5_000, self._settings.size * MEBIBYTE // CONNECTIONS // 2)
                fault = Fault(kind, connection, side == "sender", after, 600)
                copy = await self._copy(f"{seed}-{kind}-{connection}", CONNECTIONS, chunk, side, fault)
                times = copy.seconds / alone.seconds
                good = times <= LONGEST and copy.standstill <= STANDSTILL
                found[kind].append((times, copy.standstill, good))
                print(f"seed {seed}: {'ok    ' if good else 'MISSED'} {fault.kind} connection {connection} at {after} bytes: {copy.seconds:.1f} s, "
                      f"{times:.2f} times, standstill {copy.standstill:.1f} s; {'; '.join(copy.story) or 'nothing was disturbed'}", flush=True)
        return found

    async def _copy(self, name, connections, chunk, side, fault):
        story = []
        root = self._root / name
        root.mkdir()
        rate = self._settings.rate * MEBIBYTE
        proxy = Proxy(side, [fault] if fault else [], story.append, rate=rate)
        plain = Proxy("plain", [], story.append)
        other = "receiver" if side == "sender" else "sender"
        ports = {side: proxy, other: plain}
        processes = []
        try:
            relay = Process(self._tool, root, "relay", ["relay", "--listen", "127.0.0.1:0", "--quiet"])
            processes.append(relay)
            await relay.start()
            proxy.upstream = plain.upstream = await relay.address_port()
            for each in (proxy, plain):
                await each.start()
            receiver = Process(self._tool, root, "receiver", ["receive", str(root / "in"), "--yes", "--relay", f"ws://127.0.0.1:{ports['receiver'].port}", "--json", "--quiet"])
            sender = Process(self._tool, root, "sender", ["send", str(self._source), "--relay", f"ws://127.0.0.1:{ports['sender'].port}", "--json", "--quiet",
                                                          "--connections", str(connections), "--compression", "off", "--chunk-size", chunk])
            processes += [receiver, sender]
            await receiver.start()
            while not receiver.says("waiting"):
                await asyncio.sleep(0.02)
            await sender.start()
            seconds, standstill = await self._follow(root / "in", sender, receiver)
            if (sender.status, receiver.status) != (0, 0) or (root / "in/source").read_bytes() != self._source.read_bytes():
                raise RuntimeError(f"{name} failed: {sender.tail()}\n{receiver.tail()}")
            return Copy(seconds, standstill, story)
        finally:
            for process in processes:
                await process.end()
            for each in (proxy, plain):
                await each.stop()
            shutil.rmtree(root)

    @staticmethod
    async def _follow(destination, sender, receiver):
        """Returns the seconds from the offer to the end of both sides, and the longest time in which nothing was written."""
        while not sender.says("offer"):
            await asyncio.sleep(0.01)
        begin = grown = time.monotonic()
        written = 0
        standstill = 0.0
        while sender.is_running or receiver.is_running:
            now = time.monotonic()
            size = sum(path.stat().st_blocks for path in destination.glob("*") if path.exists())
            if size > written:
                standstill = max(standstill, now - grown)
                written, grown = size, now
            if now - begin > STUCK:
                raise RuntimeError(f"stuck: {sender.tail()}\n{receiver.tail()}")
            await asyncio.sleep(0.02)
        end = time.monotonic()
        return end - begin, max(standstill, end - grown)


async def main():
    settings = options()
    if not settings.tool.is_file():
        print(f"{settings.tool} does not exist: dotnet build src/P2PCopy.Tool -c Release", file=sys.stderr)
        return 2
    root = pathlib.Path(tempfile.mkdtemp(prefix="p2pcopy-bars-", dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None))
    found = collections.defaultdict(list)
    try:
        bars = Bars(settings, root)
        seeds = iter(range(settings.seed, settings.seed + settings.seeds))

        async def work():
            for seed in seeds:
                for kind, copies in (await bars.seed(seed)).items():
                    found[kind] += copies

        await asyncio.gather(*(work() for _ in range(settings.jobs)))
    finally:
        shutil.rmtree(root)
    for kind, copies in found.items():
        times, standstills = [copy[0] for copy in copies], [copy[1] for copy in copies]
        print(f"{kind}: {len(copies)} copies, {statistics.median(times):.2f} times as long (median), {max(times):.2f} at most; "
              f"standstill {statistics.median(standstills):.1f} s (median), {max(standstills):.1f} s at most")
    every = [copy[2] for copies in found.values() for copy in copies]
    print(f"{sum(every)} passed, {len(every) - sum(every)} failed")
    return 0 if all(every) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
