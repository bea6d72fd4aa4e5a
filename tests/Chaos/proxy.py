"""A TCP proxy on 127.0.0.1 that disturbs the connections which pass through it, at given numbers of bytes."""

import asyncio
import dataclasses
import socket
import struct
import time

# Besides these: "slow" drips faster, to the end of the connection, and "forget" swallows both directions.
KINDS = ("cut", "reset", "stall", "swallow", "drip", "corrupt")
DRIP = 5
# Bytes in a tenth of a second. A slow connection brings something too often to count as silent.
DRIPS = 1024
SLOW = 10_240
# A slow connection of a proxy that limits the speed has this part of it.
SLOW_PART = 100
# Bytes that a connection with a limited speed holds; a larger buffer would hide the limit from the sender.
HELD = 64 << 10


@dataclasses.dataclass
class Fault:
    """Happens once, when `after` bytes have passed on connection number `connection` in the direction `up` or down."""

    kind: str
    connection: int
    up: bool
    after: int
    seconds: float


class Proxy:
    """`rate` limits the bytes per second of each connection in each direction; 0 is without a limit."""

    def __init__(self, name, faults, on_fault, rate=0):
        self.name = name
        self.rate = rate
        self.port = 0
        self.upstream = 0
        self._faults = list(faults)
        self._on_fault = on_fault
        self._count = 0
        self._server = None
        self._tasks = set()

    async def start(self):
        listener = socket.create_server(("127.0.0.1", 0))
        if self.rate:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
        self._server = await asyncio.start_server(self._serve, sock=listener)
        self.port = self._server.sockets[0].getsockname()[1]

    def calm(self):
        """From now on the proxy only forwards. Connections that are disturbed already end."""
        self._faults.clear()
        for task in self._tasks:
            task.cancel()

    def cut(self):
        """Ends every connection at this moment."""
        for task in list(self._tasks):
            task.cancel()

    async def stop(self):
        self._server.close()
        self.calm()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        number = self._count
        self._count += 1
        other = None
        try:
            upstream, other = await asyncio.open_connection(sock=await self._connect())
            link = _Link(self, number, writer, other)
            pumps = [asyncio.ensure_future(link.pump(reader, other, True)), asyncio.ensure_future(link.pump(upstream, writer, False))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                if link.is_forgotten:
                    # Neither end learns that the other one has closed.
                    await asyncio.wait(pumps)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass
        except asyncio.CancelledError:
            # The server's own callback would report the cancellation as an error.
            pass
        finally:
            for end in (writer, other):
                if end is not None:
                    end.close()
            self._tasks.discard(task)

    async def _connect(self):
        connection = socket.socket()
        try:
            connection.setblocking(False)
            if self.rate:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.upstream))
        except BaseException:
            connection.close()
            raise
        return connection

    def take(self, number, up, passed, coming):
        """Returns the fault that the next `coming` bytes reach."""
        for fault in self._faults:
            # What a network forgets has passed some bytes before.
            reached = passed if fault.kind == "forget" else passed + coming
            if fault.connection == number and fault.up == up and fault.after < reached:
                self._faults.remove(fault)
                self._on_fault(f"{self.name}: {fault.kind} on connection {number} {'up' if up else 'down'} at {fault.after} bytes")
                return fault
        return None


class _Link:
    """One connection and its counterpart at the relay."""

    def __init__(self, proxy, number, client, relay):
        self._proxy = proxy
        self._number = number
        self._ends = (client, relay)
        self._quiet_until = 0.0
        self.is_forgotten = False

    async def pump(self, reader, writer, up):
        passed = 0
        swallowing = False
        drip_until = 0.0
        drips = DRIPS
        free_at = 0.0
        while data := await reader.read(65536):
            fault = self._proxy.take(self._number, up, passed, len(data))
            if fault is not None:
                before = max(0, fault.after - passed)
                if fault.kind in ("cut", "reset"):
                    writer.write(data[:before])
                    self._end(fault.kind)
                    return
                if fault.kind == "stall":
                    self._quiet_until = time.monotonic() + fault.seconds
                elif fault.kind == "swallow":
                    swallowing = True
                elif fault.kind == "forget":
                    self.is_forgotten = True
                elif fault.kind == "slow":
                    drip_until, drips = time.monotonic() + fault.seconds, self._proxy.rate // SLOW_PART // 10 or SLOW
                elif fault.kind == "drip":
                    drip_until = time.monotonic() + min(DRIP, fault.seconds)
                else:
                    data = data[:before] + bytes([data[before] ^ 0x40]) + data[before + 1:]
            passed += len(data)
            while (wait := self._quiet_until - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if swallowing or self.is_forgotten:
                continue
            if self._proxy.rate:
                free_at = max(free_at, time.monotonic()) + len(data) / self._proxy.rate
                await asyncio.sleep(free_at - time.monotonic())
            for start in range(0, len(data), drips):
                if time.monotonic() >= drip_until:
                    writer.write(data[start:])
                    break
                writer.write(data[start:start + drips])
                await asyncio.sleep(0.1)
            await writer.drain()

    def _end(self, kind):
        if kind == "reset":
            for end in self._ends:
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.transport.abort()
