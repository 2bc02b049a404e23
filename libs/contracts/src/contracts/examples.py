"""A recorded example of every event type, made from the examples of its fields."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.declaration import Event
from contracts.envelope import seal
from contracts.fields import PERSON
from contracts.schemas import Schema, data_schema

EVENT = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d00ff")
OCCURRED_AT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
RECORDED_AT = datetime(2026, 7, 1, 2, 0, 0, 125_000, tzinfo=UTC)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def example(declared: type[Event]) -> dict[str, Any]:
    """The envelope of an event of this type, as it travels. The same on every machine and day.

    Raises `LookupError` naming a field that has no example.
    """
    raw = seal(
        declared.model_validate(_data(declared)),
        event_id=EVENT,
        occurred_at=OCCURRED_AT,
        recorded_at=RECORDED_AT,
        sequence=1,
        by=str(PERSON),
        traceparent=TRACEPARENT,
    )
    envelope: dict[str, Any] = json.loads(raw)
    return envelope


def _data(declared: type[Event]) -> dict[str, Any]:
    fields: Schema = data_schema(declared)["properties"]
    return {name: _value(field, f"{declared.type}: {name}") for name, field in fields.items()}


def _value(field: Schema, where: str) -> Any:
    match field:
        case {"examples": [first, *_]}:
            return first
        case {"anyOf": [first, *_]}:
            return _value(first, where)
        case {"type": "array", "items": items}:
            return [_value(items, where)]
        case {"type": "object", "properties": dict(properties)}:
            return {name: _value(inner, f"{where}.{name}") for name, inner in properties.items()}
        case _:
            raise LookupError(f"{where} has no example")
