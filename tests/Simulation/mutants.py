#!/usr/bin/env python3
"""Puts defects into a copy of the engine, one at a time, and shows what finds each of them.

    tests/Simulation/mutants.py                 # all of them
    tests/Simulation/mutants.py ack policy      # those whose name contains a word
    tests/Simulation/mutants.py --check         # whether the code still has the places

Each defect is looked for by the simulation, from the same first seed and for at most --scenarios scenarios. The engine as it is must pass the
same seeds. The last line counts the defects that were found and those that were not."""

import argparse
import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import defects

PROGRAM = "artifacts/bin/P2PCopy.Simulation/release/P2PCopy.Simulation"


CORE = "src/P2PCopy.Core"


@dataclasses.dataclass
class Mutant(defects.Mutant):
    """A defect of the engine; its path is below the folder of the engine."""

    def __post_init__(self):
        self.path = f"{CORE}/{self.path}"


MUTANTS = [
    # Old defects that were mended.
    Mutant("stat-ends-all", "A disk that does not tell the attributes of one file ends the whole transfer.",
           "Files/Platform/FileErrors.cs", "return FileStat.Of(file, path);\n        }\n        catch (Exception e) when (IsFileError(e))", "return FileStat.Of(file, path);\n        }\n        catch (Exception e) when (e is null)"),
    Mutant("open-file-left", "A file whose attributes cannot be read stays open.",
           "Transfer/Receiving/BlockComparer.cs", "file?.Dispose();", ""),
    Mutant("kept-file", "The sender reports a file as copied that the policy kept at the receiver.",
           "Transfer/Receiving/RoundResults.cs", "return _results.AddSkippedAsync(entry.Index);", "return _results.AddGoodAsync(new GoodResult(entry, () => { }));"),
    Mutant("restarted-sender", "The receiver forgets what this run has placed: after a restart of the sender its own files are in the way.",
           "Transfer/Receiving/RunMemory.cs", "resumes && options.OnConflict is not", "!resumes && options.OnConflict is not"),
    Mutant("late-file", "A file that appears during the transfer is replaced although the policy keeps it.",
           "Files/Destination/Placement.cs", "case ConflictPolicy.Skip or ConflictPolicy.Fail:", "case ConflictPolicy.Fail:"),
    Mutant("late-newer-file", "A newer file that appears during the transfer is replaced by an older one.",
           "Files/Destination/Placement.cs", "ConflictPolicy.Newer when IsNotOlder(folder, path, entry, options) =>", "ConflictPolicy.Newer when path.Length == 0 =>"),
    # Files.
    Mutant("changed-while-read", "A file that changes while it is read is sent as a mixture.",
           "Files/Source/SourceReader.cs", "throw SourceFailedException.Changed(FullPath, \"it was written to\");", ";"),
    Mutant("half-a-hash", "The SHA-256 of a file is not compared.",
           "Transfer/Writing/ItemWriter.cs", "if (!context.Trailers.Matches(", "if (false && !context.Trailers.Matches("),
    Mutant("failed-is-good", "A file that the sender could not read counts as good.",
           "Transfer/Writing/ItemWriter.cs", "if (status == Trailer.Failed)", "if (status == Trailer.Failed && length < 0)"),
    Mutant("same-size", "Files of equal size count as unchanged, whatever their times.",
           "Files/Destination/ConflictRules.cs", "((existing.Modified - entry.Modified).Duration() <= options.ModifyWindow ||", "(existing.Length >= 0 ||"),
    Mutant("skip-replaces", "The policy that keeps existing files replaces them.",
           "Files/Destination/ConflictRules.cs", "ConflictPolicy.Skip => DestinationDecision.Skip(path, \"it exists\"),", "ConflictPolicy.Skip => want,"),
    Mutant("long-partial", "A partial that is longer than the new file keeps its end.",
           "Files/Destination/IncomingFile.cs", "if (_end != length)", "if (_end < length)"),
    # Delivery.
    Mutant("lost-messages", "Control messages that were under way on a lost connection are not sent again.",
           "Session/Delivery/ControlOutbox.cs", "(_nextToSend, _carrier) = (_unacknowledged.First, connection);", "_carrier = connection;"),
    Mutant("repeated-messages", "A control message that arrives again is processed again.",
           "Session/Delivery/ControlInbox.cs", "if (number < _nextExpected)\n                return;", "if (number < 0)\n                return;"),
    Mutant("lost-chunks", "The chunks of a lost connection are not sent again.",
           "Session/Delivery/ChunkOutbox.cs", "foreach (OutgoingChunk chunk in _chunks)\n                chunk.Leave(connection);\n            if (_overtaken", "if (_overtaken"),
    Mutant("all-again", "After a lost connection everything is sent again, also what has arrived.",
           "Session/Delivery/ChunkOutbox.cs", "OutgoingChunk? next = _chunks.Find(chunk => chunk is { Connection: null, Arrived: false });", "OutgoingChunk? next = _chunks.Find(chunk => chunk is { Connection: null });"),
    # Sessions.
    Mutant("no-silence", "A connection that is silent is never given up.",
           "Session/Links/LinkRunner.cs", "if (link.MeasureSilence() >= silenceTimeout)", "if (link.MeasureSilence() < TimeSpan.Zero)"),
    Mutant("endless-retry", "A side reconnects for ever.",
           "Session/Links/SessionLinks.cs", "using var deadline = new CancellationTokenSource(session.Context.RetryTimeout, _time);", "using var deadline = new CancellationTokenSource();"),
    Mutant("endless-wait", "A side waits for ever for the other one.",
           "Session/Pairing/Pairer.cs", "using var timeout = new CancellationTokenSource(context.WaitTimeout, context.TimeProvider);", "using var timeout = new CancellationTokenSource();"),
    Mutant("endless-handshake", "A handshake waits for ever for a silent other side.",
           "Session/Pairing/HandshakeDeadline.cs", "_timer = new CancellationTokenSource(HelloTime, timeProvider);", "_timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);"),
    Mutant("no-last-word", "A side does not wait until its final message has arrived.",
           "Session/Links/PeerSession.cs", "await Task.WhenAny(End.Delivered, Task.Delay(CloseTimeout, Context.TimeProvider, Ended)).ConfigureAwait(false);", ""),
    Mutant("stale-session", "A session goes on although the other program was restarted.",
           "Session/Links/SessionLinks.cs", "return !anyUp.IsCancellationRequested && session.End.TryReplace(successor);", "return false;"),
    # The relay.
    Mutant("left-stays", "A client that has left keeps its place in the room.",
           "../Relay/Rooms/RoomTable.cs", "Member? widowed = Remove(room, member);", "Member? widowed = null;"),
    # Direct connections.
    Mutant("only-by-relay", "With `Direct Only`, content goes through the relay until a direct connection is up.",
           "Session/Links/ContentPaths.cs", ": !_isDirect && !_isOnly && !IsWaiting();", ": !_isDirect && !IsWaiting();"),
    Mutant("endless-only", "With `Direct Only`, a transfer waits for ever for a direct connection.",
           "Session/Links/ContentPaths.cs", "&& _time.GetElapsedTime(since) >= OnlyTimeout)", "&& _time.GetElapsedTime(since) < TimeSpan.Zero)"),
    Mutant("second-connection", "The sender proves the session on every direct connection of an attempt, and each side may take another one.",
           "Session/Direct/DirectAttempt.cs", "() => isChosen = Interlocked.Exchange(ref _chosen, 1) == 0", "() => true"),
    Mutant("listener-left", "The port of an attempt stays open.",
           "Session/Direct/DirectAttempt.cs", "using DirectPort port = DirectPort.Open", "DirectPort port = DirectPort.Open"),
    Mutant("direct-without-agreement", "A side connects directly although the other one does not want that.",
           "Transfer/Control/DirectAgreement.cs", "if (mode != DirectMode.Off)", "if (mode != DirectMode.Off || session.Context.Direct.Mode != DirectMode.Off)"),
]


