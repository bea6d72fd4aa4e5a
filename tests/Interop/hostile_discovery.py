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

WINDOW_SECONDS, MOST_CPU = 5, 0.01


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


def least_load(processes, windows, enough):
    """The least part of a processor that each process takes in one of several windows, since what is compiled meanwhile and
    a busy machine only add to it. A window in which each takes little enough is the last."""
    least = [1] * len(processes)
    while windows > 0 and any(part > bound for part, bound in zip(least, enough)):
        least = list(map(min, least, load(processes, WINDOW_SECONDS)))
        windows -= 1
    return least


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


@contextlib.contextmanager
def flooding(own, targets):
    """Sends messages to each target as fast as it can."""
    def flood(asking, target, message):
        while not stop.is_set():
            for _ in range(100):
                with contextlib.suppress(ConnectionRefusedError):
                    asking.sendto(message, target)

    stop = threading.Event()
    sending = [threading.Thread(target=flood, args=(asking_from(own), target, message)) for target, message in targets]
    for thread in sending:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in sending:
            thread.join()


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

    bogus = discovery.query(discovery.key_of("other1"), "receive", os.urandom(16))
    forged = discovery.answer(discovery.key_of("other1"), "send", nonce, os.urandom(16), own, 7777)
    # What the processes do anyway costs more on a busy machine, so the same flood also goes where they do not listen.
    with flooding(own, (((discovery.GROUP, discovery.PORT + 1), bogus), ((receiver[0], discovery.PORT + 1), forged))):
        elsewhere = least_load(processes, 2, [0] * len(processes))
    with flooding(own, (((discovery.GROUP, discovery.PORT), bogus), (receiver, forged))):
        flooded = least_load(processes, 6, [part + MOST_CPU for part in elsewhere])
    time.sleep(1)
    if len(answers(asking, discovery.query(key, "receive", os.urandom(16)))) != 1:
        failures.append("after the flood a query got no answer")
    if any(part > without + MOST_CPU for part, without in zip(flooded, elsewhere)):
        failures.append(f"the flood took {flooded} of a processor, {elsewhere} when it went elsewhere")
    print(*failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
