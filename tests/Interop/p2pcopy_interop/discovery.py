"""Discovery (section 9): queries, answers, and a side that asks with nothing but a code."""

import hashlib
import hmac
import ipaddress
import os
import select
import socket
import time

GROUP, PORT = "239.255.80.67", 8765
ROLES = "send", "receive"


def key_of(route):
    return hashlib.sha256(b"p2pcopy discovery" + route.lower().encode()).digest()


def _message(key, kind, role, secure, nonce, port, proved):
    head = b"P2PC" + bytes([1, kind, ROLES.index(role), secure]) + nonce + port.to_bytes(2, "big")
    return head + hmac.digest(key, head + proved, "sha256")[:16]


def query(key, role, nonce):
    return _message(key, 0, role, 0, nonce, 0, b"")


def answer(key, role, query_nonce, nonce, address, port, secure=False):
    return _message(key, 1, role, int(secure), nonce, port, query_nonce + ipaddress.ip_address(address).packed)


def read_answer(message, key, role, query_nonce, address):
    """(port, secure) of an answer of this role; None if it does not prove the route."""
    if len(message) != 42 or message[7] > 1:
        return None
    port = int.from_bytes(message[24:26], "big")
    good = answer(key, role, query_nonce, message[8:24], address, port, message[7] == 1)
    return (port, message[7] == 1) if port and hmac.compare_digest(message, good) else None


def find(route, interface, patience=5.0):
    """Asks as a receiver from the IPv4 address of an interface; the address of the sender's relay."""
    key, nonces = key_of(route), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((interface, 0))
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        end = time.monotonic() + patience
        while time.monotonic() < end:
            nonces.append(os.urandom(16))
            asking.sendto(query(key, "receive", nonces[-1]), (GROUP, PORT))
            if select.select([asking], [], [], 0.3)[0]:
                message, (address, _) = asking.recvfrom(100)
                for found in filter(None, (read_answer(message, key, "send", nonce, address) for nonce in nonces)):
                    return f"{'wss' if found[1] else 'ws'}://{address}:{found[0]}"
    return None
