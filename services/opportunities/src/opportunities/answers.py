"""What the answers of all rooms have in common: version, consistency token, history."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from messaging import history
from runtime import Page, PageRequest, decode_cursor, encode_cursor, set_etag

TOKEN_HEADER = "Attain-Token"


class View(BaseModel):
    """A record as it stands."""

    version: int = Field(description="number of the last fact that changed the record; its ETag")
    token: str = Field(description="consistency token: a report that is given it has heard the record")


class HistoryItem(BaseModel):
    """A fact of a record's history."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sequence: int = Field(description="1, 2, 3, … without holes")
    type: str = Field(examples=["opportunities.opportunity.won.v1"])
    occurred_at: datetime
    recorded_at: datetime
    by: str = Field(description="who stated it: a person's id or a program's name")
    data: dict[str, Any] = Field(description="as in the event")
    note: str | None = Field(None, description="what was written beside the fact; stands in no event")


type Notes = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, str]]]


def stamp[V: View](response: Response, view: V) -> V:
    """Tells the caller version and consistency token of the record in the answer, as headers too."""
    set_etag(response, view.version)
    response.headers[TOKEN_HEADER] = view.token
    return view


async def history_page(
    session: AsyncSession, root: str, query: PageRequest, notes: Notes | None = None
) -> Page[HistoryItem]:
    """A root's facts from the ledger, oldest first. That the caller may see them was asked before."""
    scope = {"root": root}
    after = decode_cursor(query.cursor, scope, 1)[0] if query.cursor else 0
    facts = await history(session, root, after=after, limit=query.limit + 1)
    items = [HistoryItem.model_validate(fact) for fact in facts[: query.limit]]
    beside = await notes([item.id for item in items]) if notes else {}
    return Page(
        items=[item.model_copy(update={"note": beside.get(item.id)}) for item in items],
        next=encode_cursor([items[-1].sequence], scope) if len(facts) > query.limit else None,
    )
