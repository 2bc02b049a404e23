"""What is asked of the calendar."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.dates import RequestDay
from contracts.refusal import NotFound
from contracts.targets import PeriodKind
from runtime import Page, PageRequest, matches, page, sort_keys
from targets.calendar.rules import WorkingYear
from targets.calendar.tables import Currency, Period, Rate, WorkingTime
from targets.calendar.views import PeriodView, RateView


class PeriodFilter(BaseModel):
    """Which periods: of a kind, that touch the days from `from` until before `to`."""

    text: str | None = None
    kind: PeriodKind | None = None
    since: RequestDay | None = Field(None, alias="from")
    until: RequestDay | None = Field(None, alias="to")


class RateFilter(BaseModel):
    """Which rates: of a currency, effective from `from` until before `to`."""

    currency: str | None = None
    since: RequestDay | None = Field(None, alias="from")
    until: RequestDay | None = Field(None, alias="to")


class DaysFilter(BaseModel):
    """Which days: from `from` until before `to`."""

    since: RequestDay = Field(alias="from", description="The first day")
    until: RequestDay = Field(alias="to", description="The first day after")

    @field_validator("until")
    @classmethod
    def _later(cls, until: date, asked: ValidationInfo) -> date:
        since = asked.data.get("since")
        if since is not None and until <= since:
            raise PydanticKnownError("greater_than", {"gt": str(since)})
        return until


async def period(session: AsyncSession, code: str) -> Period:
    """Raises `NotFound`."""
    return await _known(session, Period, "period", code)


async def working_time(session: AsyncSession, year: int) -> WorkingTime:
    """Raises `NotFound`."""
    return await _known(session, WorkingTime, "working time", year)


async def currency(session: AsyncSession, code: str) -> Currency:
    """Raises `NotFound`."""
    return await _known(session, Currency, "currency", code)


async def periods(session: AsyncSession, asked: PeriodFilter, query: PageRequest) -> Page[PeriodView]:
    """Periods, the earliest first."""
    statement = select(Period).where(matches(asked.text, Period.code, Period.name))
    if asked.kind:
        statement = statement.where(col(Period.kind) == asked.kind)
    if asked.since:
        statement = statement.where(col(Period.ends_on) > asked.since)
    if asked.until:
        statement = statement.where(col(Period.starts_on) < asked.until)
    sorts = {"starts_on": Period.starts_on, "code": Period.code}
    keys = sort_keys(query.sort, sorts, default="starts_on", unique=Period.code)
    return await page(
        session, statement, keys=keys, query=query, view=PeriodView.model_validate, filters=asked
    )


async def working_times(session: AsyncSession) -> list[WorkingTime]:
    """All years that are set: one row a year."""
    return list(await session.scalars(select(WorkingTime).order_by(col(WorkingTime.year))))


async def working_years(session: AsyncSession, years: Iterable[int]) -> dict[int, WorkingYear]:
    """The years that are set among those asked for, as the rules take them."""
    rows = await session.scalars(select(WorkingTime).where(col(WorkingTime.year).in_(list(years))))
    return {
        row.year: WorkingYear(frozenset(row.weekdays), frozenset(row.holidays), frozenset(row.workdays))
        for row in rows
    }


async def rates(session: AsyncSession, asked: RateFilter, query: PageRequest) -> Page[RateView]:
    """Rates, the latest first."""
    statement = select(Rate)
    if asked.currency:
        statement = statement.where(col(Rate.currency) == asked.currency)
    if asked.since:
        statement = statement.where(col(Rate.effective_on) >= asked.since)
    if asked.until:
        statement = statement.where(col(Rate.effective_on) < asked.until)
    sorts = {"effective_on": Rate.effective_on}
    keys = sort_keys(query.sort, sorts, default="-effective_on", unique=Rate.currency)
    return await page(session, statement, keys=keys, query=query, view=RateView.model_validate, filters=asked)


async def _known[Row](session: AsyncSession, table: type[Row], what: str, key: Any) -> Row:
    found = await session.get(table, key)
    if found is None:
        raise NotFound(what=what, id=key)
    return found
