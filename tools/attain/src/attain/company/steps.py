"""What happens to a record of the made-up company, as the APIs take it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Step:
    """A verb at an instant. A body names a person by `owner`, the code, where the API takes an id."""

    verb: str
    at: datetime
    body: dict[str, Any] = field(default_factory=dict)


def lived(steps: Iterable[Step], end: datetime) -> tuple[Step, ...]:
    """The steps that happen before `end`, in the order of time; those of one instant as they were told."""
    return tuple(sorted((step for step in steps if step.at < end), key=lambda step: step.at))


def in_utc(moment: datetime) -> str:
    """An instant as the APIs take it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
