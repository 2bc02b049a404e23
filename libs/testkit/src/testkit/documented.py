"""The fenced blocks of the documentation: each is run by a test, or says why not.

A comment on the line before the fence marks a block: `<!-- not run: why -->`, or `<!-- run: instance -->` for
commands that need a running instance; `documented_commands("instance")` hands those to the test that has one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGES = ("*.md", "docs/**/*.md")
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<language>[\w+-]*)")
MARK = re.compile(r"^ *<!-- (?P<verb>run|not run): (?P<what>.+) -->$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it begins, its language, its text, and its mark."""

    page: str
    line: int
    language: str
    text: str
    run: str | None = None
    not_run: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(root: Path) -> list[Block]:
    """Every fenced block of the project's pages, in the order in which they are read."""
    pages = sorted({page for pattern in PAGES for page in root.glob(pattern)})
    return [block for page in pages for block in read(page.read_text(), page.relative_to(root).as_posix())]


def documented_commands(root: Path, marker: str) -> list[Block]:
    """The shell blocks marked `<!-- run: marker -->`, to be run one after the other."""
    return [block for block in blocks(root) if block.run == marker]


def read(text: str, page: str) -> Iterator[Block]:
    """The fenced blocks of one page. Raises `ValueError` for a fence that is never closed."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        number += 1
        if opening is None:
            continue
        start = number
        while number < len(lines) and not lines[number].strip().startswith(opening["fence"]):
            number += 1
        if number == len(lines):
            raise ValueError(f"{page}:{start}: the fence is never closed")
        indent = len(opening["indent"])
        body = "\n".join(line[indent:] for line in lines[start:number])
        yield Block(page, start, opening["language"], body, **_mark(lines[start - 2] if start > 1 else ""))
        number += 1


def _mark(before: str) -> dict[str, str]:
    mark = MARK.match(before)
    return {mark["verb"].replace(" ", "_"): mark["what"]} if mark else {}
