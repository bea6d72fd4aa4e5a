"""A session: meeting the other side in the code's room (sections 1 and 2), pairing (3), and records both ways (4 to 6).

One thread, one link. A session that loses its link fails with ConnectionLost; it does not go on in a link room (section 5).
"""

import base64
import collections
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import struct
import time
import unicodedata
import zlib

from . import P2PError, cpace, malformed, records
from .direct import Listener
from .websocket import BINARY, Closed, Refused, WebSocket

SOFTWARE = "interop-python"
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
HEARTBEAT_AFTER, SILENCE, HANDSHAKE = 10.0, 30.0, 10.0
SENSELESS = (KeyError, TypeError, ValueError, AttributeError, RecursionError, struct.error, zlib.error)  # what reading of bad messages raises


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def generated_form(typed):
    """The canonical text of a generated code as typed, or None."""
    kept = "".join(c for c in typed if unicodedata.category(c) not in ("Cf", "Pi", "Pf") and c not in "\"'`\u00b4\u201a\u201e")
    dashed = "".join("-" if c in WHITE_SPACE + "_\u2212" or unicodedata.category(c) == "Pd" else c for c in kept)
    route, _, words = re.sub("-+", "-", dashed).strip("-").partition("-")
    if not (route + words).isascii():
        return None
    code = route.lower().translate(str.maketrans("oil", "011")) + "-" + words.lower()
    return code if re.fullmatch("[0-9a-hjkmnp-tv-z]{6}(-[a-z]{4,7}){3,12}", code) else None


def read_code(typed):
    """(route, secret) of a code as typed."""
    typed = generated_form(typed) or typed
    code = unicodedata.normalize("NFC", typed.strip(WHITE_SPACE))
    length = len(code.encode("utf-16-le")) // 2
    route, dash, secret = code.partition("-")
    if not dash:
        route, secret = code[:4], code[4:]
    if not route or not 8 <= length <= 256 or len(secret) < 4 or any(unicodedata.category(character) == "Cc" or character == "\ufffe" for character in code):
        raise P2PError("InvalidOption", "A code is ROUTE-SECRET, 8 to 256 characters with at least 4 of secret.")
    route = "".join(character.lower() if len(character.lower()) == 1 else character for character in route)
    return (route.translate(str.maketrans("oil", "011")) if re.fullmatch("[0-9a-z]{6}", route) else route), secret


def room_of(route):
    return base64url(hashlib.sha256(b"p2pcopy room" + route.encode()).digest())[:22]


def read_hello(data, major=1):
    """(hello, nonce) of a hello's bytes."""
    try:
        hello = json.loads(data)
        if (other := hello["p2pcopy"][0]) != major:
            raise P2PError("VersionMismatch", f"This side speaks protocol {major}, the other side {other}. Update the older one.")
        nonce = base64.b64decode(hello["nonce"] + "==", b"-_", validate=True)
    except (ValueError, KeyError, TypeError, IndexError):
        raise malformed("a malformed hello") from None
    if len(nonce) != 16:
        raise malformed("a nonce of another length")
    return hello, nonce


def context(room):
    """CI of CPace: whom the key is for."""
    return cpace.lv_cat(b"p2pcopy", room.encode(), b"send", b"receive")


def confirmation(isk, role, transcript):
    key = records.derive(isk, 32, "confirm", role)
    return hmac.digest(key, b"p2pcopy confirm" + hashlib.sha256(transcript).digest(), "sha256")


def meet(relay, room, role, wait):
    """A connection on which the relay has said that the other role is there. (A client that waits long joins again, section 2.)"""
    deadline, socket = time.monotonic() + wait, None
    try:
        socket = WebSocket(relay, f"/p2p/{room}?role={role}&member={secrets.token_hex(16)}", "p2pcopy")
        while (left := deadline - time.monotonic()) > 0:
            message = socket.receive(left)
            if message and json.loads(message[1]).get("hint") == "paired":
                return socket
    except Refused as error:
        raise P2PError("RelayRefused", f"The relay said: {error}") from None
    except (OSError, Closed) as error:
        raise P2PError("RelayConnectFailed", f"No connection to {relay}: {error}") from None
    socket.close()
    raise P2PError("PeerDidNotCome", "Nobody came with this code.")


