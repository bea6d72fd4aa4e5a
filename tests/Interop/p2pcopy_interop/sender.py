"""The sending side: everything in one round."""

import hashlib
import os
import pathlib

from . import blocks, files, malformed, records
from .records import FAILED, GOOD, NO_DIGEST, WINDOW, pages

CHUNK_SIZE = 1 << 20


class Sender:
    """Offers everything in one round. Lists the blocks of a file, which is read into memory, if the receiver has a part of it."""

    def __init__(self, session, found):
        self._session, self._found = session, found
        self._status = {}  # entry number -> copied, unchanged, skipped, or (code, sentence)
        self._buffer, self._number = bytearray(), 0
        self._compared, self._needed = [], {}  # entries to compare; entry number -> ranges that the receiver needs
        self._same = set()  # compared entries of which the receiver has everything
        self.durable = False  # what the receiver confirms is on its disk
        self.sent = 0  # bytes of chunks before compression

    def run(self):
        session = self._session
        session.control(type="settings", codecs=["gzip"], window=WINDOW, chunkSize=CHUNK_SIZE, hash=True)
        settings = self._control("settings")
        self.durable = settings.get("durable", False)
        self._compress = "gzip" in settings["codecs"]
        self._window = max(1, min(WINDOW, settings["window"]) // CHUNK_SIZE)

        offer = pages([entry for entry, _ in self._found])
        for page, entries in enumerate(offer):
            while session.pump(0):  # answers to the pages before: were they left to pile up, both sides could wait for each other
                pass
            session.control(type="offer", round=0, page=page, last=page == len(offer) - 1, entries=entries)
        self._answers()
        for number in self._compared:
            self._compare(number)
        for number, (entry, path) in enumerate(self._found):
            if number not in self._status and number not in self._same and entry.get("k", files.FILE) == files.FILE:
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
                else:
                    self._compared.append(self._entry(item["i"]))
            last = answer["last"]

    def _compare(self, number):
        """Lists the blocks of a file, page by page, and learns what the receiver needs."""
        entry, path = self._found[number]
        content = pathlib.Path(path).read_bytes()
        listing = list(blocks.listing(content, self._session.block_key)) if len(content) == entry["s"] else []
        parts = [listing[first:first + blocks.PAGE] for first in range(0, len(listing), blocks.PAGE)] or [[]]
        start, needed = 0, []
        for part in parts:
            self._session.control(type="blocks", round=0, i=number, last=part is parts[-1], data=blocks.encode(part))
            found = self._control("found")
            if found["i"] != number or sum(found["runs"]) != len(part):
                raise malformed("an answer about other blocks")
            left = iter(part)
            for run, count in enumerate(found["runs"]):
                length = sum(next(left)[0] for _ in range(count))
                if run % 2:
                    needed.append((start, start + length))
                start += length
        if found.get("u"):
            self._same.add(number)
        self._needed[number] = needed + [(start, entry["s"])]

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
        ranges, digest, at = self._needed.get(number, [(0, entry["s"])]), hashlib.sha256(), 0
        left = sum(end - start for start, end in ranges)
        try:
            with open(path, "rb") as file:
                while data := file.read(min(entry["s"] - at, 1 << 20)):
                    digest.update(data)
                    for start, end in ranges:
                        part = data[max(start - at, 0):max(end - at, 0)]
                        left -= len(part)
                        self._write(part)
                    at += len(data)
                status = os.fstat(file.fileno())
                good = (status.st_size, status.st_mtime_ns // 100) == (entry["s"], entry["t"]) and at == entry["s"]
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
        self._session.chunk(self._number, data, self._compress, CHUNK_SIZE)
        self.sent += len(data)
        self._number += 1
