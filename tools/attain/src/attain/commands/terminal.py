"""How commands speak: what they found on stdout, what stands in the way as one plain sentence on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from attain.problems import LocalProblem

console = Console()
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
