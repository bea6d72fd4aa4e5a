"""A machine of the network that does harm to discovery: hostile_discovery.py ROUTE OWN-ADDRESS FOREIGN-ADDRESS SENDER-PID RECEIVER-PID.

Run by tests/Direct in a network namespace. The sender has the route, the receiver another one. Exit status 0 if both behave."""

import contextlib
import os
import pathlib
import socket
import sys
import threading
import time

from p2pcopy_interop import discovery

FLOOD_SECONDS, MOST_CPU = 5, 0.01


def asking_from(address):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, 0))
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    made.settimeout(1.5)
    return made


def answers(asking, query):
    asking.sendto(query, (discovery.GROUP, discovery.PORT))
    got = []
    try:
        while True:
            got.append(asking.recvfrom(2000))
    except TimeoutError:
        return got


def threads(process):
    """Seconds that each thread of a process has run. The ticks of /proc/PID/stat also count interrupts of others."""
    run = {}
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            run[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return run


def load(processes, seconds):
    """The part of a processor that each process takes. It looks often, so that a thread which ends is counted too."""
    before = [threads(process) for process in processes]
    latest = [dict(run) for run in before]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.1)
        for run, process in zip(latest, processes):
            run.update(threads(process))
    return [sum(run[thread] - start.get(thread, 0) for thread in run) / seconds for run, start in zip(latest, before)]


def overhear(own):
    """Where the receiver asks from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("", discovery.PORT))
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(discovery.GROUP) + socket.inet_aton(own))
        listening.settimeout(15)
        while True:
            query, source = listening.recvfrom(2000)
            if source[0] not in (own, "0.0.0.0") and query[6] == 1:
                return query, source


def flood(asking, target, message, stop):
    while not stop.is_set():
        for _ in range(100):
            asking.sendto(message, target)


def main():
    route, own, foreign, *processes = sys.argv[1:]
    key, failures = discovery.key_of(route), []

    asking = asking_from(own)
    for _ in range(10):  # the first answer takes a while on a busy machine
        query = discovery.query(key, "receive", os.urandom(16))
        if first := answers(asking, query):
            break
    again = answers(asking, query)
    if len(first) != 1 or len(first[0][0]) > len(query):
        failures.append(f"a query got {first}")
    if again:
        failures.append(f"a repeated query got {again}")
    if got := answers(asking_from(foreign), discovery.query(key, "receive", os.urandom(16))):
        failures.append(f"another network got {got}")
    if got := answers(asking, discovery.query(discovery.key_of("other1"), "receive", os.urandom(16))):
        failures.append(f"another route got {got}")

    heard, receiver = overhear(own)
    nonce = heard[8:24]
    for forged in (bytes(42), first[0][0], discovery.answer(key, "send", nonce, os.urandom(16), own, 7777),
                   discovery.answer(discovery.key_of("other1"), "send", nonce, os.urandom(16), own, 7777), os.urandom(1400), b""):
        asking.sendto(forged, receiver)
    asking.sendto(b"", (discovery.GROUP, discovery.PORT))

    idle = load(processes, FLOOD_SECONDS)
    stop = threading.Event()
    bogus = discovery.query(discovery.key_of("other1"), "receive", os.urandom(16))
    forged = discovery.answer(discovery.key_of("other1"), "send", nonce, os.urandom(16), own, 7777)
    for target, message in (((discovery.GROUP, discovery.PORT), bogus), (receiver, forged)):
        threading.Thread(target=flood, args=(asking_from(own), target, message, stop), daemon=True).start()
    time.sleep(3)  # the first packets are compiled for
    used = [flooded - without for flooded, without in zip(load(processes, FLOOD_SECONDS), idle)]
    stop.set()
    time.sleep(1)
    if len(answers(asking, discovery.query(key, "receive", os.urandom(16)))) != 1:
        failures.append("after the flood a query got no answer")
    if max(used) > MOST_CPU:
        failures.append(f"the flood cost {used}")
    print(*failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
