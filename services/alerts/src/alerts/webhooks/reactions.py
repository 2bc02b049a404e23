"""Which webhooks an incident's fact is told to."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.webhooks.rules import SUBSCRIBABLE, DeliveryState
from alerts.webhooks.tables import Delivery, Webhook
from contracts import Event, Received, event_class
from messaging import Reactions, uuid7

reactions = Reactions("alerts-deliveries")


async def deliver(session: AsyncSession, event: Event, received: Received) -> None:
    """Every webhook that asked for the event since before it was recorded is to be told, once."""
    webhooks = await session.scalars(
        select(col(Webhook.id))
        .where(
            col(Webhook.active),
            col(Webhook.active_since) <= received.recorded_at,
            col(Webhook.event_types).contains([event.type]),
        )
        .order_by(col(Webhook.id))
        .with_for_update(read=True)
    )
    now = datetime.now(UTC)
    rows = [
        {
            "id": uuid7(),
            "webhook_id": webhook_id,
            "event_id": received.id,
            "event_type": received.type,
            "event_root": received.root,
            "event_sequence": received.sequence,
            "state": DeliveryState.pending,
            "created_at": now,
            "next_try_at": now,
            **_NOTHING_YET,
        }
        for webhook_id in webhooks
    ]
    if rows:
        await session.execute(insert(Delivery).on_conflict_do_nothing(), rows)


_NOTHING_YET = {"attempts": 0, "tries": 0, "sequence": 0, "version": 0}

for type_ in SUBSCRIBABLE:
    reactions.on(event_class(type_))(deliver)
