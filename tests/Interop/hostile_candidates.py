"""A receiver that knows the code and names addresses that the other side must not dial: hostile_candidates.py RELAY CODE OWN-ADDRESS.

Run by tests/Direct in a network namespace. A service on port 7777 of the own address says what it gets."""

import socket
import sys
import threading
import time

from p2pcopy_interop.session import Session

FORBIDDEN = ["127.0.0.1:5000", "[::1]:5000", "0.0.0.0:5000", "169.254.169.254:8080", "169.254.7.7:5000", "10.1.0.255:5000", "255.255.255.255:5000",
             "224.0.0.251:5353", "10.1.0.1:22", "[::ffff:127.0.0.1]:5000", "[fe80::1]:5000", "100.100.100.200:5000"]


def service(address, got):
    server = socket.create_server((address, 7777))
    while True:
        connection, _ = server.accept()
        connection.sendall(b"220 mail.example ESMTP\r\n")
        connection.settimeout(3)
        data = b""
        try:
            while piece := connection.recv(1000):
                data += piece
        except OSError:
            pass
        got.append(data)


def main():
    relay, code, own = sys.argv[1:]
    got = []
    threading.Thread(target=service, args=(own, got), daemon=True).start()
    with Session(relay, code, "receive", direct=own) as session:
        session.control(type="settings", codecs=[], window=1 << 20, direct="auto")
        candidates = lambda attempt, addresses: session.control(
            type="candidates", connection=0, attempt=attempt, list=[{"a": address, "k": kind} for address, kind in addresses])
        candidates(0, [(address, "interface") for address in FORBIDDEN] + [(f"{own}:7777", "interface")])
        candidates(0, [(address, "mapped") for address in FORBIDDEN])
        candidates(0, [(address, "observed") for address in FORBIDDEN])
        pause = time.monotonic() + 1.5
        while time.monotonic() < pause:
            session.pump(0.2)
        for block in range(200):  # 3200 more, far more than are dialled
            candidates(0, [(f"10.1.0.{4 + number}:{2000 + block}", "interface") for number in range(16)])
        end = time.monotonic() + 8
        while time.monotonic() < end:
            session.pump(0.2)
        session.control(type="candidates", connection=0, attempt=5, list=[])
    for data in got[:1]:
        print(f"service got {len(data)} bytes: {data[:4].hex()}")


if __name__ == "__main__":
    main()
