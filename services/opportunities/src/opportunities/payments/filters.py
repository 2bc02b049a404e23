"""What a list of receipts can be narrowed to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from contracts.dates import RequestDay
from runtime.requests import FROM, TO


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFilter:
    """All conditions hold together."""

    occurred_from: Annotated[RequestDay | None, Query(description=f"received: {FROM}")] = None
    occurred_to: Annotated[RequestDay | None, Query(description=f"received: {TO}")] = None
