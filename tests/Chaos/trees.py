"""The files of a scenario: the source, what the destination has before, and the contents that a name may have."""

import hashlib
import os
import pathlib

KIBIBYTE = 1 << 10
SIZES = (0, 1, 100, 4 * KIBIBYTE, 63 * KIBIBYTE, 65 * KIBIBYTE, 300 * KIBIBYTE, 1025 * KIBIBYTE, 3072 * KIBIBYTE)
NAMES = ("alpha", "beta.txt", "d/gamma", "d/e/delta.bin", "d/ünï", "x y", "f/zeta", "f/eta.log")
KEPT = "kept.txt"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def digest_of(path):
    """The digest of a file, or None if it does not exist."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def content(random, size):
    if random.random() < 0.3:
        return (b"the quick brown fox %d\n" % random.randrange(1000) * (size // 20 + 1))[:size]
    return random.randbytes(size)


def write(path, data, age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if age:
        seconds = 1_700_000_000 - age
        os.utime(path, (seconds, seconds))


class Trees:
    """`allowed` has for each name every digest that the file at the destination may have; None is no file."""

    def __init__(self, root, random, plan, destination):
        self.root = root
        self.source = root / "source"
        self.destination = destination
        self.sentinel = root / "beside"
        self.spare = root / "spare"
        self.versions = {}
        self.allowed = {}
        # Names at which a file of another program was.
        self.had_other = set()
        self.spare.mkdir()
        write(self.sentinel / "one", b"one", 10)
        write(self.sentinel / "deep/two.p2ppart", b"two", 20)
        write(self.destination / KEPT, b"kept", 30)
        write(self.destination / "source" / KEPT, b"kept too", 40)
        for name, size, before in plan:
            name = f"source/{name}"
            new = content(random, size)
            write(self.root / name, new, 1000)
            self.versions[name] = [digest(new)]
            self.allowed[name] = {digest(new), None}
            if before:
                old = self._old(random, before, new)
                write(self.destination / name, old, 5000)
                self.allowed[name] = {digest(new), digest(old)}
                self.had_other.add(name)
        self._foreign = self._picture()

    @staticmethod
    def _old(random, before, new):
        if before == "part":
            return new[:random.randrange(len(new) + 1)]
        if before == "same":
            return new
        old = bytearray(new + b"old")
        for _ in range(3):
            old[random.randrange(len(old))] ^= 0xFF
        return bytes(old)

    def appear(self, name, random):
        """Another program puts a file at the destination, unless a file is there."""
        data = b"foreign " + random.randbytes(random.choice((10, 100_000)))
        spare = self.destination.parent / "appears"
        target = self.destination / name
        self.allowed[name].add(digest(data))
        self.had_other.add(name)
        try:
            write(spare, data, 3000)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(spare, target)
        except OSError:
            # A file is there, or the disk is full.
            return False
        finally:
            spare.unlink(missing_ok=True)
        return True

    def change_source(self, name, random):
        """Another program replaces a source file, or appends to it. Both leave no mixture."""
        path = self.root / name
        old = path.read_bytes()
        appended = random.random() < 0.5
        new = old + b"appended" if appended else random.randbytes(len(old) + 1)
        self.versions[name].append(digest(new))
        self.allowed[name].add(digest(new))
        if appended:
            with path.open("ab") as file:
                file.write(b"appended")
        else:
            spare = self.spare / "changed"
            write(spare, new)
            os.replace(spare, path)

    def candidates(self, name, renamed):
        """The files at the destination that may have the content of a name."""
        path = self.destination / name
        found = [path]
        if renamed and path.parent.is_dir():
            found += [p for p in path.parent.iterdir() if p.name.startswith(path.stem + " (")]
        return found

    def half_new(self, name):
        """The digest of a file at the destination that is neither old nor new, otherwise None."""
        found = digest_of(self.destination / name)
        # A file that existed before never goes away; a new one may not exist yet.
        return None if found in self.allowed[name] else found or "no file"

    def partials(self):
        return sorted(str(p.relative_to(self.destination)) for p in self.destination.rglob("*.p2ppart"))

    def strangers(self):
        """Names at the destination that neither the scenario nor the transfer accounts for."""
        known = {self.destination / KEPT, self.destination / "source" / KEPT}
        for name in self.versions:
            known.update(self.candidates(name, True))
        return sorted(str(p) for p in self.destination.rglob("*") if p.is_file() and p not in known and not p.name.endswith(".p2ppart"))

    def foreign_touched(self):
        return self._picture() != self._foreign

    def _picture(self):
        paths = [*self.sentinel.rglob("*"), self.sentinel, self.destination / KEPT, self.destination / "source" / KEPT]
        return {str(p): (p.lstat().st_mode, p.lstat().st_mtime_ns, p.is_file() and digest_of(p)) for p in paths if pathlib.Path.exists(p)}
