"""The vectors in tests/Vectors, which belong to docs/protocol.md, against p2pcopy_interop."""

import hashlib
import hmac
import json
import pathlib
import socket

from p2pcopy_interop import blocks, cpace, direct, discovery, records
from p2pcopy_interop.session import base64url, confirmation, context, read_code, read_hello, room_of

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "Vectors"
unhex = bytes.fromhex


def load(name):
    return json.loads((FOLDER / name).read_text())


def number(text):
    return int(text, 16)


def x_of(point):
    return point[1:33]  # either sign of y is right


def primitives():
    v = load("primitives.json")
    for one in v["aesGcm"]["vectors"]:
        key, nonce, plaintext, aad = (unhex(one[name]) for name in ("key", "nonce", "plaintext", "aad"))
        yield "AES-256-GCM", records.AESGCM(key).encrypt(nonce, plaintext, aad).hex() == one["ciphertext"] + one["tag"]
    for one in v["hkdf"]["vectors"]:
        yield "HKDF", records.hkdf(unhex(one["ikm"]), unhex(one["salt"]), unhex(one["info"]), len(one["okm"]) // 2).hex() == one["okm"]
    for one in v["crc32c"]["vectors"]:
        yield "CRC-32C", records.crc32c(unhex(one["data"])) == number(one["crc"])


def curve():
    v = load("rfc9380-p256.json")
    for one in v["vectors"]:
        yield "RFC 9380", cpace.encode_to_curve(one["msg"].encode(), v["dst"].encode()) == (number(one["x"]), number(one["y"]))
    v = load("cpace-p256.json")
    for one in v["prependLen"]:
        yield "prepend_len", cpace.prepend_len(unhex(one["in"])).hex() == one["out"]
    yield "lv_cat", cpace.lv_cat(*map(unhex, v["lvCat"]["in"])).hex() == v["lvCat"]["out"]
    prs, ci, sid, ad_a, ad_b, share_a, share_b, k = (unhex(v[name]) for name in ("prs", "ci", "sid", "ada", "adb", "Ya", "Yb", "k"))
    g = cpace.generator(prs, ci, sid)
    yield "CPace generator", cpace.generator_string(prs, ci, sid).hex() == v["generatorString"] and g.hex() == v["g"]
    yield "CPace shares", all(x_of(cpace.multiply(number(v[y]), g)) == x_of(share) for y, share in (("ya", share_a), ("yb", share_b)))
    yield "CPace K", cpace.multiply_x(number(v["ya"]), share_b) == cpace.multiply_x(number(v["yb"]), share_a) == k
    yield "CPace ISK", cpace.session_key(sid, k, share_a, ad_a, share_b, ad_b).hex() == v["isk"]
    yield "CPace scalar multiplication", cpace.multiply_x(number(v["scalarMult"]["s"]), unhex(v["scalarMult"]["X"])).hex() == v["scalarMult"]["x"]
    for point in v["invalid"]:
        try:
            cpace.decode_point(unhex(point))
            yield "invalid point", False
        except ValueError:
            yield "invalid point", True


def pairing():
    for v in load("p2pcopy.json")["codes"]:
        route, secret = read_code(v["typed"])
        yield "code " + v["room"], (route, secret, room_of(route)) == (v["route"], v["secret"], v["room"])
    v = load("p2pcopy.json")["pairing"]
    route, secret = read_code(v["code"])
    hellos = [v[name].encode() for name in ("helloSender", "helloReceiver")]
    shares = [unhex(v[name]) for name in ("shareSender", "shareReceiver")]
    scalars = [number(v[name]) for name in ("scalarSender", "scalarReceiver")]
    sid = b"".join(read_hello(hello)[1] for hello in hellos)
    yield "pairing inputs", (secret.encode().hex(), context(room_of(route)).hex(), sid.hex()) == (v["prs"], v["ci"], v["sid"])
    g = cpace.generator(secret.encode(), context(room_of(route)), sid)
    yield "pairing shares", g.hex() == v["generator"] and all(x_of(cpace.multiply(s, g)) == x_of(share) for s, share in zip(scalars, shares))
    k = cpace.multiply_x(scalars[0], shares[1])
    isk = cpace.session_key(sid, k, shares[0], hellos[0], shares[1], hellos[1])
    yield "pairing ISK", k == cpace.multiply_x(scalars[1], shares[0]) == unhex(v["k"]) and isk.hex() == v["isk"]
    transcript = cpace.lv_cat(*hellos, *shares)
    yield "transcript", hashlib.sha256(transcript).hexdigest() == v["transcriptHash"]
    for role, name in (("send", "confirmSender"), ("receive", "confirmReceiver")):
        yield name, confirmation(isk, role, transcript).hex() == v[name]
    yield "session secret", records.derive(isk, 32, "session").hex() == v["sessionSecret"]


def session():
    v = load("p2pcopy.json")
    secret, keys, link, trailer = unhex(v["session"]["secret"]), v["session"], v["link"], v["trailer"]
    yield "proof key", records.derive(secret, 32, "proof").hex() == keys["proofKey"]
    yield "trailer key", records.derive(secret, 32, "trailer").hex() == keys["trailerKey"]
    yield "block key", records.derive(secret, 32, "blocks").hex() == keys["blockKey"]
    yield "verifier", records.derive(secret, 5, "verify").hex() == keys["verifier"]
    yield "survivor", base64url(records.derive(secret, 16, "survivor")) == keys["survivor"]
    for stream, room in keys["linkRooms"].items():
        yield "link room", base64url(records.derive(secret, 16, "room", int(stream))) == room
    for one in keys["recordKeys"]:
        parts = one["purpose"], one["direction"], one["stream"], one["epoch"], unhex(one["senderNonce"]), unhex(one["receiverNonce"])
        yield "record key", records.derive(secret, 32, "record", *parts).hex() == one["key"]
    for role, name in ((b"send", "proofSender"), (b"receive", "proofReceiver")):
        parts = b"p2pcopy link", role, link["stream"].to_bytes(4, "big"), unhex(link["senderNonce"]), unhex(link["receiverNonce"])
        yield "link proof", hmac.digest(unhex(keys["proofKey"]), cpace.lv_cat(*parts), "sha256").hex() == link[name]
    for status, name in enumerate(("good", "failed", "withoutHash")):
        digest = records.NO_DIGEST if status else unhex(trailer["sha256"])
        yield "trailer", records.trailer(unhex(keys["trailerKey"]), trailer["round"], trailer["entry"], status, trailer["length"], digest).hex() == trailer[name]


def listing():
    v = load("p2pcopy.json")
    key, length = unhex(v["session"]["blockKey"]), v["blocks"]["length"]
    content = b"".join(hashlib.sha256(b"p2pcopy blocks" + i.to_bytes(4, "big")).digest() for i in range(length // 32 + 1))[:length]
    expected = [(one["length"], unhex(one["digest"])) for one in v["blocks"]["list"]]
    yield "blocks", blocks.size_log2(length) == v["blocks"]["sizeLog2"] and list(blocks.listing(content, key)) == expected
    yield "blocks of zeros", list(blocks.lengths(bytes(v["blocks"]["zeros"]))) == v["blocks"]["lengthsOfZeros"]


def sealing():
    unpack = {
        1: lambda body, v: v["codec"] == 2 or (records.unpack_chunk(body)[0], body[8] & 15, body[8] > 127, len(records.unpack_chunk(body)[1]))
        == (v["number"], v["codec"], v["last"], v["rawLength"]) and body == records.pack_chunk(v["number"], records.unpack_chunk(body)[1], False, v["paddedTo"], v["last"]),
        2: lambda body, v: records.unpack_control(body) == (v["number"], v["json"].encode()) and body == records.pack_control(v["number"], v["json"].encode()),
        3: lambda body, v: records.unpack_ack(body) == (v["nextControl"], v["nextChunk"], [tuple(run) for run in v["beyond"]]),
        4: lambda body, v: body == b"",
        5: lambda body, v: records.unpack_abort(body) == (v["code"], v["message"]) and body == records.pack_abort(v["code"], v["message"])}
    v = load("p2pcopy.json")
    for length, padded in v["lengthClasses"]:
        yield "length class", records.length_class(length) == padded
    for one in v["bodies"]:
        yield "body: " + one["what"], unpack[one["type"]](unhex(one["body"]), one)
    v, secret = v["records"], unhex(v["session"]["secret"])
    parts = secret, v["purpose"], v["direction"], v["stream"], unhex(v["senderNonce"]), unhex(v["receiverNonce"]), False, v["epochLength"]
    sealer, opener = records.Direction(*parts), records.Direction(*parts)
    for one in v["sequence"]:
        sealer.plain_chunks = opener.plain_chunks = one["plain"]
        plaintext, message = unhex(one["plaintext"]), unhex(one["message"])
        yield "record", sealer.seal(plaintext[0], plaintext[1:]) == message and opener.open(message) == (plaintext[0], plaintext[1:])


def directly():
    v = load("direct.json")
    key = discovery.key_of(v["discovery"]["route"])
    yield "discovery key", key.hex() == v["discovery"]["key"]
    for one in v["discovery"]["queries"]:
        yield "query", discovery.query(key, one["role"], unhex(one["nonce"])).hex() == one["message"]
    for one in v["discovery"]["answers"]:
        parts = unhex(one["queryNonce"]), unhex(one["nonce"]), one["address"], one["port"], one["secure"]
        yield "answer", discovery.answer(key, one["role"], *parts).hex() == one["message"]
        read = discovery.read_answer(unhex(one["message"]), key, one["role"], parts[0], parts[2])
        yield "answer read", read == (one["port"], one["secure"])
    query, answered = (v["discovery"][name][0] for name in ("queries", "answers"))
    for one in v["discovery"]["refused"]:
        read = discovery.read_answer(unhex(one["message"]), key, "send", unhex(query["nonce"]), answered["address"])
        yield "answer refused: " + one["what"], read is None
    for one in v["framing"]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for message in one["messages"]:
                direct.Framed(ours).send(unhex(message))
            yield "framing", theirs.recv(100).hex() == one["bytes"]
            theirs.sendall(unhex(one["bytes"]))
            reader = direct.Framed(ours)
            yield "framing read", [reader.receive(1)[1].hex() for _ in one["messages"]] == one["messages"]
    for one in v["candidates"]:
        message = json.loads(one["json"])
        listed = [[*item["a"].rsplit(":", 1), item["k"]] for item in message["list"]]
        yield "candidates", message["type"] == "candidates" and [[a.strip("[]"), port, kind] for a, port, kind in listed] == one["list"]


def checks():
    """(what, whether it holds) of every vector."""
    for part in (primitives, curve, pairing, session, listing, sealing, directly):
        yield from part()
