"""What lists and records of opportunities answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field

from contracts import Money
from reporting.figures import Exact, Total, trimmed
from reporting.freshness import Freshness


class Owner(BaseModel):
    """Who owns an opportunity; names are null while the person was not heard of."""

    id: UUID
    code: str | None
    name: str | None


class Customer(BaseModel):
    """The customer of an opportunity."""

    id: UUID
    name: str | None


class Standing(BaseModel):
    """How an opportunity stands, or stood at an instant."""

    state: str = Field(description="open, won, lost; void: undone as a whole")
    stage: str = Field(description="the one it stands in, or closed from")
    stage_since: datetime | None
    pipeline: str
    pipeline_version: int
    product_line: str | None
    channel: str | None
    amount: Money | None = Field(description="expected; signed once won")
    expected_close_on: date | None
    opened_at: datetime | None
    closed_at: datetime | None
    loss_reason: str | None
    imported: bool


class Opportunity(Standing):
    """An opportunity with its owner and customer."""

    id: UUID
    owner: Owner
    customer: Customer | None


class OpportunityDetail(Opportunity):
    """One opportunity. The last three fields tell of now and are null for a past instant."""

    first_contact_at: datetime | None
    last_sign_of_life_at: datetime | None
    sequence: int | None = Field(description="number of its last fact that reporting has heard")
    as_of: datetime
    freshness: Freshness


class OpportunitiesAnswer(BaseModel):
    """A page of opportunities."""

    as_of: datetime
    items: list[Opportunity]
    next: str | None = Field(description="cursor of the next page; null on the last")
    total: Total = None
    freshness: Freshness


class Interval(Standing):
    """How an opportunity stood from `valid_from` until before `valid_to` (null: it stands so), by occurred time."""

    valid_from: datetime
    valid_to: datetime | None
    owner_id: UUID
    customer_id: UUID | None


class HistoricEvent(BaseModel):
    """A fact as it was said."""

    id: UUID
    type: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    by: str
    voided: bool = Field(description="undone later: it counts nowhere")
    data: dict[str, Any]


class OpportunityHistory(BaseModel):
    """All that happened to an opportunity. Facts voided since are among the events, not in the intervals."""

    intervals: list[Interval] | None = Field(description="on the first page only")
    items: list[HistoricEvent]
    next: str | None
    freshness: Freshness


class Visit(BaseModel):
    """One visit of a stage."""

    visit: int
    stage: str
    entered_at: datetime
    left_at: datetime | None
    exit: str | None = Field(description="advanced (a win as well), returned, lost; null while it lasts")
    next_stage: str | None
    reentry: bool
    owner_id: UUID = Field(description="at entry")
    product_line: str | None = Field(description="at entry")
    dwell_days: Exact = Field(description="elapsed days, up to `as_of` while it lasts")


class VisitsAnswer(BaseModel):
    """The stages that an opportunity went through."""

    items: list[Visit]
    freshness: Freshness


def opportunity(row: Record) -> dict[str, Any]:
    """The fields of an opportunity, from a row with the names beside the ids."""
    customer = row["customer_id"] and {"id": row["customer_id"], "name": row["customer_name"]}
    owner = {"id": row["owner_id"], "code": row["owner_code"], "name": row["owner_name"]}
    return {**standing(row), "owner": owner, "customer": customer}


def standing(row: Record) -> dict[str, Any]:
    """The fields of a standing; the amount with its currency."""
    amount = row["amount"]
    money = None if amount is None else Money(amount=amount, currency=row["currency"])
    return {**dict(row), "amount": money}


def visit(row: Record) -> Visit:
    """A visit with its dwell."""
    return Visit.model_validate({**dict(row), "dwell_days": trimmed(Decimal(row["seconds"]) / 86_400)})
