"""The blocks of a file, as docs/delta.md describes them."""

import base64
import hashlib

LEAST_FILE = 64 << 10
PAGE = 4000
GEAR = [int.from_bytes(hashlib.sha256(b"p2pcopy gear" + bytes([byte])).digest()[:8], "big") for byte in range(256)]


def size_log2(length):
    return min(max(((length - 1) >> 18).bit_length(), 16), 26)


def lengths(data):
    """The lengths of the blocks of a file that is in memory."""
    size = 1 << size_log2(len(data))
    hard, easy = ((1 << 64) - (1 << 64 - bits) for bits in (size.bit_length() + 1, size.bit_length() - 3))
    start, last_cut = 0, len(data) - size // 4
    while start < len(data):
        end, value, is_cut = start + size // 4, 0, False
        while not is_cut and end < min(start + size * 4, last_cut):
            value = (value * 2 + GEAR[data[end]]) & (1 << 64) - 1
            end += 1
            is_cut = not value & (hard if end <= start + size else easy)
        if not is_cut and end != start + size * 4:
            end = len(data)  # the remainder is too short for a block of its own
        yield end - start
        start = end


def listing(data, key):
    """(length, digest) of each block."""
    start = 0
    for length in lengths(data):
        yield length, hashlib.sha256(key + data[start:start + length]).digest()[:16]
        start += length


def encode(part):
    return base64.b64encode(b"".join(length.to_bytes(4, "big") + digest for length, digest in part)).decode()
