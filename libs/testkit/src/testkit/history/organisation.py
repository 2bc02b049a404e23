"""The part of a history that tells the organisation and its calendar."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts import Role
from contracts import targets as said
from testkit.history.ledger import Ledger
from testkit.history.moments import Figure

LONG_AGO = date(2020, 1, 1)


class Organisation(Ledger):
    """Units, people, periods, working time and rates."""

    def unit(
        self,
        code: str,
        *,
        parent: UUID | None = None,
        manager: UUID | None = None,
        region: str | None = None,
        kind: str = "team",
        on: date = LONG_AGO,
    ) -> UUID:
        """A unit; returns its id."""
        unit_id = self.new_id("unit")
        self.say(
            said.UnitCreated(
                unit_id=unit_id,
                code=code,
                name=code,
                kind=kind,
                parent_id=parent,
                manager_id=manager,
                region=region,
                effective_on=on,
            )
        )
        return unit_id

    def person(
        self,
        code: str,
        *,
        unit: UUID | None = None,
        role: Role = Role.representative,
        hired_on: date = LONG_AGO,
        person_id: UUID | None = None,
    ) -> UUID:
        """A person, member of the unit from the day of hire on; returns the id."""
        person_id = person_id or self.new_id("person")
        self.say(
            said.PersonHired(person_id=person_id, code=code, display_name=code, role=role, hired_on=hired_on)
        )
        if unit is not None:
            self.move(person_id, unit, hired_on)
        return person_id

    def move(self, person: UUID, unit: UUID | None, on: date) -> None:
        """The person belongs to another unit from a business day on."""
        self.say(said.MembershipChanged(person_id=person, unit_id=unit, effective_on=on))

    def leave(self, person: UUID, on: date) -> None:
        self.say(said.PersonLeft(person_id=person, left_on=on))

    def period(self, code: str, starts_on: date, ends_on: date, kind: str = "custom") -> str:
        """A period `[starts_on, ends_on)`; returns its code."""
        self.say(
            said.PeriodSet(
                period=code,
                name=code,
                kind=said.PeriodKind(kind),
                starts_on=starts_on,
                ends_on=ends_on,
            )
        )
        return code

    def working_time(
        self,
        year: int,
        *,
        weekdays: Sequence[int] = (1, 2, 3, 4, 5),
        holidays: Sequence[date] = (),
        workdays: Sequence[date] = (),
    ) -> None:
        self.say(
            said.WorkingTimeSet(
                year=year,
                weekdays=list(weekdays),
                holidays=list(holidays),
                workdays=list(workdays),
                provisional=False,
            )
        )

    def rate(self, currency: str, rate: Figure, on: date = LONG_AGO, reporting_currency: str = "CNY") -> None:
        """Units of reporting currency for one of the currency, from a day on."""
        self.say(
            said.RateSet(
                currency=currency,
                reporting_currency=reporting_currency,
                rate=Decimal(rate),
                effective_on=on,
            )
        )
