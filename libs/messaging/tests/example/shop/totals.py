"""A projection that adds up, so that a fact that is applied twice, or never, shows."""

from uuid import UUID

from asyncpg import Connection

from contracts import Event
from messaging import Batch, Projector
from shop import Shop
from testkit import eventually

TABLES = "create table total (thing uuid primary key, number bigint not null, facts bigint not null);"
ADD = """
insert into total (thing, number, facts)
select root::uuid, sum((data->>'number')::int), count(*) from batch group by root
on conflict (thing) do update
    set number = total.number + excluded.number, facts = total.facts + excluded.facts
"""


class Totals:
    """Adds up. With `fails`, every batch is an error, as with a version that should not have been deployed."""

    def __init__(self, counted: type[Event], *, fails: bool = False) -> None:
        self.hears: frozenset[type[Event]] = frozenset({counted})
        self.fails = fails

    async def apply(self, connection: Connection, batch: Batch) -> None:
        if self.fails:
            raise ZeroDivisionError("a bad version")
        await connection.execute(ADD)


async def ready(shop: Shop, totals: Totals | None = None, **settings: float) -> Projector:
    """A projector of the shop's totals, whose tables are there before it runs."""
    found = Projector(
        f"{shop.service}-totals",
        "projection",
        TABLES,
        [totals or Totals(shop.counted)],
        shop.database.url,
        shop.with_settings(**settings),
    )
    await found.ensure()
    return found


async def come_to(shop: Shop, expected: dict[UUID, tuple[int, int]]) -> None:
    """Waits until each thing's numbers add up to this, by so many facts."""

    async def probe() -> None:
        async with shop.database.connect() as connection:
            rows = await connection.fetch("select thing, number, facts from projection.total")
        now = {row["thing"]: (row["number"], row["facts"]) for row in rows}
        assert now == expected, f"{len(now)} things, {now if len(now) < 9 else ''}"

    await eventually(probe, timeout=25)
