"""The fields that event types share, each with its meaning and an example."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer

from contracts.money import Amount, Currency, DecimalText
from contracts.roles import Role

PERSON = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0001")
UNIT = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0002")
OPPORTUNITY = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0003")
CUSTOMER = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0004")
TARGET = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0005")
THING = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0006")
LEAD = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0007")
INCIDENT = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0008")
OTHER_PERSON = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0011")
OTHER_UNIT = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0012")
OTHER_CUSTOMER = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0014")
OTHER_TARGET = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d0015")

type PersonId = Annotated[UUID, Field(description="The person", examples=[PERSON])]
type UnitId = Annotated[UUID, Field(description="The unit", examples=[UNIT])]
type OpportunityId = Annotated[UUID, Field(description="The opportunity", examples=[OPPORTUNITY])]
type LeadId = Annotated[UUID, Field(description="The lead", examples=[LEAD])]
type IncidentId = Annotated[UUID, Field(description="The incident", examples=[INCIDENT])]
type CustomerId = Annotated[UUID, Field(description="The customer", examples=[CUSTOMER])]
type TargetId = Annotated[UUID, Field(description="The target", examples=[TARGET])]

type Code = Annotated[str, Field(min_length=1, max_length=80)]
type AddressCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Stands in the record's address: letters, digits, dots, underscores and hyphens",
    ),
]
type ReasonCode = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=80,
        description="A code: it may stand in an event",
        examples=["entered_by_mistake"],
    ),
]
type Name = Annotated[str, Field(min_length=1, max_length=200)]
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
    DecimalText(r"^-?[0-9]{1,24}(\.[0-9]{1,6})?$"),
]
"""An exact number that is no money: a weight, a rate, a target value; on the wire a string."""
