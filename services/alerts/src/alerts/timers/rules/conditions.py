"""Conditions on an event's data, as they hold everywhere in Attain."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.targets import Condition


def holds(conditions: Sequence[Condition], data: Mapping[str, Any]) -> bool:
    """Whether all conditions hold.

    Numbers travel as text ("1200.00"): a value that reads as a number is compared as one, any other by its text,
    which also puts ISO 8601 dates in order. A comparison that makes no sense does not hold; `ne` holds wherever
    `eq` does not, so also where the field is missing. Of a list, one of its values is enough.
    """
    return all(_holds(condition, data.get(condition.field)) for condition in conditions)


def _holds(condition: Condition, found: Any) -> bool:
    value = condition.value
    match condition.operator:
        case "exists":
            return (found is not None) is (value is not False)
        case "eq":
            return _equals(found, value)
        case "ne":
            return not _equals(found, value)
        case "in":
            return any(_equals(found, each) for each in (value if isinstance(value, list) else [value]))
        case order:
            return any(_in_order(order, each, value) for each in _each(found))


def _equals(found: Any, value: Any) -> bool:
    if value is None:
        return found is None
    number = _number(value) if isinstance(value, str) else None
    return any(
        (type(each) is type(value) and each == value) or (number is not None and _number(each) == number)
        for each in _each(found)
    )


def _in_order(order: str, found: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    number = _number(value)
    if number is not None:
        return (other := _number(found)) is not None and _compare(order, other, number)
    return isinstance(found, str) and _compare(order, found, value)


def _compare(order: str, left: Any, right: Any) -> bool:
    held: bool = {
        "gt": left > right,
        "gte": left >= right,
        "lt": left < right,
        "lte": left <= right,
    }[order]
    return held


def _each(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
