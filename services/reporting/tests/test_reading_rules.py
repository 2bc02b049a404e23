"""Which weeks are read, and what a week was to reach."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from contracts.targets import Direction, PeriodKind, SubjectKind
from reporting.readings.rules import (
    Goal,
    Measure,
    Published,
    Week,
    finished_weeks,
    read,
    to_publish,
    week_target,
)

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 9, 7)
WEEK = Week(MONDAY)
SUBJECT = UUID("0199d1a2-0000-7000-8000-0000000000b1")
SALES = Measure("sales_amount", 1, True, Direction.higher_is_better, "CNY")


def days(first: date, end: date, *, off: tuple[date, ...] = ()) -> list[date]:
    every = [first + timedelta(days=n) for n in range((end - first).days)]
    return [day for day in every if day.isoweekday() <= 5 and day not in off]


def goal(kind: str, starts_on: date, ends_on: date, base: int) -> Goal:
    return Goal(PeriodKind(kind), starts_on, ends_on, Decimal(base))


def week_of(
    target: list[Goal], works: list[date], week: Week = WEEK, *, prorated: bool = True
) -> Decimal | None:
    return week_target(week, target, works, prorated=prorated)


END = datetime(2026, 9, 13, 16, tzinfo=UTC)
"""Monday, 00:00 in Shanghai."""


@pytest.mark.parametrize(
    ("after_end", "heard", "last"),
    [(300, 300, MONDAY), (299, 900, date(2026, 8, 31)), (900, 299, date(2026, 8, 31)), (300, 900, MONDAY)],
)
def test_a_week_is_finished_five_minutes_after_its_end_by_the_clock_and_by_what_was_heard(
    after_end: int, heard: int, last: date
) -> None:
    weeks = finished_weeks(END + timedelta(seconds=after_end), END + timedelta(seconds=heard), ZONE)
    assert (len(weeks), weeks[-1]) == (8, Week(last))
    assert weeks[0].ends_on == weeks[1].starts_on


def test_before_everything_was_heard_once_nothing_is_read() -> None:
    assert finished_weeks(END + timedelta(days=30), None, ZONE) == []


def test_a_week_has_the_code_of_the_calendar() -> None:
    assert (WEEK.code, Week(date(2026, 12, 28)).code) == ("2026-W37", "2026-W53")


def test_a_weeks_own_target_comes_first() -> None:
    goals = [
        goal("month", date(2026, 9, 1), date(2026, 10, 1), 2200),
        goal("week", MONDAY, WEEK.ends_on, 700),
    ]
    assert week_of(goals, days(date(2026, 9, 1), date(2026, 10, 1))) == 700


def test_else_the_share_of_the_month_by_working_days() -> None:
    september = [goal("month", date(2026, 9, 1), date(2026, 10, 1), 2200)]
    assert week_of(september, days(date(2026, 9, 1), date(2026, 10, 1))) == 500
    holiday = days(date(2026, 9, 1), date(2026, 10, 1), off=(date(2026, 9, 10), date(2026, 9, 11)))
    assert week_of(september, holiday) == Decimal("330")


def test_a_week_in_two_months_takes_its_days_of_each() -> None:
    week = Week(date(2026, 9, 28))
    goals = [
        goal("month", date(2026, 9, 1), date(2026, 10, 1), 2200),
        goal("month", date(2026, 10, 1), date(2026, 11, 1), 4400),
    ]
    works = days(date(2026, 9, 1), date(2026, 11, 1))
    assert week_of(goals, works, week) == 3 * 100 + 2 * 200


def test_a_month_that_covers_half_a_week_is_no_measure_of_it() -> None:
    week = Week(date(2026, 9, 28))
    works = days(date(2026, 7, 1), date(2026, 12, 31))
    october = goal("month", date(2026, 10, 1), date(2026, 11, 1), 4400)
    assert week_of([october], works, week) is None
    year = [goal("half", date(2026, 7, 1), date(2026, 12, 31), len(works) * 10)]
    assert week_of([october, *year], works, week) == 50


def test_a_period_with_a_year_whose_working_time_is_not_set_is_no_measure() -> None:
    fiscal = [goal("year", date(2026, 4, 1), date(2027, 4, 1), 26_000)]
    assert week_of(fiscal, days(date(2026, 1, 1), date(2027, 1, 1))) is None
    assert week_of(fiscal, days(date(2026, 1, 1), date(2028, 1, 1))) is not None


def test_a_quarter_is_shared_out_where_no_month_has_a_target() -> None:
    quarter = [goal("quarter", date(2026, 7, 1), date(2026, 10, 1), 6600)]
    assert week_of(quarter, days(date(2026, 7, 1), date(2026, 10, 1))) == 500


def test_a_ratio_is_not_shared_out() -> None:
    month = [goal("month", date(2026, 9, 1), date(2026, 10, 1), 30)]
    assert week_of(month, days(date(2026, 9, 1), date(2026, 10, 1)), prorated=False) == 30


def test_without_a_target_or_a_working_day_a_week_has_nothing_to_reach() -> None:
    assert week_of([], days(date(2026, 9, 1), date(2026, 10, 1))) is None
    assert week_of([goal("month", date(2026, 9, 1), date(2026, 10, 1), 30)], []) is None


@pytest.mark.capability("S118")
def test_a_reading_measures_the_week_against_its_target() -> None:
    reading = read(SALES, SubjectKind.person, SUBJECT, WEEK, Decimal(69), Decimal(100))
    assert (reading.attainment, reading.period, reading.ends_on) == (
        Decimal("0.690000"),
        "2026-W37",
        date(2026, 9, 14),
    )
    assert reading.series == f"sales_amount/person/{SUBJECT}"
    assert read(SALES, SubjectKind.unit, SUBJECT, WEEK, None, Decimal(100)).attainment is None


def test_only_what_is_new_is_published_and_a_change_is_a_restatement() -> None:
    reading = read(SALES, SubjectKind.unit, SUBJECT, WEEK, Decimal(69), Decimal(100))
    said = Published(reading.value, reading.target, reading.attainment)
    assert to_publish(reading, None) == reading
    assert to_publish(reading, said) is None
    restated = to_publish(reading, Published(Decimal(60), reading.target, Decimal("0.6")))
    assert restated is not None
    assert restated.restated is True
    assert to_publish(read(SALES, SubjectKind.unit, SUBJECT, WEEK, None, None), None) is None
