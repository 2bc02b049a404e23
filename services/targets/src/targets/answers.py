"""What the answers of all rooms have in common."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from contracts import Received
from messaging import history
from runtime import Page, PageRequest, decode_cursor, encode_cursor, set_etag
from targets.rows import RootRow

TOKEN_HEADER = "Attain-Token"

Figure = Annotated[
    Decimal,
    PlainSerializer(lambda figure: format(figure.normalize(), "f"), return_type=str),
    Field(examples=["300000"]),
]
"""An exact number as text, without trailing zeros."""


class View(BaseModel):
    """A record as it stands."""

    model_config = ConfigDict(from_attributes=True)

    version: int = Field(description="Number of the last fact that changed the record: its ETag")
    token: str = Field(description="Consistency token: reports that are given it have heard the record")


class HistoryItem(BaseModel):
    """A fact of the record's history."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sequence: int = Field(description="1, 2, 3, … without holes")
    type: str = Field(examples=["targets.unit.created.v1"])
    occurred_at: datetime
    recorded_at: datetime
    by: str = Field(description="Who stated it")
    data: dict[str, Any]


def stamp(response: Response, row: RootRow) -> None:
    """Tells the caller the version and the consistency token of the record in the answer."""
    set_etag(response, row.version)
    response.headers[TOKEN_HEADER] = row.token


async def history_page(session: AsyncSession, row: RootRow, query: PageRequest) -> Page[HistoryItem]:
    """A record's facts from the ledger, oldest first."""
    root = row.token.rpartition("@")[0]
    after = decode_cursor(query.cursor, {"root": root}, 1)[0] if query.cursor else 0
    facts: list[Received] = await history(session, root, after=after, limit=query.limit + 1)
    shown = facts[: query.limit]
    more = len(facts) > query.limit
    return Page(
        items=[HistoryItem.model_validate(fact) for fact in shown],
        next=encode_cursor([shown[-1].sequence], {"root": root}) if more else None,
    )
