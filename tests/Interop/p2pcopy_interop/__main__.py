"""python3 -m p2pcopy_interop send PATH... | receive DEST   --relay URL --code CODE"""

import argparse
import sys

from . import P2PError, discovery
from .files import scan
from .receiver import Receiver
from .sender import Sender
from .session import Session, read_code

EXIT = {"InvalidOption": 2, "PairingFailed": 4, "RelayConnectFailed": 5, "RelayRefused": 5, "ConnectionLost": 6, "PeerDidNotCome": 7,
        "PeerAborted": 8, "ProtocolError": 10, "VersionMismatch": 10, "Cancelled": 130}


def main():
    parser = argparse.ArgumentParser(prog="p2pcopy_interop", description="A small sender and receiver of the P2PCopy protocol.")
    parser.add_argument("command", choices=["send", "receive"])
    parser.add_argument("paths", nargs="+", metavar="PATH", help="what to send, or the folder to receive into")
    parser.add_argument("--relay", help="ws://host:port or wss://host[/prefix]")
    parser.add_argument("--code", required=True)
    parser.add_argument("--encryption", choices=["on", "off"], default="on")
    parser.add_argument("--wait", type=float, default=60, help="seconds to wait for the other side")
    parser.add_argument("--direct", metavar="ADDRESS", help="receive: also listen at this address for a direct connection")
    parser.add_argument("--durable", action="store_true", help="receive: write everything through to the disk before it is confirmed")
    parser.add_argument("--discover", metavar="ADDRESS", help="receive: find the relay of the sender from this address of an interface")
    options = parser.parse_args()
    try:
        options.relay = options.relay or discovery.find(read_code(options.code)[0], options.discover, options.wait)
        found = [pair for path in options.paths for pair in scan(path)] if options.command == "send" else None
        with Session(options.relay, options.code, options.command, options.wait, options.encryption, options.direct) as session:
            side = Sender(session, found) if options.command == "send" else Receiver(session, options.paths[0], options.durable)
            outcome = side.run()
            if side.durable:
                print("on the receiver's disk")
            if options.direct:
                print(session.direct_chunks, "chunks direct")
    except (P2PError, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT.get(getattr(error, "code", None), 1)
    bad = [(name, status) for name, status in outcome if not isinstance(status, str)]
    for name, (code, sentence) in bad:
        print(f"{name!r}: {code}: {sentence!r}", file=sys.stderr)  # quoted: they may hold control characters
    print(*(f"{sum(status == word for _, status in outcome)} {word}," for word in ("copied", "unchanged", "skipped")), len(bad), "failed")
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
