"""The days and instants that requests may name: written out, and within years that every clock can convert."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticKnownError

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


def _written_day(value: Any) -> Any:
    # pydantic would take a number, also one in a string, for seconds since 1970
    if _is_number(value):
        raise PydanticKnownError("date_type")
    return value


def _written_instant(value: Any) -> Any:
    if _is_number(value):
        raise PydanticKnownError("datetime_type")
    return value


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float)
    try:
        float(value)
    except ValueError:
        return False
    return True


RequestDay = Annotated[date, Field(ge=EARLIEST, le=LATEST), BeforeValidator(_written_day)]
"""A business day from 1900 to 2200."""

RequestInstant = Annotated[
    AwareDatetime,
    Field(
        ge=datetime.combine(EARLIEST, datetime.min.time(), UTC),
        le=datetime.combine(LATEST, datetime.min.time(), UTC),
    ),
    BeforeValidator(_written_instant),
]
"""An instant with a zone from 1900 to 2200."""
