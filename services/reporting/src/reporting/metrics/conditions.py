"""A metric's conditions as a jsonpath over an event's data, so that PostgreSQL asks them of millions of events."""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from contracts.targets import Condition

_ORDER = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def predicate(conditions: Sequence[Condition]) -> str:
    """The jsonpath that finds something (`data @? predicate`) where all conditions hold.

    Numbers travel as text ("1200.00"): a value that reads as a number is compared as one, any other by its
    text, which also puts ISO 8601 dates in order. A comparison that makes no sense does not hold; `ne` holds
    wherever `eq` does not, so also where the field is missing.
    """
    return f"$ ? ({' && '.join(map(_holds, conditions))})" if conditions else "$"


def _holds(condition: Condition) -> str:
    field, value = f"@.{json.dumps(condition.field)}", condition.value
    match condition.operator:
        case "exists":
            known = f"{field} != null"
            return _not(known) if value is False else f"({known})"
        case "eq":
            return f"({_equals(field, value)})"
        case "ne":
            return _not(_equals(field, value))
        case "in":
            values = value if isinstance(value, list) else [value]
            return f"({' || '.join(_equals(field, each) for each in values) or '1 == 0'})"
        case order:
            number = _number(value)
            compared = f"{field} {_ORDER[order]} {json.dumps(value)}"
            return f"({compared})" if number is None else f"({field}.number() {_ORDER[order]} {number})"


def _not(test: str) -> str:
    """`exists` over a filter takes what cannot be compared for false; a plain `!` would leave it unknown."""
    return f"!exists(@ ? ({test}))"


def _equals(field: str, value: bool | str | list[str] | None) -> str:
    if value is None:
        return _not(f"{field} != null")
    same, number = f"{field} == {json.dumps(value)}", _number(value)
    return same if number is None else f"{same} || {field}.number() == {number}"


def _number(value: bool | str | list[str] | None) -> str | None:
    """The value as a jsonpath number, if it reads as one."""
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return format(number, "f") if number is not None and number.is_finite() else None
