"""When a reading rule fires, from the weekly readings of one series."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from alerts.timers.rules import Calendar, Episode, Over, Reading, reading_episodes
from contracts.alerts import Compared, ReadingRule
from contracts.targets import Direction

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
MONDAY = date(2026, 6, 1)
STATED = datetime(2026, 6, 8, 0, 5, tzinfo=UTC)
WEEK = timedelta(days=7)

CORE_METRIC_LOW = ReadingRule(
    kind="reading",
    compared=Compared.attainment,
    direction=Direction.higher_is_better,
    alert=Decimal("0.70"),
    periods=2,
)
DWELL = ReadingRule(
    kind="reading",
    metrics=["stage_dwell"],
    compared=Compared.value,
    direction=Direction.lower_is_better,
    healthy=Decimal(7),
    alert=Decimal(12),
)


def readings(
    *told: str | None, weeks: Sequence[int] | None = None, metric: str = "sales_amount"
) -> list[Reading]:
    """Readings of these weeks, by default one after the other; the id of each is its number."""
    return [
        Reading(
            id=UUID(int=number),
            occurred_at=STATED + (number - 1) * WEEK,
            metric=metric,
            core=True,
            starts_on=MONDAY + WEEK * week,
            value=Decimal(figure) if figure else None,
            attainment=Decimal(figure) / 100 if figure else None,
            data={"week": week},
        )
        for number, (figure, week) in enumerate(zip(told, weeks or range(len(told)), strict=True), 1)
    ]


def episodes(*told: str | None, weeks: Sequence[int] | None = None) -> list[Episode]:
    return reading_episodes(CORE_METRIC_LOW, readings(*told, weeks=weeks), CALENDAR)


@pytest.mark.capability("S118")
def test_two_weeks_under_seventy_percent_fire_once() -> None:
    [episode] = episodes("69", "69")
    assert episode.began_at == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert episode.due_at == episode.fires_at == STATED + WEEK
    assert (episode.key, episode.evidence) == ("sales_amount", (UUID(int=1), UUID(int=2)))
    assert episode.figures == (Decimal("0.69"), Decimal("0.69"))
    assert episodes("69", "69", "69") == [episode]


@pytest.mark.capability("S118")
@pytest.mark.parametrize(
    "figures",
    [("69", "70", "69"), ("70", "70"), ("69",), ("69", None, "69"), ("69.99", "70"), (), (None, None)],
)
def test_anything_else_does_not_fire(figures: tuple[str | None, ...]) -> None:
    assert episodes(*figures) == []


def test_a_missing_week_breaks_the_run() -> None:
    assert episodes("69", "69", weeks=[0, 2]) == []
    first, second = episodes("69", "69", "69", "69", weeks=[0, 1, 3, 4])
    assert (first.over_at, first.over) == (STATED + 2 * WEEK, Over.recovered)
    assert (second.began_event, second.over_at) == (UUID(int=3), None)


def test_the_first_week_that_is_well_again_ends_it() -> None:
    low, again = episodes("69", "69", "69", "70", "60", "60")
    assert (low.over_at, low.over_event, low.over) == (STATED + 3 * WEEK, UUID(int=4), Over.recovered)
    assert (again.began_event, again.due_at) == (UUID(int=5), STATED + 5 * WEEK)


def test_the_latest_statement_of_a_week_counts() -> None:
    assert episodes("69", "71", "69", weeks=[0, 1, 1])[0].due_at == STATED + 2 * WEEK
    [taken_back] = episodes("69", "69", "71", weeks=[0, 1, 1])
    assert (taken_back.over_event, taken_back.over) == (UUID(int=3), Over.recovered)
    [lasting] = episodes("69", "69", "65", weeks=[0, 1, 1])
    assert (lasting.over_at, lasting.due_at) == (None, STATED + WEEK)


def test_a_week_that_is_restated_twice_makes_two_episodes_that_are_told_apart() -> None:
    first, second = episodes("69", "69", "71", "69", weeks=[0, 1, 1, 1])
    assert (first.began_event, first.over_event) == (UUID(int=1), UUID(int=3))
    assert (second.began_event, second.over_at) == (UUID(int=4), None)
    assert second.evidence == (UUID(int=1), UUID(int=4))


def test_a_rule_of_one_period_fires_at_each_run_and_strictly_beyond_its_threshold() -> None:
    def fired(*told: str) -> list[int]:
        found = reading_episodes(DWELL, readings(*told, metric="stage_dwell"), CALENDAR)
        return [each.began_event.int for each in found]

    assert fired("12", "7") == []
    assert fired("12.000012", "13", "12", "20") == [1, 4]
    weeks = readings("13", "13", weeks=[0, 2], metric="stage_dwell")
    assert len(reading_episodes(DWELL, weeks, CALENDAR)) == 2


def test_a_rule_watches_its_metrics_or_else_the_core_ones() -> None:
    assert reading_episodes(DWELL, readings("99", "99"), CALENDAR) == []
    plain = [
        Reading(
            each.id, each.occurred_at, each.metric, False, each.starts_on, each.value, each.attainment, {}
        )
        for each in readings("60", "60")
    ]
    assert reading_episodes(CORE_METRIC_LOW, plain, CALENDAR) == []
    named = CORE_METRIC_LOW.model_copy(update={"metrics": ["sales_amount"]})
    assert len(reading_episodes(named, plain, CALENDAR)) == 1
