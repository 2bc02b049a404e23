"""Who asks, now, on which business day, and how far their role reaches."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy import ColumnElement, Select

from contracts import Role
from directory.visibility import Scope, Sight, person_id, scope_of, sight, visible_people
from runtime import CurrentDatabase, CurrentPrincipal, Database, Principal


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request with the business settings that its work depends on."""

    principal: Principal
    now: datetime
    zone: ZoneInfo
    currency: str

    @property
    def id(self) -> str:
        """What facts name as `authid`."""
        return self.principal.id

    @property
    def person_id(self) -> UUID | None:
        """The person who asks; None for a program."""
        return person_id(self.principal)

    @property
    def visible(self) -> Select[tuple[UUID]] | None:
        """The people whose records the caller sees today; None: everybody's."""
        return visible_people(self.principal, self.day())

    @property
    def scope(self) -> Scope:
        """The same for SQL that is written by hand: the parameters of `VISIBLE_PEOPLE`."""
        return scope_of(self.principal, self.day())

    @property
    def sees_nothing(self) -> bool:
        """Whether the role or the token shows no records at all."""
        return sight(self.principal) is Sight.nothing

    @property
    def may_backdate(self) -> bool:
        """Whether facts of more than 7 days ago may be told."""
        return self.principal.role is Role.operations

    def day(self, at: datetime | None = None) -> date:
        """The business day of an instant, or today."""
        return (at or self.now).astimezone(self.zone).date()

    def instant(self, moment: datetime | date) -> datetime:
        """The instant that a moment names; a day without a time is taken at its start."""
        return moment if isinstance(moment, datetime) else self.midnight(moment)

    def within(self, instant: Any, first: date | None, end: date | None) -> list[ColumnElement[bool]]:
        """The conditions that an instant lies on business days from the first until before the end."""
        found: list[ColumnElement[bool]] = [instant >= self.midnight(first)] if first else []
        return [*found, instant < self.midnight(end)] if end else found

    def midnight(self, day: date) -> datetime:
        """The instant at which a business day begins."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


def caller(principal: Principal, database: Database) -> Caller:
    """The caller who asks now."""
    settings = database.settings
    return Caller(
        principal, datetime.now(UTC), ZoneInfo(settings.business_time_zone), settings.reporting_currency
    )


async def current_caller(principal: CurrentPrincipal, database: CurrentDatabase) -> Caller:
    """The caller of this request."""
    return caller(principal, database)


CurrentCaller = Annotated[Caller, Depends(current_caller)]
