"""A direct connection (section 8): a receiver that listens at one address, proves the session, and takes records there too."""

import hmac
import os
import select
import socket
import time

from . import cpace, malformed, records
from .websocket import BINARY, MAX_MESSAGE, Closed, read

FIRST_DIRECT = 16  # the connection index of direct connection 0
PROOF_TIME = 5.0


class Framed:
    """Messages with their length before them, over a socket; the same calls as a WebSocket."""

    def __init__(self, connected):
        self._socket, self._buffer, self.heard = connected, bytearray(), time.monotonic()
        if connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message):
        try:
            self._socket.sendall(len(message).to_bytes(4, "big") + message)
        except OSError as error:
            raise Closed(f"sending failed: {error}") from error

    def receive(self, timeout):
        deadline = time.monotonic() + timeout
        while True:
            if len(self._buffer) >= 4:
                length = int.from_bytes(self._buffer[:4], "big")
                if not 1 <= length <= MAX_MESSAGE:
                    raise Closed("a message of an impossible length")
                if len(self._buffer) >= 4 + length:
                    message = bytes(self._buffer[4:4 + length])
                    del self._buffer[:4 + length]
                    return BINARY, message
            if not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            self._buffer += read(self._socket)
            self.heard = time.monotonic()

    def close(self):
        self._socket.close()


def link_proof(secret, role, index, sender_nonce, receiver_nonce):
    parts = cpace.lv_cat(b"p2pcopy link", role.encode(), index.to_bytes(4, "big"), sender_nonce, receiver_nonce)
    return hmac.digest(records.derive(secret, 32, "proof"), parts, "sha256")


class Listener:
    """The port of an attempt. Only a receiver: it proves itself first, and the sender chooses the connection."""

    def __init__(self, address):
        self._address, self._socket = address, socket.create_server((address, 0))

    def candidates(self):
        return [{"a": "{}:{}".format(*self._socket.getsockname()), "k": "interface"}]

    def accept(self, secret):
        """(channel, outgoing, incoming) of a connection that has proved itself, or None."""
        if not select.select([self._socket], [], [], 0)[0]:
            return None
        channel, own = Framed(self._socket.accept()[0]), os.urandom(16)
        try:
            channel.send(own)
            sender = channel.receive(PROOF_TIME)
            if not sender or len(sender[1]) != 16:
                raise Closed("no hello")
            channel.send(link_proof(secret, "receive", FIRST_DIRECT, sender[1], own))
            proof = channel.receive(PROOF_TIME)
            if not proof or not hmac.compare_digest(proof[1], link_proof(secret, "send", FIRST_DIRECT, sender[1], own)):
                raise Closed("no proof")
        except Closed:
            channel.close()
            return None
        return channel, *(records.Direction(secret, "rejoin", role, FIRST_DIRECT, sender[1], own) for role in ("receive", "send"))
