#!/usr/bin/env python3
"""Measures copies over a direct path, in network namespaces of its own: sender, receiver and relay on one switch.

    dotnet build src/Package.proj -t:PublishSingleFile && sudo bench/direct.py --runs 7

All contenders take turns, so that a slow phase of the machine affects all of them. Source and copy are in memory. Wall time runs from the
start of both sides to the end of both; the relay and the server of scp already run. CPU time is that of all processes in the round. Every
copy is compared with its source. The limit of the machine is two SHA-256 and two AES-256-GCM of every byte (openssl speed) and the CPU time
of `socat` for the same bytes at its best block size. It needs root, Python 3.11, iproute2, socat, openssl, and sshd for scp."""

import argparse
import filecmp
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
MEBIBYTE = 1 << 20
TUNED = "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=16777216"
BLOCKS = (65536, 262144, 1048576)
PORT = 8765
# Seconds after which a process counts as stuck.
STUCK = 60


def options():
    parser = argparse.ArgumentParser(description="Measures copies over a direct path.")
    parser.add_argument("--tool", type=pathlib.Path, help="the p2pcopy to measure [default: the published one]")
    parser.add_argument("--runs", type=int, default=7, help="rounds after one that is not counted [default: 7]")
    parser.add_argument("--mib", type=int, default=1024, help="size of the file [default: 1024]")
    parser.add_argument("--data", default="random,text", help="random, text [default: both]")
    parser.add_argument("--only", default="", help="contenders, by a part of the name [default: all]")
    return parser.parse_args()


def published():
    found = sorted(ROOT.glob("artifacts/package/p2pcopy-*-linux-x64/p2pcopy")) or sorted(ROOT.glob("artifacts/package/p2pcopy-*-linux-x64"))
    return found[0] if found else sys.exit("Publish the tool first, or name one with --tool.")


class Lab:
    """Namespaces for sender, receiver and relay, joined by a switch in a namespace of its own."""

    def __init__(self):
        tag = f"p2pb{os.getpid()}"
        self._switch = f"{tag}w"
        self.names = {who: f"{tag}{who[0]}" for who in ("sender", "receiver", "host")}
        self.address = {who: f"192.0.2.{i}" for i, who in enumerate(self.names, 1)}

    def __enter__(self):
        run("ip", "netns", "add", self._switch)
        inside = ("ip", "-n", self._switch)
        run(*inside, "link", "add", "switch", "type", "bridge")
        run(*inside, "link", "set", "switch", "up")
        for who, name in self.names.items():
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", who, "netns", self._switch)
            run(*inside, "link", "set", who, "master", "switch", "up")
            run("ip", "-n", name, "address", "add", f"{self.address[who]}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        for name in [*self.names.values(), self._switch]:
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)

    def command(self, who, *command):
        return ["ip", "netns", "exec", self.names[who], *map(str, command)]


def run(*command):
    subprocess.run(command, check=True)


class Timed:
    """A process whose CPU time is known at its end, with that of its descendants."""

    def __init__(self, command, log, environment=None):
        self._log = log
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=open(log, "wb"), stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}, start_new_session=True
        )

    def end(self, stop=None):
        if stop:
            self._process.send_signal(stop)
        stuck = threading.Timer(STUCK, self._process.kill)
        stuck.start()
        _, status, usage = os.wait4(self._process.pid, 0)
        stuck.cancel()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode and not stop:
            sys.exit(f"{self._process.args[4:7]} failed:\n{pathlib.Path(self._log).read_text()[-2000:]}")
        return usage.ru_utime + usage.ru_stime


