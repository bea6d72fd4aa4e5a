"""A second, small implementation of the P2PCopy protocol, written from docs/protocol.md alone, to test that page and the product."""


class P2PError(Exception):
    """A failure with a stable code, e.g. PairingFailed, and a sentence."""

    def __init__(self, code, sentence):
        super().__init__(f"{code}: {sentence}")
        self.code, self.sentence = code, sentence


class FileError(P2PError):
    """A failure of one file; the others go on."""


def malformed(what):
    return P2PError("ProtocolError", f"The other side sent {what}.")
