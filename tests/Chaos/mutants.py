#!/usr/bin/env python3
"""Puts defects back that were mended once, each in a copy of the repository, and shows that the scenarios find them.

    tests/Chaos/mutants.py             # all of them
    tests/Chaos/mutants.py slow        # those whose name contains a word
    tests/Chaos/mutants.py --check     # whether the code still has the places

For each defect the first seeds are played that concern it: first with the tool as it is, then with the defect."""

import argparse
import dataclasses
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import defects
from scenario import draw

CORE = "src/P2PCopy.Core/"
TOOL = "artifacts/bin/P2PCopy.Tool/release/p2pcopy"


@dataclasses.dataclass
class Mutant(defects.Mutant):
    # Whether a scenario may meet the defect.
    concerns: typing.Callable
    count: int = 8


def deeds(scenario, what, *targets):
    return any(deed.what == what and (not targets or deed.target in targets) for deed in scenario.deeds)


def appears_late(scenario):
    """A file appears when it is offered and not yet written."""
    before = {"source/" + name: (size, there) for name, size, there in scenario.plan}
    return "--bandwidth-limit" in scenario.send and any(
        deed.what == "appear" and deed.paired and 0.4 < deed.at < 1.6 and before[deed.target][0] > 1_000_000 and not before[deed.target][1] for deed in scenario.deeds)


def lively(kind):
    return lambda scenario: scenario.promise and any(fault.kind == kind for faults in scenario.faults.values() for fault in faults)


MUTANTS = [
    Mutant("kept-file", "The sender reports a file as copied that the policy kept at the receiver.",
           CORE + "Transfer/Receiving/RoundResults.cs", "_results.AddSkippedAsync(entry.Index)", "_results.AddGoodAsync(new GoodResult(entry, () => { }))",
           lambda s: s.policy == "skip" and appears_late(s) and not deeds(s, "kill") and "1MiB" in s.send[s.send.index("--bandwidth-limit"):], 12),
    Mutant("restarted-sender", "The receiver forgets what this run has placed: after a restart of the sender its own files are in the way.",
           CORE + "Transfer/Receiving/RunMemory.cs", "resumes && options.OnConflict is not", "!resumes && options.OnConflict is not",
           lambda s: s.policy in ("fail", "rename") and deeds(s, "kill", "sender") and not deeds(s, "kill", "receiver", "relay") and not s.standing
           and "--bandwidth-limit" in s.send and sum(not before for _, _, before in s.plan) > 2, 12),
    Mutant("unconfirmed-files", "The JSON log does not name the files that were not confirmed.",
           "src/P2PCopy.Tool/Display/JsonDisplay.cs", "report.Files.Where(f => f.Status == FileStatus.Unconfirmed)", "report.Files.Where(f => f.Name.Length == 0)",
           lambda s: any(deed.what == "cancel" and deed.paired and deed.at > 1 for deed in s.deeds) and not deeds(s, "kill")
           and "1MiB" in s.send[-1] and sum(size for _, size, before in s.plan if before != "same") > 5_000_000, 8),
    Mutant("silent-connection", "A connection that is silent while others are not is noticed by the silence time-out only.",
           CORE + "Session/Links/SessionLinks.cs", "if (silent is { } connection)", "if (silent is { } connection && connection < 0)", lively("stall"),
           more=(("session.Window.Repeat(_silence.IsSuspect)", "session.Window.Repeat(_ => false)"),
                 ("if (session.Window.FindStraggler(session.Paths.Links) is { } slow &&", "if (_ticking < 0 && session.Window.FindStraggler(session.Paths.Links) is { } slow &&"),)),
    Mutant("slow-connection", "A slow connection is never given up.",
           CORE + "Session/Delivery/StragglerWatch.cs", "late = FindLate(chunks, capacity, links, now);", "late = links < 0 ? FindLate(chunks, capacity, links, now) : null;", lively("slow")),
    Mutant("forgotten-connection", "A waiting connection that the network has forgotten is noticed at the next join only.",
           CORE + "Transport/WaitingMember.cs", "Task.WhenAny(_hints, _draining.Task, due, silent)", "Task.WhenAny(_hints, _draining.Task, due)", lively("forget"), 4),
]


def play(tool, seeds):
    done = subprocess.run([sys.executable, HERE / "run.py", "--tool", tool, "--jobs", "4", "--seeds", ",".join(map(str, seeds))], capture_output=True, text=True)
    failed = [line for line in done.stdout.splitlines() if line.startswith("failed seeds:")]
    return [int(seed) for seed in failed[0].split(":")[1].split()] if failed else []


def build(root):
    subprocess.run(["dotnet", "build", "src/P2PCopy.Tool", "-c", "Release", "-v", "q", "-p:RunAnalyzers=false", "-p:PublishReadyToRun=false"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return root / TOOL


def main():
    _, chosen = defects.choose(MUTANTS, argparse.ArgumentParser(description="Puts mended defects back and shows that the scenarios find them."))
    missed = 0
    with tempfile.TemporaryDirectory(prefix="p2pcopy-mutants-") as folder:
        root = pathlib.Path(folder) / "copy"
        subprocess.run(["git", "worktree", "add", "--detach", "-q", root], cwd=defects.ROOT, check=True)
        try:
            healthy_tool = pathlib.Path(folder) / "healthy"
            shutil.copytree(build(root).parent, healthy_tool)
            for mutant in chosen:
                seeds = [seed for seed in range(1, 20_000) if mutant.concerns(draw(seed))][:mutant.count]
                healthy = play(healthy_tool / "p2pcopy", seeds)
                with mutant.put_into(root):
                    found = play(build(root), seeds)
                good = bool(found) and not healthy
                missed += not good
                print(f"{'found' if good else 'MISSED'}  {mutant.name}: seeds {seeds}; without it {healthy or 'none'} failed, with it {found or 'none'}", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", root], cwd=defects.ROOT, check=False)
    print(f"{len(chosen) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
