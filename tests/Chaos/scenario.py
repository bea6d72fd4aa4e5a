"""Draws a scenario from its seed."""

import dataclasses
import random

import trees
from proxy import KINDS, Fault

WAIT, RETRY, SILENCE, CONNECT = 12, 10, 5, 5


@dataclasses.dataclass
class Deed:
    """Something that happens `at` seconds after the two sides have paired, or after their start."""

    at: float
    paired: bool
    what: str
    target: str
    seconds: float = 0.0


@dataclasses.dataclass
class Scenario:
    seed: int
    plan: list
    both: list
    send: list
    receive: list
    policy: str
    faults: dict
    deeds: list
    largest: int

    @property
    def is_calm(self):
        return not (self.deeds or any(self.faults.values()) or self.largest)

    def __str__(self):
        lines = [f"seed {self.seed}: send {' '.join(self.both + self.send)} | receive {' '.join(self.both + self.receive)}"]
        lines += [f"  file {name}, {size} bytes" + (f", at the destination: {before}" if before else "") for name, size, before in self.plan]
        lines += [f"  {side}: {fault}" for side, faults in self.faults.items() for fault in faults]
        lines += [f"  {deed}" for deed in self.deeds]
        if self.largest:
            lines.append(f"  the receiver can write files of at most {self.largest} bytes")
        return "\n".join(lines)


def draw(seed):
    source = random.Random(seed)
    names = source.sample(trees.NAMES, source.randint(1, len(trees.NAMES)))
    plan = [(name, source.choice(trees.SIZES) + source.randrange(3), source.choice(("", "", "", "old", "part", "same"))) for name in names]
    connections = source.randint(1, 4)
    hash_on = source.random() < 0.85
    both = ["--encryption", "on" if source.random() < 0.8 or not hash_on else "off"]
    policy = source.choice(("update", "update", "overwrite", "skip", "rename", "newer", "fail"))
    send = ["--connections", str(connections), "--compression", source.choice(("auto", "on", "off")), "--hash", "on" if hash_on else "off",
            "--chunk-size", source.choice(("512KiB", "1MiB"))]
    if source.random() < 0.3:
        send += ["--compression-codec", "gzip"]
    if source.random() < 0.6:
        # The transfer lasts long enough for the deeds to meet it.
        send += ["--bandwidth-limit", source.choice(("1MiB", "2MiB", "5MiB"))]
    receive = ["--on-conflict", policy]
    receive += [flag for flag in ("--checksum", "--fsync", "--preserve-mode", "--discard-partial") if source.random() < 0.15]
    if source.random() < 0.2:
        receive += ["--whole-file", "true"]
    total = sum(size for _, size, _ in plan)
    faults = {side: [_fault(source, connections, total) for _ in range(source.choice((0, 0, 1, 1, 2, 3)))] for side in ("sender", "receiver")}
    deeds = sorted((_deed(source, names) for _ in range(source.choice((0, 0, 1, 1, 2)))), key=lambda deed: (deed.paired, deed.at))
    largest = 200_000 if source.random() < 0.05 else 0
    if source.random() < 0.08:
        faults, deeds, largest = {"sender": [], "receiver": []}, [], 0
    return Scenario(seed, plan, both, send, receive, policy, faults, deeds, largest)


def _fault(source, connections, total):
    after = source.randrange(2500) if source.random() < 0.3 else source.randrange(total // connections + 1000)
    # A stall beyond the silence time-out lasts to the end of the connection.
    return Fault(source.choice(KINDS), source.randrange(connections + 1), source.random() < 0.5, after, source.choice((0.5, 2, 4, 60)))


def _deed(source, names):
    paired = source.random() < 0.75
    at = round(source.uniform(0, 2.5), 2)
    kind = source.random()
    if kind < 0.4:
        return Deed(at, paired, "kill", source.choice(("sender", "receiver", "relay")), round(source.uniform(0, 2), 2))
    if kind < 0.65:
        return Deed(at, paired, "stop", source.choice(("sender", "receiver", "relay")), source.choice((0.3, 2, 7)))
    return Deed(at, paired, "appear" if kind < 0.85 else "change", "source/" + source.choice(names))
