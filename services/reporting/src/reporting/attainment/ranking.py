"""The order of attainment rows, and pages over it. All rows of a report are at hand: units and people are few."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from contracts import Money
from reporting.attainment.answers import AttainmentRow
from reporting.figures import Figure, Ratio
from runtime import PageRequest, decode_cursor, encode_cursor
from runtime.problems.refusals import SortUnknown

type Value = Decimal | str | None

_FIELDS: Mapping[str, Callable[[AttainmentRow], Value]] = {
    "code": lambda row: row.subject.code,
    "name": lambda row: row.subject.name,
    "actual": lambda row: _value(row.actual),
    "base": lambda row: _value(row.base),
    "challenge": lambda row: _value(row.challenge),
    "attainment": lambda row: _value(row.attainment),
    "challenge_attainment": lambda row: _value(row.challenge_attainment),
    "gap": lambda row: _value(row.gap),
    "expectation": lambda row: _value(row.expectation),
    "pace": lambda row: _value(row.pace),
}


def ranked(rows: Sequence[AttainmentRow], sort: str | None) -> list[AttainmentRow]:
    """The rows by a field (`-` before it: descending), those without a value last. Raises `SortUnknown`."""
    value, descending = _order(sort)
    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    known.sort(key=lambda row: (value(row), row.subject.id), reverse=descending)
    unknown.sort(key=lambda row: row.subject.id)
    return known + unknown


def ranked_page(
    rows: Sequence[AttainmentRow], query: PageRequest, scope: Mapping[str, Any]
) -> tuple[list[AttainmentRow], str | None]:
    """The page after the cursor, and the cursor of the next. It keeps its place by key while figures move."""
    scope = {**scope, "sort": query.sort}
    value, descending = _order(query.sort)
    rows = ranked(rows, query.sort)
    if query.cursor:
        last, last_id = decode_cursor(query.cursor, scope, 2)

        def beyond(row: AttainmentRow) -> bool:
            current: Any = value(row)
            if current is None or last is None:
                return current is None and (last is not None or row.subject.id > last_id)
            key, last_key = (current, row.subject.id), (last, last_id)
            return key < last_key if descending else key > last_key

        rows = [row for row in rows if beyond(row)]
    shown = list(rows[: query.limit])
    more = len(rows) > query.limit
    return shown, encode_cursor((value(shown[-1]), shown[-1].subject.id), scope) if more else None


def _order(sort: str | None) -> tuple[Callable[[AttainmentRow], Any], bool]:
    name = (sort or "code").removeprefix("-")
    if name not in _FIELDS:
        raise SortUnknown(asked=name, allowed=", ".join(_FIELDS))
    return _FIELDS[name], (sort or "").startswith("-")


def _value(figure: Figure | Ratio | None) -> Decimal | None:
    match figure:
        case Money(amount=amount):
            return amount
        case Ratio(value=value):
            return value
        case _:
            return figure
