"""`attain real`."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from attain.access import connect, database, projectors
from attain.commands.terminal import console, errors, plain_problems
from attain.commands.up import start
from attain.imports.start import import_file
from attain.instance.layout import Instance, checkout
from attain.instance.lifecycle import take_down
from attain.problems import LocalProblem
from attain.real import reported, spreadsheet
from attain.real.comparison import compare, table
from attain.settling import settle
from contracts import Role
from messaging import rebuild

FILES = {"people": "sales_teams.csv", "accounts": "accounts.csv", "opportunities": "sales_pipeline.csv"}
"""What is imported, in this order, from which file of the export."""

SETTINGS = {"ATTAIN_REPORTING_CURRENCY": "USD", "ATTAIN_FISCAL_YEAR_START_MONTH": "1"}
"""How the instance reckons, so that its figures compare with those of the file."""


class FiguresDiffer(LocalProblem):
    """Reporting says something else than the file."""


class HistoryAlarms(LocalProblem):
    """Somebody would be alarmed about what happened years ago."""


def real(
    data: Annotated[Path, typer.Argument(help="Folder of the CRM export.")],
    home: Annotated[
        Path | None, typer.Option(help="Folder of the instance; default `.attain/real` in the checkout.")
    ] = None,
) -> None:
    """Import a real CRM export into an instance of its own, and hold every figure against the file."""
    instance = Instance.at(home or checkout() / ".attain" / "real")
    with plain_problems():
        if missing := [name for name in FILES.values() if not (data / name).is_file()]:
            raise LocalProblem(
                f"The folder {data.absolute()} does not hold the export: {', '.join(missing)} not found. Name the "
                "folder in which it lies: make real DATA=<folder>."
            )
        take_down(instance)
        try:
            _run(instance, data)
        finally:
            take_down(instance)


def _run(instance: Instance, data: Path) -> None:
    start(instance, environment=SETTINGS)
    asyncio.run(_import(instance, data))
    asyncio.run(hold_against_files(instance, data, "As projected from the events"))
    asyncio.run(_hold_against_alarms(instance))
    take_down(instance)
    start(instance, services=("reporting",), environment=SETTINGS)
    asyncio.run(_rebuild(instance))
    asyncio.run(hold_against_files(instance, data, "Rebuilt from Kafka, with the other services stopped"))


async def _import(instance: Instance, data: Path) -> None:
    mappings = checkout() / "examples" / "crm-sales-opportunities"
    began = time.monotonic()
    async with connect(instance) as services:
        for kind, name in FILES.items():
            rejected = instance.home / f"{kind}.rejected.csv"
            summary = await import_file(
                kind,
                data / name,
                mappings / f"{kind}.toml",
                services,
                folder=instance.home / "imports",
                rejected=rejected,
            )
            console.print(f"{kind}: {summary.rows} rows, {summary.created} new", highlight=False)
            if summary.rejected:
                raise LocalProblem(f"{summary.rejected} rows of {name} were not taken; see {rejected}.")
            if kind == "people":
                await settle(instance)  # opportunities must have heard of the owners
    imported = time.monotonic() - began
    await settle(instance)
    total = time.monotonic() - began
    console.print(
        f"imported in {imported:.1f} s, all of it in the reports after {total:.1f} s", highlight=False
    )


async def _rebuild(instance: Instance) -> None:
    for projector in projectors(instance, "reporting"):
        began = time.monotonic()
        with errors.status("Rebuilding"):
            rebuilt = await rebuild(projector)
        console.print(
            f"rebuilt from {rebuilt.records} events in {time.monotonic() - began:.1f} s", highlight=False
        )


async def _hold_against_alarms(instance: Instance) -> None:
    """History starts no clock: what was imported neither raises an incident nor could."""
    async with database(instance, "alerts") as connection:
        row = await connection.fetchrow(_ALARMS)
    assert row is not None, "three counts are a row"
    heard, lasting, raised = row
    if not heard or lasting or raised:
        raise HistoryAlarms(
            f"Of {heard} facts that alerts has heard, {raised} incidents were raised and {lasting} more could be; "
            "imported facts should start no clock."
        )
    console.print(f"Of {heard} facts of history none raises an alarm.", highlight=False)


_ALARMS = """
select (select count(*) from watch.event), (select count(*) from watch.episode), (select count(*) from incident)
"""


async def hold_against_files(instance: Instance, data: Path, title: str) -> None:
    """Shows what reporting says beside what the file says. Raises `FiguresDiffer`, which names what differs."""
    async with connect(instance, Role.bi_reader) as services:
        rows = compare(await reported.figures(services), spreadsheet.figures(data))
    console.print("", table(rows, title))
    different = [row.name for row in rows if not row.equal]
    if different:
        raise FiguresDiffer(f"{len(different)} of {len(rows)} figures differ: {', '.join(different)}.")
    console.print(f"All {len(rows)} figures are equal.", highlight=False)
