"""`bench`: runs the measures and prints one table."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.ground import Bench, ground
from bench.measures import MEASURES
from bench.table import Row, show, write

console = Console(width=200)

Measures = Annotated[
    list[str] | None, typer.Argument(help=f"Some of: {', '.join(MEASURES)}; all unless given.")
]
Scale = Annotated[str, typer.Option(help="Most opportunities of a measure that grows: 1m or 10m.")]
Out = Annotated[Path, typer.Option(help="Where the rows go as JSON.")]


def run(measures: Measures = None, scale: Scale = "1m", out: Out = Path("build/bench.json")) -> None:
    """Measure the product beside its limits, in interleaved rounds of one run."""
    chosen = measures or list(MEASURES)
    if unknown := set(chosen) - MEASURES.keys():
        raise typer.BadParameter(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    if scale not in ("1m", "10m"):
        raise typer.BadParameter("scale is 1m or 10m")
    rows: list[Row] = []
    try:
        with ground(int(scale.removesuffix("m"))) as bench:
            asyncio.run(_measure(bench, chosen, rows))
    finally:  # what was measured is shown, also when a later measure fails
        show(rows, console)
        write(rows, out)


async def _measure(bench: Bench, chosen: list[str], rows: list[Row]) -> None:
    for line in await bench.describe():
        console.print(line, highlight=False)
    for name in chosen:
        with console.status(name):
            rows += await MEASURES[name](bench)


def main() -> None:
    """The command."""
    typer.run(run)


if __name__ == "__main__":
    main()
