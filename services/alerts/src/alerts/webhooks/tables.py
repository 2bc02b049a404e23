"""The rows of webhooks, of events on their way to them, and of each try."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field

from alerts.rows import RootRow, Row
from alerts.webhooks.rules import DeliveryState
from runtime.columns import INSTANT, JSON, TEXT

PENDING = text(f"state = '{DeliveryState.pending}'")


class Webhook(RootRow, table=True):
    """An address that is told of incidents. Its secrets stand as they are, because they sign.

    A deleted one keeps its row for its facts and its log, without address and secrets.
    """

    __table_args__ = (
        Index("webhook_created_at", "created_at", "id"),
        Index("webhook_event_types", "event_types", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    url: str = Field(sa_type=TEXT)
    event_types: list[str] = Field(sa_type=JSON)
    description: str | None = Field(default=None, sa_type=TEXT)
    active: bool = True
    active_since: datetime = Field(sa_type=INSTANT)
    disabled_reason: str | None = Field(default=None, sa_type=TEXT)
    secret: str = Field(sa_type=TEXT)
    previous_secret: str | None = Field(default=None, sa_type=TEXT)
    previous_until: datetime | None = Field(default=None, sa_type=INSTANT)
    created_at: datetime = Field(sa_type=INSTANT)
    deleted_at: datetime | None = Field(default=None, sa_type=INSTANT)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)

    def attributes(self) -> dict[str, Any]:
        """What every fact about it says."""
        return {"webhook_id": self.id, "event_types": self.event_types, "active": self.active}


class Delivery(RootRow, table=True):
    """An event's way to a webhook. The event itself stands in the ledger; `event_root` and `event_sequence` are its
    root and number, in whose order a webhook is told.

    `tries` counts since it was last asked for, `attempts` ever. Whoever is calling holds the `lease`.
    """

    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("delivery_due", "webhook_id", "next_try_at", "id", postgresql_where=PENDING),
        Index("delivery_order", "webhook_id", "event_root", "event_sequence", postgresql_where=PENDING),
        Index("delivery_leased", "webhook_id", "leased_until", postgresql_where=PENDING),
        Index("delivery_created_at", "webhook_id", "created_at", "id"),
        Index("delivery_event_root", "event_root", "webhook_id"),
        Index("delivery_settled_at", "webhook_id", "state", "settled_at"),
    )

    id: UUID = Field(primary_key=True)
    webhook_id: UUID = Field(foreign_key="webhook.id")
    event_id: UUID
    event_type: str = Field(sa_type=TEXT)
    event_root: str = Field(sa_type=TEXT)
    event_sequence: int
    state: str = Field(default=DeliveryState.pending, sa_type=TEXT)
    created_at: datetime = Field(sa_type=INSTANT)
    attempts: int = 0
    tries: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=INSTANT)
    settled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    failure: str | None = Field(default=None, sa_type=TEXT)
    lease: UUID | None = None
    leased_until: datetime | None = Field(default=None, sa_type=INSTANT)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)


class Attempt(Row, table=True):
    """A call of a webhook, as it was made and answered. The body is the event's envelope."""

    delivery_id: UUID = Field(primary_key=True, foreign_key="delivery.id")
    number: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=INSTANT)
    milliseconds: int
    request_headers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    status: int | None = None
    failure: str | None = Field(default=None, sa_type=TEXT)
    answer: str = Field(sa_type=TEXT)
