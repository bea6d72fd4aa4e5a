#!/usr/bin/env python3
"""Rebuilds what a crash of the machine may leave of a real receiver's files, and checks each of these states.

    dotnet build src/P2PCopy.Tool -c Release && tests/CrashStates/run.py --states 100000

A receiver runs under strace on the file system of --disk. Its system calls are the recording; the states are built on --memory. A few of
them are also given to a real receiver, which must complete them. Linux, strace and Python 3.11 are all it needs."""

import argparse
import copy
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import check
import record
from model import Model

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE.parents[1] / "artifacts/bin/P2PCopy.Tool/release/p2pcopy"
NO_SYNCFS = "inject=syncfs:error=ENOSYS"

# name, durable, options of the receiver, faults of its system calls
RUNS = [
    ("durable", True, (), ()),
    ("durable, file by file", True, (), (NO_SYNCFS,)),
    ("not durable", False, (), ()),
    ("not durable, file by file, overwrite", False, ("--on-conflict", "overwrite"), (NO_SYNCFS,)),
]


def options():
    parser = argparse.ArgumentParser(description="Checks the states that a crash may leave of a receiver's files.")
    parser.add_argument("--states", type=int, default=3000, help="number of states [default: 3000]")
    parser.add_argument("--seed", type=int, default=None, help="seed of the states [default: a new one, which is printed]")
    parser.add_argument("--later", type=int, default=4, help="number of states that a real receiver completes [default: 4]")
    parser.add_argument("--tool", type=pathlib.Path, default=TOOL, help="the p2pcopy to test [default: the Release build]")
    parser.add_argument("--disk", default="/var/tmp", help="folder on a real file system [default: /var/tmp]")
    parser.add_argument("--memory", default="/dev/shm", help="folder in memory [default: /dev/shm]")
    parser.add_argument("--no-mutants", action="store_true", help="leave out the recordings that are made wrong on purpose")
    parser.add_argument("--no-errors", action="store_true", help="leave out the runs whose disk fails")
    return parser.parse_args()


class Disk:
    """Builds states in memory. A file is a hard link to the one of an earlier state, if that has the same content and time."""

    def __init__(self, folder):
        self._state, self._blobs = folder / "state", folder / "blobs"
        self._blobs.mkdir(parents=True)
        self._known = {}

    def build(self, entries, at=None):
        if at is None:
            shutil.rmtree(self._state, ignore_errors=True)
            at = str(self._state)
        os.mkdir(at)
        for name, entry in entries.items():
            path = f"{at}/{name}"
            if isinstance(entry, dict):
                self.build(entry, path)
            elif isinstance(entry, str):
                os.symlink(entry, path)
            else:
                os.link(self._blob(entry), path)
        return self._state

    def _blob(self, entry):
        if (path := self._known.get(entry)) is None:
            if len(self._known) > 3000:
                for old in self._known.values():
                    os.unlink(old)
                self._known.clear()
            path = self._known[entry] = f"{self._blobs}/{len(self._known)}"
            content, modified = entry
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            os.write(descriptor, content)
            os.close(descriptor)
            os.utime(path, ns=(modified, modified))
        return path


