"""The receiving side. Everything that comes was chosen by somebody else: names, numbers, sizes and order are all checked."""

import contextlib
import hmac
import itertools
import os

from . import FileError, files, malformed, records
from .records import FAILED, GOOD, GOOD_WITHOUT_HASH, NO_DIGEST, TRAILER, WINDOW, pages

MAX_ENTRIES = 1_000_000
CHUNK_SIZES = range(512 << 10, (4 << 20) + 1)


def runs(numbers):
    """Ascending numbers as [[first, count], …]."""
    result = []
    for number in numbers:
        if result and sum(result[-1]) == number:
            result[-1][1] += 1
        else:
            result.append([number, 1])
    return result


class Receiver:
    """Takes what is offered, files whole: it asks for no blocks."""

    def __init__(self, session, destination, durable=False):
        self.durable = durable
        self._session, self._destination = session, files.Destination(destination)
        self._next = 0  # the chunk that is to be written next
        self._held, self._voids = {}, []  # chunks that came, and runs of chunks that will not
        self._chunk, self._at = b"", 0  # the chunk at work, and where in it
        self._retries, self._retried = set(), set()  # names that may be offered once more, and that were
        self._outcome, self._confirmed = {}, 0  # name -> copied, unchanged, or (code, sentence)
        session.chunk_wanted = lambda: self._next

    def run(self):
        direct = {"direct": "lan"} if self._session.direct_address else {}
        durable = {"durable": True} if self.durable else {}
        self._session.control(type="settings", codecs=["gzip"], window=WINDOW, **direct, **durable)
        settings = self._control("settings")
        if direct and settings.get("direct"):
            self._session.offer_direct()
        self._chunk_size, self._hashed = settings["chunkSize"], settings.get("hash", False)
        if self._chunk_size not in CHUNK_SIZES:
            raise malformed("a chunk size that is out of range")
        for number in itertools.count():
            message = self._control("offer", "end")
            if message["type"] == "end":
                break
            self._round(number, message)
        if message["confirmed"] != self._confirmed:
            raise malformed("another number of confirmed entries")
        self._session.control(type="receipt", confirmed=self._confirmed)
        self._control("bye")
        return list(self._outcome.items())

    # What comes

    def _control(self, *types):
        while not (message := self._event(types)):
            pass
        return message

    def _event(self, types=()):
        """Deals with what comes next; a control message of these types is the caller's."""
        kind, event = self._session.receive()
        if kind == "chunk":
            number, data = event
            if number < self._next and self._session.direct_address:
                return None  # it came over the other connection too
            if not self._next <= number < self._next + WINDOW // self._chunk_size or len(data) > self._chunk_size:
                raise malformed("a chunk that is out of turn, or too long")
            self._held[number] = data
        elif event["type"] in types:
            return event
        elif event["type"] == "void":
            if event["first"] < self._next or event["count"] < 1 or len(self._voids) >= 10_000:
                raise malformed("chunks that are void for no reason")
            self._voids.append(range(event["first"], event["first"] + event["count"]))
        elif event["type"] not in ("streams", "candidates"):  # further streams need not be joined, and this side dials no one
            raise malformed(f"\"{event['type']}\" out of turn")
        return None

    def _take(self, most):
        """The next bytes of the stream, at most so many; zeros for what is void, since only a failed file may be."""
        if self._at == len(self._chunk):
            self._written()
            while self._next not in self._held and not any(self._next in run for run in self._voids):
                self._event()
            self._chunk = self._held.pop(self._next, None) or bytes(self._chunk_size)
        piece = self._chunk[self._at:self._at + most]
        self._at += len(piece)
        return piece

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            data += self._take(count - len(data))
        return data

    def _written(self):
        """The chunk at work is used up."""
        if self._at != len(self._chunk):
            raise malformed("more in a round than its files hold")
        if self._chunk:
            self._next += 1
            self._chunk, self._at = b"", 0
            self._voids = [run for run in self._voids if run.stop > self._next]
            self._session.ack()

    # A round

    def _round(self, number, offer):
        entries, wanted, names, failed, page = [], [], set(), {}, 0
        while True:
            if offer["round"] != number or len(entries) + len(offer["entries"]) > MAX_ENTRIES:
                raise malformed("an offer that is out of turn, or too long")
            answers = []
            for raw in offer["entries"]:
                entry = self._read_entry(raw)
                if answer := self._answer(entry, names, number):
                    answers.append({"i": len(entries)} | answer)
                    self._note(entry, "unchanged" if answer["a"] == "unchanged" else (answer["c"], answer["x"]))
                else:
                    wanted.append(len(entries))
                entries.append(entry)
            for unread in offer.get("unread", []):
                self._outcome[unread] = ("FileReadError", "The sender could not read it.")
            if self.durable and answers:
                os.sync()  # an earlier run may have ended without it
            for part in (parts := pages(answers)):
                final = part is parts[-1]
                self._session.control(type="answer", round=number, page=page, last=final and offer["last"], entries=part,
                                      upTo=len(entries) if final else part[-1]["i"] + 1)
                page += 1
            if offer["last"]:
                break
            offer = self._control("offer")

        for index in wanted:
            try:
                if entries[index]["k"] == files.FILE:
                    self._file(number, index, entries[index])
                else:
                    with _writing():
                        self._destination.make_folder(entries[index])
                self._note(entries[index], "copied")
            except FileError as error:
                failed[index] = error
                if error.code in ("FileReadError", "IntegrityCheckFailed") and entries[index]["n"] not in self._retried:
                    self._retries.add(entries[index]["n"])
                self._note(entries[index], (error.code, error.sentence))
        self._written()
        self._destination.finish_folders()
        if self.durable:
            os.sync()

        good = runs(index for index in wanted if index not in failed)
        bad = [{"i": index, "c": error.code, "x": error.sentence} for index, error in failed.items()]
        messages = [{"good": sum(part, []), "failed": []} for part in pages(good)]
        messages += [{"good": [], "failed": part} for part in pages(bad) if part]
        for message in messages:
            self._session.control(type="results", round=number, last=message is messages[-1], **message)

    def _note(self, entry, status):
        self._outcome[entry["n"]] = status  # in a later round a name may come again: then that counts
        self._confirmed += status in ("copied", "unchanged")

    @staticmethod
    def _read_entry(raw):
        entry = {"n": raw["n"], "k": raw.get("k", files.FILE), "s": raw.get("s", 0), "t": raw.get("t", 0), "m": raw.get("m")}
        numbers = [entry["k"], entry["s"], entry["t"], entry["m"] or 0]
        if type(entry["n"]) is not str or any(type(number) is not int for number in numbers) or entry["k"] not in (0, 1, 2) or entry["s"] < -1:
            raise malformed("an entry that makes no sense")
        return entry

    def _answer(self, entry, names, number):
        try:
            files.split(entry["n"])
        except FileError as error:
            return {"a": "refuse", "c": error.code, "x": error.sentence}
        if entry["n"] in names:
            return {"a": "refuse", "c": "NameRefused", "x": "The name was offered twice."}
        names.add(entry["n"])
        if number > 0 and (entry["n"] not in self._retries or entry["k"] != files.FILE):
            return {"a": "refuse", "c": "NameRefused", "x": "A further round can only repeat a file that failed, and only once."}
        if number > 0:
            self._retries.remove(entry["n"])
            self._retried.add(entry["n"])
        if entry["k"] == files.LINK or entry["s"] < 0:
            return {"a": "refuse", "c": "Failure", "x": "This receiver takes no links, and no data of unknown length."}
        return {"a": "unchanged"} if entry["k"] == files.FILE and self._destination.is_unchanged(entry) else None

    def _file(self, round_number, index, entry):
        """Reads a file from the stream, to its end whatever happens, and puts it into its place if it is right."""
        part, error, left = None, None, entry["s"]
        try:
            try:
                with _writing():
                    part = files.Incoming(self._destination, entry)
            except FileError as failure:
                error = failure
            while left:
                piece = self._take(left)
                left -= len(piece)
                try:
                    with _writing():
                        if not error:
                            part.write(piece)
                except FileError as failure:
                    error = failure

            given, key = self._exactly(TRAILER), self._session.trailer_key
            if hmac.compare_digest(given, records.trailer(key, round_number, index, FAILED, entry["s"], NO_DIGEST)):
                raise FileError("FileReadError", "The sender could not read it, or it changed while it was read.")
            if error:
                raise error
            good = (GOOD, entry["s"], part.digest()) if self._hashed else (GOOD_WITHOUT_HASH, entry["s"], NO_DIGEST)
            if not hmac.compare_digest(given, records.trailer(key, round_number, index, *good)):
                raise FileError("IntegrityCheckFailed", "It did not arrive as it was sent.")
            with _writing():
                part.keep()
        finally:
            if part:
                part.close()


@contextlib.contextmanager
def _writing():
    try:
        yield
    except (OSError, OverflowError) as error:
        raise FileError("FileWriteError", f"Writing failed: {getattr(error, 'strerror', None) or error}.") from None
