"""What a list of leads or contacts can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from contracts.dates import RequestDay
from contracts.leads import ContactKind, ContactOutcome, Intent, LeadState, Outcome
from directory.owners import OWNED_IN
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    owner_id: Annotated[list[UUID] | None, Query()] = None
    unit_id: Annotated[UUID | None, Query(description=OWNED_IN)] = None
    state: Annotated[list[LeadState] | None, Query()] = None
    intent: Annotated[list[Intent] | None, Query()] = None
    outcome: Annotated[list[Outcome] | None, Query(description="of the opportunity")] = None
    channel: Annotated[list[str] | None, Query()] = None
    campaign: Annotated[list[str] | None, Query()] = None
    level: Annotated[list[str] | None, Query()] = None
    product_line: Annotated[list[str] | None, Query()] = None
    valid: Annotated[bool | None, Query(description="valid leads, or the others")] = None
    pooled: Annotated[bool | None, Query(description="true: in the pool 公海, owned by nobody and open")] = (
        None
    )
    contacted: Annotated[bool | None, Query(description="true: contacted at least once")] = None
    source: Annotated[str | None, Query(description="system that it was imported from")] = None
    external_id: Annotated[list[str] | None, Query(description="its key in that system")] = None
    captured_from: Annotated[RequestDay | None, Query(description=f"captured: {FROM}")] = None
    captured_to: Annotated[RequestDay | None, Query(description=f"captured: {TO}")] = None
    text: Annotated[
        str | None, Query(max_length=200, description="part of the company's or the contact's name")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    kind: Annotated[list[ContactKind] | None, Query()] = None
    outcome: Annotated[list[ContactOutcome] | None, Query()] = None
    occurred_from: Annotated[RequestDay | None, Query(description=f"occurred: {FROM}")] = None
    occurred_to: Annotated[RequestDay | None, Query(description=f"occurred: {TO}")] = None
