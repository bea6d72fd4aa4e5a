"""Draws a scenario from its seed."""

import dataclasses
import random

import trees
from proxy import KINDS, Fault

WAIT, RETRY, SILENCE, CONNECT = 12, 10, 5, 5

# Seconds from the fault to the end of both sides. Without the promises of docs/recovery.md it would be 30, 50 and 26 at least.
SILENT, SLOW, FORGOTTEN = 22, 30, 24
# Seconds for which the receiver waits over a connection that the network has forgotten, before the sender comes. The receiver
# notices it after 8 s by its pings, and without them by its next join, after 36 s.
ABSENT = 10
MEBIBYTE = 1 << 20


@dataclasses.dataclass
class Deed:
    """Something that happens `at` seconds after the sender has offered its files, or after its start."""

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
    # The receiver can write files of at most so many bytes; 0 is without a limit.
    largest: int
    # Bytes that are free on the disk of the destination; 0 is without a limit.
    free: int = 0
    # Seconds in which both sides must end with success, with the default time-outs; 0 for other scenarios.
    promise: int = 0
    # Seconds for which the receiver waits before the sender starts.
    absent: int = 0
    # The receiver waits for one transfer after the other, and is told to end when the sender has ended.
    standing: bool = False

    @property
    def is_calm(self):
        return not (self.deeds or any(self.faults.values()) or self.largest or self.free)

    def __str__(self):
        lines = [f"seed {self.seed}: send {' '.join(self.both + self.send)} | receive {' '.join(self.both + self.receive)}"]
        lines += [f"  file {name}, {size} bytes" + (f", at the destination: {before}" if before else "") for name, size, before in self.plan]
        lines += [f"  {side}: {fault}" for side, faults in self.faults.items() for fault in faults]
        lines += [f"  {deed}" for deed in self.deeds]
        if self.largest:
            lines.append(f"  the receiver can write files of at most {self.largest} bytes")
        if self.free:
            lines.append(f"  the disk of the destination has {self.free} bytes free")
        if self.absent:
            lines.append(f"  the sender starts when the receiver has waited for {self.absent} s")
        if self.promise:
            lines.append(f"  both sides end with success within {self.promise} s after the fault")
        return "\n".join(lines)


def draw(seed):
    source = random.Random(seed)
    if source.random() < 0.12:
        return _lively(seed, source)
    names = source.sample(trees.NAMES, source.randint(1, len(trees.NAMES)))
    plan = [(name, source.choice(trees.SIZES) + source.randrange(3), source.choice(("", "", "", "old", "part", "same"))) for name in names]
    connections = source.randint(1, 4)
    hash_on = source.random() < 0.85
    both = ["--encryption", "on" if source.random() < 0.8 or not hash_on else "off"]
    policy = source.choice(("update", "update", "overwrite", "skip", "rename", "newer", "fail"))
    send = ["--connections", str(connections), "--compression", source.choice(("auto", "on", "off")), "--hash", "on" if hash_on else "off",
            "--chunk-size", source.choice(("512KiB", "1MiB", "4MiB"))]
    if source.random() < 0.3:
        send += ["--compression-codec", "gzip"]
    if source.random() < 0.6:
        # The transfer lasts long enough for the deeds to meet it.
        send += ["--bandwidth-limit", source.choice(("1MiB", "2MiB", "5MiB"))]
    receive = ["--on-conflict", policy]
    receive += [flag for flag in ("--checksum", "--durable", "--preserve-mode", "--discard-partial", "--skip-space-check") if source.random() < 0.15]
    receive += [part for option in (("--max-files", "100"), ("--max-size", "1GiB"), ("--modify-window", "2"), ("--sha256-list", "list"),
                                    ("--stall-timeout", "600")) if source.random() < 0.1 for part in option]
    if source.random() < 0.2:
        receive += ["--whole-file", "true"]
    total = sum(size for _, size, _ in plan)
    faults = {side: [_fault(source, connections, total) for _ in range(source.choice((0, 0, 1, 1, 2, 3)))] for side in ("sender", "receiver")}
    deeds = sorted((_deed(source, names) for _ in range(source.choice((0, 0, 1, 1, 2)))), key=lambda deed: (deed.paired, deed.at))
    largest = 200_000 if source.random() < 0.05 else 0
    free = source.randrange(total + 100_000) if source.random() < 0.06 else 0
    standing = source.random() < 0.1
    if free:
        receive += ["--skip-space-check"] * ("--skip-space-check" not in receive)
    if standing:
        receive = [part for part in receive if part not in ("--sha256-list", "list")] + ["--continuous", "--drain-timeout", "20"]
    if source.random() < 0.08:
        faults, deeds, largest, free = {"sender": [], "receiver": []}, [], 0, 0
    return Scenario(seed, plan, both, send, receive, policy, faults, deeds, largest, free, standing=standing)


