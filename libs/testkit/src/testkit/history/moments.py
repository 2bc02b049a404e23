"""When something happened and how much it was, as a test says it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""A Monday morning in the business zone: when a history begins that says nothing else."""

type Figure = Decimal | int | str

type Moment = datetime | date
"""An instant with a zone, or a business day: its first instant."""


def moment(said: Moment) -> datetime:
    """The instant in UTC."""
    at = said if isinstance(said, datetime) else datetime.combine(said, time(), BUSINESS_ZONE)
    return at.astimezone(UTC)
