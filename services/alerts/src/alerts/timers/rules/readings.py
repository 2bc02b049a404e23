"""Reading rules: they fire when the readings of several weeks in a row lie beyond a threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from alerts.timers.rules.calendar import Calendar
from alerts.timers.rules.episodes import Episode, Over
from contracts.alerts import Compared, ReadingRule
from contracts.targets import Direction

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was stated about a week of a series; a later statement about the week replaces it."""

    id: UUID
    occurred_at: datetime
    metric: str
    core: bool
    starts_on: date
    value: Decimal | None
    attainment: Decimal | None
    data: Mapping[str, Any]

    def compared(self, rule: ReadingRule) -> Decimal | None:
        """What the rule compares; None where there is nothing, or the rule does not watch the metric."""
        if not (self.metric in rule.metrics if rule.metrics else self.core):
            return None
        return self.attainment if rule.compared is Compared.attainment else self.value


def beyond(rule: ReadingRule, figure: Decimal | None) -> bool:
    """Whether a figure is red: strictly worse than `alert`."""
    if figure is None:
        return False
    return figure < rule.alert if rule.direction is Direction.higher_is_better else figure > rule.alert


def reading_episodes(rule: ReadingRule, readings: Sequence[Reading], calendar: Calendar) -> list[Episode]:
    """The episodes of one series, from all of its readings in the order of their numbers.

    One begins when the latest `periods` ISO weeks without a gap all lie beyond, as last stated; it lasts while the
    weeks that follow without a gap do. A week that is missing, or has nothing to compare, breaks the run. It falls due
    with the reading that makes the run long enough. Its first reading began it; when a restatement makes a run of what
    an earlier one had broken, the same reading would have begun both, and the restatement begins the second.
    """
    weeks: dict[date, Reading] = {}
    episodes: list[Episode] = []
    last_week: date | None = None
    for reading in readings:
        weeks[reading.starts_on] = reading
        run = _run(rule, weeks)
        lasts = len(run) >= rule.periods
        if last_week is not None and not (lasts and run[0].starts_on <= last_week):
            episodes[-1] = replace(
                episodes[-1], over_at=reading.occurred_at, over_event=reading.id, over=Over.recovered
            )
            last_week = None
        if lasts:
            if last_week is None:
                begun = _begun(rule, run, reading, calendar)
                if any(each.began_event == begun.began_event for each in episodes):
                    begun = replace(begun, began_event=reading.id)
                episodes.append(begun)
            last_week = run[-1].starts_on
    return episodes


def _run(rule: ReadingRule, weeks: Mapping[date, Reading]) -> list[Reading]:
    """The latest weeks without a gap that lie beyond, in their order."""
    week, run = max(weeks), []
    while (reading := weeks.get(week)) and beyond(rule, reading.compared(rule)):
        run.append(reading)
        week -= WEEK
    return run[::-1]


def _begun(rule: ReadingRule, run: Sequence[Reading], reading: Reading, calendar: Calendar) -> Episode:
    first = run[0]
    return Episode(
        key=reading.metric,
        began_at=calendar.midnight(first.starts_on),
        began_event=first.id,
        due_at=reading.occurred_at,
        fires_at=reading.occurred_at,
        over_at=None,
        over_event=None,
        over=None,
        record=reading.data,
        evidence=tuple(each.id for each in run),
        figures=tuple(figure for each in run if (figure := each.compared(rule)) is not None),
    )
