"""What may be asked of the calendar: the bodies of its requests."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.dates import RequestDay
from contracts.fields import AddressCode, Name
from contracts.money import Currency

Year = Annotated[int, Field(ge=1990, le=2200)]


class Command(BaseModel):
    """A body: closed, so that a misspelt field is an error and not silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomPeriod(Command):
    code: Annotated[AddressCode, Field(examples=["plan-a-Q5"])]
    name: Annotated[Name, Field(examples=["第五季度"])]
    starts_on: RequestDay
    ends_on: Annotated[RequestDay, Field(description="The first day after the period")]


class WorkingTimeOfYear(Command):
    """The working days of a calendar year."""

    weekdays: Annotated[
        frozenset[Annotated[int, Field(ge=1, le=7)]],
        Field(description="Working weekdays by ISO number, Monday 1", examples=[[1, 2, 3, 4, 5]]),
    ]
    holidays: Annotated[frozenset[RequestDay], Field(description="Days off")] = frozenset()
    workdays: Annotated[frozenset[RequestDay], Field(description="Make-up working days")] = frozenset()
    provisional: Annotated[bool, Field(description="The official calendar is not published yet")] = False

    @model_validator(mode="after")
    def _no_day_is_both(self) -> Self:
        if both := self.holidays & self.workdays:
            days = ", ".join(map(str, sorted(both)))
            raise PydanticCustomError(
                "day_off_and_working",
                "{days} are both days off and working days",
                {"days": days, "zh": "{days} 同时是休息日和工作日"},
            )
        return self


class RateRow(Command):
    currency: Annotated[Currency, Field(description="The currency that is valued", examples=["USD"])]
    rate: Annotated[
        Decimal,
        Field(
            gt=0,
            max_digits=24,
            decimal_places=6,
            description="Units of reporting currency for 1",
            examples=["7.12"],
        ),
    ]
    effective_on: Annotated[RequestDay, Field(description="From the start of this business day on")]
