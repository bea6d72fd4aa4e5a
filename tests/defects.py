"""Defects that are put into a copy of the code, one at a time, to show that a suite finds them; tests/Chaos and tests/Simulation have lists."""

import contextlib
import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[1]


@dataclasses.dataclass
class Mutant:
    name: str
    what: str
    path: str  # below the folder of the repository
    old: str
    new: str
    # Further places of the same file.
    more: tuple = dataclasses.field(default=(), kw_only=True)

    def text(self, root=ROOT):
        """The text of the file with the defect. Each place must be there once."""
        text = (root / self.path).read_text()
        for old, new in ((self.old, self.new), *self.more):
            if text.count(old) != 1:
                raise SystemExit(f"{self.name}: {self.path} has {text.count(old)} times: {old}")
            text = text.replace(old, new)
        return text

    @contextlib.contextmanager
    def put_into(self, root):
        path = root / self.path
        healthy = path.read_text()
        path.write_text(self.text(root))
        try:
            yield
        finally:
            path.write_text(healthy)


def choose(mutants, parser):
    """The settings of the command line and the mutants that it names. With --check nothing else is done."""
    parser.add_argument("words", nargs="*", help="words in the names of the defects [default: all]")
    parser.add_argument("--check", action="store_true", help="only check that the code still has the places")
    settings = parser.parse_args()
    chosen = [m for m in mutants if not settings.words or any(word in m.name for word in settings.words)]
    for mutant in chosen:
        mutant.text()
    if settings.check:
        print(f"{len(chosen)} passed, 0 failed")
        raise SystemExit(0)
    return settings, chosen
