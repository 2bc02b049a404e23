"""`attain doctor`."""

import typer

from attain.commands.options import Home
from attain.commands.terminal import console
from attain.instance.doctor import examine
from attain.instance.layout import Instance


def doctor(home: Home = None) -> None:
    """Look for what is missing or in the way on this machine, and say what to do about it."""
    problems = 0
    for finding in examine(Instance.at(home)):
        problems += finding.remedy is not None
        console.print(f"[{'red' if finding.remedy else 'green'}]{'✗' if finding.remedy else '✓'}[/] ", end="")
        console.print(" ".join(filter(None, (finding.fact, finding.remedy))), markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
