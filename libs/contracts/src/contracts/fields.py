"""The fields that event types share, each with its meaning and an example."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer

from contracts.money import Amount, Currency
from contracts.roles import Role

PERSON = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0001")
UNIT = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0002")
OPPORTUNITY = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0003")
CUSTOMER = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0004")
TARGET = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0005")
THING = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0006")

type PersonId = Annotated[UUID, Field(description="The person", examples=[PERSON])]
type UnitId = Annotated[UUID, Field(description="The unit", examples=[UNIT])]
type OpportunityId = Annotated[UUID, Field(description="The opportunity", examples=[OPPORTUNITY])]
type CustomerId = Annotated[UUID, Field(description="The customer", examples=[CUSTOMER])]
type TargetId = Annotated[UUID, Field(description="The target", examples=[TARGET])]

type Code = Annotated[str, Field(min_length=1, max_length=80, examples=["sales_amount"])]
type Name = Annotated[str, Field(min_length=1, max_length=200, examples=["华东区"])]
type Day = Annotated[date, Field(description="A business day", examples=[date(2026, 7, 1)])]
type EffectiveDay = Annotated[
    date, Field(description="From the start of this business day on", examples=[date(2026, 7, 1)])
]
type Instant = Annotated[AwareDatetime, Field(examples=[datetime.fromisoformat("2026-07-01T02:00:00Z")])]
type PersonRole = Annotated[Role, Field(examples=[Role.representative])]
type AmountField = Annotated[Amount, Field(examples=["1200.00"])]
type CurrencyField = Annotated[Currency, Field(examples=["CNY"])]

type Number = Annotated[
    Decimal,
    Field(max_digits=24, decimal_places=6, examples=["0.700000"]),
    PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json"),
]
"""An exact number that is no money: a weight, a rate, a target value; on the wire a string."""
