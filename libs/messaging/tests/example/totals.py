"""A projection of the shop's facts: for each thing how many there are, and the sum of their numbers."""

from uuid import UUID

from asyncpg import Connection
from shop import Shop

from contracts import Event
from messaging import Batch, Projector
from testkit import eventually

TABLES = """
create table total (thing uuid primary key, number bigint not null, facts bigint not null);
create index total_by_number on total (number);
create view busy as select thing from total where facts > 1;
"""
ADD = """
insert into total (thing, number, facts)
select root::uuid, sum((data->>'number')::int), count(*) from batch group by root
on conflict (thing) do update
    set number = total.number + excluded.number, facts = total.facts + excluded.facts
"""
REFUSE = """
do $$ begin
    if exists (select from batch where data->>'number' = '{}') then raise division_by_zero; end if;
end $$
"""


class Totals:
    """Adds up. A batch in which the number `poison` occurs fails as a whole."""

    def __init__(self, shop: Shop) -> None:
        self.hears: frozenset[type[Event]] = frozenset({shop.counted})
        self.poison, self.batches = -1, list[int]()

    async def apply(self, connection: Connection, batch: Batch) -> None:
        await connection.execute(REFUSE.format(self.poison))
        await connection.execute(ADD)
        self.batches.append(len(batch.received))


def projector(shop: Shop, totals: Totals, tables: str = TABLES, **settings: float) -> Projector:
    return Projector(
        f"{shop.service}-totals",
        "projection",
        tables,
        [totals],
        shop.database.url,
        shop.with_settings(**settings),
    )


async def ready(shop: Shop, totals: Totals | None = None, **settings: float) -> Projector:
    """A projector whose tables are there before it runs."""
    keeper = projector(shop, totals or Totals(shop), TABLES, **settings)
    await keeper.ensure()
    return keeper


async def totals_of(shop: Shop) -> dict[UUID, tuple[int, int]]:
    async with shop.database.connect() as connection:
        rows = await connection.fetch("select thing, number, facts from projection.total")
    return {row["thing"]: (row["number"], row["facts"]) for row in rows}


async def come_to(shop: Shop, expected: dict[UUID, tuple[int, int]]) -> None:
    async def probe() -> None:
        assert (now := await totals_of(shop)) == expected, f"{len(now)} things, {now if len(now) < 9 else ''}"

    await eventually(probe, timeout=20)


async def come_to_at_least(shop: Shop, facts: int) -> None:
    async def probe() -> None:
        now = sum(facts for _, facts in (await totals_of(shop)).values())
        assert now >= facts, f"{now} of {facts}"

    await eventually(probe, timeout=20)
