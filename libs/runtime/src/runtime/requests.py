"""The fields that requests share, with their limits."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.dates import RequestDay, RequestInstant
from contracts.money import Amount, Currency

type ExternalId = Annotated[str, Field(min_length=1, max_length=200)]
type Title = Annotated[str, Field(min_length=1, max_length=200, description="free text; stands in no event")]
type Text = Annotated[str, Field(max_length=10_000, description="free text; stands in no event")]
type PositiveAmount = Annotated[Amount, Field(gt=0)]
type NonNegativeAmount = Annotated[Amount, Field(ge=0)]
type CurrencyCode = Currency

FROM = "first business day"
TO = "the business day after the last"
"""What the filters `from` and `to` of a list mean."""


class Request(BaseModel):
    """The body of a write. An unknown field is an error: it would otherwise be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Verb(Request):
    """What all verbs take."""

    occurred_at: RequestInstant | None = Field(
        None,
        description="when it happened; now unless given, at most 7 days back (operations: any time back)",
    )


type Moment = Annotated[
    RequestInstant | RequestDay,
    Field(
        union_mode="left_to_right",
        description="an instant, or a business day, which is taken at its start",
        examples=["2026-07-01T02:00:00Z", "2026-07-01"],
    ),
]


def day_only(moment: datetime | date) -> bool:
    """Whether a moment names a day without a time."""
    return not isinstance(moment, datetime)
