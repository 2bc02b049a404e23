"""Which weeks are read, what a week was to reach, and when a reading is worth publishing. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.reporting import HealthMeasure, ReadingPublished
from contracts.targets import Direction, PeriodKind, SubjectKind
from reporting.attainment.rules import attainment
from reporting.figures import SIX_PLACES, half_up

WEEK, DAY = timedelta(days=7), timedelta(days=1)

SETTLING = timedelta(minutes=5)
"""A fact may be recorded so long ahead of its clock: a week's data are in when all that was said until so long after
its end has been heard."""

HEALTH_DAYS = timedelta(days=28)
"""A dimension of health is read over so many days up to the week's end: one week of a team has too few leads and stays
for a mean, and none of its leads had time for a visit.
"""

LOOK_BACK = 8
"""Finished weeks that a late fact still restates, and that a first start reads."""

_COARSER = (PeriodKind.month, PeriodKind.quarter, PeriodKind.half, PeriodKind.year)
"""Where a week has no target of its own, the share of the first of these that has one."""


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week, [starts_on, ends_on), Monday to Monday."""

    starts_on: date

    @property
    def ends_on(self) -> date:
        """The Monday after."""
        return self.starts_on + WEEK

    @property
    def code(self) -> str:
        """Its code in the calendar: `2026-W27`."""
        return f"{self.starts_on:%G-W%V}"


def finished_weeks(now: datetime, heard_until: datetime | None, zone: ZoneInfo) -> list[Week]:
    """The finished weeks whose data are in, the earliest first: at most `LOOK_BACK`.

    Until five minutes after its end, by the clock and by what was heard, a week is not finished.
    """
    if heard_until is None:
        return []
    seen = (min(now, heard_until) - SETTLING).astimezone(zone)
    monday = seen.date() - timedelta(days=seen.weekday())
    return [Week(monday - number * WEEK) for number in range(LOOK_BACK, 0, -1)]


@dataclass(frozen=True, slots=True)
class Goal:
    """The value of a published target that is in force, and the days of its period, [starts_on, ends_on)."""

    kind: PeriodKind
    starts_on: date
    ends_on: date
    base: Decimal


def week_target(
    week: Week, goals: Sequence[Goal], works: Iterable[date], *, prorated: bool
) -> Decimal | None:
    """What the week was to reach: its own published target, else its share by working days of the month's, of the
    quarter's, of the half's or of the year's, the first that covers the week. A week in two months takes its days'
    share of each. Ratios and averages are not shared out (`prorated` false): a day's target is the period's.

    `works` are the working days that are known, year by year. None without a target that covers the week, in a week
    without a working day, and where the working time of a year of the period is not set.
    """
    own = [goal for goal in goals if goal.kind is PeriodKind.week and goal.starts_on == week.starts_on]
    if own:
        return own[-1].base
    known = sorted(works)
    for kind in _COARSER:
        found = [
            goal
            for goal in goals
            if goal.kind is kind and goal.starts_on < week.ends_on and week.starts_on < goal.ends_on
        ]
        days = [day for day in known if week.starts_on <= day < week.ends_on]
        if found and all(any(goal.starts_on <= day < goal.ends_on for goal in found) for day in days):
            return _share(week, found, known, prorated=prorated)
    return None


def _share(week: Week, goals: Sequence[Goal], works: Sequence[date], *, prorated: bool) -> Decimal | None:
    shares = Decimal(0)
    counted = 0
    years = {day.year for day in works}
    for goal in goals:
        if not years.issuperset(range(goal.starts_on.year, (goal.ends_on - DAY).year + 1)):
            return None
        whole = sum(goal.starts_on <= day < goal.ends_on for day in works)
        part = sum(
            max(goal.starts_on, week.starts_on) <= day < min(goal.ends_on, week.ends_on) for day in works
        )
        if part:
            shares += goal.base * part / (whole if prorated else 1)
            counted += part
    if not counted:
        return None
    return half_up(shares if prorated else shares / counted, SIX_PLACES)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is read: a metric, or a dimension of health."""

    code: str
    version: int | None
    core: bool
    direction: Direction
    currency: str | None


def read(
    measure: Measure,
    kind: SubjectKind,
    subject_id: UUID,
    week: Week,
    value: Decimal | None,
    target: Decimal | None,
) -> ReadingPublished:
    """The reading of a week."""
    reached = attainment(value, target, measure.direction)
    return ReadingPublished(
        series=f"{measure.code}/{kind.value}/{subject_id}",
        metric=measure.code,
        metric_version=measure.version,
        core=measure.core,
        direction=measure.direction,
        subject_kind=kind,
        subject_id=subject_id,
        period=week.code,
        starts_on=week.starts_on,
        ends_on=week.ends_on,
        value=None if value is None else half_up(value, SIX_PLACES),
        target=None if target is None else half_up(target, SIX_PLACES),
        attainment=reached.value if reached else None,
        currency=measure.currency,
        restated=False,
    )


def health_measure(measure: HealthMeasure) -> Measure:
    """A dimension of health as a measure: no metric, no target."""
    higher = measure is HealthMeasure.first_visit_conversion
    direction = Direction.higher_is_better if higher else Direction.lower_is_better
    return Measure(measure.value, None, False, direction, None)


def decimal_of(value: Fraction) -> Decimal:
    """The value to six places, half up."""
    return half_up(Decimal(value.numerator) / Decimal(value.denominator), SIX_PLACES)


@dataclass(frozen=True, slots=True)
class Published:
    """What was published last about a week."""

    value: Decimal | None
    target: Decimal | None
    attainment: Decimal | None


def to_publish(found: ReadingPublished, published: Published | None) -> ReadingPublished | None:
    """The reading, as a restated one where it says something else than the last about its week; None where it says
    nothing new, and where there is nothing to say and nothing was said.
    """
    now = Published(found.value, found.target, found.attainment)
    if published is None:
        return None if now == Published(None, None, None) else found
    return None if now == published else found.model_copy(update={"restated": True})
