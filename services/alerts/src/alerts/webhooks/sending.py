"""Sending what is due: claimed for a while, called without a transaction, and written down."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.webhooks import actions, rules
from alerts.webhooks.calls import Caller
from alerts.webhooks.rules import Answer, DeliveryState, Failure
from alerts.webhooks.tables import Attempt, Delivery, Webhook
from contracts.alerts import NotificationDelivered, NotificationFailed
from contracts.envelope import CONTENT_TYPE
from messaging import record
from messaging.tables import ledger
from runtime import Database

MOST, EACH = 32, 4
"""Calls at the same time: of a process, and to one webhook, so that a slow one leaves room for the others."""

LEASE = timedelta(seconds=60)
"""How long a claimed delivery is nobody else's: well above a call's timeout. Who died meanwhile is repeated."""

BY = "attain-sender"
"""What facts name as `authid` where a call decided."""
USER_AGENT = "Attain-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for now, and all that a call needs."""

    id: UUID
    lease: UUID
    event_id: UUID
    url: str
    secrets: Sequence[str]
    envelope: bytes

    def headers(self, at: datetime) -> dict[str, str]:
        """Of a call at this instant (Standard Webhooks 1.0)."""
        message_id, timestamp = str(self.event_id), int(at.timestamp())
        return {
            "content-type": CONTENT_TYPE,
            "user-agent": USER_AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": rules.signature(self.secrets, message_id, timestamp, self.envelope),
        }


async def send_due(database: Database, caller: Caller, now: datetime, *, most: int = MOST) -> int:
    """Sends what is due at an instant and writes down what came of it; how many calls that were."""
    claimed = await claim(database, now, most)
    await asyncio.gather(*(send(database, caller, each, now) for each in claimed))
    return len(claimed)


async def claim(database: Database, now: datetime, most: int = MOST) -> list[Claimed]:
    """Takes what is due: the longest due first, few of each webhook, and none before an earlier event of its root."""
    async with database.at_once() as connection:
        if not await connection.fetchval(_ANY, now):
            return []
    lease = uuid4()
    async with database.transaction() as session:
        values = {"now": now, "until": now + LEASE, "lease": lease, "each": EACH, "most": most}
        ids = (await session.scalars(_CLAIM, values)).all()
        return [_claimed(row, lease, now) for row in await session.execute(_claimed_rows(ids))] if ids else []


async def send(database: Database, caller: Caller, claimed: Claimed, now: datetime) -> None:
    """Calls the webhook, and writes down how it answered."""
    headers = claimed.headers(now)
    answer = await caller.call(claimed.url, headers, claimed.envelope)
    async with database.transaction() as session:
        await settle(session, claimed, headers, answer, now, random.random())


async def settle(
    session: AsyncSession,
    claimed: Claimed,
    headers: dict[str, str],
    answer: Answer,
    started_at: datetime,
    chance: float,
) -> None:
    """Writes down a call and decides how it goes on. Nothing, where the lease ran out and is another's."""
    gone = answer.fault is Failure.gone
    webhook = await _locked_webhook(session, claimed.id) if gone else None
    delivery = await session.get(Delivery, claimed.id, with_for_update=True)
    if delivery is None or delivery.lease != claimed.lease:
        return
    delivery.attempts, delivery.tries = delivery.attempts + 1, delivery.tries + 1
    delivery.lease, delivery.leased_until = None, None
    session.add(_attempt(delivery, headers, answer, started_at))
    _go_on(session, delivery, answer, started_at + answer.took, chance)
    if webhook is not None and webhook.active:
        actions.disable(session, webhook, actions.GONE, by=BY)


def _go_on(session: AsyncSession, delivery: Delivery, answer: Answer, at: datetime, chance: float) -> None:
    delivery.failure, delivery.next_try_at = answer.fault, None
    said: dict[str, Any] = {
        "delivery_id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "event_id": delivery.event_id,
        "attempts": delivery.attempts,
    }
    if answer.fault is None:
        delivery.state, delivery.settled_at = DeliveryState.delivered, at
        record(session, delivery, NotificationDelivered(**said), by=BY)
        return
    delivery.next_try_at = rules.next_try(delivery.tries, answer, at, chance)
    if delivery.next_try_at is None:
        delivery.state, delivery.settled_at = DeliveryState.failed, at
        record(session, delivery, NotificationFailed(**said, reason_code=answer.fault), by=BY)


def _attempt(delivery: Delivery, headers: dict[str, str], answer: Answer, started_at: datetime) -> Attempt:
    return Attempt(
        delivery_id=delivery.id,
        number=delivery.attempts,
        started_at=started_at,
        milliseconds=round(answer.took.total_seconds() * 1000),
        request_headers=headers,
        status=answer.status,
        failure=answer.fault,
        answer=answer.content,
    )


async def _locked_webhook(session: AsyncSession, delivery_id: UUID) -> Webhook | None:
    """The delivery's webhook, locked before the delivery as everywhere."""
    found = select(col(Delivery.webhook_id)).where(col(Delivery.id) == delivery_id).scalar_subquery()
    return await session.scalar(select(Webhook).where(col(Webhook.id) == found).with_for_update())


def _claimed_rows(ids: Sequence[UUID]) -> Any:
    return (
        select(Delivery, Webhook, ledger.c.envelope)
        .join(Webhook, col(Webhook.id) == col(Delivery.webhook_id))
        .join(ledger, ledger.c.event_id == col(Delivery.event_id))
        .where(col(Delivery.id).in_(ids))
        .order_by(col(Delivery.id))
    )


def _claimed(row: Any, lease: UUID, now: datetime) -> Claimed:
    delivery, webhook, envelope = row
    old = webhook.previous_until is not None and webhook.previous_until > now
    secrets = [webhook.secret, *([webhook.previous_secret] if old else [])]
    return Claimed(delivery.id, lease, delivery.event_id, webhook.url, secrets, envelope)


_FREE = "(leased_until is null or leased_until <= :now)"

_ANY = """
select exists (
    select from webhook cross join lateral (
        select from delivery
        where delivery.webhook_id = webhook.id and state = 'pending' and next_try_at <= $1
          and (leased_until is null or leased_until <= $1)
        limit 1
    ) due
    where active
)
"""
"""Whether anything may be due: what mostly is not costs one statement."""

_CLAIM = text(f"""
with place as (
    select webhook.id, :each - (
        select count(*) from delivery
        where delivery.webhook_id = webhook.id and state = 'pending' and leased_until > :now
    ) as free
    from webhook where active
), due as (
    select candidate.id
    from place cross join lateral (
        select id, next_try_at from delivery
        where delivery.webhook_id = place.id and state = 'pending' and next_try_at <= :now and {_FREE}
          and not exists (
              select from delivery earlier
              where earlier.webhook_id = place.id and earlier.event_root = delivery.event_root
                and earlier.event_sequence < delivery.event_sequence and earlier.state = 'pending'
          )
        order by next_try_at, id limit greatest(place.free, 0)
    ) candidate
    order by candidate.next_try_at, candidate.id limit :most
), mine as (
    select id from delivery where id in (select id from due) and state = 'pending' and {_FREE}
    for update skip locked
)
update delivery set lease = :lease, leased_until = :until from mine where delivery.id = mine.id
returning delivery.id
""")
"""Locked rows are another process's, and a row that was leased since it was found due is asked for again."""
