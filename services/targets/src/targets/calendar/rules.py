"""The calendar's decisions: how a fiscal year falls into periods, which days are worked, what a rate says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from contracts.targets import PeriodKind, PeriodSet, RateSet
from targets.calendar.refusals import (
    PeriodCodeReserved,
    PeriodCodeTaken,
    PeriodEmpty,
    ReportingCurrencyRated,
    WorkingTimeUnknown,
)

GENERATED = re.compile(r"(FY)?\d{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]|W[0-5]\d))?")
"""The codes that belong to generated periods."""


class Span(Protocol):
    """Days from `starts_on` until before `ends_on`."""

    @property
    def kind(self) -> str: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """Which days of a calendar year are worked: weekdays by ISO number, Monday 1."""

    weekdays: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether the day is a working day. A make-up working day counts although its weekday does not."""
        return day in self.workdays or (day.isoweekday() in self.weekdays and day not in self.holidays)


def fiscal_year(year: int, start_month: int) -> list[PeriodSet]:
    """All periods of the fiscal year that begins in calendar year `year`: itself, halves, quarters, months, weeks.

    Where the fiscal year is not the calendar year, the codes of years, halves and quarters begin with FY.
    A week is an ISO week and belongs to the year that holds its Thursday, so each week belongs to one year.
    """
    label = str(year) if start_month == 1 else f"FY{year}"
    firsts = [_first_of_month(year, start_month + n) for n in range(13)]

    def cut(kind: PeriodKind, mark: str, months: int) -> Iterator[PeriodSet]:
        for number, first in enumerate(range(0, 12, months), start=1):
            suffix = f"{mark}{number}" if mark else ""
            yield _period(
                "-".join(filter(None, (label, suffix))), kind, firsts[first], firsts[first + months]
            )

    return [
        *cut(PeriodKind.year, "", 12),
        *cut(PeriodKind.half, "H", 6),
        *cut(PeriodKind.quarter, "Q", 3),
        *(_period(f"{first:%Y-%m}", PeriodKind.month, first, after) for first, after in pairwise(firsts)),
        *_weeks(firsts[0], firsts[-1]),
    ]


def custom_period(code: str, name: str, starts_on: date, ends_on: date, existing: Span | None) -> PeriodSet:
    """A period of the company's own, such as a fifth "quarter" (F10)."""
    if GENERATED.fullmatch(code):
        raise PeriodCodeReserved(pointer="/code", period=code, example=f"plan-{code}")
    if ends_on <= starts_on:
        raise PeriodEmpty(pointer="/ends_on", starts_on=starts_on)
    if existing is not None:
        raise PeriodCodeTaken(
            pointer="/code", period=code, starts_on=existing.starts_on, ends_on=existing.ends_on
        )
    return PeriodSet(period=code, name=name, kind=PeriodKind.custom, starts_on=starts_on, ends_on=ends_on)


def belongs_to(part: Span, whole: Span) -> bool:
    """Whether `part` is a part of `whole`. A week belongs where its Thursday lies, as in ISO 8601."""
    if part.kind == PeriodKind.week:
        thursday = part.starts_on + timedelta(days=3)
        return whole.starts_on <= thursday < whole.ends_on
    return whole.starts_on <= part.starts_on and part.ends_on <= whole.ends_on


def overlap(periods: Sequence[Span]) -> bool:
    """Whether two of the periods share a day."""
    ordered = sorted(periods, key=lambda period: period.starts_on)
    return any(later.starts_on < earlier.ends_on for earlier, later in pairwise(ordered))


def working_days(start: date, end: date, years: Mapping[int, WorkingYear]) -> int:
    """How many working days lie from `start` until before `end`, in business days.

    Raises `WorkingTimeUnknown` for years that are not set.
    """
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    if unknown := sorted({day.year for day in days} - years.keys()):
        raise WorkingTimeUnknown(years=", ".join(map(str, unknown)))
    return sum(years[day.year].works(day) for day in days)


def set_rate(
    currency: str, reporting_currency: str, rate: Decimal, effective_on: date, current: Decimal | None
) -> RateSet | None:
    """The rate from a day on; None when it already stands so. `rate` is reporting currency for one unit."""
    if currency == reporting_currency:
        raise ReportingCurrencyRated(pointer="/currency", currency=currency)
    if current == rate:
        return None
    return RateSet(
        currency=currency, reporting_currency=reporting_currency, rate=rate, effective_on=effective_on
    )


def _weeks(start: date, end: date) -> Iterator[PeriodSet]:
    thursday = start + timedelta(days=(3 - start.weekday()) % 7)
    while thursday < end:
        year, week, _ = thursday.isocalendar()
        monday = thursday - timedelta(days=3)
        yield _period(f"{year}-W{week:02}", PeriodKind.week, monday, monday + timedelta(days=7))
        thursday += timedelta(days=7)


def _period(code: str, kind: PeriodKind, starts_on: date, ends_on: date) -> PeriodSet:
    name = code if kind is PeriodKind.month else code.replace("-", " ")
    return PeriodSet(period=code, name=name, kind=kind, starts_on=starts_on, ends_on=ends_on)


def _first_of_month(year: int, month: int) -> date:
    """The first of the month that may lie beyond the year's twelve."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
