"""`attain import`."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from attain.access import connect
from attain.commands.options import Home
from attain.commands.terminal import console, errors, plain_problems
from attain.imports.mapping import Mapping
from attain.imports.rows import count_rows
from attain.imports.run import Summary
from attain.imports.start import KIND_NAMES, check_request, import_file
from attain.instance.layout import Instance


def import_(
    kind: Annotated[str, typer.Argument(help=f"What the rows are: {', '.join(KIND_NAMES)}.")],
    file: Annotated[Path, typer.Argument(help="A CSV with a header line.")],
    mapping: Annotated[Path, typer.Option("--map", help="TOML that says which column is which field.")],
    validate_only: Annotated[bool, typer.Option(help="Try every row and keep nothing.")] = False,
    rejected: Annotated[
        Path | None,
        typer.Option(
            help="File for the rows that were not taken; default NAME.rejected.csv in the current folder."
        ),
    ] = None,
    warnings: Annotated[
        Path | None,
        typer.Option(
            help="File for warnings about rows that were taken; default NAME.warnings.csv in the current folder."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Bring rows of any CSV export in. The same row again makes no fact; an interrupted import goes on."""
    instance = Instance.at(home)
    rejects = rejected or Path(f"{file.stem}.rejected.csv")
    remarks = warnings or Path(f"{file.stem}.warnings.csv")
    with plain_problems():
        check_request(kind, file, mapping, rejects, remarks)
        rows = count_rows(file, Mapping.load(mapping))
        run = partial(import_file, kind, file, mapping, rejected=rejects, warnings=remarks)
        summary = asyncio.run(_shown(instance, partial(run, validate_only=validate_only), file.name, rows))
    console.print(_sentence(summary, rejects, remarks, validate_only=validate_only), highlight=False)
    if rejects.exists():  # it is there only with rows of this import, or of its part before a break
        raise typer.Exit(2)


async def _shown(instance: Instance, run: Callable[..., Awaitable[Summary]], name: str, rows: int) -> Summary:
    async with connect(instance) as services:
        with Progress(console=errors) as display:
            task = display.add_task(name, total=rows)
            return await run(
                services,
                folder=instance.home / "imports",
                progress=lambda count: display.advance(task, count),
            )


def _sentence(summary: Summary, rejects: Path, warnings: Path, *, validate_only: bool) -> str:
    parts = [f"{summary.created} new", f"{summary.changed} changed", f"{summary.unchanged} known already"]
    text = f"{summary.rows} rows: {', '.join(parts)}, {summary.rejected} not taken."
    if summary.behind_line:
        text = f"Went on behind line {summary.behind_line}, where an earlier import broke off. {text}"
    if rejects.exists():
        text += f" Line, column and reason of each that was not taken stand in {rejects}."
    if warnings.exists():
        text += f" Warnings about rows that were taken, {summary.warnings} in this run, stand in {warnings}."
    return f"{text} Nothing was kept: this was a validation." if validate_only else text
