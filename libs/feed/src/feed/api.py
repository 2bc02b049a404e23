"""`GET /v1/events`."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from contracts.dates import RequestInstant
from contracts.roles import SEE_EVERYTHING
from feed import position as cursors
from feed.refusals import CursorGone
from feed.types import event_types
from feed.views import FeedAnswer, body
from messaging import FeedPage, FeedPosition, PositionGone, feed_end, follow_feed, read_feed
from runtime import CurrentDatabase, Database, Router, requires

LARGEST_PAGE = 1_000
LONGEST_WAIT = 20
NOW = "now"
WAITING_MOST = 100
"""Readers of a process who are let wait. One more is answered at once, as if it had not asked to wait."""

router = Router(prefix="/v1", tags=["events"])
readers = Depends(requires(*sorted(SEE_EVERYTHING)))
_waiting = 0


@router.get("/events", response_model=FeedAnswer, dependencies=[readers])
async def read_events(
    request: Request,
    database: CurrentDatabase,
    after: Annotated[
        str | None,
        Query(
            max_length=16_000,
            description="`next` of the answer before, or `now` for what is committed from now on; "
            "without it from the oldest fact on",
        ),
    ] = None,
    type: Annotated[
        list[str] | None,
        Query(
            max_length=50,
            description="only this type, or all that begin so up to a dot; may be given several times",
            examples=["opportunities.opportunity.won.v1", "opportunities.opportunity"],
        ),
    ] = None,
    from_: Annotated[
        RequestInstant | None,
        Query(alias="from", description="only what was recorded at this instant or later"),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, description="events an answer; larger values are taken as 1,000")
    ] = 500,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait at the end for something new")
    ] = 0,
) -> Response:
    """The service's facts, from the oldest on, as they were committed: without horizon, without gaps.

    Give `next` back as `after`, with `type` and `from` as you want them: a cursor stands for a place and for no filter.
    A call looks at a bounded part of the ledger, so an answer may be empty and yet not the end.
    """
    service: str = request.app.state.service
    types = event_types(service, type) if type else None

    async def read(position: FeedPosition | None) -> FeedPage:
        async with database.connection() as connection:
            return await read_feed(
                connection, position, types=types, since=from_, limit=min(limit, LARGEST_PAGE)
            )

    try:
        page = await _followed(request, read, await _start(database, service, after), wait)
    except PositionGone as gone:
        raise CursorGone from gone
    return Response(body(page, cursors.written(page.position, service)), media_type="application/json")


async def _start(database: Database, service: str, after: str | None) -> FeedPosition | None:
    if after == NOW:
        async with database.connection() as connection:
            return await feed_end(connection)
    return cursors.read(after, service) if after else None


async def _followed(
    request: Request,
    read: Callable[[FeedPosition | None], Awaitable[FeedPage]],
    position: FeedPosition | None,
    seconds: float,
) -> FeedPage:
    global _waiting
    app = request.app.state
    _waiting += 1
    try:
        patience = seconds if _waiting <= WAITING_MOST else 0.0
        return await follow_feed(app.service, read, position, seconds=patience, stopping=app.stopping)
    finally:
        _waiting -= 1
