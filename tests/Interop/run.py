#!/usr/bin/python3
"""Checks docs/protocol.md: its vectors against p2pcopy_interop, and p2pcopy_interop against the tool, both ways.

    dotnet build src/P2PCopy.Tool -c Release && /usr/bin/python3 tests/Interop/run.py

Python 3.11 and its package cryptography (Debian: python3-cryptography) are all it needs. It takes half a minute."""

import collections
import contextlib
import hashlib
import itertools
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import vectors
from p2pcopy_interop import FileError, P2PError, files
from p2pcopy_interop.receiver import Receiver
from p2pcopy_interop.sender import Sender
from p2pcopy_interop.session import Session

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE.parents[1] / "artifacts/bin/P2PCopy.Tool/release/p2pcopy"
os.environ["P2PCOPY_DIRECT"] = "off"  # one test turns it on, in a namespace
os.environ["P2PCOPY_DISCOVERY"] = "off"
PYTHON = [sys.executable, "-m", "p2pcopy_interop"]
MEBIBYTE = 1 << 20
counts = collections.Counter()


def check(what, good, *seen):
    counts[bool(good)] += 1
    print("ok     " if good else "FAILED ", what, *([] if good else seen), sep="", flush=True)


def write(path, content, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, ns=(0, 1_600_000_000_123_456_700 + 100 * len(content)))


