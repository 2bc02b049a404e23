"""The law of episodes: whatever way the facts, rules and calendars arrive, the tables end the same."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from alerts.rulebook.seed import defaults
from alerts.settings import AlertsSettings
from alerts.timers.projector import watch_projector
from contracts import Received
from contracts.alerts import RuleDefined
from contracts.reporting import ReadingPublished
from contracts.targets import Direction, SubjectKind, WorkingTimeSet
from messaging import Projector
from testkit import Database
from testkit.history import History
from testkit.projecting import project

TABLES = {
    "event": "select * from {}.event order by root, sequence",
    "rule": "select * from {}.rule order by code",
    "working_time": "select * from {}.working_time order by year",
    "episode": "select rule, root, key, began_event, began_at, due_at, fires_at, record, evidence, figures "
    "from {}.episode order by rule, root, key",
}


def company(chance: Random) -> list[Received]:
    """Opportunities, leads, readings, versions of rules and years of working time, in some order of telling."""
    told = History()
    people = [told.person(f"E{n}") for n in range(3)]
    for n in range(12):
        deal = told.deal(people[n % 3], imported=n % 4 == 0, amount=n * 50_000)
        for _ in range(chance.randrange(6)):
            deal.at += timedelta(hours=chance.randrange(90))
            chance.choice(_HAPPENINGS)(deal)
        lead = told.lead(people[n % 3] if n % 2 else None)
        if n % 3:
            lead.contacted("call")
    for unit in (told.new_id("unit"), told.new_id("unit")):
        for week in range(6):
            told.say(_reading(unit, week, chance.choice(["0.5", "0.69", "0.7", "0.9"])), _week(week + 1))
    for code, rule in defaults():
        for version in range(1, 1 + chance.randrange(1, 3)):
            active = version == 1 or chance.random() < 0.7
            said = {**rule.model_dump(), "rule": code, "rule_version": version, "active": active}
            if said["definition"]["kind"] == "timer":
                said["definition"]["after_seconds"] //= version
                said["definition"]["clock"] = chance.choice(["elapsed", "working"])
            told.say(RuleDefined.model_validate(said), told.start + timedelta(days=chance.randrange(30)))
    for year, holidays in ((2026, []), (2026, [date(2026, 1, 7), date(2026, 1, 8)]), (2027, [])):
        told.say(
            WorkingTimeSet(
                year=year, weekdays=[1, 2, 3, 4, 5], holidays=holidays, workdays=[], provisional=False
            )
        )
    return told.events


_HAPPENINGS: list[Callable[[Any], Any]] = [
    lambda deal: deal.interaction(direction="outbound"),
    lambda deal: deal.interaction(direction="inbound"),
    lambda deal: deal.moved("intent"),
    lambda deal: deal.objected(),
    lambda deal: deal.amount(100),
    lambda deal: deal.won(1),
    lambda deal: deal.lost(),
    lambda deal: deal.reopened(),
]


def _week(number: int) -> datetime:
    return datetime.fromisoformat("2026-01-04T16:05:00Z") + timedelta(days=7 * number)


def _reading(unit: Any, week: int, attainment: str) -> ReadingPublished:
    monday = date(2026, 1, 5) + timedelta(days=7 * week)
    return ReadingPublished(
        series=f"sales_amount/unit/{unit}",
        metric="sales_amount",
        metric_version=1,
        core=True,
        direction=Direction.higher_is_better,
        subject_kind=SubjectKind.unit,
        subject_id=unit,
        period=f"{monday:%G-W%V}",
        starts_on=monday,
        ends_on=monday + timedelta(days=7),
        value=Decimal(70),
        target=Decimal(100),
        attainment=Decimal(attainment),
        currency=None,
        restated=False,
    )


def shuffled(events: Sequence[Received], chance: Random) -> list[Received]:
    """The same events in another order across roots, each root's own kept, some of them twice."""
    waiting: dict[str, deque[Received]] = defaultdict(deque)
    for event in events:
        waiting[event.root].append(event)
    order = [event.root for event in events]
    chance.shuffle(order)
    told = [waiting[root].popleft() for root in order]
    for _ in range(len(told) // 5):
        place = chance.randrange(len(told))
        told.insert(chance.randrange(place, len(told) + 1), told[place])
    return told


async def rows(database: Database, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the projection ended in."""
    async with database.connect() as connection:
        return {
            name: [tuple(row) for row in await connection.fetch(statement.format(schema))]
            for name, statement in TABLES.items()
        }


async def tell(watching: Projector, schema: str, batches: Sequence[Sequence[Received]]) -> None:
    """Projects into a schema of its own."""
    projector = watching.beside(schema)
    await projector.ensure()
    for batch in batches:
        await project(
            projector, [each for each in batch if each.type in {event.type for event in projector.hears}]
        )
    await projector.close()


@pytest.mark.parametrize("seed", range(3))
async def test_duplicates_and_any_order_across_roots_end_in_the_same_episodes(
    database: Callable[..., Awaitable[Database]], seed: int
) -> None:
    chance, made = Random(seed), await database()
    events = company(chance)
    watching = watch_projector(AlertsSettings(database_url=made.url))
    await tell(watching, "at_once", [events])
    clean = await rows(made, "at_once")
    assert all(clean.values())
    for number in range(3):
        other, size = shuffled(events, chance), chance.choice([1, 7, 40, 400])
        await tell(watching, f"order_{number}", [other[n : n + size] for n in range(0, len(other), size)])
        assert await rows(made, f"order_{number}") == clean
