"""Opportunities over HTTP: lists, records, and how each came to stand where it stands."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Connection, Record
from fastapi import Depends
from fastapi.responses import StreamingResponse

from contracts.refusal import NotFound
from reporting.freshness import CurrentFreshness, waits
from reporting.moments import CurrentMoment
from reporting.pipeline.answers import (
    HistoricEvent,
    Interval,
    OpportunitiesAnswer,
    Opportunity,
    OpportunityDetail,
    OpportunityHistory,
    VisitsAnswer,
    opportunity,
    standing,
    visit,
)
from reporting.pipeline.filters import Filters, page_query
from reporting.pipeline.queries import EVENTS, INTERVALS, OPPORTUNITY, VISITS, opportunity_count
from reporting.viewer import CurrentViewer, deals_only
from runtime import (
    AnswerFormat,
    CurrentDatabase,
    Database,
    OrderedPageQuery,
    PageQuery,
    Router,
    Snapshot,
    csv_answer,
    decode_cursor,
    encode_cursor,
)
from runtime.dependencies import at_once
from runtime.query import Query

router = Router(prefix="/v1/opportunities", tags=["opportunities"], dependencies=[deals_only, waits])

NOW_ONLY = {"first_contact_at": None, "last_sign_of_life_at": None, "sequence": None}


@router.get("", response_model=OpportunitiesAnswer)
async def list_reported_opportunities(
    filters: Annotated[Filters, Depends(at_once(Filters))],
    viewer: CurrentViewer,
    moment: CurrentMoment,
    page: PageQuery,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
) -> OpportunitiesAnswer | StreamingResponse:
    """Opportunities as they stand, or stood at `as_of`; of a past instant those that are the asker's today.

    Sorts by opened_at (the default, latest first), closed_at, stage_since, expected_close_on, amount or
    customer_name. CSV holds all pages.
    """
    query = page_query(page, past=moment.past, of_unit=filters.of_unit)
    values = (
        filters.values(moment)
        | viewer.values()
        | {"as_of": moment.as_of, "day": moment.day, "today": moment.today}
    )
    if filters.of_unit:
        unit = await viewer.unit(snapshot, moment.today, filters.unit_id, filters.unit_code)
        values["unit_id"] = unit["id"]
    if format == "csv":
        rows = _all_rows(database, query, values | {"after_key": None, "after_id": None, "limit": None})
        return csv_answer(rows, _COLUMNS, filename="opportunities.csv", headers=freshness.headers)
    scope = {**asdict(filters), "sort": page.sort, "as_of": moment.horizon}
    key, id = decode_cursor(page.cursor, scope, 2) if page.cursor else (None, None)
    found = await query.rows(snapshot, **values, after_key=key, after_id=id, limit=page.limit + 1)
    shown = found[: page.limit]
    following = None
    if len(found) > page.limit:
        following = encode_cursor((shown[-1]["sort_key"], shown[-1]["id"]), scope)
    total = None
    if page.count:
        counting = opportunity_count(past=moment.past, of_unit=filters.of_unit)
        [(total,)] = await counting.rows(snapshot, **values)
    items = [Opportunity.model_validate(opportunity(row)) for row in shown]
    return OpportunitiesAnswer(
        as_of=moment.as_of, items=items, next=following, total=total, freshness=freshness
    )


@router.get("/{id}")
async def read_reported_opportunity(
    id: UUID, viewer: CurrentViewer, moment: CurrentMoment, snapshot: Snapshot, freshness: CurrentFreshness
) -> OpportunityDetail:
    """One opportunity as it stands, or stood at `as_of`."""
    row = await _find(snapshot, id, viewer, moment)
    return OpportunityDetail.model_validate(
        {**NOW_ONLY, **opportunity(row), "as_of": moment.as_of, "freshness": freshness}
    )


@router.get("/{id}/history")
async def read_opportunity_history(
    id: UUID,
    viewer: CurrentViewer,
    moment: CurrentMoment,
    page: OrderedPageQuery,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
) -> OpportunityHistory:
    """Its facts in order, and the intervals in which it stood unchanged, up to `as_of`."""
    await _find(snapshot, id, viewer, moment)
    scope = {"opportunity": id, "as_of": moment.horizon}
    (after,) = decode_cursor(page.cursor, scope, 1) if page.cursor else (0,)
    seen = {"id": id, "horizon": moment.horizon}
    found = await EVENTS.rows(snapshot, **seen, after=after, limit=page.limit + 1)
    items = [HistoricEvent.model_validate(dict(row)) for row in found[: page.limit]]
    intervals = None
    if not page.cursor:
        rows = await INTERVALS.rows(snapshot, **seen)
        intervals = [Interval.model_validate(standing(row)) for row in rows]
    following = encode_cursor((items[-1].sequence,), scope) if len(found) > page.limit else None
    return OpportunityHistory(intervals=intervals, items=items, next=following, freshness=freshness)


@router.get("/{id}/visits")
async def list_stage_visits(
    id: UUID, viewer: CurrentViewer, moment: CurrentMoment, snapshot: Snapshot, freshness: CurrentFreshness
) -> VisitsAnswer:
    """The stages that it went through until `as_of`; a re-entry is a visit of its own."""
    await _find(snapshot, id, viewer, moment)
    rows = await VISITS.rows(snapshot, id=id, as_of=moment.as_of, horizon=moment.horizon)
    return VisitsAnswer(items=[visit(row) for row in rows], freshness=freshness)


async def _find(connection: Connection, id: UUID, viewer: CurrentViewer, moment: CurrentMoment) -> Record:
    asked = {"id": id, "as_of": moment.as_of, "today": moment.today}
    row = await OPPORTUNITY[moment.past].row(connection, **viewer.values(), **asked)
    if row is None:
        raise NotFound(what="opportunity", id=id)
    return row


async def _all_rows(database: Database, query: Query, values: dict[str, Any]) -> AsyncIterator[Record]:
    """The rows of all pages, on a connection of their own: they are still read when the request's is given back."""
    async with database.connection() as connection, connection.transaction(readonly=True):
        async for row in query.stream(connection, **values):
            yield row


_COLUMNS: Mapping[str, Callable[[Record], Any]] = {
    name: itemgetter(name)
    for name in (
        *(
            "id",
            "customer_name",
            "owner_code",
            "owner_name",
            "pipeline",
            "stage",
            "state",
            "product_line",
            "channel",
        ),
        *("amount", "currency", "opened_at", "expected_close_on", "closed_at", "loss_reason", "imported"),
    )
}