class Session:
    """What a pairing leaves: keys, a link, numbered control messages and chunks, acks, heartbeats."""

    version, unknown = (1, 0), {}  # what it says it speaks, and members that a later version might add to every message

    def __init__(self, relay, code, role, wait=60.0, encryption="on", direct=None):
        self.role, self.other = role, "receive" if role == "send" else "send"
        self.chunk_wanted = lambda: 0  # a receiver says here which chunk it writes next
        self.acked_chunks = self._control_out = self._control_in = 0
        self._inbox, self._sent = collections.deque(), time.monotonic()
        self.direct_address, self._listener, self._relayed, self.direct_chunks = direct, None, None, 0
        route, secret = read_code(code)
        room = room_of(route)
        self._socket = meet(relay, room, role, wait)
        try:
            self._pair(room, secret, encryption)
            self.ack()
        except BaseException as error:
            self.close()
            raise lost(error) if isinstance(error, Closed) else error

    # Pairing

    def _pair(self, room, secret, encryption):
        hellos = {self.role: json.dumps({
            "p2pcopy": self.version, "role": self.role, "nonce": base64url(os.urandom(16)),
            "encryption": encryption, "software": SOFTWARE} | self.unknown).encode()}
        nonces = {self.role: read_hello(hellos[self.role], self.version[0])[1]}
        self._socket.send(hellos[self.role])
        hellos[self.other] = self._message(4096)
        hello, nonces[self.other] = read_hello(hellos[self.other], self.version[0])
        if hello.get("role") != self.other:
            raise malformed("the same role")

        sid = nonces["send"] + nonces["receive"]
        scalar = secrets.randbelow(cpace.ORDER - 1) + 1
        shares = {self.role: cpace.multiply(scalar, cpace.generator(secret.encode(), context(room), sid))}
        self._socket.send(shares[self.role])
        shares[self.other] = self._message(65)
        try:
            shared = cpace.multiply_x(scalar, shares[self.other])
        except ValueError:
            raise malformed("a share that is no point of the curve") from None
        isk = cpace.session_key(sid, shared, shares["send"], hellos["send"], shares["receive"], hellos["receive"])

        transcript = cpace.lv_cat(hellos["send"], hellos["receive"], shares["send"], shares["receive"])
        self._socket.send(confirmation(isk, self.role, transcript))
        if not hmac.compare_digest(self._message(32), confirmation(isk, self.other, transcript)):
            raise P2PError("PairingFailed", "The code is wrong.")
        if hello.get("encryption") != encryption:  # not before: until here anyone may have written the hello
            raise malformed("another setting of encryption")

        self.secret = records.derive(isk, 32, "session")
        self.trailer_key = records.derive(self.secret, 32, "trailer")
        self.block_key = records.derive(self.secret, 32, "blocks")
        self._out, self._in = (
            records.Direction(self.secret, "pair", role, 0, nonces["send"], nonces["receive"], encryption == "off")
            for role in (self.role, self.other))

    def _message(self, longest):
        """The next message of the pairing: hints are ignored, time is limited."""
        deadline = time.monotonic() + HANDSHAKE
        while (left := deadline - time.monotonic()) > 0:
            message = self._socket.receive(left)
            if message and message[0] == BINARY:
                if len(message[1]) > longest:
                    raise malformed("a message that is too long")
                return message[1]
        raise P2PError("ConnectionLost", "The other side did not answer in time.")

    # Direct connections

    def offer_direct(self):
        """Listens, and tells the other side where."""
        self._listener = Listener(self.direct_address)
        self.control(type="candidates", connection=0, attempt=0, list=self._listener.candidates())

    def _move(self):
        """Goes on over a direct connection that has proved itself. What is on its way through the relay is still read."""
        if self._listener and not self._relayed and (link := self._listener.accept(self.secret)):
            self._relayed = self._socket, self._in
            self._socket, self._out, self._in = link
            self.ack()

    def _pump_relayed(self):
        try:
            while message := self._relayed[0].receive(0):
                if message[0] == BINARY:
                    self._take(*self._relayed[1].open(message[1]))
        except Closed:
            self._listener = self._relayed = None  # the direct connection is left

    # Records

    def _send(self, kind, body):
        self._sent = time.monotonic()
        try:
            self._socket.send(self._out.seal(kind, body))
        except Closed as error:
            raise lost(error) from None

    def ack(self):
        self._send(records.ACK, records.pack_ack(self._control_in, self.chunk_wanted()))

    def control(self, **message):
        self._send(records.CONTROL, records.pack_control(self._control_out, json.dumps(message | self.unknown, ensure_ascii=False).encode()))
        self._control_out += 1

    def chunk(self, number, data, compress, chunk_size):
        self._send(records.CHUNK, records.pack_chunk(number, data, compress, 0 if self._out.plain_chunks else chunk_size))

    def receive(self):
        """What comes next: ("control", message) or ("chunk", (number, data)). The link is kept alive meanwhile."""
        while not self._inbox:
            self.pump(1.0)
        return self._inbox.popleft()

    def pump(self, timeout):
        """Takes in one record, if one comes within the time-out (seconds); whether one came."""
        self._move()
        if self._relayed:
            self._pump_relayed()
            timeout = 0.05
        elif self._listener:
            timeout = 0.05
        if time.monotonic() - self._sent >= (0.4 if self._relayed else HEARTBEAT_AFTER):
            self._send(records.HEARTBEAT, b"")
        try:
            message = self._socket.receive(timeout)
        except Closed as error:
            raise lost(error) from None
        if not message and time.monotonic() - self._socket.heard >= SILENCE:
            raise lost("nothing was heard of the other side")
        if message and message[0] == BINARY:  # anything else is a hint, and what follows it says the same
            self._take(*self._in.open(message[1]))
        return bool(message)

    def _take(self, kind, body):
        if kind == records.CHUNK and self.role == "receive":
            self._inbox.append(("chunk", records.unpack_chunk(body)))
            self.direct_chunks += bool(self._relayed)
        elif kind == records.CONTROL:
            number, text = records.unpack_control(body)
            if number < self._control_in and self.direct_address:
                return  # it came over the other connection too
            if number != self._control_in:
                raise malformed("control messages out of order")
            self._control_in += 1
            self.ack()
            self._inbox.append(("control", json.loads(text)))
        elif kind == records.ACK:
            self.acked_chunks = max(self.acked_chunks, records.unpack_ack(body)[1])
        elif kind == records.ABORT:
            raise P2PError("PeerAborted", "{}: {}".format(*records.unpack_abort(body)))
        elif kind != records.HEARTBEAT or body:
            raise malformed(f"a record of type {kind}")

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """Closes the link; the other side is told what went wrong before."""
        if isinstance(error, SENSELESS):
            error = malformed(f"a message that makes no sense ({error!r})")
        elif isinstance(error, (OSError, KeyboardInterrupt)):
            error = P2PError("Failure", str(error)) if isinstance(error, OSError) else P2PError("Cancelled", "It was cancelled.")
        if isinstance(error, P2PError) and error.code not in ("ConnectionLost", "PeerAborted"):
            with contextlib.suppress(P2PError):
                self._send(records.ABORT, records.pack_abort(error.code, error.sentence))
        self.close()
        if isinstance(error, P2PError):
            raise error


def lost(why):
    return P2PError("ConnectionLost", f"The connection is lost: {why}")
