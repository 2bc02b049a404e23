"""What changes the calendar: claim the rows, ask the rule, change, record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.targets import PeriodSet, WorkingTimeSet
from messaging import record
from runtime import Done, Precondition
from runtime.problems.refusals import IfMatchRequired
from targets.calendar import rules
from targets.calendar.commands import CustomPeriod, RateRow, WorkingTimeOfYear
from targets.calendar.refusals import DaysOutsideYear, PeriodCodeTaken
from targets.calendar.tables import Currency, Period, Rate, WorkingTime
from targets.claims import claim


async def generate_years(
    session: AsyncSession, years: Iterable[int], start_month: int, by: str
) -> tuple[int, int]:
    """The periods of fiscal years; those that are there stay. Returns how many were created and how many known."""
    facts = [fact for year in years for fact in rules.fiscal_year(year, start_month)]
    created = await _set_periods(session, facts, by)
    return len(created), len(facts) - len(created)


async def add_period(session: AsyncSession, asked: CustomPeriod, by: str) -> Period:
    """A period of the company's own."""
    known = await session.get(Period, asked.code)
    fact = rules.custom_period(asked.code, asked.name, asked.starts_on, asked.ends_on, known)
    created = await _set_periods(session, [fact], by)
    if not created:  # somebody else added it since it was looked up
        raise PeriodCodeTaken(
            pointer="/code", period=asked.code, starts_on=asked.starts_on, ends_on=asked.ends_on
        )
    return created[0]


async def set_working_time(
    session: AsyncSession, year: int, asked: WorkingTimeOfYear, if_match: Precondition, by: str
) -> WorkingTime:
    """The working days of a year, in place of those that stood before."""
    state: dict[str, Any] = {
        "weekdays": sorted(asked.weekdays),
        "holidays": sorted(asked.holidays),
        "workdays": sorted(asked.workdays),
        "provisional": asked.provisional,
    }
    for name in ("holidays", "workdays"):
        if strays := [day for day in state[name] if day.year != year]:
            raise DaysOutsideYear(pointer=f"/{name}", year=year, days=", ".join(map(str, strays)))
    row = (await claim(session, WorkingTime, [{"year": year, **state}]))[year]
    if row.sequence:
        if if_match.header is None:
            raise IfMatchRequired
        if_match.check(row.version)
        if row.model_dump(include=set(state)) == state:
            return row
    for name, value in state.items():
        setattr(row, name, value)
    record(session, row, WorkingTimeSet(year=year, **state), by=by)
    return row


@dataclass(slots=True)
class RateBook:
    """The rates that a request states, beside those that stand."""

    session: AsyncSession
    reporting_currency: str
    by: str
    currencies: dict[str, Currency]
    standing: dict[tuple[str, date], Decimal]
    _new: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)

    def state(self, row: RateRow) -> Done:
        """One rate; the same rate again makes no fact."""
        key = row.currency, row.effective_on
        fact = rules.set_rate(
            row.currency, self.reporting_currency, row.rate, row.effective_on, self.standing.get(key)
        )
        currency = self.currencies[row.currency]
        if fact is None:
            return Done(status=200, id=row.currency, version=currency.version)
        status = 200 if key in self.standing else 201
        self.standing[key] = row.rate
        self._new[key] = row.model_dump()
        record(self.session, currency, fact, by=self.by)
        return Done(status=status, id=row.currency, version=currency.version, token=currency.token)

    async def save(self) -> None:
        """Writes the rates in one statement."""
        await self.session.flush()
        if self._new:
            statement = insert(Rate).values(list(self._new.values()))
            await self.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["currency", "effective_on"], set_={"rate": statement.excluded.rate}
                )
            )


async def open_rates(
    session: AsyncSession, rows: Sequence[RateRow], reporting_currency: str, by: str
) -> RateBook:
    """The book for these rows, their currencies locked."""
    codes = {row.currency for row in rows} - {reporting_currency}
    currencies = await claim(session, Currency, [{"code": code} for code in codes])
    known = await session.scalars(
        select(Rate).where(
            tuple_(col(Rate.currency), col(Rate.effective_on)).in_(
                [(row.currency, row.effective_on) for row in rows]
            )
        )
    )
    standing = {(rate.currency, rate.effective_on): rate.rate for rate in known}
    return RateBook(session, reporting_currency, by, currencies, standing)


async def _set_periods(session: AsyncSession, facts: Sequence[PeriodSet], by: str) -> list[Period]:
    """The periods that were not there before."""
    by_code = {fact.period: fact for fact in facts}
    rows = await claim(
        session,
        Period,
        [{"code": code, **fact.model_dump(exclude={"period"})} for code, fact in by_code.items()],
    )
    created = [row for row in rows.values() if row.sequence == 0]
    for row in sorted(created, key=lambda row: (row.starts_on, row.code)):
        record(session, row, by_code[row.code], by=by)
    return created
