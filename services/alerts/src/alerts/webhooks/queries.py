"""Reading webhooks and deliveries."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.webhooks.filters import DeliveryFilter, WebhookFilter
from alerts.webhooks.tables import Attempt, Delivery, Webhook
from alerts.webhooks.views import AttemptView, DeliveryDetail, DeliveryView, WebhookView
from contracts.refusal import NotFound
from messaging.tables import ledger
from runtime import Page, PageRequest, page, sort_keys


async def webhook(session: AsyncSession, webhook_id: UUID, *, lock: bool = False) -> Webhook:
    """Raises `NotFound`."""
    statement = select(Webhook).where(col(Webhook.id) == webhook_id, col(Webhook.deleted_at).is_(None))
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound(what="webhook", id=webhook_id)
    return found


def webhook_view(webhook: Webhook) -> WebhookView:
    """The webhook as it stands."""
    return WebhookView.model_validate({**webhook.model_dump(), "token": webhook.token})


async def list_webhooks(
    session: AsyncSession, filters: WebhookFilter, query: PageRequest
) -> Page[WebhookView]:
    """Webhooks, the newest first."""
    statement = select(Webhook).where(col(Webhook.deleted_at).is_(None))
    if filters.active is not None:
        statement = statement.where(col(Webhook.active) == filters.active)
    if filters.event_type:
        statement = statement.where(col(Webhook.event_types).contains([filters.event_type]))
    keys = sort_keys(query.sort, {"created_at": Webhook.created_at}, default="-created_at", unique=Webhook.id)
    return await page(session, statement, keys=keys, query=query, view=webhook_view, filters=asdict(filters))


async def lock_delivery(session: AsyncSession, delivery_id: UUID) -> tuple[Webhook, Delivery]:
    """A delivery and its webhook, locked in the order in which everybody locks them. Raises `NotFound`."""
    webhook_id = await session.scalar(select(col(Delivery.webhook_id)).where(col(Delivery.id) == delivery_id))
    if webhook_id is None:
        raise NotFound(what="delivery", id=delivery_id)
    owner = await _of_delivery(session, webhook_id, delivery_id)
    return owner, await session.get_one(Delivery, delivery_id, with_for_update=True)


async def find_delivery(session: AsyncSession, delivery_id: UUID) -> DeliveryView:
    """A delivery and its last call. Raises `NotFound`."""
    return _view(await _found(session, _shown(), delivery_id))


async def find_delivery_detail(session: AsyncSession, delivery_id: UUID) -> DeliveryDetail:
    """A delivery with what is sent. Raises `NotFound`."""
    statement = (
        _shown().add_columns(ledger.c.envelope).join(ledger, ledger.c.event_id == col(Delivery.event_id))
    )
    row = await _found(session, statement, delivery_id)
    return DeliveryDetail(**_view(row).model_dump(), request_body=row.envelope.decode())


async def list_deliveries(
    session: AsyncSession, webhook_id: UUID, filters: DeliveryFilter, query: PageRequest
) -> Page[DeliveryView]:
    """A webhook's deliveries with their last calls, the newest first."""
    return await page(
        session,
        _shown().where(col(Delivery.webhook_id) == webhook_id, *_conditions(filters)),
        keys=sort_keys(
            query.sort, {"created_at": Delivery.created_at}, default="-created_at", unique=Delivery.id
        ),
        query=query,
        view=_view,
        filters={"webhook_id": webhook_id, **asdict(filters)},
    )


async def list_attempts(session: AsyncSession, delivery_id: UUID, query: PageRequest) -> Page[AttemptView]:
    """The calls of a delivery, oldest first. Raises `NotFound`."""
    await _found(session, _shown(), delivery_id)
    return await page(
        session,
        select(Attempt).where(col(Attempt.delivery_id) == delivery_id),
        keys=[(Attempt.number, "asc")],
        query=query,
        view=AttemptView.model_validate,
        filters={"delivery_id": delivery_id},
    )


async def _of_delivery(session: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> Webhook:
    try:
        return await webhook(session, webhook_id, lock=True)
    except NotFound:
        raise NotFound(what="delivery", id=delivery_id) from None


async def _found(session: AsyncSession, statement: Select[Any], delivery_id: UUID) -> Any:
    row = (await session.execute(statement.where(col(Delivery.id) == delivery_id))).one_or_none()
    if row is None:
        raise NotFound(what="delivery", id=delivery_id)
    return row


def _shown() -> Select[Any]:
    last = and_(col(Attempt.delivery_id) == col(Delivery.id), col(Attempt.number) == col(Delivery.attempts))
    shown: Any = (
        select(Delivery, Attempt, col(Webhook.active).label("active"))
        .join(Webhook, and_(col(Webhook.id) == col(Delivery.webhook_id), col(Webhook.deleted_at).is_(None)))
        .outerjoin(Attempt, last)
    )
    found: Select[Any] = shown
    return found


def _view(row: Any) -> DeliveryView:
    delivery: Delivery = row.Delivery
    last = row.Attempt
    return DeliveryView.model_validate(
        {
            **delivery.model_dump(),
            "next_try_at": delivery.next_try_at if row.active else None,
            "last_attempt": AttemptView.model_validate(last) if last else None,
        }
    )


def _conditions(filters: DeliveryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state:
        found.append(col(Delivery.state).in_(filters.state))
    if filters.event_type:
        found.append(col(Delivery.event_type).in_(filters.event_type))
    if filters.incident_id:
        found.append(col(Delivery.event_root) == str(filters.incident_id))
    if filters.event_id:
        found.append(col(Delivery.event_id) == filters.event_id)
    if filters.created_from:
        found.append(col(Delivery.created_at) >= filters.created_from)
    if filters.created_to:
        found.append(col(Delivery.created_at) < filters.created_to)
    return found
