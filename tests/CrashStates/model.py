"""The states that a crash may leave of a recording, and what must hold in each of them.

A crash keeps what a sync has written that had ended before. Of the rest it keeps, for each folder, any number of its first changes (all
folders up to one moment, as a journal does, or each folder for itself), and for each file any part of its changes: its time and size
without its content, zeros, old content or garbage in some blocks."""

import dataclasses
import functools

BLOCK = 4096


@dataclasses.dataclass(eq=False)
class Node:
    """A file, folder or link. Changes have the number of their event."""

    kind: str
    base: bytes = b""
    modified: int = 0
    target: str = ""
    content: bytes = b""  # that the writes take their bytes from
    changes: list = dataclasses.field(default_factory=list)  # of a file: (number, event); of a folder: (number, what, name, node)
    entries: dict = dataclasses.field(default_factory=dict)  # of a folder, before the recording


class Model:
    def __init__(self, recording):
        self.recording = recording
        self.events = recording.events
        self.root = Node("folder")
        self.nodes = [self.root]
        self._files = {}  # paths at this moment of the recording
        for path, before in recording.before.items():
            node = Node("folder") if before is None else Node("file", *before)
            self._add(path, node)
            self._folder(path).entries[_name(path)] = node
        for number, event in enumerate(self.events):
            self._take(number, event)
        self._content()
        self.told = [(number, event.path) for number, event in enumerate(self.events) if event.kind == "told"]

    def _add(self, path, node):
        self._files[path] = node
        self.nodes.append(node)

    def _folder(self, path):
        above = path.rpartition("/")[0]
        return self._files[above] if above else self.root

    def _take(self, number, event):
        if event.kind in ("create", "folder", "link"):
            node = Node({"create": "file"}.get(event.kind, event.kind), target=event.to)
            self._add(event.path, node)
            self._folder(event.path).changes.append((number, "add", _name(event.path), node))
        elif event.kind in ("write", "cut", "time"):
            self._files[event.path].changes.append((number, event))
        elif event.kind == "move":
            node = self._files.pop(event.path)
            self._files[event.to] = node
            self._folder(event.path).changes.append((number, "move", (_name(event.path), _name(event.to)), node))
        elif event.kind == "remove" and event.path in self._files:
            node = self._files.pop(event.path)
            self._folder(event.path).changes.append((number, "remove", _name(event.path), node))

    def _content(self):
        """Every write to a file writes what the source has there."""
        for path, node in self._files.items():
            content = self.recording.source.get(path.removeprefix("destination/"))
            if node.kind == "file" and isinstance(content, bytes):
                node.content = content

    def states(self, point, rng, count):
        """States after a crash at this point; the first ones are the extremes."""
        durable = self._durable(point)
        happened = {node: sum(change[0] < point for change in node.changes) for node in self.nodes}
        extremes = [("all", data) for data in ("none", "zeros", "torn", "all", "old")] + [("none", "none"), ("none", "all")]
        for number in range(count):
            names, data = extremes[number] if number < len(extremes) else (rng.choice(("journal", "each", "all")), "mixed")
            moment = rng.randrange(point + 1)
            yield self._build(self.root, rng, names, data, moment, point, durable, happened)

    def _durable(self, point):
        """For each node, which of its changes are on the disk for certain."""
        path_of = {}
        for path, node in self._paths(point):
            path_of.setdefault(node, set()).add(path)
        everything, single = -1.0, {}
        for event in self.events[:point]:
            if event.kind == "sync" and event.to == "syncfs":
                everything = max(everything, event.start)
            elif event.kind == "sync":
                single.setdefault(event.path, []).append(event.start)
        result = {}
        for node in self.nodes:
            until = max([everything, *(start for path in path_of.get(node, ()) for start in single.get(path, ()))])
            result[node] = {number for number, *_ in node.changes if number < point and self.events[number].end <= until}
        return result

    def _paths(self, point):
        """Every path that a node has had."""
        files = dict(self._first)
        yield from files.items()
        for number, event in enumerate(self.events[:point]):
            if event.kind in ("create", "folder", "link"):
                files[event.path] = self._made[number]
                yield event.path, files[event.path]
            elif event.kind == "move":
                files[event.to] = files.pop(event.path)
                yield event.to, files[event.to]
            elif event.kind == "remove":
                files.pop(event.path, None)

    @functools.cached_property
    def _first(self):
        def below(folder, path):
            for name, node in folder.entries.items():
                yield path + name, node
                if node.kind == "folder":
                    yield from below(node, f"{path}{name}/")
        return dict(below(self.root, ""))

    @functools.cached_property
    def _made(self):
        return {number: node for folder in self.nodes if folder.kind == "folder"
                for number, what, _, node in folder.changes if what == "add"}

    def _build(self, folder, rng, names, data, moment, point, durable, happened):
        """The entries of a folder: name -> (content, modified), a target, or a folder in the same form."""
        certain = durable[folder]
        first = max((at + 1 for at, (number, *_) in enumerate(folder.changes) if number in certain), default=0)
        kept = {"all": happened[folder], "none": first, "journal": max(first, sum(number < moment for number, *_ in folder.changes)),
                "each": rng.randint(first, happened[folder])}[names]
        entries = dict(folder.entries)
        for _, what, name, node in folder.changes[:min(kept, happened[folder])]:
            if what == "add":
                entries[name] = node
            elif what == "remove":
                entries.pop(name, None)
            elif (moved := entries.pop(name[0], None)) is not None:
                entries[name[1]] = moved
        return {name: self._build(node, rng, names, data, moment, point, durable, happened) if node.kind == "folder"
                else node.target if node.kind == "link" else _file(node, rng, data, happened[node], durable[node])
                for name, node in entries.items()}


def _name(path):
    return path.rpartition("/")[2]


def _file(node, rng, data, happened, certain):
    """The content and the time of a file."""
    if data == "mixed":
        data = rng.choice(("none", "zeros", "torn", "all", "old", "size", "garbage"))
    content, modified = bytearray(node.base), node.modified
    for number, event in node.changes[:happened]:
        safe = number in certain or data == "all"
        if event.kind == "time":
            if safe or data != "none" and data != "size":
                modified = event.modified
        elif event.kind == "cut":
            if safe or data not in ("none", "old"):
                del content[event.length:]
                content.extend(bytes(event.length - len(content)))
        else:
            end = event.offset + event.length
            if not safe and data == "none":
                continue
            if len(content) < end and (safe or data != "old"):
                content.extend(bytes(end - len(content)))
            if safe:
                content[event.offset:end] = node.content[event.offset:end]
            elif data in ("torn", "garbage"):
                for at in range(event.offset, end, BLOCK):
                    stop, luck = min(at + BLOCK, end), rng.random()
                    if luck < 0.5:
                        content[at:stop] = node.content[at:stop]
                    elif data == "garbage":
                        content[at:stop] = rng.randbytes(stop - at)
            elif data == "zeros":
                content[event.offset:end] = bytes(event.length)
    return bytes(content), modified
