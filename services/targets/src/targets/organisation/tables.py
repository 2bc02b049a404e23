"""The rows of the organisation. Intervals are not stored: they lie between one change and the next."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from targets.rows import RootRow, Row


class Unit(RootRow, table=True):
    """A unit as it was last stated. `parent_id` is the parent after all changes, planned ones included."""

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    kind: str
    parent_id: UUID | None = Field(default=None, foreign_key="unit.id", index=True)
    manager_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    region: str | None = None
    opened_on: date
    closed_on: date | None = None

    @property
    def root_key(self) -> UUID:
        return self.id


class ParentChange(Row, table=True):
    """From a day on, a unit stands below another."""

    __tablename__ = "parent_change"

    unit_id: UUID = Field(primary_key=True, foreign_key="unit.id")
    effective_on: date = Field(primary_key=True)
    parent_id: UUID | None = Field(default=None, foreign_key="unit.id")


class Person(RootRow, table=True):
    """A person as last stated. Whoever left stays: the history needs them."""

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    display_name: str
    role: str
    hired_on: date
    left_on: date | None = None
    leave_reason: str | None = None

    @property
    def root_key(self) -> UUID:
        return self.id


class MembershipChange(Row, table=True):
    """From a day on, a person belongs to a unit, or to none."""

    __tablename__ = "membership_change"

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    effective_on: date = Field(primary_key=True)
    unit_id: UUID | None = Field(default=None, foreign_key="unit.id")

    __table_args__ = (Index("membership_change_unit", "unit_id"),)
