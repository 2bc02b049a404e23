"""The directory follows the organisation's events, in whatever order its roots arrive."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from contracts import Received, Role
from contracts.targets import UnitChanged, UnitClosed
from directory import Sight, sight, visible_members, visible_people, visible_units
from runtime import Principal
from testkit import Database
from testkit.history import History

type Hear = Callable[..., Awaitable[None]]

FROM, MOVED, LEFT, TODAY = date(2020, 1, 1), date(2026, 3, 1), date(2026, 6, 1), date(2026, 7, 1)
TABLES = ("person", "unit", "membership_change", "parent_change", "membership", "closure")
ANCESTORS = """
    select above.code, valid_from, valid_to from closure
    join unit above on above.id = ancestor_id join unit below on below.id = descendant_id
    where below.code = $1 and above.code <> $1 order by valid_from
"""


@dataclass
class Company:
    """East with two teams; Wang moves from the first to the second and leaves; Li leads the first."""

    history: History
    east: UUID
    one: UUID
    two: UUID
    li: UUID
    wang: UUID
    zhao: UUID

    def change(self, unit: UUID, code: str, parent: UUID | None, on: date) -> None:
        self.history.say(
            UnitChanged(
                unit_id=unit, code=code, name=code, kind="team", parent_id=parent,
                manager_id=self.li if unit == self.one else None, region=None, effective_on=on,
            )
        )  # fmt: skip


@pytest.fixture
def company() -> Company:
    history = History()
    east = history.unit("east", kind="region")
    li = history.person("li", role=Role.supervisor)
    one, two = history.unit("east-1", parent=east, manager=li), history.unit("east-2", parent=east)
    history.move(li, one, FROM)
    wang, zhao = history.person("wang", unit=one), history.person("zhao", unit=one)
    history.move(wang, two, MOVED)
    history.leave(wang, LEFT)
    return Company(history, east, one, two, li, wang, zhao)


async def rows(directory: Database, sql: str, *values: object) -> list[tuple[object, ...]]:
    async with directory.connect() as connection:
        await connection.execute("set search_path = directory")
        return [tuple(row) for row in await connection.fetch(sql, *values)]


async def contents(directory: Database) -> dict[str, list[tuple[object, ...]]]:
    return {table: await rows(directory, f"select * from {table} order by 1, 2, 3") for table in TABLES}


@pytest.mark.capability("S7")
async def test_membership_is_kept_in_intervals_that_end_when_somebody_leaves(
    hear: Hear, directory: Database, company: Company
) -> None:
    await hear(company.history.events)
    found = await rows(
        directory,
        "select unit.code, valid_from, valid_to from membership join unit on unit.id = unit_id "
        "where person_id = $1 order by valid_from",
        company.wang,
    )
    assert found == [("east-1", FROM, MOVED), ("east-2", MOVED, LEFT)]


async def test_a_unit_that_moves_keeps_its_past_above_it(
    hear: Hear, directory: Database, company: Company
) -> None:
    north = company.history.unit("north", kind="region")
    company.change(company.one, "east-1", north, MOVED)
    await hear(company.history.events)
    assert await rows(directory, ANCESTORS, "east-1") == [
        ("east", FROM, MOVED),
        ("north", MOVED, date.max),
    ]


async def test_a_closed_unit_ends_below_its_ancestors(
    hear: Hear, directory: Database, company: Company
) -> None:
    company.history.say(UnitClosed(unit_id=company.two, closed_on=LEFT))
    await hear(company.history.events)
    assert await rows(directory, ANCESTORS, "east-2") == [("east", FROM, LEFT)]


async def test_units_that_stand_above_each_other_for_a_moment_do_not_hang_the_directory(
    hear: Hear, directory: Database, company: Company
) -> None:
    company.change(company.east, "east", company.one, MOVED)
    await hear(company.history.events)
    assert ("east-1", MOVED, date.max) in await rows(directory, ANCESTORS, "east")


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_across_roots_and_any_cut_into_batches_end_in_the_same_directory(
    hear: Hear, directory: Database, company: Company, seed: int
) -> None:
    company.change(company.two, "east-2", company.one, MOVED)
    events = company.history.events
    await hear(shuffled(events, Random(seed)), batch=2)
    shuffled_rows = await contents(directory)
    async with directory.connect() as connection:
        await connection.execute("set search_path = directory")
        await connection.execute(f"truncate {', '.join(TABLES)}, consumer_root")
    await hear(events)
    assert shuffled_rows == await contents(directory)


def shuffled(events: list[Received], random: Random) -> list[Received]:
    """The events in another order across roots; the order within each root stays."""
    queues: dict[str, list[Received]] = {}
    for event in events:
        queues.setdefault(event.root, []).append(event)
    order = [event.root for event in events]
    random.shuffle(order)
    return [queues[root].pop(0) for root in order]


@pytest.mark.capability("S212")
class TestWhoSeesWhom:
    """Records go to the owner and the leaders above; aggregates also to the colleagues of the unit."""

    async def see(self, directory: Database, scope: object) -> set[UUID]:
        engine = create_async_engine(directory.url)
        try:
            async with engine.connect() as connection:
                return set((await connection.execute(select(scope.subquery()))).scalars())  # type: ignore[attr-defined]
        finally:
            await engine.dispose()

    async def test_a_representative_sees_own_records_and_the_figures_of_the_own_unit(
        self, hear: Hear, directory: Database, company: Company
    ) -> None:
        await hear(company.history.events)
        zhao = Principal(id=str(company.zhao), role=Role.representative, name=None)
        assert await self.see(directory, visible_people(zhao, TODAY)) == {company.zhao}
        assert await self.see(directory, visible_units(zhao, TODAY)) == {company.one}
        assert await self.see(directory, visible_members(zhao, TODAY)) == {company.zhao, company.li}

    async def test_a_supervisor_sees_the_records_of_all_who_belong_to_the_units_led_that_day(
        self, hear: Hear, directory: Database, company: Company
    ) -> None:
        await hear(company.history.events)
        li = Principal(id=str(company.li), role=Role.supervisor, name=None)
        assert await self.see(directory, visible_people(li, TODAY)) == {company.li, company.zhao}
        before = await self.see(directory, visible_people(li, date(2026, 2, 1)))
        assert before == {company.li, company.zhao, company.wang}

    async def test_a_supervisor_who_has_left_leads_nothing_though_the_unit_still_names_them(
        self, hear: Hear, directory: Database, company: Company
    ) -> None:
        company.history.leave(company.li, LEFT)
        await hear(company.history.events)
        li = Principal(id=str(company.li), role=Role.supervisor, name=None)
        assert await self.see(directory, visible_people(li, TODAY)) == {company.li}

    @pytest.mark.parametrize("role", [Role.representative, Role.regional_manager])
    async def test_a_stranger_to_the_organisation_sees_nothing(
        self, hear: Hear, directory: Database, company: Company, role: Role
    ) -> None:
        await hear(company.history.events)
        stranger = Principal(id="01979d2c-0000-7a10-8a51-5f1c0c1d9999", role=role, name=None)
        for scope in (visible_people, visible_units, visible_members):
            assert await self.see(directory, scope(stranger, TODAY)) == set()

    def test_the_role_says_how_far(self) -> None:
        person = "01979d2c-0000-7a10-8a51-5f1c0c1d9999"
        reach = {role: sight(Principal(id=person, role=role, name=None)) for role in Role}
        assert reach == {
            Role.representative: Sight.own,
            Role.supervisor: Sight.led,
            Role.manager: Sight.led,
            Role.regional_manager: Sight.led,
            Role.director: Sight.everything,
            Role.operations: Sight.everything,
            Role.administrator: Sight.nothing,
            Role.integrator: Sight.everything,
            Role.bi_reader: Sight.everything,
        }

    def test_a_program_without_a_person_behind_it_leads_nothing(self) -> None:
        assert sight(Principal(id="nightly-job", role=Role.manager, name=None)) is Sight.nothing
