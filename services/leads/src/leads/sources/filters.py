"""What lists of sources can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from contracts.dates import RequestDay
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFilter:
    """All conditions hold together."""

    active: Annotated[bool | None, Query()] = None
    text: Annotated[str | None, Query(max_length=200, description="part of the code or of a name")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    channel: Annotated[list[str] | None, Query()] = None
    text: Annotated[str | None, Query(max_length=200, description="part of the code or the name")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    channel: Annotated[list[str] | None, Query()] = None
    campaign: Annotated[list[str] | None, Query()] = None
    voided: Annotated[bool | None, Query(description="true: undone ones alone; false: those that count")] = (
        None
    )
    from_: Annotated[RequestDay | None, Query(alias="from", description=f"days of the cost: {FROM}")] = None
    to: Annotated[RequestDay | None, Query(description=f"days of the cost: {TO}")] = None
