"""What a rule watches for: a time that begins with a fact and is over with another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Over(StrEnum):
    """Why an episode is over: something happened, the record's clock ended, or the figure is well again."""

    sign_of_life = "sign_of_life"
    closed = "closed"
    recovered = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A time of silence, or a run of weeks beyond a threshold.

    The first `began_event` names it for good: what comes later ends it, and never makes it another.
    """

    key: str | None
    """Which of several within the subject: a value of the rule's `keyed_by`, a metric."""
    began_at: datetime
    began_event: UUID
    due_at: datetime
    """When the rule's patience ends."""
    fires_at: datetime | None
    """It fires strictly later than this; null: it does not, being over before or not meeting the conditions."""
    over_at: datetime | None
    """Null while it lasts."""
    over_event: UUID | None
    over: Over | None
    record: Mapping[str, Any]
    """The data of the record's last fact when it fires, or else so far."""
    evidence: Sequence[UUID]
    """The events that it rests on: the sign of life, or the readings in the order of their weeks."""
    figures: Sequence[Decimal] = ()
    """Of a reading rule: what was compared when it fell due, week by week."""

    @property
    def fires(self) -> bool:
        """Whether it fires, or has."""
        return self.fires_at is not None