def draw_kills(seed):
    """A scenario whose only faults are processes that are killed and paths that end, several in a row, at any moment."""
    number = seed
    while (scenario := draw(number)).promise:
        number += 1_000_003
    source = random.Random(seed + 7)
    scenario.seed, scenario.largest, scenario.free = seed, 0, 0
    scenario.faults = {"sender": [], "receiver": []}
    targets = source.choice((("sender",), ("receiver",), ("relay",), ("path",), ("sender", "receiver"), ("sender", "receiver", "relay", "path")))
    scenario.deeds = sorted((Deed(round(source.uniform(0, 3) ** 1.5 / 2, 2), source.random() < 0.8, "kill", source.choice(targets), round(source.uniform(0, 0.6), 2))
                             for _ in range(source.randint(2, 5))), key=lambda deed: (deed.paired, deed.at))
    return scenario


def _lively(seed, source):
    """One connection is silent or slow, or the network has forgotten the one that waits. No time-out of an option helps."""
    kind = source.choice(("stall", "slow", "forget"))
    connections = source.randint(2, 4)
    # So long that a slow connection needs longer for its chunk than the promise.
    chunk, count = ("4MiB", 7) if kind == "slow" else ("512KiB", 3)
    plan = [(name, 3 * MEBIBYTE, "") for name in source.sample(trees.NAMES, count)]
    send = ["--connections", str(connections), "--compression", "off", "--bandwidth-limit", "4MiB", "--chunk-size", chunk]
    side, up = source.choice((("sender", True), ("receiver", False)))
    fault = Fault(kind, source.randrange(connections), up, source.randrange(5_000, 300_000), 600)
    if kind == "forget":
        # The time of the transfer itself does not count.
        plan = [(name, 100_000, before) for name, _, before in plan]
        side, fault = "receiver", Fault(kind, 0, False, 100, 600)
    faults = {"sender": [], "receiver": []}
    faults[side].append(fault)
    return Scenario(seed, plan, [], send, [], "update", faults, [], 0, promise={"stall": SILENT, "slow": SLOW, "forget": FORGOTTEN}[kind],
                    absent=ABSENT if kind == "forget" else 0)


def _fault(source, connections, total):
    after = source.randrange(2500) if source.random() < 0.3 else source.randrange(total // connections + 1000)
    # A stall beyond the silence time-out lasts to the end of the connection.
    return Fault(source.choice(KINDS), source.randrange(connections + 1), source.random() < 0.5, after, source.choice((0.5, 2, 4, 60)))


def _deed(source, names):
    paired = source.random() < 0.75
    at = round(source.uniform(0, 2.5), 2)
    kind = source.random()
    if kind < 0.1:
        return Deed(at, paired, "cancel", source.choice(("sender", "receiver")))
    if kind < 0.4:
        return Deed(at, paired, "kill", source.choice(("sender", "receiver", "relay")), round(source.uniform(0, 2), 2))
    if kind < 0.65:
        return Deed(at, paired, "stop", source.choice(("sender", "receiver", "relay")), source.choice((0.3, 2, 7)))
    return Deed(at, paired, "appear" if kind < 0.85 else "change", "source/" + source.choice(names))
