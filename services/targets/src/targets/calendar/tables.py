"""The rows of the calendar. Their codes are their keys."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Column, Date, Numeric, SmallInteger
from sqlmodel import Field

from targets.rows import RootRow, Row


class Period(RootRow, table=True):
    """A period from `starts_on` until before `ends_on`, in business days."""

    root_field = "period"

    code: str = Field(primary_key=True)
    name: str
    kind: str
    starts_on: date = Field(index=True)
    ends_on: date

    @property
    def root_key(self) -> str:
        return self.code


class WorkingTime(RootRow, table=True):
    """Which days of a calendar year are worked."""

    __tablename__ = "working_time"
    root_field = "year"

    year: int = Field(primary_key=True, sa_type=SmallInteger)
    weekdays: list[int] = Field(sa_column=Column(ARRAY(SmallInteger), nullable=False))
    holidays: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    workdays: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False))
    provisional: bool

    @property
    def root_key(self) -> int:
        return self.year


class Currency(RootRow, table=True):
    """A currency that has rates."""

    root_field = "currency"

    code: str = Field(primary_key=True)

    @property
    def root_key(self) -> str:
        return self.code


class Rate(Row, table=True):
    """What one unit of a currency is worth in the reporting currency, from a day on."""

    currency: str = Field(primary_key=True, foreign_key="currency.code")
    effective_on: date = Field(primary_key=True)
    rate: Decimal = Field(sa_column=Column(Numeric(24, 6), nullable=False))
