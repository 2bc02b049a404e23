"""How commands speak: what they found on stdout, what stands in the way as one plain sentence on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from attain.problems import LocalProblem

WIDE = 132
"""Columns of what goes into a file or a pipe, where nobody says how wide a line may be."""

console = Console(width=None if sys.stdout.isatty() else WIDE)
errors = Console(stderr=True)


@contextmanager
def plain_problems(*also: type[Exception]) -> Iterator[None]:
    """Ends the command with exit status 1 and the sentence of a `LocalProblem` (or of the others named)."""
    expected: tuple[type[Exception], ...] = (LocalProblem, *also)
    try:
        yield
    except expected as problem:
        errors.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from problem
