"""Rows are told anew from their events and compared: what was altered by hand is found, and nothing else is."""

from random import Random

import asyncpg
import pytest

from messaging import Projector
from reporting.proof.evidence import ROWS, prover
from reporting.proof.sums import SUMS
from testkit.projecting import project

from .test_projection_law import _DEALINGS, _ELSE, Company, deliveries

BOOKS = {"consumer_position", "consumer_root", "parked_root", "parked_event", "projection_fingerprint"}


async def a_busy_company(projecting: Projector, seed: int = 7) -> None:
    """A company to which everything has happened, heard in several batches."""
    chance = Random(seed)
    whats = [*_DEALINGS, *_ELSE]
    steps = [
        (what, chance.randrange(4), chance.randrange(4), chance.choice([0, 5, 30])) for what in whats * 6
    ]
    steps += [("metric", 0, 0, 0), ("open", 1, 2, 0), ("move", -1, 0, 30), ("win", -1, 1, 30)]
    for batch in deliveries(Company().live(steps), chance):
        await project(projecting, batch)


async def every_root(looking: asyncpg.Connection) -> list[str]:
    return [row["root"] for row in await looking.fetch("select root from consumer_root")]


async def test_each_table_says_whose_its_rows_are(looking: asyncpg.Connection) -> None:
    rows = await looking.fetch("select tablename from pg_tables where schemaname = 'projection'")
    assert {row["tablename"] for row in rows} - BOOKS == {*ROWS, *SUMS}


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_told_in_any_order_agrees_with_its_events(
    projecting: Projector, looking: asyncpg.Connection, seed: int
) -> None:
    await a_busy_company(projecting, seed)
    roots = await every_root(looking)
    assert await prover(projecting).prove(roots) == []
    assert await prover(projecting).prove(roots[::7]) == []
    assert await looking.fetchval("select count(*) from projection_proof.event") == 0


async def test_a_row_altered_by_hand_is_found_in_every_table(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    await a_busy_company(projecting)
    roots = await every_root(looking)
    for table in ROWS:
        await looking.execute(
            f"create temp table gone as select * from {table} limit 1;"
            f"delete from {table} as mine where to_jsonb(mine) = (select to_jsonb(gone) from gone)"
        )
        found = await prover(projecting).prove(roots)
        put_back = await looking.execute(f"insert into {table} select * from gone")
        await looking.execute("drop table gone")
        assert put_back == "INSERT 0 1", f"{table} is empty"
        assert table in {each.table for each in found}, table
    assert await prover(projecting).prove(roots) == []
