"""Planted bugs: files that say what in the code is replaced by what, and which tests are to notice."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLANTED = Path(__file__).parent / "planted"


class DoesNotApply(Exception):
    """The code is not as the mutant expects it: what it replaces is not there, or more than once."""


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a file, which occurs there exactly once, and what comes in its place."""

    file: str
    old: str
    new: str

    def made(self, root: Path) -> str:
        """The file's text with the change. Raises `DoesNotApply`."""
        path = root / self.file
        text = path.read_text() if path.exists() else ""
        if (count := text.count(self.old)) != 1:
            raise DoesNotApply(f"{self.file} has {count} times:\n{self.old}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug. `about` says what the bug is in this design; `tests` are what is run, as for pytest."""

    number: int
    title: str
    about: str
    tests: Sequence[str]
    changes: Sequence[Change]

    def plant(self, root: Path) -> None:
        """Changes the tree. Raises `DoesNotApply`; the tree is then to be thrown away."""
        for change in self.changes:
            (root / change.file).write_text(change.made(root))


def planted() -> list[Mutant]:
    """All mutants, by number."""
    found = [_read(path) for path in PLANTED.glob("*.toml")]
    return sorted(found, key=lambda mutant: mutant.number)


def _read(path: Path) -> Mutant:
    told: dict[str, Any] = tomllib.loads(path.read_text())
    changes = [Change(**change) for change in told["change"]]
    return Mutant(int(path.name.partition("_")[0]), told["title"], told["about"], told["tests"], changes)
