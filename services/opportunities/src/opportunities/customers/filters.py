"""What a list of customers can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from contracts.dates import RequestDay
from directory.owners import OWNED_IN
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    owner_id: Annotated[list[UUID] | None, Query()] = None
    unit_id: Annotated[UUID | None, Query(description=OWNED_IN)] = None
    parent_id: Annotated[list[UUID] | None, Query()] = None
    sector: Annotated[list[str] | None, Query()] = None
    country: Annotated[list[str] | None, Query()] = None
    source: Annotated[str | None, Query(description="system that it was imported from")] = None
    external_id: Annotated[list[str] | None, Query(description="its key in that system")] = None
    opened_from: Annotated[RequestDay | None, Query(description=f"opened: {FROM}")] = None
    opened_to: Annotated[RequestDay | None, Query(description=f"opened: {TO}")] = None
    text: Annotated[str | None, Query(max_length=200, description="part of the name")] = None
