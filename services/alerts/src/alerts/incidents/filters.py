"""What a list of incidents can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from contracts.alerts import IncidentState, IncidentSubject
from contracts.dates import RequestDay
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    state: Annotated[list[IncidentState] | None, Query()] = None
    rule: Annotated[list[str] | None, Query()] = None
    assignee_id: Annotated[list[UUID] | None, Query(description="who is to act")] = None
    owner_id: Annotated[list[UUID] | None, Query(description="who owned the record")] = None
    unit_id: Annotated[list[UUID] | None, Query(description="the owner's unit, or the unit itself")] = None
    subject_kind: Annotated[list[IncidentSubject] | None, Query()] = None
    subject_id: Annotated[list[UUID] | None, Query(description="the record, unit or person")] = None
    raised_from: Annotated[RequestDay | None, Query(description=f"raised: {FROM}")] = None
    raised_to: Annotated[RequestDay | None, Query(description=f"raised: {TO}")] = None
