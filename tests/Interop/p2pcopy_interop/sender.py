"""The sending side: everything in one round, wanted files whole."""

import hashlib
import os

from . import files, malformed, records
from .records import FAILED, GOOD, NO_DIGEST, WINDOW, pages

CHUNK_SIZE = 1 << 20


class Sender:
    """Offers everything in one round and sends wanted files whole, block lists or not."""

    def __init__(self, session, found):
        self._session, self._found = session, found
        self._status = {}  # entry number -> copied, unchanged, skipped, or (code, sentence)
        self._buffer, self._number = bytearray(), 0

    def run(self):
        session = self._session
        session.control(type="settings", codecs=["gzip"], window=WINDOW, chunkSize=CHUNK_SIZE, hash=True)
        settings = self._control("settings")
        self._compress = "gzip" in settings["codecs"]
        self._window = max(1, min(WINDOW, settings["window"]) // CHUNK_SIZE)

        offer = pages([entry for entry, _ in self._found])
        for page, entries in enumerate(offer):
            while session.pump(0):  # answers to the pages before: were they left to pile up, both sides could wait for each other
                pass
            session.control(type="offer", round=0, page=page, last=page == len(offer) - 1, entries=entries)
        self._answers()
        session.control(type="plan", round=0, page=0, last=True, upTo=len(self._found), items=[])
        for number, (entry, path) in enumerate(self._found):
            if number not in self._status and entry.get("k", files.FILE) == files.FILE:
                self._send_file(number, entry, path)
        if self._buffer:
            self._chunk(bytes(self._buffer))

        self._results()
        confirmed = sum(status in ("copied", "unchanged") for status in self._status.values())
        session.control(type="end", confirmed=confirmed)
        if self._control("receipt")["confirmed"] != confirmed:
            raise malformed("a receipt that does not match its results")
        session.control(type="bye")
        return [(entry["n"], self._status.get(number, ("Unconfirmed", "There is no result for it.")))
                for number, (entry, _) in enumerate(self._found)]

    def _control(self, *types):
        while True:
            _, message = self._session.receive()
            if message["type"] in types:
                return message
            if message["type"] != "blocks":  # what the receiver has of a file: this sender sends it whole all the same
                raise malformed(f"\"{message['type']}\" out of turn")

    def _entry(self, number):
        if type(number) is not int or not 0 <= number < len(self._found):
            raise malformed("the number of no entry")
        return number

    @staticmethod
    def _failure(item):
        return str(item.get("c", "Failure")), str(item.get("x", ""))

    def _answers(self):
        last = False
        while not last:
            answer = self._control("answer")
            for item in answer["entries"]:
                meaning = {"unchanged": "unchanged", "skip": "skipped", "refuse": self._failure(item), "blocks": None}
                if status := meaning[item["a"]]:
                    self._status[self._entry(item["i"])] = status
            last = answer["last"]

    def _results(self):
        last = False
        while not last:
            results = self._control("results")
            good = results["good"]
            for first, count in zip(good[::2], good[1::2]):
                self._entry(first), self._entry(first + count - 1)
                self._status.update((number, "copied") for number in range(first, first + count))
            skipped = results.get("skipped", [])
            for first, count in zip(skipped[::2], skipped[1::2]):
                self._entry(first), self._entry(first + count - 1)
                self._status.update((number, "skipped") for number in range(first, first + count))
            for item in results["failed"]:
                self._status[self._entry(item["i"])] = self._failure(item)
            last = results["last"]

    def _send_file(self, number, entry, path):
        left, digest = entry["s"], hashlib.sha256()
        try:
            with open(path, "rb") as file:
                while left and (data := file.read(min(left, 1 << 20))):
                    digest.update(data)
                    left -= len(data)
                    self._write(data)
                status = os.fstat(file.fileno())
                good = (status.st_size, status.st_mtime_ns // 100) == (entry["s"], entry["t"]) and not left
        except OSError:
            good = False
        self._skip(left)
        status, sha256 = (GOOD, digest.digest()) if good else (FAILED, NO_DIGEST)
        self._write(records.trailer(self._session.trailer_key, 0, number, status, entry["s"], sha256))

    def _write(self, data):
        self._buffer += data
        while len(self._buffer) >= CHUNK_SIZE:
            self._chunk(bytes(self._buffer[:CHUNK_SIZE]))
            del self._buffer[:CHUNK_SIZE]

    def _skip(self, count):
        """The bytes of a file that cannot be read any more: zeros where the chunk holds something else, no chunk where it would not."""
        if self._buffer:
            zeros = min(count, CHUNK_SIZE - len(self._buffer))
            self._write(bytes(zeros))
            count -= zeros
        if chunks := count // CHUNK_SIZE:
            self._session.control(type="void", first=self._number, count=chunks)
            self._number += chunks
        self._write(bytes(count % CHUNK_SIZE))

    def _chunk(self, data):
        while self._number - self._session.acked_chunks >= self._window:
            self._session.pump(1.0)
        self._session.chunk(self._number, data, self._compress)
        self._number += 1
