"""Defining webhooks, and asking for events to be delivered again."""

import secrets
from datetime import UTC, datetime

from pydantic import HttpUrl
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.webhooks import rules
from alerts.webhooks.commands import ChangeWebhook, DefineWebhook, Redeliver
from alerts.webhooks.refusals import WebhookInactive
from alerts.webhooks.rules import DeliveryState
from alerts.webhooks.tables import Delivery, Webhook
from contracts.alerts import WebhookDefined, WebhookDisabled, WebhookSecretRotated, WebhookTested
from messaging import record, uuid7

SECRET_BYTES = 32
SWITCHED_OFF, DELETED, GONE = "switched_off", "deleted", "gone"
"""Why a webhook is called no more."""


def define(session: AsyncSession, command: DefineWebhook, *, by: str, allow_loopback: bool) -> Webhook:
    """A new webhook with a secret of its own."""
    now = datetime.now(UTC)
    webhook = Webhook(
        id=uuid7(),
        url=_address(command.url, allow_loopback),
        event_types=rules.subscription(command.event_types),
        description=command.description,
        active_since=now,
        created_at=now,
        secret=_new_secret(),
    )
    session.add(webhook)
    record(session, webhook, WebhookDefined(**webhook.attributes()), by=by)
    return webhook


def change(
    session: AsyncSession, webhook: Webhook, command: ChangeWebhook, *, by: str, allow_loopback: bool
) -> None:
    """Makes the webhook what the command names; what stands already makes no fact."""
    before = webhook.model_dump()
    if command.url is not None:
        webhook.url = _address(command.url, allow_loopback)
    if command.event_types is not None:
        webhook.event_types = rules.subscription(command.event_types)
    if "description" in command.model_fields_set:
        webhook.description = command.description
    if command.active and not webhook.active:
        webhook.active, webhook.disabled_reason, webhook.active_since = True, None, datetime.now(UTC)
    if command.active is False and webhook.active:
        disable(session, webhook, SWITCHED_OFF, by=by)
    elif webhook.model_dump() != before:
        record(session, webhook, WebhookDefined(**webhook.attributes()), by=by)


def disable(session: AsyncSession, webhook: Webhook, reason_code: str, *, by: str) -> None:
    """Calls it no more. What was on its way waits until it is active again."""
    webhook.active, webhook.disabled_reason = False, reason_code
    record(session, webhook, WebhookDisabled(**webhook.attributes(), reason_code=reason_code), by=by)


def delete(session: AsyncSession, webhook: Webhook, *, by: str) -> None:
    """Forgets the address and the secrets for good."""
    webhook.deleted_at = datetime.now(UTC)
    webhook.url, webhook.secret, webhook.previous_secret, webhook.previous_until = "", "", None, None
    disable(session, webhook, DELETED, by=by)


def rotate_secret(session: AsyncSession, webhook: Webhook, *, by: str) -> None:
    """A new secret; the one before signs as well for a day."""
    until = datetime.now(UTC) + rules.OLD_SECRET_SIGNS
    webhook.previous_secret, webhook.previous_until = webhook.secret, until
    webhook.secret = _new_secret()
    record(session, webhook, WebhookSecretRotated(**webhook.attributes(), previous_until=until), by=by)


def test(session: AsyncSession, webhook: Webhook, *, by: str) -> Delivery:
    """Tells the webhook that it is tested."""
    require_active(webhook)
    fact = record(session, webhook, WebhookTested(**webhook.attributes()), by=by, changes_row=False)
    now = datetime.now(UTC)
    delivery = Delivery(
        id=uuid7(),
        webhook_id=webhook.id,
        event_id=fact.id,
        event_type=WebhookTested.type,
        event_root=fact.root,
        event_sequence=fact.sequence,
        created_at=now,
        next_try_at=now,
    )
    session.add(delivery)
    return delivery


def redeliver(webhook: Webhook, delivery: Delivery) -> None:
    """Tries again from the beginning, now; also what was taken already, under the same `webhook-id`."""
    require_active(webhook)
    delivery.state, delivery.tries, delivery.next_try_at = DeliveryState.pending, 0, datetime.now(UTC)
    delivery.settled_at, delivery.failure = None, None


async def redeliver_range(session: AsyncSession, webhook: Webhook, command: Redeliver) -> int:
    """Tries again what was given up in a time; how many these are."""
    require_active(webhook)
    again = await session.scalars(
        update(Delivery)
        .where(
            col(Delivery.webhook_id) == webhook.id,
            col(Delivery.state) == DeliveryState.failed,
            col(Delivery.settled_at) >= command.failed_from,
            col(Delivery.settled_at) < command.failed_to,
        )
        .values(
            state=DeliveryState.pending, tries=0, next_try_at=datetime.now(UTC), settled_at=None, failure=None
        )
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    return len(again.all())


def require_active(webhook: Webhook) -> None:
    """Refuses what would never be sent."""
    if not webhook.active:
        raise WebhookInactive


def _address(url: HttpUrl, allow_loopback: bool) -> str:
    rules.require_callable(
        url.scheme,
        url.host or "",
        credentials=bool(url.username or url.password),
        allow_loopback=allow_loopback,
    )
    return str(url)


def _new_secret() -> str:
    return rules.secret_of(secrets.token_bytes(SECRET_BYTES))
