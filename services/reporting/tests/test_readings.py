"""Finished weeks, read from what was told and published once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from contracts import Role, open_envelope
from messaging import Projector
from reporting.main import service
from reporting.projector import SCHEMA
from reporting.readings.actions import Business, publish_readings
from reporting.worker import projector
from testkit.history import History
from testkit.http import Api
from testkit.projecting import project

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 7)
DAY = timedelta(days=1)


@dataclass
class Weekly:
    """Reporting that reads weeks under a clock of the test."""

    api: Api
    projector: Projector
    history: History
    team: UUID
    wang: UUID
    told: int = 0

    async def read(self, now: date) -> int:
        """Hears what was told, and reads the weeks that are finished five minutes after a day has begun; how many
        readings of the sales amount were published.
        """
        before = len(await self.published())
        await project(self.projector, self.history.events[self.told :])
        self.told = len(self.history.events)
        at = datetime.combine(now, time(0, 5), ZONE).astimezone(UTC)
        async with self.api.database.connect() as connection:
            await connection.execute(f"update {SCHEMA}.consumer_position set heard_at = $1", at)
        await self.look(at)
        return len(await self.published()) - before

    async def look(self, at: datetime) -> int | None:
        """A round of the reader."""
        database = self.api.app.state.database
        async with database.connection() as connection, database.transaction() as session:
            return await publish_readings(session, connection, at, Business(ZONE, "CNY"))

    async def published(self, metric: str = "sales_amount") -> list[dict[str, Any]]:
        """What was said of a metric, in the order said."""
        async with self.api.database.connect() as connection:
            rows = await connection.fetch("select envelope from messaging.ledger order by id")
        said = [open_envelope(row["envelope"]).data for row in rows]
        return [each for each in said if each["metric"] == metric]

    def won(self, amount: int, on: date, owner: UUID | None = None) -> None:
        """A contract was signed."""
        self.history.deal(owner or self.wang, at=on, amount=amount).won(
            at=datetime.combine(on, time(12), ZONE)
        )


@pytest.fixture
async def weekly(serve: Callable[..., Awaitable[Api]]) -> AsyncIterator[Weekly]:
    """A team of two with a target of 100 a week, and the calendar of the year."""
    api = await serve(service)
    history = History()
    history.sales_amount(core=True)
    team = history.unit("east")
    wang, _ = history.person("E1", unit=team), history.person("E2", unit=team)
    history.working_time(2026)
    made = Weekly(api, projector(api.app.state.settings), history, team, wang)
    yield made
    await made.projector.close()


def target(weekly: Weekly, week: int, base: int = 100, person: UUID | None = None) -> None:
    first = FIRST + week * 7 * DAY
    code = weekly.history.period(f"{first:%G-W%V}", first, first + 7 * DAY, kind="week")
    unit = None if person else weekly.team
    weekly.history.target("sales_amount", code, base, unit=unit, person=person)


@pytest.mark.capability("S118")
async def test_two_weeks_of_69_of_100_are_read_as_they_finish(weekly: Weekly) -> None:
    for week in (0, 1):
        target(weekly, week)
        weekly.won(69, FIRST + week * 7 * DAY + DAY)
    assert await weekly.read(FIRST + 6 * DAY) == 0
    assert await weekly.read(FIRST + 7 * DAY) == 1
    assert await weekly.read(FIRST + 14 * DAY) == 1
    said = await weekly.published()
    assert [(each["period"], each["attainment"], each["value"], each["restated"]) for each in said] == [
        ("2026-W37", "0.690000", "69.000000", False),
        ("2026-W38", "0.690000", "69.000000", False),
    ]
    assert said[0]["subject_id"] == str(weekly.team)


async def test_a_week_without_a_target_of_its_own_takes_the_months_share_by_working_days(
    weekly: Weekly,
) -> None:
    month = weekly.history.period("2026-09", date(2026, 9, 1), date(2026, 10, 1), kind="month")
    weekly.history.target("sales_amount", month, 2200, person=weekly.wang)
    weekly.won(250, FIRST + DAY)
    await weekly.read(FIRST + 7 * DAY)
    found = {each["period"]: each for each in await weekly.published()}
    assert (found["2026-W37"]["target"], found["2026-W37"]["attainment"]) == ("500.000000", "0.500000")
    assert found["2026-W37"]["subject_kind"] == "person"


async def test_a_late_fact_restates_its_week_once_and_a_rebuild_says_nothing_again(weekly: Weekly) -> None:
    target(weekly, 0)
    weekly.won(60, FIRST)
    await weekly.read(FIRST + 7 * DAY)
    weekly.won(30, FIRST + 2 * DAY)
    assert await weekly.read(FIRST + 8 * DAY) == 1
    assert await weekly.read(FIRST + 9 * DAY) == 0
    said = await weekly.published()
    assert [(each["value"], each["restated"]) for each in said] == [("60.000000", False), ("90.000000", True)]
    async with weekly.api.database.connect() as connection:
        await connection.execute(f"drop schema {SCHEMA} cascade")
    await weekly.projector.close()
    await weekly.projector.ensure()
    weekly.told = 0
    assert await weekly.read(FIRST + 10 * DAY) == 0
    assert len(await weekly.published()) == 2


async def test_of_two_workers_at_once_one_publishes(weekly: Weekly) -> None:
    target(weekly, 0)
    weekly.won(60, FIRST)
    await weekly.read(FIRST + DAY)
    at = datetime.combine(FIRST + 8 * DAY, time(1), ZONE)
    async with weekly.api.database.connect() as connection:
        await connection.execute(f"update {SCHEMA}.consumer_position set heard_at = $1", at)
    await asyncio.gather(*(weekly.look(at) for _ in range(4)))
    assert len(await weekly.published()) == 1


async def test_readings_are_listed_for_those_who_may_see_the_figures(weekly: Weekly) -> None:
    for week in (0, 1):
        target(weekly, week)
        target(weekly, week, 50, person=weekly.wang)
        weekly.won(69, FIRST + week * 7 * DAY + DAY)
    other = weekly.history.person("W1", unit=weekly.history.unit("west"))
    await weekly.read(FIRST + 14 * DAY)
    director = weekly.api.client(Role.director, "d")
    sales = {"metric": "sales_amount"}
    answer = (await director.get("/v1/readings", params={"limit": 3, **sales})).json()
    assert [each["period"] for each in answer["items"]] == ["2026-W38", "2026-W38", "2026-W37"]
    rest = (await director.get("/v1/readings", params={"limit": 3, "cursor": answer["next"], **sales})).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    one = {**sales, "subject_id": str(weekly.wang), "from": str(FIRST + 7 * DAY)}
    [row] = (await director.get("/v1/readings", params=one)).json()["items"]
    assert (row["value"], row["target"], row["attainment"]) == ("69.000000", "50.000000", "1.380000")
    mine = weekly.api.client(Role.representative, str(weekly.wang))
    assert len((await mine.get("/v1/readings", params=sales)).json()["items"]) == 4
    stranger = weekly.api.client(Role.representative, str(other))
    assert (await stranger.get("/v1/readings")).json()["items"] == []
    assert (await director.get("/v1/readings", params={"format": "csv", **sales})).text.count("2026-W3") == 4


@pytest.mark.capability("S122")
async def test_health_is_read_of_each_unit_with_those_below_as_it_was_at_the_weeks_end(
    weekly: Weekly,
) -> None:
    visited = weekly.history.lead(weekly.wang, at=FIRST + DAY)
    visited.contacted("visit", at=FIRST + 2 * DAY)
    late = weekly.history.lead(weekly.wang, at=FIRST + DAY)
    late.contacted("visit", at=FIRST + 9 * DAY)
    weekly.history.lead(weekly.wang, at=FIRST + DAY)
    await weekly.read(FIRST + 7 * DAY)
    await weekly.read(FIRST + 14 * DAY)
    said = await weekly.published("first_visit_conversion")
    assert [(each["period"], each["value"], each["target"]) for each in said] == [
        ("2026-W37", "0.333333", None),
        ("2026-W38", "0.666667", None),
    ]
    assert {(each["subject_kind"], each["subject_id"]) for each in said} == {("unit", str(weekly.team))}


async def test_weeks_before_the_first_fact_of_a_metric_are_not_missed(weekly: Weekly) -> None:
    for week in (0, 1, 2):
        target(weekly, week)
    assert await weekly.read(FIRST + 14 * DAY) == 0
    weekly.won(10, FIRST + 8 * DAY)
    await weekly.read(FIRST + 21 * DAY)
    assert [each["period"] for each in await weekly.published()] == ["2026-W38", "2026-W39"]


async def test_a_holiday_week_is_to_reach_less(weekly: Weekly) -> None:
    weekly.history.working_time(2026, holidays=[FIRST, FIRST + DAY])
    month = weekly.history.period("2026-09", date(2026, 9, 1), date(2026, 10, 1), kind="month")
    weekly.history.target("sales_amount", month, 2000, person=weekly.wang)
    weekly.won(250, FIRST + 3 * DAY)
    await weekly.read(FIRST + 7 * DAY)
    assert [each["target"] for each in await weekly.published()] == ["300.000000"]