def build(root):
    command = ["dotnet", "build", "tests/Simulation", "-c", "Release", "-v", "q", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout[-3000:])


def play(root, seed, scenarios):
    """The first violation and the number of scenarios until it; None without one."""
    command = [str(root / PROGRAM), "--seed", str(seed), "--scenarios", str(scenarios), "--first"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    failed = re.search(r"^FAILED (\d+):.*\n +(.*)", done.stdout, re.M)
    if failed:
        return int(failed[1]) - seed + 1, failed[2]
    if done.returncode != 0:
        return 0, "the program ended: " + done.stderr[-200:]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenarios", type=int, default=20000)
    options, chosen = defects.choose(MUTANTS, parser)
    found = 0
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        for name in ["Directory.Build.props", "Directory.Packages.props", "P2PCopy.psd1", ".editorconfig", "global.json"]:
            if (defects.ROOT / name).exists():
                shutil.copy(defects.ROOT / name, root / name)
        for folder in [CORE, "src/Relay"]:
            shutil.copytree(defects.ROOT / folder, root / folder)
        shutil.copytree(defects.ROOT / "tests/Simulation", root / "tests/Simulation")
        most = 0
        for mutant in chosen:
            with mutant.put_into(root):
                try:
                    build(root)
                except SystemExit as failed:
                    print(f"{mutant.name}: NOT BUILT: {failed}", flush=True)
                    continue
                violation = play(root, options.seed, options.scenarios)
            if violation:
                found += 1
                most = max(most, violation[0])
                print(f"{mutant.name}: found by scenario {violation[0]}: {violation[1][:150]}", flush=True)
            else:
                print(f"{mutant.name}: NOT FOUND in {options.scenarios} scenarios. {mutant.what}", flush=True)
        build(root)
        clean = play(root, options.seed, max(most, 100))
        print(f"the engine as it is: {'FAILED ' + clean[1] if clean else f'no violation in {max(most, 100)} scenarios'}")
    print(f"{found} passed, {len(chosen) - found} failed")
    return 0 if found == len(chosen) and not clean else 1


if __name__ == "__main__":
    sys.exit(main())
