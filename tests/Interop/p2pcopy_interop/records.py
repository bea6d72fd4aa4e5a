"""Keys (docs/protocol.md, section 4), records on a link, and the bodies of their types (section 6)."""

import hmac
import struct
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import P2PError, malformed
from .cpace import lv_cat

CHUNK, CONTROL, ACK, HEARTBEAT, ABORT = 1, 2, 3, 4, 5
RAW, GZIP = 0, 1
MAX_CHUNK, MAX_JSON, EPOCH = 4 << 20, 1088 << 10, 64 << 30
WINDOW = 16 << 20  # what this implementation lets be unacknowledged
GOOD, FAILED, GOOD_WITHOUT_HASH = 0, 1, 2
TRAILER, NO_DIGEST = 33, bytes(32)


def hkdf(ikm, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt or None, info).derive(ikm)


def derive(secret, length, *parts):
    """A key of section 4. Strings stand for their UTF-8, integers for four bytes."""
    encode = {str: lambda part: part.encode(), int: lambda part: part.to_bytes(4, "big"), bytes: lambda part: part}
    return hkdf(secret, b"", lv_cat(b"p2pcopy 1", *(encode[type(part)](part) for part in parts)), length)


def trailer(key, round_number, entry, status, length, digest):
    body = lv_cat(round_number.to_bytes(4, "big"), entry.to_bytes(8, "big"), bytes([status]), length.to_bytes(8, "big"), digest)
    return bytes([status]) + hmac.digest(key, body, "sha256")


CRC = list(range(256))
for _ in range(8):
    CRC = [value >> 1 ^ (0x82F63B78 if value & 1 else 0) for value in CRC]


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Direction:
    """The sealing or opening half of a link: one key an epoch, and the counters that both sides keep in step."""

    def __init__(self, secret, purpose, direction, stream, sender_nonce, receiver_nonce, plain_chunks=False, epoch_length=EPOCH):
        self._key = lambda epoch: AESGCM(derive(secret, 32, "record", purpose, direction, stream, epoch, sender_nonce, receiver_nonce))
        self.plain_chunks, self._epoch_length, self._cipher = plain_chunks, epoch_length, self._key(0)
        self._epoch = self._counter = self._sealed = self._plain = self._crc = 0

    def _step(self):
        """Nonce and associated data of the next sealed record."""
        if self._sealed >= self._epoch_length:
            self._epoch += 1
            self._cipher, self._counter, self._sealed = self._key(self._epoch), 0, 0
        self._counter += 1
        return struct.pack(">IQ", 0, self._counter - 1), struct.pack(">BQI", 0, self._plain, self._crc)

    def _plain_record(self, message):
        self._plain, self._crc = self._plain + 1, crc32c(message, self._crc)
        return message

    def seal(self, kind, body):
        plaintext = bytes([kind]) + body
        if self.plain_chunks and kind == CHUNK:
            return self._plain_record(b"\1" + plaintext)
        nonce, aad = self._step()
        self._sealed += len(plaintext)
        return b"\0" + self._cipher.encrypt(nonce, plaintext, aad)

    def open(self, message):
        """(type, body) of a message; P2PError if it does not open."""
        if self.plain_chunks and message[:2] == b"\1\1":
            return CHUNK, self._plain_record(message)[2:]
        if message[:1] != b"\0" or len(message) < 18:
            raise P2PError("IntegrityCheckFailed", "A message is no record of this session.")
        try:
            nonce, aad = self._step()
            plaintext = self._cipher.decrypt(nonce, message[1:], aad)
        except InvalidTag:
            raise P2PError("IntegrityCheckFailed", "A record does not open: it was changed on its way.") from None
        self._sealed += len(plaintext)
        return plaintext[0], plaintext[1:]


def gunzip(data, length):
    """Exactly length bytes out of a gzip stream; never more memory than that."""
    inflater = zlib.decompressobj(31)
    raw = inflater.decompress(data, length + 1)
    if len(raw) != length or not inflater.eof or inflater.unused_data:
        raise malformed("packed bytes of another length than it said")
    return raw


def gzip(data):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def length_class(length):
    """The length to which a payload is padded."""
    if length <= 256:
        return 256
    exponent = length.bit_length() - 1
    step = max(256, 1 << exponent - exponent.bit_length())
    return -(-length // step) * step


def pad(payload, longest=MAX_CHUNK):
    return payload.ljust(min(length_class(len(payload)), longest), b"\0")


def pack_chunk(number, data, compress, padded_to, last=False):
    """padded_to: the size of a whole chunk; 0 without encryption, where padding would hide nothing."""
    packed = gzip(data) if compress else data
    codec, payload = (GZIP, packed) if len(packed) < len(data) else (RAW, data)
    return struct.pack(">QBII", number, codec | last << 7, len(data), len(payload)) + (pad(payload, padded_to) if padded_to else payload)


def unpack_chunk(body):
    """(number, data) of a chunk."""
    number, flags, length, payload_length, payload = *struct.unpack_from(">QBII", body), body[17:]
    codec = flags & 0x0F
    if flags & 0x70 or codec not in (RAW, GZIP) or not 1 <= length <= MAX_CHUNK or not 1 <= payload_length <= min(length, len(payload)) or number >> 63:
        raise malformed("a malformed chunk")
    payload = payload[:payload_length]
    data = gunzip(payload, length) if codec == GZIP else payload
    if len(data) != length:
        raise malformed("a chunk of another length than it said")
    return number, data


def pages(items):
    """Items in lists; at least one. Names have at most 4096 bytes, six characters each when escaped: forty stay below 1 MiB of JSON."""
    return [items[start:start + 40] for start in range(0, len(items) or 1, 40)]


def pack_control(number, text):
    packed = gzip(text) if len(text) > 1024 else text
    form, payload = (1, packed) if len(packed) < len(text) else (0, text)
    return struct.pack(">QBII", number, form, len(text), len(payload)) + (payload.ljust(96, b"\0") if len(payload) <= 96 else pad(payload))


def unpack_control(body):
    """(number, JSON as bytes) of a control message."""
    number, form, length, payload_length, payload = *struct.unpack_from(">QBII", body), body[17:]
    if payload_length > len(payload):
        raise malformed("a control message that ends early")
    payload = payload[:payload_length]
    if form > 1 or not 1 <= length <= MAX_JSON or number >> 63 or (len(payload) >= length if form else len(payload) != length):
        raise malformed("a malformed control message")
    return number, gunzip(payload, length) if form else payload


def pack_ack(next_control, next_chunk, beyond=()):
    return struct.pack(">QQH", next_control, next_chunk, len(beyond)) + b"".join(struct.pack(">QI", *run) for run in beyond)


def unpack_ack(body):
    """(next control, next chunk, [(first, count), …]) of an ack."""
    next_control, next_chunk, count = struct.unpack_from(">QQH", body)
    if count > 1024 or len(body) != 18 + 12 * count or (next_control | next_chunk) >> 63:
        raise malformed("a malformed ack")
    return next_control, next_chunk, list(struct.iter_unpack(">QI", body[18:]))


def pack_abort(code, sentence):
    text = sentence.encode()
    return pad(bytes([len(code)]) + code.encode("ascii") + struct.pack(">H", len(text)) + text)


def unpack_abort(body):
    """(code name, sentence); whatever is malformed is still an abort."""
    code = body[1:1 + body[0]] if body else b""
    name = code.decode("ascii") if code.isalpha() else "Failure"
    rest = body[1 + len(code):]
    sentence = rest[2:2 + int.from_bytes(rest[:2], "big")].decode("utf-8", "replace")
    return name, "".join(character for character in sentence if character.isprintable())
