"""How a record is answered: its version as ETag, its consistency token, its history."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from contracts import Received
from runtime.cursors import decode_cursor, encode_cursor
from runtime.etags import set_etag
from runtime.pages import Page, PageRequest

TOKEN_HEADER = "Attain-Token"
"""Carries the consistency token of what an answer shows."""


class Stamped(Protocol):
    """A record that knows its version and its consistency token."""

    @property
    def version(self) -> int: ...

    @property
    def token(self) -> str: ...


class View(BaseModel):
    """A record as it stands."""

    model_config = ConfigDict(from_attributes=True)

    version: int = Field(description="number of the last fact that changed the record: its ETag")
    token: str = Field(description="consistency token: a report that is given it has heard the record")


class HistoryItem(BaseModel):
    """A fact of a record's history."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sequence: int = Field(description="1, 2, 3, … without holes")
    type: str
    occurred_at: datetime
    recorded_at: datetime
    by: str = Field(description="who stated it: a person's id or a program's name")
    data: dict[str, Any] = Field(description="as in the event")
    note: str | None = Field(None, description="what was written beside the fact; stands in no event")


type ReadHistory = Callable[..., Awaitable[list[Received]]]
"""`read(root, after=number, limit=count)`: a root's facts in the order of their numbers."""

type Notes = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, str]]]
"""The notes beside facts, by the ids of their events."""


def stamp_token(response: Response, token: str | None) -> None:
    """Tells the caller the consistency token of what was written, as a header; none where nothing was."""
    if token is not None:
        response.headers[TOKEN_HEADER] = token


def stamp[S: Stamped](response: Response, record: S) -> S:
    """Tells the caller version and consistency token of the record in the answer, as headers."""
    set_etag(response, record.version)
    stamp_token(response, record.token)
    return record


async def history_page(
    read: ReadHistory, root: str, query: PageRequest, notes: Notes | None = None
) -> Page[HistoryItem]:
    """A root's facts, oldest first. That the caller may see them was asked before."""
    scope = {"root": root}
    after = decode_cursor(query.cursor, scope, 1)[0] if query.cursor else 0
    facts = await read(root, after=after, limit=query.limit + 1)
    items = [HistoryItem.model_validate(fact) for fact in facts[: query.limit]]
    beside = await notes([item.id for item in items]) if notes else {}
    return Page(
        items=[item.model_copy(update={"note": beside.get(item.id)}) for item in items],
        next=encode_cursor([items[-1].sequence], scope) if len(facts) > query.limit else None,
    )
