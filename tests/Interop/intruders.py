"""Connections to a direct port without the session key: intruders.py ADDRESS PORT. Each must be closed within 5 s, with little said.

Run by tests/Direct in a network namespace."""

import os
import socket
import sys
import time


def main():
    address, port = sys.argv[1], int(sys.argv[2])
    deadline, connections = time.monotonic() + 20, []
    while not connections and time.monotonic() < deadline:
        try:
            connections.append(socket.create_connection((address, port), 1))
        except OSError:
            time.sleep(0.02)
    if not connections:
        sys.exit("no one listened")
    try:
        connections.append(socket.create_connection((address, port), 1))
        connections[0].sendall(b"GET / HTTP/1.1\r\n\r\n")
        connections[1].sendall((16).to_bytes(4, "big") + os.urandom(16) + (32).to_bytes(4, "big") + os.urandom(32))
    except OSError:
        pass  # the port is closed as soon as a connection has proved itself
    for connection in connections:
        connection.settimeout(6.5)
        said = b""
        try:
            while piece := connection.recv(1000):
                said += piece
        except (ConnectionError, BrokenPipeError):
            pass
        if len(said) > 20 + 36:
            sys.exit(f"it said {said.hex()}")


if __name__ == "__main__":
    main()
