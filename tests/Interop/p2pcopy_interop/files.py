"""Files of this machine: what a sender finds to offer, and a destination that no name of the other side leads out of. POSIX only."""

import contextlib
import hashlib
import os
import re
import secrets
import stat

from . import FileError

FILE, FOLDER, LINK = 0, 1, 2
UNFINISHED = re.compile(r"\.p2pcopy-[0-9a-f]{16}\.part")


def scan(path, name=None):
    """Yields (entry as it is offered, path) of a file or folder, a folder before what it holds. Links are left out."""
    name, status = name or os.path.basename(os.path.abspath(path)), os.lstat(path)
    entry = {"n": name, "t": status.st_mtime_ns // 100, "m": status.st_mode & 0o777}
    if stat.S_ISDIR(status.st_mode):
        yield entry | {"k": FOLDER}, path
        for child in sorted(os.listdir(path)):
            yield from scan(os.path.join(path, child), f"{name}/{child}")
    elif stat.S_ISREG(status.st_mode):
        yield entry | {"s": status.st_size}, path


def split(name):
    """The parts of a name the other side gave; FileError if it could mean anything but a place below the destination."""
    parts = name.split("/")
    why = ("it is empty, absolute, or has an empty part" if "" in parts else
           "it holds a relative part" if "." in parts or ".." in parts else
           "it holds a NUL" if "\0" in name else
           "it is too long" if len(name.encode()) > 4096 or any(len(part.encode()) > 255 for part in parts) else
           "it is the name of an unfinished file" if any(UNFINISHED.fullmatch(part) for part in parts) else None)
    if why:
        raise FileError("NameRefused", f"The name was refused: {why}.")
    return parts


class Destination:
    """A folder to receive into. Every step below it goes through an open folder and follows no link, so that neither a name nor
    a link that is there (or appears meanwhile) leads out of it."""

    def __init__(self, path):
        os.makedirs(path, exist_ok=True)
        self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        self._folders = {}

    @contextlib.contextmanager
    def folder(self, parts, make=True):
        """A descriptor of a folder below the destination."""
        current = os.dup(self._root)
        try:
            for part in parts:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=current)
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=current)
                os.close(current)
                current = below
            yield current
        finally:
            os.close(current)

    def is_unchanged(self, entry):
        """Whether a file of this name, size and time is there already."""
        *parts, name = split(entry["n"])
        with contextlib.suppress(OSError), self.folder(parts, make=False) as folder:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns // 100) == (entry["s"], entry["t"])
        return False

    def make_folder(self, entry):
        with self.folder(split(entry["n"])):
            self._folders[entry["n"]] = entry

    def finish_folders(self):
        """Modes and times of folders come last: what is written into them changes their times, and their modes may forbid it."""
        for name, entry in sorted(self._folders.items(), reverse=True):
            with contextlib.suppress(OSError, OverflowError), self.folder(split(name), make=False) as folder:
                _apply(folder, entry)


class Incoming:
    """A file being received: under a name of its own until it is known to be right, then renamed over the destination."""

    def __init__(self, destination, entry):
        *parts, self._name = split(entry["n"])
        self._entry, self._hash = entry, hashlib.sha256()
        self._partial = f".p2pcopy-{secrets.token_hex(8)}.part"
        with contextlib.ExitStack() as stack:
            self._folder = stack.enter_context(destination.folder(parts))
            mode = 0o666 if entry["m"] is None else 0o600  # nobody else reads what is still to get its own mode
            self._file = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=self._folder)
            self._stack = stack.pop_all()

    def write(self, data):
        self._hash.update(data)
        while data:
            data = data[os.write(self._file, data):]

    def digest(self):
        return self._hash.digest()

    def keep(self):
        _apply(self._file, self._entry)
        os.fsync(self._file)  # a name must not be on the disk before its content
        os.rename(self._partial, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._partial = None

    def close(self):
        """Ends it; what was not kept is removed."""
        with self._stack:
            os.close(self._file)
            if self._partial:
                os.unlink(self._partial, dir_fd=self._folder)


def _apply(descriptor, entry):
    if entry["m"] is not None:
        os.fchmod(descriptor, entry["m"] & 0o777)
    os.utime(descriptor, ns=(entry["t"] * 100, entry["t"] * 100))
