"""Read tables and the owners' rows equal what plain SQL makes of the ledgers."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from chaos.oracle.ledgers import Row
from chaos.rig import Rig

SCRATCH = "oracle"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two statements that must have the same rows: one over everything that was said, one over a service's tables."""

    name: str
    service: str
    expected: str
    actual: str


async def check_projections(rig: Rig, rows: Sequence[Row], stated: Collection[str]) -> AsyncIterator[str]:
    """The rows in which they differ, for each comparison. Of what the harness `stated`, no service has rows of its own;
    reporting keeps it like all else."""
    await _fill_scratch(rig, rows, stated)
    scratch = await asyncpg.connect(rig.dsn(SCRATCH))
    try:
        for comparison in comparisons(rig.staff.services):
            expected = Counter(str(tuple(row)) for row in await scratch.fetch(comparison.expected))
            async with rig.database(comparison.service) as connection:
                found = await connection.fetch(comparison.actual)
            actual = Counter(str(tuple(row)) for row in found)
            for what, rest in (("lacks", expected - actual), ("has", actual - expected)):
                if rest:
                    shown = "; ".join(list(rest.elements())[:_SHOWN])
                    yield f"{comparison.name}: {comparison.service} {what} {rest.total()} rows: {shown}"
    finally:
        await scratch.close()


async def _fill_scratch(rig: Rig, rows: Sequence[Row], stated: Collection[str]) -> None:
    """A database of its own, with one table of everything that was said."""
    server = await asyncpg.connect(rig.dsn("postgres"))
    try:
        await server.execute(f"drop database if exists {SCRATCH} with (force)")
        await server.execute(f"create database {SCRATCH}")
    finally:
        await server.close()
    scratch = await asyncpg.connect(rig.dsn(SCRATCH))
    try:
        await scratch.execute(_SQL["said"])
        said = [("nobody" if row.root in stated else row.service, row.envelope.decode()) for row in rows]
        await scratch.copy_records_to_table("sealed", records=said)
        await scratch.execute(_SQL["read"])
    finally:
        await scratch.close()


def comparisons(services: Sequence[str]) -> list[Comparison]:
    """Those that the services allow which run."""
    found = []
    for name, text in _SQL.items():
        if not name.startswith("compare "):
            continue
        service, title = name.removeprefix("compare ").split(": ", 1)
        expected, actual = text.split("-- is\n")
        if service in services:
            found.append(Comparison(title, service, expected, actual))
    return found


def _sections(text: str) -> dict[str, str]:
    """The parts of the file, each under a line `-- # name`."""
    found: dict[str, str] = {}
    for part in text.split("-- # ")[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body
    return found


_SQL = _sections(files("chaos.oracle").joinpath("recompute.sql").read_text())
