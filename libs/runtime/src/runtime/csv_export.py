"""Reports as CSV: UTF-8 with a byte order mark (Excel would guess otherwise), streamed, safe to open."""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query
from starlette.responses import StreamingResponse

from contracts.envelope import instant

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 16 * 1024

Format = Literal["json", "csv"]


async def answer_format(
    format: Annotated[Format | None, Query(description="`csv` instead of JSON")] = None,  # noqa: A002
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Format:
    """What the caller wants: by `?format=`, else by `Accept: text/csv`, else JSON."""
    return format or ("csv" if "text/csv" in accept.lower() else "json")


AnswerFormat = Annotated[Format, Depends(answer_format)]


def csv_answer[Row](
    rows: Iterable[Row] | AsyncIterable[Row],
    columns: Mapping[str, Callable[[Row], Any]],
    *,
    filename: str,
    headers: Mapping[str, str] | None = None,
) -> StreamingResponse:
    """A download of the rows. `columns` gives each header and how its value is got from a row; `headers` say over
    HTTP what JSON says beside its rows.

    It is streamed after the request's dependencies are gone: rows that come from the database must hold a
    connection of their own while they are read.
    """
    return StreamingResponse(
        _lines(rows, columns),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Vary": "Accept",
            **(headers or {}),
        },
    )


def cell(value: Any) -> Any:
    """A value as it stands in a cell, written as in JSON where both have it. A text that a spreadsheet would run
    as a formula is quoted (CWE-1236).
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() if value.startswith(FORMULA_STARTS):
            return "'" + value
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case _:
            return value


async def _lines[Row](
    rows: Iterable[Row] | AsyncIterable[Row], columns: Mapping[str, Callable[[Row], Any]]
) -> AsyncIterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(map(cell, columns))
    async for row in _each(rows):
        writer.writerow([cell(value_of(row)) for value_of in columns.values()])
        if text.tell() > CHUNK:
            yield _taken(text)
    yield _taken(text)


async def _each[Row](rows: Iterable[Row] | AsyncIterable[Row]) -> AsyncIterator[Row]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written
