"""Records the system calls of a real receiver that change its destination, and the moments at which either side reports an entry."""

import dataclasses
import os
import pathlib
import random
import re
import shutil
import subprocess
import time

CODE = "lab42x-acorn-bamboo-cactus-dolphin"
CALLS = ("openat,pwrite64,pwritev,write,ftruncate,utimensat,renameat,renameat2,rename,linkat,unlinkat,mkdirat,mkdir,symlinkat,"
         "fsync,fdatasync,syncfs")
LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?.*<(\d+\.\d+)>$", re.S)
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.S)
REPORT = re.compile(r'\\"event\\":\\"file\\".*?\\"name\\":\\"(.*?)\\".*?\\"status\\":\\"(\w+)\\"')
PATH = re.compile(r"^-?\w+<([^>]*)>$")
TIME = re.compile(r"tv_sec=(-?\d+)(?: /\*.*?\*/)?, tv_nsec=(\d+)")


@dataclasses.dataclass
class Event:
    """What happened: a change of the destination, a sync that has ended, or a report of an entry."""

    kind: str  # create, write, cut, time, move, remove, folder, link, sync, told
    start: float
    end: float
    path: str = ""
    to: str = ""
    offset: int = 0
    length: int = 0
    modified: int = 0
    on_folder: bool = False


@dataclasses.dataclass
class Recording:
    name: str
    durable: bool
    source: dict  # name -> bytes, str (target of a link) or None (folder)
    modified: dict  # name -> modification time in ns
    before: dict  # path below the destination's parent -> (bytes, modified) or None (folder)
    events: list


def make_source(root, seed):
    """Files of every kind that is written in a way of its own."""
    rng = random.Random(seed)
    source = {"source": None, "source/inner": None, "source/inner/deep": None}
    for number in range(24):
        folder = rng.choice(["source", "source/inner", "source/inner/deep"])
        source[f"{folder}/small-{number}"] = rng.randbytes(rng.choice((0, 1, 100, 4096, 5000)))
    source["source/replaced"] = rng.randbytes(90_000)
    source["source/continued"] = rng.randbytes(100_000)
    source["source/inner/hole-at-the-end"] = rng.randbytes(5000) + bytes(90_000)
    source["source/inner/hole"] = rng.randbytes(4096) + bytes(80_000) + rng.randbytes(3000)
    source["source/small-replaced"] = rng.randbytes(3000)
    source["source/same"] = rng.randbytes(2000)
    source["source/link"] = "small-replaced"
    modified = {}
    for name, content in source.items():
        path = root / name
        if content is None:
            path.mkdir(parents=True)
        elif isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
            modified[name] = 1_600_000_000_000_000_000 + rng.randrange(10**9) * 100
            os.utime(path, ns=(modified[name],) * 2)
    return source, modified


def make_before(destination, source, modified, seed):
    """What an earlier run left: old files, a file that is the same, and a partial file that the receiver continues."""
    rng = random.Random(seed + 1)
    before = {"destination": None, "destination/source": None}
    files = {"replaced": (source["source/replaced"][:60_000] + rng.randbytes(20_000), 10**18),
             "small-replaced": (rng.randbytes(3000), 10**18),
             "same": (source["source/same"], modified["source/same"]),
             partial_of("continued"): (source["source/continued"][:70_000] + rng.randbytes(30_000), 10**18)}
    (destination / "source").mkdir(parents=True)
    for name, (content, when) in files.items():
        path = destination / "source" / name
        path.write_bytes(content)
        path.chmod(0o600)
        os.utime(path, ns=(when, when))
        before[f"destination/source/{name}"] = (content, when)
    return before


def partial_of(name):
    """The name of a partial file; see WireName.Partial."""
    import hashlib
    return "." + hashlib.sha256(name.encode()).hexdigest()[:16] + ".p2ppart"


