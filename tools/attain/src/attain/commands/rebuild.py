"""`attain rebuild`."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Display
from rich.table import Table

from attain.access import database, projectors
from attain.commands.options import Home
from attain.commands.terminal import console, errors, plain_problems
from attain.instance.layout import Instance
from attain.problems import LocalProblem
from messaging import Progress, RebuildFailed, Rebuilt, rebuild
from messaging.rebuild import Compared, Versions


def rebuild_(
    service: Annotated[
        str, typer.Argument(help="The service whose read tables are made anew.")
    ] = "reporting",
    afresh: Annotated[
        bool,
        typer.Option(help="Begin at offset 0 again instead of going on where a rebuild was interrupted."),
    ] = False,
    home: Home = None,
) -> None:
    """Make a service's read tables anew from Kafka's offset 0, beside the live ones, compare, and swap them."""
    with plain_problems(RebuildFailed):
        asyncio.run(_rebuild(Instance.at(home), service, afresh))


async def _rebuild(instance: Instance, service: str, afresh: bool) -> None:
    kept = projectors(instance, service)
    if not kept:
        raise LocalProblem(f"{service} keeps no projection.")
    async with database(instance, service):
        pass  # says in a sentence that nothing runs
    for projector in kept:
        began = time.monotonic()
        with shown() as listener:
            rebuilt = await rebuild(projector, afresh=afresh, listener=listener)
        seconds = time.monotonic() - began
        for line in told(service, rebuilt, seconds):
            console.print(line, highlight=False)


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Shows how far a rebuild is and how long it will still take, a line for each step; what it yields is told."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Display(*columns, console=errors) as display:
        tasks = {}

        def tell(progress: Progress) -> None:
            step = progress.step
            if step not in tasks:
                tasks[step] = display.add_task(step.value, left="")
            display.update(tasks[step], completed=progress.done, total=progress.total, left=left(progress))

        yield tell


def left(progress: Progress) -> str:
    """How fast a step is, and how long it will still take."""
    if progress.rate is None or progress.remaining is None:
        return ""
    return f"{progress.rate:,.0f}/s, {timedelta(seconds=round(progress.remaining))} left"


def told(service: str, rebuilt: Rebuilt, seconds: float) -> Iterator[str | Table]:
    """What a rebuild came to, and how its tables compare with those that they replace."""
    resumed = ", going on where one was interrupted" if rebuilt.resumed else ""
    yield (
        f"{service}: schema {rebuilt.schema} rebuilt from {rebuilt.records:,} events in {seconds:.1f} s{resumed}; "
        f"the live projector waited {rebuilt.held * 1000:.0f} ms for the swap."
    )
    match rebuilt.versions:
        case Versions.none:
            return
        case Versions.same if not rebuilt.drifted:
            rows = sum(table.new_rows or 0 for table in rebuilt.tables)
            yield f"All {len(rebuilt.tables)} tables are as they were kept live: {rows:,} rows, row by row."
        case Versions.same:
            yield "These tables were not what the events say, and are now:"
            yield _differences(rebuilt.drifted)
        case _:
            yield f"{rebuilt.versions.capitalize()}:"
            yield _differences(rebuilt.tables)
    yield f"The former tables are kept for a day, in schema {rebuilt.schema}_old."


def _differences(tables: Sequence[Compared]) -> Table:
    shown = Table("table", "rows before", "rows now", "rows that differ", "first of them", box=None)
    for each in tables:
        numbers = (each.live_rows, each.new_rows, each.differing)
        shown.add_row(
            each.table, *("" if each is None else f"{each:,}" for each in numbers), "\n".join(each.keys)
        )
    return shown
