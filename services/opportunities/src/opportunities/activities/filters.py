"""What a list of interactions can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from contracts.dates import RequestDay
from contracts.opportunities import InteractionDirection, InteractionKind
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    kind: Annotated[list[InteractionKind] | None, Query()] = None
    direction: Annotated[list[InteractionDirection] | None, Query()] = None
    occurred_from: Annotated[RequestDay | None, Query(description=f"occurred: {FROM}")] = None
    occurred_to: Annotated[RequestDay | None, Query(description=f"occurred: {TO}")] = None
    text: Annotated[str | None, Query(max_length=200, description="part of the summary or the next step")] = (
        None
    )
