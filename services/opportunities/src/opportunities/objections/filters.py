"""What a list of objections can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from contracts.dates import RequestDay
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionFilter:
    """All conditions hold together; of one that is given several times any value will do."""

    code: Annotated[list[str] | None, Query(description="what it is about")] = None
    answered: Annotated[bool | None, Query(description="true: answered ones, false: those that wait")] = None
    raised_from: Annotated[RequestDay | None, Query(description=f"raised: {FROM}")] = None
    raised_to: Annotated[RequestDay | None, Query(description=f"raised: {TO}")] = None
