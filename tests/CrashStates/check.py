"""What must hold in a state, which lies in a folder as the crash left it."""

import os


def violations(root, recording, told):
    """The sentences that a state contradicts. `told` are the names that either side had reported before the crash."""
    found = []
    for name, wanted in recording.source.items():
        path = os.path.join(root, "destination", name)
        seen = _look(path)
        if recording.durable and name in told and not _is(seen, wanted):
            found.append(f"{name} was reported, and is {_describe(seen)}")
        if not isinstance(wanted, bytes) or seen is None or not isinstance(seen, tuple):
            continue
        content, modified = seen
        if content == wanted:
            continue
        before = recording.before.get("destination/" + name)
        # The rule by which a later run keeps a file: ConflictRules.IsSame.
        if len(content) == len(wanted) and modified // 100 == recording.modified[name] // 100:
            found.append(f"{name} has other content, and a later run would keep it")
        elif before is None or content != before[0]:
            found.append(f"{name} is neither old nor new")
    for path in recording.before:
        name = path.removeprefix("destination/")
        if recording.before[path] is not None and name in recording.source and _look(os.path.join(root, path)) is None:
            found.append(f"{name} existed before, and is lost")
    return found


def _look(path):
    try:
        if os.path.islink(path):
            return os.readlink(path)
        if os.path.isdir(path):
            return True
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        stat = os.fstat(descriptor)
        return os.read(descriptor, stat.st_size + 1), stat.st_mtime_ns
    finally:
        os.close(descriptor)


def _is(seen, wanted):
    return seen is True if wanted is None else seen == wanted if isinstance(wanted, str) else isinstance(seen, tuple) and seen[0] == wanted


def _describe(seen):
    return "missing" if seen is None else f"{len(seen[0])} bytes of other content" if isinstance(seen, tuple) else "of another kind"
