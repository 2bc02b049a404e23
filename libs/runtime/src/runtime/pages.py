"""Lists: filters, sort order and keyset pages that stay fast and steady while rows come and go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from runtime.cursors import decode_cursor, encode_cursor
from runtime.problems.refusals import SortUnknown

LARGEST_PAGE = 200

Direction = Literal["asc", "desc"]
Key = tuple[Any, Direction]
"""A sort column and its direction. The last key of a list must be unique."""


class Page[T](BaseModel):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(None, description="cursor of the next page; null on the last")
    total: int | None = Field(
        None,
        description="rows of all pages, with `Prefer: return=total-count`",
        exclude_if=lambda total: total is None,
    )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a caller asked of a list."""

    limit: int = 50
    cursor: str | None = None
    sort: str | None = None
    count: bool = False


type _Limit = Annotated[int, Query(ge=1, description="rows a page; larger values are taken as 200")]
type _Cursor = Annotated[str | None, Query(description="`next` of the page before", max_length=4000)]
type _Prefer = Annotated[str | None, Header(description="`return=total-count` counts the rows of all pages")]


async def ordered_page_request(
    limit: _Limit = 50, cursor: _Cursor = None, prefer: _Prefer = None
) -> PageRequest:
    """The parameters of a list that has one order, such as a history."""
    counts = "return=total-count" in (prefer or "").replace(" ", "")
    return PageRequest(min(limit, LARGEST_PAGE), cursor, count=counts)


OrderedPageQuery = Annotated[PageRequest, Depends(ordered_page_request)]


async def page_request(
    ordered: OrderedPageQuery,
    sort: Annotated[str | None, Query(description="field to sort by, `-` before it for descending")] = None,
) -> PageRequest:
    """The parameters of a list."""
    return replace(ordered, sort=sort)


PageQuery = Annotated[PageRequest, Depends(page_request)]


def sort_keys(sort: str | None, allowed: Mapping[str, Any], *, default: str, unique: Any) -> list[Key]:
    """The keys for `sort` (or `default`) out of the allowed fields, made unique by a last column.

    Raises `SortUnknown`, which names the allowed fields.
    """
    asked = sort or default
    direction: Direction = "desc" if asked.startswith("-") else "asc"
    name = asked.removeprefix("-")
    if name not in allowed:
        raise SortUnknown(asked=name, allowed=", ".join(allowed))
    return [(allowed[name], direction), (unique, direction)]


def matches(text: str | None, *columns: Any) -> ColumnElement[bool]:
    """Whether any of the columns contains the text, whatever its case; true without a text.

    A GIN index with `gin_trgm_ops` on each column serves it.
    """
    if not text:
        return true()
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(*(column.ilike(f"%{escaped}%") for column in columns))


async def page[T](
    session: AsyncSession,
    statement: Select[Any],
    *,
    keys: Sequence[Key],
    query: PageRequest,
    view: Callable[[Any], T],
    filters: Mapping[str, Any] | BaseModel | None = None,
) -> Page[T]:
    """The page of `statement` (without order or limit) that `query` asks for.

    `view` makes an item of a row: of the entity when the statement selects one thing, else of the whole row.
    `filters` are the values that shaped the statement; a cursor is refused under others (`CursorMismatch`).
    """
    scope = list_scope(filters, keys, query)
    total = (
        await session.scalar(select(func.count()).select_from(statement.subquery())) if query.count else None
    )
    if query.cursor:
        statement = statement.where(_after(keys, decode_cursor(query.cursor, scope, len(keys))))
    width = len(statement.column_descriptions)
    ordered = statement.order_by(None).order_by(*(_ordered(key) for key in keys))
    found = (
        await session.execute(ordered.add_columns(*(column for column, _ in keys)).limit(query.limit + 1))
    ).all()
    shown = found[: query.limit]
    more = len(found) > query.limit
    return Page(
        items=[view(row[0] if width == 1 else row) for row in shown],
        next=encode_cursor(tuple(shown[-1])[width:], scope) if more else None,
        total=total,
    )


def list_scope(
    filters: Mapping[str, Any] | BaseModel | None, keys: Sequence[Key], query: PageRequest
) -> dict[str, Any]:
    """What a cursor is bound to: the filter's values and the order."""
    values = filters.model_dump(mode="json") if isinstance(filters, BaseModel) else dict(filters or {})
    return {**values, "sort": query.sort, "keys": [f"{column} {direction}" for column, direction in keys]}


def _ordered(key: Key) -> ColumnElement[Any]:
    column, direction = key
    ordered: ColumnElement[Any] = column.asc() if direction == "asc" else column.desc()
    return ordered


def _after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows behind the key: greater in the first column, or equal there and greater in the next, and so on."""
    steps = [
        and_(
            *(_same(column, value) for (column, _), value in zip(keys[:i], values, strict=False)),
            _beyond(key, values[i]),
        )
        for i, key in enumerate(keys)
    ]
    # The first column alone bounds the range of an index, which an OR over all columns cannot.
    return and_(or_(_beyond(keys[0], values[0]), _same(keys[0][0], values[0])), or_(*steps))


def _same(column: Any, value: Any) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value  # type: ignore[no-any-return]


def _beyond(key: Key, value: Any) -> ColumnElement[bool]:
    """Nulls count as the greatest, as in PostgreSQL's default order, so that a plain index serves both directions."""
    column, direction = key
    if direction == "asc":
        return (
            false()
            if value is None
            else or_(column > value, column.is_(None))
            if _nullable(column)
            else column > value
        )
    return column.is_not(None) if value is None else column < value  # type: ignore[no-any-return]


def _nullable(column: Any) -> bool:
    return bool(getattr(column, "nullable", True))
