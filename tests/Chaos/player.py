"""Plays a scenario: a run with faults, then a clean one."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import time

import checks
import trees
from processes import PATIENCE, Process
from proxy import Proxy
from scenario import CONNECT, RETRY, SILENCE, WAIT

# Two losses in a row, each noticed by silence, and the wait for a side that does not come back.
PROMISE = WAIT + 2 * (RETRY + SILENCE) + 2 * CONNECT
WITH_FAULTS = ["--retry-timeout", str(RETRY), "--wait-timeout", str(WAIT), "--connection-timeout", str(CONNECT), "--silence-timeout", str(SILENCE)]

# No fault delays these runs, but a loaded machine may.
WITHOUT_FAULTS = ["--wait-timeout", "60", "--connection-timeout", "30", "--silence-timeout", "30"]

# A listening socket, a reserved one, and one that is being closed.
RELAY_SOCKETS = 3
DISK = 64 << 20


class Player:
    def __init__(self, scenario, tool, root):
        self.scenario = scenario
        self._tool = tool
        self._root = root
        self._random = random.Random(scenario.seed + 1)
        self._disk = root / "disk"
        self._is_mounted = bool(scenario.free) and self._mount()
        self._destination = self._disk / "destination" if self._is_mounted else root / "destination"
        self.trees = trees.Trees(root, self._random, scenario.plan, self._destination)
        if self._is_mounted:
            with open(self._disk / "filler", "wb") as filler:
                os.posix_fallocate(filler.fileno(), 0, max(1, shutil.disk_usage(self._disk).free - scenario.free))
        self.story = []
        self.found = []
        self.kills = 0
        self._begin = time.monotonic()
        self._disturbed = self._begin
        self.proxies = {side: Proxy(side, scenario.faults[side], self._tell) for side in ("sender", "receiver")}
        self.relay = None
        self.sides = {"sender": [], "receiver": []}
        self._all = []
        self._killing = asyncio.Lock()

    def _tell(self, what):
        self._disturbed = time.monotonic()
        self.story.append(f"{self._disturbed - self._begin:6.2f} {what}")

    async def play(self):
        try:
            for proxy in self.proxies.values():
                await proxy.start()
            await self._start_relay()
            await self._first_run()
            self._check_first()
            for proxy in self.proxies.values():
                proxy.calm()
            if self._is_mounted:
                (self._disk / "filler").unlink()
            await self._clean_run()
            await self._check_relay()
        except (TimeoutError, OSError) as e:
            self.found.append(f"{type(e).__name__}: {e}")
        finally:
            for process in self._all:
                if await process.end():
                    self.found.append(f"{process.name} left processes behind")
            for proxy in self.proxies.values():
                await proxy.stop()
            if self._is_mounted:
                subprocess.run(["umount", "-l", self._disk], check=False)
        return not self.found

    def _mount(self):
        """Mounts a small file system; other users than root have none."""
        self._disk.mkdir()
        return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "chaos", self._disk], check=False, capture_output=True).returncode == 0

    async def _check_relay(self):
        """No connection of the ended sides stays at the relay."""
        until = time.monotonic() + PATIENCE
        while (count := self.relay.sockets()) > RELAY_SOCKETS and time.monotonic() < until:
            await asyncio.sleep(0.1)
        if count > RELAY_SOCKETS:
            self.found.append(f"the relay has {count} sockets open after both sides have ended")

    async def _start_relay(self):
        self.relay = self._add(Process(self._tool, self._root, f"relay-{len(self._all)}", ["relay", "--listen", "127.0.0.1:0"]))
        await self.relay.start()
        await self._use_relay()

    async def _use_relay(self):
        port = await self.relay.address_port()
        for proxy in self.proxies.values():
            proxy.upstream = port

    def _add(self, process):
        self._all.append(process)
        return process

    def _process(self, side, name, options, largest=0):
        arguments = ["send", "source"] if side == "sender" else ["receive", str(self._destination), "--yes"]
        arguments += ["--relay", f"ws://127.0.0.1:{self.proxies[side].port}", "--json", "--quiet", *options]
        return self._add(Process(self._tool, self._root, name, arguments, largest))

    async def _start(self, side):
        options = [] if self.scenario.promise else WITHOUT_FAULTS if self.scenario.is_calm else WITH_FAULTS
        options = options + self.scenario.both + (self.scenario.send if side == "sender" else self.scenario.receive)
        process = self._process(side, f"{side}-{len(self.sides[side]) + 1}", options, self.scenario.largest if side == "receiver" else 0)
        process.standing = self.scenario.standing and side == "receiver"
        self.sides[side].append(process)
        await process.start()

    async def _first_run(self):
        for side in ("receiver", "sender") if self.scenario.promise else self._random.sample(("sender", "receiver"), 2):
            await self._start(side)
            while self.scenario.promise and side == "receiver" and not self.sides[side][-1].says("waiting"):
                await asyncio.sleep(0.05)
            if side == "receiver":
                await asyncio.sleep(self.scenario.absent)
        self._disturbed = time.monotonic()
        helpers = [asyncio.ensure_future(self._watch()), *(asyncio.ensure_future(self._do(deed)) for deed in self.scenario.deeds)]
        try:
            await self._wait_for_ends(lambda: [processes[-1] for processes in self.sides.values()], helpers[1:])
        finally:
            for helper in helpers:
                helper.cancel()
            for result in await asyncio.gather(*helpers, return_exceptions=True):
                if isinstance(result, Exception):
                    self.found.append(f"{type(result).__name__}: {result}")
        self.relay.signal(signal.SIGCONT)
        # A deed that was dropped may have killed the relay at this moment, or started one that no proxy knows yet.
        if self.relay.killed:
            await self.relay.wait()
        await (self._use_relay() if self.relay.is_running else self._start_relay())

    async def _wait_for_ends(self, processes, deeds=()):
        """Waits until both sides have ended. Once one has, deeds that wait for a moment of the transfer are dropped."""
        promise, patience = (self.scenario.promise, 0) if self.scenario.promise else (PROMISE, PATIENCE)
        while any(process.is_running for process in processes()) or any(not d.done() for d in deeds) and all(p.killed for p in processes()):
            if time.monotonic() > self._disturbed + promise + patience:
                late = [process.name for process in processes() if process.is_running]
                raise TimeoutError(f"{', '.join(late)} did not end within {promise} s after the last disturbance, nor {patience} s later")
            sender, receiver = processes()
            if receiver.standing and receiver.is_running and not sender.is_running and (not sender.killed or all(d.done() for d in deeds)) and not receiver.told:
                # Once, because a second signal ends it at once.
                receiver.told = True
                receiver.signal(signal.SIGTERM)
            await asyncio.sleep(0.1)

    async def _do(self, deed):
        while deed.paired and not self.sides["sender"][-1].says("offer"):
            await asyncio.sleep(0.05)
        await asyncio.sleep(deed.at)
        if deed.what == "appear":
            if self.trees.appear(deed.target, self._random):
                self._tell(f"{deed.target} appears at the destination")
        elif deed.what == "change":
            self.trees.change_source(deed.target, self._random)
            self._tell(f"{deed.target} changes at the source")
        elif deed.what == "cancel":
            process = self._current(deed.target)
            process.cancelled = process.is_running
            process.signal(signal.SIGINT)
            self._tell(f"{process.name} is cancelled")
        elif deed.what == "stop":
            process = self._current(deed.target)
            process.signal(signal.SIGSTOP)
            self._tell(f"{process.name} stops for {deed.seconds} s")
            try:
                await asyncio.sleep(deed.seconds)
            finally:
                process.signal(signal.SIGCONT)
                self._disturbed = time.monotonic()
        else:
            # A process that starts again is not killed before it has started.
            async with self._killing:
                await self._kill(deed)

    async def _kill(self, deed):
        if deed.target == "path":
            self.kills += 1
            self._tell("the connections of both sides end")
            for proxy in self.proxies.values():
                proxy.cut()
            return
        process = self._current(deed.target)
        if not process.is_running:
            return
        await process.kill()
        self.kills += 1
        self._tell(f"{process.name} is killed")
        await asyncio.sleep(deed.seconds)
        if deed.target == "relay":
            await self._start_relay()
        elif any(other[-1].is_running for side, other in self.sides.items() if side != deed.target):
            await self._start(deed.target)
        self._tell(f"{deed.target} starts again")

    def _current(self, target):
        return self.relay if target == "relay" else self.sides[target][-1]

    async def _watch(self):
        """Reads each file at the destination whenever it changes: it is old or new at every moment."""
        seen = {}
        while True:
            for name in self.trees.versions:
                path = self.trees.destination / name
                stat = path.stat() if path.exists() else None
                mark = stat and (stat.st_ino, stat.st_mtime_ns, stat.st_size)
                if seen.get(name) != mark:
                    seen[name] = mark
                    if wrong := self.trees.half_new(name):
                        self.found.append(f"{name} at the destination was neither old nor new for a moment: {wrong}")
            await asyncio.sleep(0.15)

    def _check_first(self):
        senders, receivers = self.sides["sender"], self.sides["receiver"]
        self.found += checks.whole(self)
        self.found += checks.ends(senders + receivers)
        if self.found:
            return
        self.found += checks.truth(self, senders, receivers)
        self.found += checks.success(self, senders + receivers)
        self.found += checks.own(self, receivers)
        if not senders[-1].killed and not receivers[-1].killed:
            self.found += checks.agreement(senders[-1], receivers[-1], len(senders) + len(receivers) > 2)
        # These runs have no excuse, except a policy that refuses or keeps what exists.
        if self.scenario.promise or self.scenario.is_calm and self.scenario.policy != "fail":
            self.found += [f"{p.name} ended with {p.status} without an excuse" for p in senders + receivers if p.status != 0]

    async def _clean_run(self):
        # --checksum, because the policy of the first run may have kept a file that has the same size and time.
        both = WITHOUT_FAULTS + ["--retry-timeout", "30"] + self.scenario.both
        sides = [self._process("sender", "sender-clean", both),
                 self._process("receiver", "receiver-clean", [*both, "--on-conflict", "update", "--checksum"])]
        for process in sides:
            await process.start()
        self._disturbed = time.monotonic()
        await self._wait_for_ends(lambda: sides)
        self.found += checks.whole(self) + checks.ends(sides) + checks.clean(self, *sides)
        if not self.found:
            self.found += checks.agreement(*sides, False)

    def report(self):
        return "\n".join([str(self.scenario), "what happened:", *self.story, *(process.tail() for process in self._all)])