def make_source(folder):
    """50 MiB: a big file, a packable one, many small ones, an empty file and folder, names of other scripts."""
    make = random.Random(1)
    write(folder / "big.bin", make.randbytes(40 * MEBIBYTE))
    write(folder / "nested/deep/er/packable.txt", b"the quick brown fox\n" * (10 * MEBIBYTE // 20), 0o600)
    for number in range(200):
        write(folder / f"many/{number % 7}/{number}.dat", make.randbytes(number * 31), 0o644 if number % 2 else 0o755)
    for name in ("ünï cödé/naïve.txt", "日本語/файл.txt", "nested/🙂 emoji & 'quotes' \\ \t.txt"):
        write(folder / name, name.encode(), 0o640)
    write(folder / "nested/empty", b"")
    (folder / "empty folder").mkdir(mode=0o750)
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir():
            os.utime(path, ns=(0, 1_500_000_000_000_000_000))


def picture(folder):
    """Everything below a folder: name -> mode, time, and hash of a file."""
    look = lambda path: (path.stat().st_mode, path.stat().st_mtime_ns, path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest())
    return {str(path.relative_to(folder)): look(path) for path in folder.rglob("*")}


class Relay:
    """The tool's relay, and a code for each meeting in it."""

    def __enter__(self):
        self._process = subprocess.Popen([TOOL, "relay", "--listen", "127.0.0.1:0", "--quiet"], stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().removeprefix("listening on ").strip()
        self._codes = (f"interop{number}-mellow-quartz-ribbon" for number in itertools.count())
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    @contextlib.contextmanager
    def start(self, command, code):
        arguments = [*command, "--relay", self.url, "--code", code]
        process = subprocess.Popen(arguments, cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def pair(self, one, other, codes=None):
        """Runs two commands against each other; their exit statuses and what they said on standard error."""
        codes = codes or (next(self._codes),) * 2
        with self.start(one, codes[0]) as first, self.start(other, codes[1]) as second:
            said = [process.communicate(timeout=40)[1] for process in (first, second)]
            return [first.returncode, second.returncode], said

    def pair_with(self, command, role, act, kind=Session):
        """Runs a command against a session in this process; its exit status, and what became of each name in the session, or
        what both said when the session failed."""
        code = next(self._codes)
        with self.start(command, code) as process:
            try:
                with kind(self.url, code, role) as session:
                    outcome = dict(act(session).run())
            except P2PError as error:
                outcome = str(error)
            said = process.communicate(timeout=40)[1]
            return process.returncode, outcome if isinstance(outcome, dict) else (outcome, said)


def exchange(relay, root):
    source, by_tool, by_python = root / "source", root / "by-tool", root / "by-python"
    make_source(source)
    tool_sends, tool_receives = [TOOL, "send", source, "--quiet"], [TOOL, "receive", by_tool, "--quiet"]
    python_sends, python_receives = [*PYTHON, "send", source], [*PYTHON, "receive", by_python]

    done = relay.pair(tool_sends, python_receives)
    check("the tool sends 50 MiB to Python", done[0] == [0, 0], done)
    check("... the same content, times and modes", picture(by_python / "source") == picture(source))
    done = relay.pair(python_sends, tool_receives)
    check("Python sends 50 MiB to the tool", done[0] == [0, 0], done)
    check("... the same content, times and modes", picture(by_tool / "source") == picture(source))

    status, seen = relay.pair_with(tool_receives, "send", lambda session: Sender(session, list(files.scan(source))))
    check("again: the tool answers that all is unchanged", status == 0 and set(seen.values()) == {"unchanged"}, status, seen)
    senders = []
    status, seen = relay.pair_with([*tool_receives, "--durable"], "send", lambda session: senders.append(Sender(session, list(files.scan(source)))) or senders[0])
    check("a durable tool says so", status == 0 and set(seen.values()) == {"unchanged"} and senders[0].durable, status, seen)
    done = relay.pair([TOOL, "send", source / "many"], [*PYTHON, "receive", root / "durable", "--durable"])
    check("the tool sends to a durable Python", done[0] == [0, 0] and picture(root / "durable/many") == picture(source / "many"), done)
    inode = (by_python / "source/big.bin").stat().st_ino
    done = relay.pair(tool_sends, python_receives)
    check("again: Python answers that all is unchanged", done[0] == [0, 0] and (by_python / "source/big.bin").stat().st_ino == inode, done)

    write(source / "big.bin", random.Random(2).randbytes(5 * MEBIBYTE))
    done = relay.pair(python_sends, tool_receives)
    check("the tool has other blocks; Python sends all", done[0] == [0, 0] and picture(by_tool / "source") == picture(source), done)
    content = random.Random(2).randbytes(5 * MEBIBYTE)
    write(source / "big.bin", content[:2 * MEBIBYTE] + b"inserted" + content[2 * MEBIBYTE:] + b"appended")
    senders = []
    status, seen = relay.pair_with(tool_receives, "send", lambda session: senders.append(Sender(session, list(files.scan(source)))) or senders[0])
    check("the tool has most blocks; Python sends the others", status == 0 and seen["source/big.bin"] == "copied" and
          picture(by_tool / "source") == picture(source) and 0 < senders[0].sent < MEBIBYTE, status, seen, senders[0].sent)
    os.utime(source / "big.bin", ns=(0, 1_650_000_000_000_000_000))
    status, seen = relay.pair_with(tool_receives, "send", lambda session: senders.append(Sender(session, list(files.scan(source)))) or senders[1])
    check("the tool has all blocks; Python sends nothing", status == 0 and seen["source/big.bin"] == "copied" and
          picture(by_tool / "source") == picture(source) and senders[1].sent == 0, status, seen, senders[1].sent)
    write(source / "nested/empty", b"not any more")
    status, seen = relay.pair_with([*tool_receives, "--on-conflict", "skip"], "send", lambda session: Sender(session, list(files.scan(source))))
    check("the tool skips what would replace something", status == 0 and seen["source/nested/empty"] == "skipped" and
          (by_tool / "source/nested/empty").read_bytes() == b"", status, seen)
    status, seen = relay.pair_with([*tool_receives, "--on-conflict", "fail"], "send", lambda session: Sender(session, list(files.scan(source))))
    check("... or refuses it", status == 3 and seen["source/nested/empty"][0] == "DestinationExists", status, seen)
    off = ["--encryption", "off"]
    done = relay.pair([*tool_sends[:2], source / "many", *off], [*PYTHON, "receive", root / "plain-python", *off])
    check("the tool sends plain chunks", done[0] == [0, 0] and picture(root / "plain-python/many") == picture(source / "many"), done)
    done = relay.pair([*PYTHON, "send", source / "many", *off], [TOOL, "receive", root / "plain-tool", *off])
    check("Python sends plain chunks", done[0] == [0, 0] and picture(root / "plain-tool/many") == picture(source / "many"), done)

    codes, never = ("wrong-mellow-quartz-ribbon", "wrong-mellow-quartz-ribbons"), root / "never"
    for name, one, other in (("receiver", tool_sends, [*PYTHON, "receive", never]), ("sender", [TOOL, "receive", never, "--quiet"], python_sends)):
        statuses, said = relay.pair(one, other, codes)
        check(f"a Python {name} with a wrong code is refused", statuses == [4, 4] and said[1].startswith("PairingFailed"), statuses, said)
    check("... and nothing is written", not never.exists() or not list(never.iterdir()))


class NewerMinor(Session):
    version, unknown = (1, 7), {"later": [{"unknown": None}], "n2": 1}


class NewerMajor(Session):
    version = (2, 0)


def versions(relay, root):
    source, target = root / "source/many", root / "later"
    found = [(entry | NewerMinor.unknown, path) for entry, path in files.scan(source)]
    receive, send = [TOOL, "receive", target / "tool", "--quiet"], [TOOL, "send", source, "--quiet"]
    status, _ = relay.pair_with(receive, "send", lambda session: Sender(session, found), NewerMinor)
    check("a newer minor version sends, with members nobody knows yet", status == 0 and picture(target / "tool/many") == picture(source), status)
    status, _ = relay.pair_with(send, "receive", lambda session: Receiver(session, target / "python"), NewerMinor)
    check("... and receives", status == 0 and picture(target / "python/many") == picture(source), status)
    for role, command in (("send", [TOOL, "receive", target / "never", "--quiet"]), ("receive", send)):
        status, said = relay.pair_with(command, role, None, NewerMajor)
        check(f"a newer major version is refused ({role}), and each side says which one to update", status == 10 and
              said[0].startswith("VersionMismatch") and "the other side 2.0 (P2PCopy interop-python). [VersionMismatch]\nhint:  Update the software on this side." in said[1] and
              not (target / "never").exists(), status, said)


def failures(relay, root):
    changing, small = root / "changing/file", root / "changing/small"
    write(small, b"small")

    def scan_and_shrink(session):
        write(changing, bytes(20 * MEBIBYTE))
        found = list(files.scan(changing.parent))
        write(changing, b"short")
        return Sender(session, found)

    status, seen = relay.pair_with([TOOL, "receive", root / "shrunk"], "send", scan_and_shrink)
    check("Python's file shrinks: it alone fails, its chunks are void", status == 3 and seen["changing/file"][0] == "FileReadError" and
          seen["changing/small"] == "copied" and (root / "shrunk/changing/small").read_bytes() == b"small", status, seen)

    class Meddler(Receiver):
        def _read_entry(self, raw):
            if raw["n"] == "changing/file" and raw["s"] == 20 * MEBIBYTE:
                write(changing, b"short")
            return super()._read_entry(raw)

    write(changing, bytes(20 * MEBIBYTE))
    status, seen = relay.pair_with([TOOL, "send", changing.parent], "receive", lambda session: Meddler(session, root / "again"))
    check("the tool's file shrinks: it is offered again and comes", status == 0 and seen["changing/file"] == "copied" and
          (root / "again/changing/file").read_bytes() == b"short", status, seen)

    write(root / "unread/good", b"good")
    (root / "unread").joinpath(os.fsdecode(b"bad\xff")).touch()
    done = relay.pair([TOOL, "send", root / "unread", "--quiet"], [*PYTHON, "receive", root / "unread-copy"])
    check("the tool cannot read a name: Python hears of it", done[0] == [3, 3] and "FileReadError" in done[1][1] and
          (root / "unread-copy/unread/good").read_bytes() == b"good", done)

    (root / "blocked/changing/small").mkdir(parents=True)
    done = relay.pair([TOOL, "send", changing.parent, "--quiet"], [*PYTHON, "receive", root / "blocked"])
    check("Python cannot write: the tool hears of it", done[0] == [3, 3] and (root / "blocked/changing/file").exists(), done)


def hostile(relay, root):
    target, outside = root / "target", root / "outside"
    target.mkdir(), outside.mkdir()
    (target / "link").symlink_to(outside)
    names = ["", "/etc/x", "../x", "a/../../x", "./x", "x/", "a//b", "zero\0", "x" * 256, "a/" * 2100 + "x", ".p2pcopy-0123456789abcdef.part"]
    refused = []
    for name in names:
        try:
            files.split(name)
        except FileError:
            refused.append(name)
    check("hostile names are refused", refused == names, refused)
    write(root / "payload", b"payload")
    entry = next(files.scan(root / "payload"))[0]
    found = [(entry | {"n": name}, root / "payload") for name in [*names, f"{outside}/x", "link/x", "good", "good", "good/x"]]
    found.append(({"n": "way out", "k": files.LINK, "l": str(outside)}, None))
    with relay.start([*PYTHON, "receive", target], "hostile-mellow-quartz-ribbon") as receiver:
        with Session(relay.url, "hostile-mellow-quartz-ribbon", "send") as session:
            seen = Sender(session, found).run()
        receiver.communicate(timeout=20)
        check("a hostile sender writes nothing elsewhere", [name for name, status in seen if status == "copied"] == ["good"] and
              receiver.returncode == 3 and not list(outside.iterdir()) and {path.name for path in target.iterdir()} == {"good", "link"}, seen)


def main():
    for what, good in vectors.checks():
        check(f"vector: {what}", good)
    if not TOOL.exists():
        check("the tool is built (dotnet build src/P2PCopy.Tool -c Release)", False)
    else:
        with tempfile.TemporaryDirectory() as folder, Relay() as relay:
            for part in (exchange, versions, failures, hostile):
                try:
                    part(relay, pathlib.Path(folder))
                except (P2PError, OSError, subprocess.SubprocessError, KeyError) as error:
                    check(part.__name__, False, repr(error))
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