def explore(recording, rng, count, disk, stop_at_first=False, keep=0):
    """Checks so many states of a recording; the number, the number of different ones, the violations, and some states."""
    model = Model(recording)
    seen, found, kept = set(), {}, []
    points = len(recording.events) + 1
    each = max(7, -(-count // points))
    checked = 0
    for point in rng.sample(range(points), points):
        told = {name for number, name in model.told if number < point}
        for state in model.states(point, rng, each):
            checked += 1
            seen.add(hash(repr_of(state)))
            for violation in check.violations(disk.build(state), recording, told):
                found.setdefault(violation, f"crash after event {point} of {points - 1}")
            if rng.random() < keep / count:
                kept.append(state)
            if found and stop_at_first:
                return checked, len(seen), found, kept
        if checked >= count and stop_at_first:
            break
    return checked, len(seen), found, kept


def repr_of(state):
    return tuple((name, repr_of(entry) if isinstance(entry, dict) else entry) for name, entry in sorted(state.items()))


# Recordings of receivers that are wrong. Each returns the events that the wrong receiver would have had.

def without_syncs(events):
    return [event for event in events if event.kind != "sync"]


def without_content_syncs(events):
    return [event for event in events if event.kind != "sync" or event.on_folder]


def without_name_syncs(events):
    return [event for event in events if event.kind != "sync" or not event.on_folder]


def rename_first(events):
    last = {}
    for event in events:
        if event.kind in ("create", "write", "cut", "time"):
            last[event.path] = event.end
        elif event.kind == "move" and event.path in last:
            event.start = event.end = last[event.path]
    return events


def told_first(events):
    moved = {event.to.removeprefix("destination/"): event.end for event in events if event.kind == "move"}
    for event in events:
        if event.kind == "told" and event.path in moved:
            event.start = event.end = moved[event.path]
    return events


# What is wrong, the recordings in which it must be seen, and the change.
MUTANTS = [
    ("no sync at all", (True, False), without_syncs),
    ("content not synced", (True, False), without_content_syncs),
    ("rename before the sync of the content", (True, False), rename_first),
    ("results told before the sync", (True,), told_first),
    ("folder not synced", (True,), without_name_syncs),
]


def mutants(recordings, rng, disk):
    """The mutants that were found, and those that were not."""
    passed = failed = 0
    for name, modes, change in MUTANTS:
        for recording in recordings:
            if recording.durable not in modes:
                continue
            wrong = copy.copy(recording)
            wrong.events = sorted(change(copy.deepcopy(recording.events)), key=lambda event: event.end)
            checked, _, found, _ = explore(wrong, rng, 20000, disk, stop_at_first=True)
            if found:
                passed += 1
                print(f"found    {name} ({recording.name}) after {checked} states: {next(iter(found))}")
            else:
                failed += 1
                print(f"FAILED   {name} ({recording.name}) was not found in {checked} states")
    return passed, failed


def later(tool, folder, recording, states, disk):
    """A receiver completes each state: the files are those of the source, and no partial file is left."""
    failed = 0
    for number, state in enumerate(states):
        root = folder / f"later-{number}"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        record.make_source(root, 1)
        built = disk.build(state)
        if (built / "destination").exists():
            shutil.copytree(built / "destination", root / "destination", symlinks=True)
        statuses, _ = record.run(tool, root, [], traced=False)
        wanted, seen = picture(root / "source"), picture(root / "destination/source")
        if statuses != (0, 0) or wanted != seen:
            failed += 1
            wrong = sorted(name for name in wanted.keys() | seen.keys() if wanted.get(name) != seen.get(name))
            print(f"FAILED   a later run of \"{recording.name}\" ended with {statuses}; different: {', '.join(wrong)}")
        shutil.rmtree(root, ignore_errors=True)
    return len(states) - failed, failed


def picture(folder):
    return {str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else None if path.is_dir() else (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*")}


def errors(tool, folder):
    """A disk that fails: both sides report the same files as failed, and nothing of them has a real name."""
    passed = failed = 0
    for what, inject in (("content", ("inject=fsync,fdatasync:error=EIO", NO_SYNCFS)), ("file system", ("inject=fsync,syncfs:error=EIO",)),
                         ("folders", ("inject=syncfs:error=EIO",))):
        recording, statuses, (received, sent) = record.record(tool, folder / "errors", "errors", True, inject=inject)
        files = [name for name, content in recording.source.items() if isinstance(content, bytes) and content and name != "source/same"]
        bad = [name for name in files if received.get(name) != "failed" or sent.get(name) != "failed"]
        if what != "folders":
            for name in files:
                path, before = folder / "errors/destination" / name, recording.before.get("destination/" + name)
                if (path.read_bytes() if path.exists() else None) != (before[0] if before else None):
                    bad.append(f"{name} was replaced")
        if statuses != (3, 3) or bad:
            failed += 1
            print(f"FAILED   errors of the disk ({what}): {statuses}, {bad}")
        else:
            passed += 1
            print(f"passed   errors of the disk ({what}): {len(files)} files failed on both sides")
    return passed, failed


def main():
    settings = options()
    tool = settings.tool.resolve()
    if not tool.is_file() or not shutil.which("strace"):
        print(f"needs strace and {tool}: dotnet build src/P2PCopy.Tool -c Release", file=sys.stderr)
        return 2
    seed = settings.seed if settings.seed is not None else random.SystemRandom().randrange(10**9)
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    real, memory = (pathlib.Path(tempfile.mkdtemp(prefix="p2pcopy-crash-", dir=folder)) for folder in (settings.disk, settings.memory))
    states = different = 0
    parts = []  # passed and failed
    try:
        disk = Disk(memory)
        recordings = []
        for name, durable, receive, inject in RUNS:
            recording, statuses, _ = record.record(tool, real / "run", name, durable, receive, inject)
            if statuses != (0, 0):
                print(f"FAILED   the recording \"{name}\": {statuses}\n" + (real / "run/receive.out").read_text()[-2000:])
                return 1
            recordings.append(recording)
        for recording in recordings:
            begin = time.monotonic()
            checked, unlike, found, kept = explore(recording, rng, settings.states // len(RUNS), disk, keep=settings.later / len(RUNS))
            states, different = states + checked, different + unlike
            for violation, where in list(found.items())[:20]:
                print(f"FAILED   {recording.name}: {violation} ({where})")
            print(f"{checked} states of \"{recording.name}\" ({len(recording.events)} events), {unlike} different, {checked / (time.monotonic() - begin):.0f} a second", flush=True)
            parts.append((int(not found), len(found)))
            parts.append(later(tool, real, recording, kept[:settings.later], disk))
        if not settings.no_mutants:
            parts.append(mutants(recordings, rng, disk))
        if not settings.no_errors:
            parts.append(errors(tool, real))
    finally:
        for folder in (real, memory):
            shutil.rmtree(folder, ignore_errors=True)
    passed, failed = (sum(part) for part in zip(*parts))
    print(f"{states} states checked, {different} different")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
