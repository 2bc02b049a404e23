"""When a report looks, and over which days: the instant asked for, today, and the period."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import Depends
from fastapi import Query as Parameter
from pydantic import BaseModel

from contracts.dates import RequestDay, RequestInstant
from contracts.refusal import NotFound, Refusal
from runtime import CurrentDatabase
from runtime.query import Query

_ALL_HEARD = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant that a report shows. Days are business days."""

    as_of: datetime
    """The instant asked for, else now."""
    horizon: datetime
    """Facts count that occurred up to here. Unless an instant was asked for, that is all that was heard: a fact may
    be recorded up to five minutes ahead."""
    zone: ZoneInfo
    now: datetime

    @property
    def day(self) -> date:
        """The business day of `as_of`."""
        return self.as_of.astimezone(self.zone).date()

    @property
    def today(self) -> date:
        """The business day of now: the one that `as_is` and visibility go by."""
        return self.now.astimezone(self.zone).date()

    @property
    def past(self) -> bool:
        """Whether an instant was asked for."""
        return self.horizon != _ALL_HEARD

    def start(self, day: date) -> datetime:
        """The first instant of a business day."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


async def current_moment(
    database: CurrentDatabase,
    as_of: Annotated[
        RequestInstant | None,
        Parameter(description="instant to look from; default now. Later voids still restate it"),
    ] = None,
) -> Moment:
    """The moment that a request asks for."""
    now = datetime.now(UTC)
    zone = ZoneInfo(database.settings.business_time_zone)
    return Moment(as_of or now, as_of or _ALL_HEARD, zone, now)


CurrentMoment = Annotated[Moment, Depends(current_moment)]


class PeriodNeeded(Refusal):
    code = "period_needed"
    status = 422
    en = "A period is needed"
    zh = "需要指定期间"
    en_detail = (
        "Name a period by its code (`period`), or by its first day and the day after its last "
        "(`from`, `to`); not both."
    )
    zh_detail = "请用编码指定期间(period),或指定首日和末日的次日(from、to);两者不可同时使用。"


class Span(BaseModel):
    """The business days that a report covers."""

    period: str | None
    """Code of the period of the calendar; null for other days."""
    starts_on: date
    ends_on: date
    """The first day after it."""

    @property
    def in_whole_months(self) -> bool:
        """Whether it begins and ends with a calendar month."""
        return self.starts_on.day == self.ends_on.day == 1

    def bounds(self, moment: Moment) -> dict[str, Any]:
        """The parameters `:starts_on` and `:ends_on` (days), `:starts_at` and `:ends_at` (their first instants)."""
        return {
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
            "starts_at": moment.start(self.starts_on),
            "ends_at": moment.start(self.ends_on),
        }


@dataclass(frozen=True, slots=True)
class AskedSpan:
    """A period as it was asked for: by code, or by its days."""

    period: str | None
    starts_on: date | None
    ends_on: date | None

    async def find(self, connection: asyncpg.Connection) -> Span:
        """The days. Raises `NotFound` for a period that the calendar does not have."""
        return self.found(await _SPAN.row(connection, **self.values()))

    def values(self) -> dict[str, Any]:
        """The parameters of `SPAN`."""
        return {"period": self.period, "starts_on": self.starts_on, "ends_on": self.ends_on}

    def found(self, row: asyncpg.Record | None) -> Span:
        """The days that a row of `SPAN` says. Raises `NotFound` where there is none."""
        if row is None or row["starts_on"] is None:
            raise NotFound(what="period", id=self.period)
        return Span(period=row["period"], starts_on=row["starts_on"], ends_on=row["ends_on"])


async def asked_span(
    period: Annotated[
        str | None, Parameter(description="code of a period of the calendar, e.g. `2026-Q3`")
    ] = None,
    starts_on: Annotated[RequestDay | None, Parameter(alias="from", description="first business day")] = None,
    ends_on: Annotated[
        RequestDay | None, Parameter(alias="to", description="the business day after the last")
    ] = None,
) -> AskedSpan:
    """The period parameters of a report. Raises `PeriodNeeded`."""
    days = starts_on is not None and ends_on is not None and starts_on < ends_on
    if days == (period is not None) or (period and (starts_on or ends_on)):
        raise PeriodNeeded
    return AskedSpan(period, starts_on, ends_on)


CurrentSpan = Annotated[AskedSpan, Depends(asked_span)]

# Days that are exactly those of a period are that period: its targets hold.
SPAN = """
    select code as period, starts_on, ends_on from period where code = :period::text
    union all
    select (select min(code) from period where starts_on = :starts_on::date and ends_on = :ends_on::date),
           :starts_on::date, :ends_on::date
    where :period::text is null
"""
"""One row: `period`, `starts_on`, `ends_on`; none for a period that the calendar does not have."""

_SPAN = Query(SPAN)
