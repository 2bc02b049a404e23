"""Readings over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from contracts.dates import RequestDay
from contracts.targets import SubjectKind
from reporting.freshness import CurrentFreshness, waits
from reporting.moments import CurrentMoment
from reporting.readings.answers import ReadingRow, ReadingsAnswer
from reporting.viewer import CurrentViewer, deals_only
from runtime import (
    AnswerFormat,
    CurrentDatabase,
    Database,
    OrderedPageQuery,
    Router,
    Snapshot,
    csv_answer,
    decode_cursor,
    encode_cursor,
)
from runtime.dependencies import at_once
from runtime.query import Query as Statement
from runtime.requests import FROM, TO

router = Router(prefix="/v1/readings", tags=["readings"], dependencies=[deals_only, waits])


@dataclass(frozen=True)
class ReadingFilter:
    """All conditions hold together."""

    metric: Annotated[str | None, Query(description="code of a metric, or a measure of health")] = None
    subject_kind: SubjectKind | None = None
    subject_id: Annotated[UUID | None, Query(description="the unit or the person")] = None
    from_: Annotated[RequestDay | None, Query(alias="from", description=f"Monday of the week: {FROM}")] = None
    to: Annotated[RequestDay | None, Query(description=f"Monday of the week: {TO}")] = None


@router.get("", response_model=ReadingsAnswer)
async def list_readings(
    filters: Annotated[ReadingFilter, Depends(at_once(ReadingFilter))],
    viewer: CurrentViewer,
    moment: CurrentMoment,
    page: OrderedPageQuery,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
) -> ReadingsAnswer | StreamingResponse:
    """What finished weeks came to, as alerts hear it, the latest first; as published, whatever `as_of` says.

    A late fact restates a week for two months. CSV holds all pages.
    """
    values = {**asdict(filters), **viewer.values(), "today": moment.today}
    if format == "csv":
        rows = _all_rows(database, values | {"after_day": None, "after_series": None, "limit": None})
        return csv_answer(rows, _COLUMNS, filename="readings.csv", headers=freshness.headers)
    scope = {**asdict(filters), "list": "readings"}
    day, series = decode_cursor(page.cursor, scope, 2) if page.cursor else (None, None)
    found = await _PAGE.rows(snapshot, **values, after_day=day, after_series=series, limit=page.limit + 1)
    shown = found[: page.limit]
    following = None
    if len(found) > page.limit:
        following = encode_cursor((shown[-1]["starts_on"], shown[-1]["series"]), scope)
    total = None
    if page.count:
        [(total,)] = await _COUNT.rows(snapshot, **values)
    items = [ReadingRow.model_validate(dict(row)) for row in shown]
    return ReadingsAnswer(items=items, next=following, total=total, freshness=freshness)


async def _all_rows(database: Database, values: dict[str, Any]) -> AsyncIterator[Record]:
    async with database.connection() as connection, connection.transaction(readonly=True):
        async for row in _PAGE.stream(connection, **values):
            yield row


_CONDITIONS = """
    (:metric::text is null or metric = :metric::text)
    and (:subject_kind::text is null or subject_kind = :subject_kind::text)
    and (:subject_id::uuid is null or subject_id = :subject_id::uuid)
    and (:from_::date is null or starts_on >= :from_::date)
    and (:to::date is null or starts_on < :to::date)
    and (:everything
         or subject_kind = 'unit' and subject_id in (select visible_unit(:asker::uuid, :leads, :today))
         or subject_kind = 'person' and subject_id in (select visible_member(:asker::uuid, :leads, :today)))
"""

_PAGE = Statement(f"""
    select * from public.reading
    where {_CONDITIONS}
      and (:after_day::date is null or (starts_on, series) < (:after_day::date, :after_series::text))
    order by starts_on desc, series desc
    limit :limit
""")

_COUNT = Statement(f"select count(*) from public.reading where {_CONDITIONS}")

_COLUMNS: Mapping[str, Callable[[Record], Any]] = {name: itemgetter(name) for name in ReadingRow.model_fields}
