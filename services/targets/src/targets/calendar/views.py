"""The calendar as its API shows it."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from contracts.targets import PeriodKind
from runtime import View
from targets.figures import Figure


class PeriodView(View):
    """A period."""

    code: str = Field(examples=["2026-Q3"])
    name: str
    kind: PeriodKind
    starts_on: date
    ends_on: date = Field(description="The first day after the period")


class GeneratedPeriods(BaseModel):
    """What generating a fiscal year brought about."""

    year: str = Field(description="Code of the year's period", examples=["2026"])
    created: int
    known: int
    token: str = Field(description="Consistency token of the year's period")


class WorkingTimeView(View):
    """The working days of a calendar year."""

    year: int
    weekdays: list[int]
    holidays: list[date]
    workdays: list[date]
    provisional: bool


class WorkingDays(BaseModel):
    """How many working days lie from `starts_on` until before `ends_on`."""

    starts_on: date
    ends_on: date
    working_days: int


class RateView(BaseModel):
    """What one unit of a currency is worth in the reporting currency, from a day on."""

    model_config = ConfigDict(from_attributes=True)

    currency: str = Field(examples=["USD"])
    rate: Figure
    effective_on: date


class RateSetView(RateView):
    """A rate that was just set."""

    token: str = Field(description="Consistency token: reports that are given it have heard the rate")
