"""A minimal WebSocket client (RFC 6455) over a blocking socket: what a client of a P2PCopy relay needs, and no more."""

import base64
import hashlib
import os
import select
import socket
import ssl
import time
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MAX_MESSAGE = 16 << 20
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Closed(Exception):
    """The connection is over: said by a close frame, or simply gone."""


class Refused(Exception):
    """The relay answered with an HTTP status instead of the upgrade."""


def read(connected):
    """The next bytes of a socket."""
    try:
        data = connected.recv(1 << 18)
    except OSError as error:
        raise Closed(f"receiving failed: {error}") from error
    if not data:
        raise Closed("the connection ended")
    return data


class WebSocket:
    def __init__(self, url, path, protocol, timeout=15.0):
        parts = urlsplit(url)
        secure = parts.scheme == "wss"
        raw = socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname) if secure else raw
        self._buffer, self._parts, self._opcode = bytearray(), bytearray(), None  # read; of a fragmented message; its opcode
        self.heard = time.monotonic()  # when anything came last, even a part of a message
        try:
            self._upgrade(parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + path, protocol)
        except BaseException:
            self._socket.close()
            raise

    def _upgrade(self, host, target, protocol):
        key = base64.b64encode(os.urandom(16))
        self._socket.sendall((
            f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n").encode("ascii"))
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > 16384:
                raise Refused("the head of the answer is too long")
            self._fill()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        status, *fields = head.decode("latin-1").split("\r\n")
        answer = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        if status.split(" ")[1:2] != ["101"]:
            raise Refused(answer.get("p2pcopy-refused", status))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        if answer.get("sec-websocket-accept") != accept or answer.get("sec-websocket-protocol") != protocol:
            raise Refused("what answered is no WebSocket server of this protocol")

    def send(self, message, opcode=BINARY):
        """Sends one message, whole, in one masked frame."""
        size = len(message)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big") if size < 1 << 16 else b"\xff" + size.to_bytes(8, "big")
        mask = os.urandom(4)
        pad = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(message, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        try:
            self._socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)
        except OSError as error:
            raise Closed(f"sending failed: {error}") from error

    def receive(self, timeout):
        """The next message as (opcode, bytes), or None when nothing whole came within the time-out (seconds)."""
        deadline = time.monotonic() + timeout
        while True:
            if (frame := self._frame()) is None:
                pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
                if not pending and not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    return None
                self._fill()
                continue
            opcode, final, payload = frame
            if opcode == PING:
                self.send(payload, PONG)
            elif opcode == CLOSE:
                raise Closed(f"{int.from_bytes(payload[:2], 'big')} {payload[2:].decode('utf-8', 'replace')}")
            elif opcode != PONG:
                if opcode not in (0, TEXT, BINARY) or (opcode == 0) == (self._opcode is None):
                    raise Closed("a frame that breaks RFC 6455")
                self._opcode = opcode or self._opcode
                self._parts += payload
                if len(self._parts) > MAX_MESSAGE:
                    raise Closed("a message longer than 16 MiB")
                if final:
                    message = self._opcode, bytes(self._parts)
                    self._opcode, self._parts = None, bytearray()
                    return message

    def _frame(self):
        """(opcode, whether it ends its message, payload) if a whole frame is there."""
        buffer = self._buffer
        start = 2 + {126: 2, 127: 8}.get(buffer[1], 0) if len(buffer) >= 2 else 2
        if len(buffer) < start:
            return None
        length = buffer[1] if start == 2 else int.from_bytes(buffer[2:start], "big")
        if buffer[0] & 0x70 or buffer[1] & 0x80 or length > MAX_MESSAGE:
            raise Closed("a frame with reserved bits or a mask, or longer than 16 MiB")
        if len(buffer) < start + length:
            return None
        frame = buffer[0] & 0x0F, bool(buffer[0] & 0x80), bytes(buffer[start:start + length])
        del buffer[:start + length]
        return frame

    def _fill(self):
        self._buffer += read(self._socket)
        self.heard = time.monotonic()

    def close(self):
        """Says goodbye. What was sent before still arrives: closing with unread data would reset the connection."""
        try:
            self.send((1000).to_bytes(2, "big"), CLOSE)
            self._socket.settimeout(2)
            while self._socket.recv(1 << 16):
                pass
        except (OSError, Closed):
            pass
        finally:
            self._socket.close()