class Tool:
    """p2pcopy over one of its paths."""

    def __init__(self, lab, tool, name, direct, tls=None, extra=()):
        self.name, self._lab, self._tool, self._direct, self._tls, self._extra = name, lab, tool, direct, tls, extra

    def copy(self, source, target, work):
        environment = {"P2PCOPY_CODE": f"{secrets.token_hex(4)}-bench-direct-copy", "P2PCOPY_DIRECT": self._direct, "P2PCOPY_DISCOVERY": "Off"}
        address = f"{self._lab.address['host']}:{PORT}"
        tls = ["--certificate", self._tls] if self._tls else []
        relay = Timed(self._lab.command("host", self._tool, "relay", "--listen", address, *tls), work / "relay.log", environment)
        wait_for(self._lab, address, work / "relay.log")
        client = ["--relay", f"wss://{address}", "--ca-file", self._tls] if self._tls else ["--relay", f"ws://{address}"]
        begin = time.monotonic()
        receiver = Timed(self._lab.command("receiver", self._tool, "receive", target, "--yes", *client), work / "receiver.log", environment)
        sender = Timed(self._lab.command("sender", self._tool, "send", source, "--json", *client, *self._extra), work / "sender.log", environment)
        cpu = receiver.end() + sender.end()
        seconds = time.monotonic() - begin
        return seconds, cpu + relay.end(signal.SIGTERM), direct_share(work / "sender.log")


def direct_share(log):
    summary = json.loads(log.read_text().splitlines()[-1])
    return f"{summary['bytesDirect'] / (summary['bytesDirect'] + summary['bytesRelayed']):.1%} direct"


