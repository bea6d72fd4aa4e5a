"""The processes of a scenario: the tool as sender, receiver and relay."""

import asyncio
import json
import os
import pathlib
import resource
import signal
import time

# A machine under load starts a process slowly; the promise itself is in seconds.
PATIENCE = 60


class Process:
    def __init__(self, tool, root, name, arguments, largest=0):
        self.name = name
        self._tool = tool
        self._root = root
        self._arguments = arguments
        self._largest = largest
        self._process = None
        self.killed = False
        self.cancelled = False
        self.standing = False
        # Whether it was told to end.
        self.told = False
        self.ended_at = 0.0
        self.out = root / f"{name}.out"
        self.err = root / f"{name}.err"

    async def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("P2PCOPY_") and "proxy" not in name.lower()}
        home = self._root / "home"
        home.mkdir(exist_ok=True)
        environment |= {"HOME": str(home), "TMPDIR": str(home), "P2PCOPY_DIRECT": "Off", "P2PCOPY_DISCOVERY": "Off", "P2PCOPY_CODE": "lab42x-acorn-bamboo-cactus-dolphin",
                        "NO_COLOR": "1", "DOTNET_TieredPGO": "0", "DOTNET_EnableWriteXorExecute": "0", "DOTNET_DbgEnableMiniDump": "0", "DOTNET_EnableDiagnostics": "0"}
        limit = None
        if self._largest:
            def limit():
                resource.setrlimit(resource.RLIMIT_FSIZE, (self._largest, self._largest))
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                str(self._tool), *self._arguments, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=err, env=environment,
                cwd=self._root, start_new_session=True, preexec_fn=limit)

    @property
    def status(self):
        return self._process.returncode

    @property
    def is_running(self):
        return self._process is not None and self._process.returncode is None

    def signal(self, number):
        if self.is_running:
            try:
                os.kill(self._process.pid, number)
            except ProcessLookupError:
                # It has just ended.
                pass

    async def kill(self):
        self.killed = True
        self.signal(signal.SIGKILL)
        await self._process.wait()

    async def end(self):
        """Kills what is left, and returns whether the process left processes behind."""
        if self._process is None:
            return False
        if self.is_running:
            await self.kill()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False

    async def wait(self):
        await self._process.wait()
        self.ended_at = time.monotonic()

    async def address_port(self):
        """The port of a relay, from its first line."""
        until = time.monotonic() + PATIENCE
        while self.is_running and time.monotonic() < until:
            if (text := self.out.read_text()).endswith("\n"):
                return int(text.splitlines()[0].rsplit(":", 1)[1])
            await asyncio.sleep(0.05)
        raise TimeoutError(f"the relay did not start: {self.err.read_text()}")

    def sockets(self):
        """The number of open sockets."""
        count = 0
        for handle in pathlib.Path(f"/proc/{self._process.pid}/fd").iterdir():
            try:
                count += os.readlink(handle).startswith("socket:")
            except FileNotFoundError:
                pass
        return count

    def says(self, event):
        return f'"event":"{event}"' in self.out.read_text()

    def events(self):
        """The JSON events; the last line of a killed process may be incomplete."""
        lines = self.out.read_bytes().split(b"\n")
        end = lines.pop()
        if end and not self.killed:
            raise ValueError(f"{self.name}: the last line is incomplete: {end!r}")
        return [json.loads(line) for line in lines]

    def files(self):
        """The last event of each file."""
        return {event["name"]: event for event in self.events() if event["event"] == "file" and event["kind"] == "file"}

    def summaries(self):
        return [event for event in self.events() if event["event"] == "summary"]

    def tail(self):
        text = "\n".join(self.out.read_text(errors="replace").splitlines()[-12:] + self.err.read_text(errors="replace").splitlines()[-12:])
        return f"--- {self.name}, status {self.status}{', killed' if self.killed else ''}\n{text}"
