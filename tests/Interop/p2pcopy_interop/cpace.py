"""CPace (draft-irtf-cfrg-cpace-21), suite CPACE-P256_XMD:SHA-256_SSWU_NU_-SHA256, with the hash to the curve of RFC 9380.

The map is written with Python's integers, whose time depends on their values. That is good enough to show the protocol and to
test it; a product uses a library whose arithmetic is constant in time.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
Z = P - 10
DSI = b"CPaceP256_XMD:SHA-256_SSWU_NU_"
BLOCK = 64  # of SHA-256, in bytes


def prepend_len(data):
    length, encoded = len(data), bytearray()
    while True:
        encoded.append(length & 0x7F | (0x80 if length > 0x7F else 0))
        length >>= 7
        if not length:
            return bytes(encoded) + data


def lv_cat(*parts):
    return b"".join(prepend_len(part) for part in parts)


def expand_message_xmd(message, dst, length):
    """RFC 9380, section 5.3.1, with SHA-256."""
    dst_prime = dst + bytes([len(dst)])
    b0 = hashlib.sha256(bytes(BLOCK) + message + length.to_bytes(2, "big") + b"\0" + dst_prime).digest()
    block, output = bytes(32), b""
    for counter in range(1, -(-length // 32) + 1):
        block = hashlib.sha256(bytes(a ^ b for a, b in zip(b0, block)) + bytes([counter]) + dst_prime).digest()
        output += block
    return output[:length]


def map_to_curve(u):
    """Simplified SWU (RFC 9380, section 6.6.2)."""
    tv = Z * Z * pow(u, 4, P) + Z * u * u
    x = -B * pow(A, -1, P) * (1 + pow(tv, -1, P)) % P if tv % P else B * pow(Z * A, -1, P) % P
    y_squared = (x**3 + A * x + B) % P
    y = pow(y_squared, (P + 1) // 4, P)
    if y * y % P != y_squared:
        x = Z * u * u * x % P
        y = pow((x**3 + A * x + B) % P, (P + 1) // 4, P)
    return x, y if y & 1 == u & 1 else P - y


def encode_to_curve(message, dst):
    """Section 3 of RFC 9380, for the NU_ suite; the cofactor of P-256 is 1."""
    return map_to_curve(int.from_bytes(expand_message_xmd(message, dst, 48), "big") % P)


def encode_point(x, y):
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def generator_string(prs, ci, sid):
    padding = max(0, BLOCK - 1 - len(prepend_len(prs)) - len(prepend_len(DSI)))
    return lv_cat(DSI, prs, bytes(padding), ci, sid)


def generator(prs, ci, sid):
    return encode_point(*encode_to_curve(generator_string(prs, ci, sid), DSI + b"_DST"))


def decode_point(data):
    """The point of an uncompressed encoding; ValueError if it is none, or not on the curve."""
    if len(data) != 65 or data[0] != 4:
        raise ValueError("not an uncompressed point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)


def multiply_x(scalar, point):
    """The x coordinate of scalar × point: what ECDH computes."""
    return ec.derive_private_key(scalar, ec.SECP256R1()).exchange(ec.ECDH(), decode_point(point))


def multiply(scalar, point):
    """scalar × point. ECDH gives only x; either y will do for a public share, since the shared secret is an x as well."""
    x = int.from_bytes(multiply_x(scalar, point), "big")
    return encode_point(x, pow((x**3 + A * x + B) % P, (P + 1) // 4, P))


def session_key(sid, shared, share_a, ad_a, share_b, ad_b):
    """ISK, from the transcript in the order initiator, responder."""
    return hashlib.sha256(lv_cat(DSI + b"_ISK", sid, shared) + lv_cat(share_a, ad_a) + lv_cat(share_b, ad_b)).digest()