class Scp:
    """scp with aes256-gcm, to an sshd with keys of its own."""

    def __init__(self, lab, name, tuned):
        self.name, self._lab, self._tuned = name, lab, tuned

    def copy(self, source, target, work):
        host = self._lab.address["receiver"]
        for key in ("host", "user"):
            if not (work / key).exists():
                run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(work / key))
        (work / "sshd_config").write_text(
            f"Port 2222\nListenAddress {host}\nHostKey {work}/host\nAuthorizedKeysFile {work}/user.pub\nStrictModes no\n"
            f"PidFile none\nUsePAM no\nCiphers aes256-gcm@openssh.com\nSubsystem sftp internal-sftp\nPermitRootLogin yes\n"
        )
        os.makedirs("/run/sshd", exist_ok=True)
        server = Timed(self._lab.command("receiver", *(["env", TUNED] if self._tuned else []), shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", work / "sshd_config"), work / "sshd.log")
        wait_for(self._lab, f"{host}:2222")
        choices = "-q -P 2222 -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR -c aes256-gcm@openssh.com".split()
        begin = time.monotonic()
        client = Timed(self._lab.command("sender", "scp", *choices, "-i", work / "user", source, f"{host}:{target}/"), work / "scp.log")
        cpu = client.end()
        seconds = time.monotonic() - begin
        time.sleep(0.2)  # the server's child ends by itself
        return seconds, cpu + server.end(signal.SIGTERM), ""


class Socat:
    """The same bytes through plain TCP: what moving them must cost. With a relay between the ends, or without."""

    def __init__(self, lab, block, relayed):
        self.name, self._lab, self._block, self._relayed = f"socat -b {block}, {'relayed' if relayed else 'direct'}", lab, block, relayed

    def copy(self, source, target, work):
        host, middle = self._lab.address["receiver"], self._lab.address["host"]
        socat = ("socat", "-b", self._block)
        last = Timed(self._lab.command("receiver", *socat, "-u", "TCP-LISTEN:5000,reuseaddr", f"CREATE:{target}/{source.name}"), work / "last.log")
        relay = None
        if self._relayed:
            relay = Timed(self._lab.command("host", *socat, "TCP-LISTEN:5000,reuseaddr", f"TCP:{host}:5000,retry=100,interval=0.02"), work / "middle.log")
        begin = time.monotonic()
        first = Timed(self._lab.command("sender", *socat, "-u", f"OPEN:{source}", f"TCP:{middle if relay else host}:5000,retry=100,interval=0.02"), work / "first.log")
        cpu = first.end() + (relay.end() if relay else 0) + last.end()
        return time.monotonic() - begin, cpu, ""


def wait_for(lab, address, log=None):
    host, port = address.split(":")
    until = time.monotonic() + STUCK
    while time.monotonic() < until:
        if subprocess.run(lab.command("host", "bash", "-c", f"exec 3<>/dev/tcp/{host}/{port}"), stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.02)
    sys.exit(f"{address} does not answer: {pathlib.Path(log).read_text()}" if log else f"{address} does not answer.")


def make_data(kind, path, mebibytes):
    block = secrets.token_bytes(MEBIBYTE)
    with open(path, "wb") as file:
        for i in range(mebibytes):
            if kind == "random":
                file.write(os.urandom(MEBIBYTE))
            else:
                lines = "".join(f"2026-01-02T03:04:{j % 60:02}.{block[(i + j) % MEBIBYTE]:03} INFO worker-{block[(7 * i + j) % MEBIBYTE] % 16} request {i * 20000 + j} took {block[j] * 7} ms\n" for j in range(16000))
                file.write(lines.encode()[:MEBIBYTE].ljust(MEBIBYTE, b"\n"))


def cryptography(mebibytes):
    """CPU seconds of two SHA-256 and two AES-256-GCM of every byte."""
    seconds = 0
    for algorithm in ("sha256", "aes-256-gcm"):
        output = subprocess.run(["openssl", "speed", "-seconds", "1", "-bytes", "65536", "-evp", algorithm], capture_output=True, text=True, check=True).stdout
        seconds += 2 * mebibytes * MEBIBYTE / (float(re.search(r"([\d.]+)k\s*$", output).group(1)) * 1000)
    return seconds


def certificate(work, address):
    path = work / "relay.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=relay",
        "-addext", f"subjectAltName=IP:{address}", "-keyout", str(work / "key.pem"), "-out", str(path))
    path.write_text(path.read_text() + (work / "key.pem").read_text())
    return path


def measure(contenders, kind, settings, work):
    source = work / f"{kind}.bin"
    make_data(kind, source, settings.mib)
    results = {contender.name: [] for contender in contenders}
    for turn in range(settings.runs + 1):
        for contender in contenders if turn % 2 else contenders[::-1]:
            target = work / "copy"
            target.mkdir()
            seconds, cpu, path = contender.copy(source, target, work)
            if not filecmp.cmp(source, target / source.name, shallow=False):
                sys.exit(f"{contender.name}: the copy differs.")
            shutil.rmtree(target)
            if turn:
                results[contender.name].append((seconds, cpu, path))
    source.unlink()
    print(f"\n{kind}, {settings.mib} MiB, {settings.runs} rounds; cryptography alone {cryptography(settings.mib):.2f} s CPU")
    for name, rounds in results.items():
        seconds, cpu, paths = zip(*rounds)
        print(f"  {name:28} wall {statistics.median(seconds):5.2f} ({min(seconds):.2f}–{max(seconds):.2f}) s   CPU {statistics.median(cpu):5.2f} ({min(cpu):.2f}–{max(cpu):.2f}) s  {'/'.join(sorted(set(paths)))}", flush=True)


def main():
    settings = options()
    os.umask(0o077)
    tool = (settings.tool or published()).resolve()
    os.environ.update({"P2PCOPY_CONFIG": "none", "P2PCOPY_HISTORY": "off"})
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, Lab() as lab:
        work = pathlib.Path(folder)
        pem = certificate(work, lab.address["host"])
        contenders = [
            Tool(lab, tool, "p2pcopy, direct", "Auto"), Tool(lab, tool, "p2pcopy, ws", "Off"), Tool(lab, tool, "p2pcopy, wss", "Off", pem),
            Tool(lab, tool, "p2pcopy, direct, off", "Auto", extra=("--compression", "off")),
            Scp(lab, "scp", False), Scp(lab, "scp, tuned sshd", True),
            *(Socat(lab, block, relayed) for block in BLOCKS for relayed in (False, True)),
        ]
        chosen = [c for c in contenders if not settings.only or any(part in c.name for part in settings.only.split(";"))]
        for kind in settings.data.split(","):
            measure(chosen, kind, settings, work)


if __name__ == "__main__":
    main()
