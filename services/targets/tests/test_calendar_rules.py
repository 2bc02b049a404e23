"""How the calendar cuts time: periods, working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.targets import PeriodKind, PeriodSet
from targets.calendar.refusals import PeriodCodeReserved, PeriodEmpty, WorkingTimeUnknown
from targets.calendar.rules import WorkingYear, belongs_to, custom_period, fiscal_year, overlap, working_days
from targets.calendar.seed import china


def cut(year: int, start_month: int = 1) -> dict[str, PeriodSet]:
    return {period.period: period for period in fiscal_year(year, start_month)}


def kinds(periods: dict[str, PeriodSet], kind: PeriodKind) -> list[PeriodSet]:
    return [period for period in periods.values() if period.kind is kind]


def in_china(*years: int) -> dict[int, WorkingYear]:
    table = china()
    return {
        year: WorkingYear(*(frozenset(table[year][name]) for name in ("weekdays", "holidays", "workdays")))
        for year in years
    }


@pytest.mark.capability("S8")
@given(year=st.integers(1990, 2200), start_month=st.integers(1, 12))
def test_halves_quarters_and_months_tile_the_fiscal_year(year: int, start_month: int) -> None:
    periods = cut(year, start_month)
    whole = kinds(periods, PeriodKind.year)[0]
    for kind, count in ((PeriodKind.half, 2), (PeriodKind.quarter, 4), (PeriodKind.month, 12)):
        parts = kinds(periods, kind)
        assert len(parts) == count
        assert parts[0].starts_on == whole.starts_on
        assert [part.ends_on for part in parts] == [*(part.starts_on for part in parts[1:]), whole.ends_on]
        assert all(belongs_to(part, whole) for part in parts)


@given(year=st.integers(1990, 2199), start_month=st.integers(1, 12))
def test_every_iso_week_belongs_to_one_fiscal_year_and_one_of_its_months(year: int, start_month: int) -> None:
    weeks = kinds(cut(year, start_month), PeriodKind.week)
    following = kinds(cut(year + 1, start_month), PeriodKind.week)
    assert weeks[-1].ends_on == following[0].starts_on
    assert all(week.starts_on.isoweekday() == 1 for week in weeks)
    months = kinds(cut(year, start_month), PeriodKind.month)
    assert all(sum(belongs_to(week, month) for month in months) == 1 for week in weeks)


def test_weeks_are_named_by_iso_8601() -> None:
    weeks = {week.period: week.starts_on for week in kinds(cut(2026), PeriodKind.week)}
    assert weeks["2026-W01"] == date(2025, 12, 29)
    assert len(weeks) == 53


def test_a_fiscal_year_that_is_no_calendar_year_says_so() -> None:
    periods = cut(2026, start_month=4)
    assert periods["FY2026-Q4"].starts_on == date(2027, 1, 1)
    assert "2027-01" in periods
    assert "2026-Q1" not in periods


def test_a_custom_period_keeps_clear_of_generated_codes() -> None:
    with pytest.raises(PeriodCodeReserved):
        custom_period("2031-Q1", "Q1", date(2031, 1, 1), date(2031, 2, 1), None)
    with pytest.raises(PeriodEmpty):
        custom_period("launch", "Launch", date(2031, 1, 1), date(2031, 1, 1), None)
    assert custom_period("launch", "Launch", date(2031, 1, 1), date(2031, 1, 2), None).kind == "custom"


def test_periods_overlap_only_when_they_share_a_day() -> None:
    periods = cut(2026)
    assert not overlap([periods["2026-Q2"], periods["2026-Q1"]])
    assert overlap([periods["2026-Q2"], periods["2026-H1"]])


def test_the_national_day_weeks_of_2026_are_counted_as_china_announced_them() -> None:
    # 1–7 October off, 20 September and 10 October worked in exchange.
    assert working_days(date(2026, 9, 28), date(2026, 10, 12), in_china(2026)) == 6
    assert in_china(2026)[2026].works(date(2026, 10, 10))
    assert not in_china(2026)[2026].works(date(2026, 10, 7))


def test_a_year_that_is_not_announced_yet_is_provisional() -> None:
    assert not china()[2026]["provisional"]
    assert china()[2027]["provisional"]


@given(
    start=st.dates(date(2024, 1, 1), date(2026, 1, 1)), first=st.integers(0, 200), second=st.integers(0, 160)
)
def test_working_days_of_two_spans_in_a_row_add_up(start: date, first: int, second: int) -> None:
    years = in_china(2024, 2025, 2026)
    middle, end = start + timedelta(first), start + timedelta(first + second)
    whole = working_days(start, end, years)
    assert whole == working_days(start, middle, years) + working_days(middle, end, years)


def test_a_year_without_working_time_is_named_and_not_guessed() -> None:
    with pytest.raises(WorkingTimeUnknown, match="2027"):
        working_days(date(2026, 12, 31), date(2027, 1, 2), in_china(2026))