def record(tool, root, name, durable, options=(), inject=(), seed=1):
    """Runs a relay, a sender and a receiver, the last two under strace, and reads what strace wrote."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    source, modified = make_source(root, seed)
    before = make_before(root / "destination", source, modified, seed)
    os.sync()
    statuses, reports = run(tool, root, ["--durable", "true" if durable else "false", *options], inject)
    events = parse((root / "receive.trace").read_text(), root, receiver=True) + parse((root / "send.trace").read_text(), root, receiver=False)
    events.sort(key=lambda event: event.end)
    return Recording(name, durable, source, modified, before, events), statuses, reports


def environment(root):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("P2PCOPY_") and "proxy" not in name.lower()}
    return kept | {"HOME": str(root), "P2PCOPY_DIRECT": "Off", "P2PCOPY_DISCOVERY": "Off", "P2PCOPY_CONFIG": "none", "P2PCOPY_HISTORY": "off", "P2PCOPY_CODE": CODE, "NO_COLOR": "1",
                   "DOTNET_EnableWriteXorExecute": "0", "DOTNET_TieredPGO": "0"}


def run(tool, root, options, inject=(), traced=True, destination="destination"):
    """Copies root/source to a destination; the exit statuses, and what each side reported of each name."""
    with (root / "relay.out").open("wb") as out:
        relay = subprocess.Popen([tool, "relay", "--listen", "127.0.0.1:0"], stdout=out, stderr=subprocess.STDOUT, env=environment(root))
    try:
        until = time.monotonic() + 60
        while not (port := re.search(rb"127\.0\.0\.1:(\d+)", (root / "relay.out").read_bytes())):
            if time.monotonic() > until or relay.poll() is not None:
                raise TimeoutError("the relay did not start")
            time.sleep(0.05)
        url = f"ws://127.0.0.1:{port.group(1).decode()}"
        send = [tool, "send", "source", "--links", "preserve", "--relay", url, "--json", "--quiet"]
        receive = [tool, "receive", destination, "--relay", url, "--yes", "--json", "--quiet", *options]
        if traced:
            trace = ["strace", "-f", "-ttt", "-T", "-y", "-v", "-qq"]
            send = [*trace, "-s", "200000", "-e", "trace=write", "-o", "send.trace", *send]
            receive = [*trace, "-s", "8192", "-e", f"trace={CALLS}", *(part for one in inject for part in ("-e", one)), "-o", "receive.trace", *receive]
        sides = []
        for name, command in (("receive", receive), ("send", send)):
            with (root / f"{name}.out").open("wb") as out:
                sides.append(subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment(root)))
        statuses = tuple(side.wait(timeout=300) for side in sides)
    finally:
        relay.kill()
        relay.wait()
    report = re.compile(r'"event":"file".*?"name":"(.*?)".*?"status":"(\w+)"')
    reports = tuple(dict(report.findall((root / f"{name}.out").read_text(errors="replace"))) for name in ("receive", "send"))
    return statuses, reports


def parse(text, root, receiver):
    """The events of a trace. A call that another thread interrupts stands on two lines."""
    events, begun = [], {}
    for line in text.splitlines():
        if not (match := LINE.match(line)):
            continue
        thread, start, rest = match.group(1), float(match.group(2)), match.group(3)
        if rest.endswith("<unfinished ...>"):
            begun[thread] = (start, rest[:-len("<unfinished ...>")].rstrip())
            continue
        if match := RESUMED.match(rest):
            start, first = begun.pop(thread)
            rest = first + match.group(2)
        if not (match := CALL.match(rest)):
            continue
        call, arguments, result, opened, took = match.groups()
        if int(result) < 0 or "(INJECTED)" in rest:
            continue
        event = _event(call, _split(arguments), int(result), opened, start, start + float(took), str(root) + "/", receiver)
        events += event if isinstance(event, list) else [event] if event else []
    return events


def _split(arguments):
    """The arguments of a call: commas within brackets and texts separate nothing."""
    parts, depth, quoted, begin, at = [], 0, False, 0, 0
    while at < len(arguments):
        char = arguments[at]
        if quoted:
            at += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "[{<(":
            depth += 1
        elif char in "]}>)":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(arguments[begin:at].strip())
            begin = at + 1
        at += 1
    return [*parts, arguments[begin:].strip()]


def _event(call, arguments, result, opened, start, end, root, receiver):
    def path_of(argument):
        match = PATH.match(argument)
        return match.group(1) if match else ""

    def below(path):
        path = path.removesuffix(" (deleted)")
        return path[len(root):] if path.startswith(root + "destination") else None

    def at(folder, name):
        name = name.strip('"')
        return below(name if name.startswith("/") else os.path.normpath(os.path.join(path_of(folder), name)))

    if call == "write" and arguments[0].startswith("1<"):
        good = [name for name, status in REPORT.findall(arguments[1]) if status in ("copied", "unchanged")]
        return [Event("told", start, start, path=name) for name in good]
    if not receiver:
        return None
    if call == "openat":
        path = at(arguments[0], arguments[1])
        return Event("create", start, end, path) if path and "O_CREAT" in arguments[2] and "O_EXCL" in arguments[2] else None
    if call in ("pwrite64", "pwritev", "write"):
        path = below(path_of(arguments[0]))
        return Event("write", start, end, path, offset=int(arguments[-1]), length=result) if path and call != "write" else None
    if call == "ftruncate":
        path = below(path_of(arguments[0]))
        return Event("cut", start, end, path, length=int(arguments[1])) if path else None
    if call == "utimensat":
        path = below(path_of(arguments[0])) if arguments[1] == "NULL" else None
        times = TIME.findall(arguments[2])
        return Event("time", start, end, path, modified=int(times[1][0]) * 10**9 + int(times[1][1])) if path and len(times) == 2 else None
    if call in ("renameat", "renameat2", "linkat"):
        path, to = at(arguments[0], arguments[1]), at(arguments[2], arguments[3])
        return Event("move", start, end, path, to) if path else None
    if call == "unlinkat":
        path = at(arguments[0], arguments[1])
        return Event("remove", start, end, path) if path else None
    if call in ("mkdirat", "mkdir"):
        path = at(arguments[0], arguments[1]) if call == "mkdirat" else below(arguments[0].strip('"'))
        return Event("folder", start, end, path) if path else None
    if call == "symlinkat":
        path = at(arguments[1], arguments[2])
        return Event("link", start, end, path, to=arguments[0].strip('"')) if path else None
    path = below(path_of(arguments[0]))  # fsync, fdatasync, syncfs
    return Event("sync", start, end, path, to=call, on_folder=not path.endswith(".p2ppart")) if path is not None else None
