"""What a list of opportunities can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from contracts.dates import RequestDay
from directory.owners import OWNED_IN
from opportunities.pipeline.rules import State
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    owner_id: Annotated[list[UUID] | None, Query()] = None
    unit_id: Annotated[UUID | None, Query(description=OWNED_IN)] = None
    customer_id: Annotated[list[UUID] | None, Query()] = None
    pipeline: Annotated[str | None, Query()] = None
    stage: Annotated[list[str] | None, Query()] = None
    state: Annotated[list[State] | None, Query()] = None
    product_line: Annotated[list[str] | None, Query()] = None
    channel: Annotated[list[str] | None, Query()] = None
    lead_id: Annotated[list[UUID] | None, Query(description="the lead that it was")] = None
    source: Annotated[str | None, Query(description="system that it was imported from")] = None
    external_id: Annotated[list[str] | None, Query(description="its key in that system")] = None
    opened_from: Annotated[RequestDay | None, Query(description=f"opened: {FROM}")] = None
    opened_to: Annotated[RequestDay | None, Query(description=f"opened: {TO}")] = None
    closed_from: Annotated[RequestDay | None, Query(description=f"closed: {FROM}")] = None
    closed_to: Annotated[RequestDay | None, Query(description=f"closed: {TO}")] = None
    expected_close_from: Annotated[RequestDay | None, Query(description=f"expected to close: {FROM}")] = None
    expected_close_to: Annotated[RequestDay | None, Query(description=f"expected to close: {TO}")] = None
    text: Annotated[
        str | None, Query(max_length=200, description="part of the title or the customer's name")
    ] = None
