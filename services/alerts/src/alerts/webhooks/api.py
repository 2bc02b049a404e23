"""Webhooks and their deliveries over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from alerts.access import configurers
from alerts.webhooks import actions, queries
from alerts.webhooks.commands import ChangeWebhook, DefineWebhook, Redeliver
from alerts.webhooks.desk import AtDesk
from alerts.webhooks.filters import DeliveryFilter, WebhookFilter
from alerts.webhooks.views import (
    AttemptView,
    DeliveryDetail,
    DeliveryView,
    Redelivered,
    WebhookSecretView,
    WebhookView,
)
from messaging import history
from runtime import (
    HistoryItem,
    IfMatch,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    history_page,
    stamp,
    stamp_token,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["webhooks"], dependencies=[configurers])


@router.get("/webhooks")
async def list_webhooks(
    session: Reading, filters: Annotated[WebhookFilter, Depends(at_once(WebhookFilter))], query: PageQuery
) -> Page[WebhookView]:
    """Webhooks, the newest first; sort by `created_at`."""
    return await queries.list_webhooks(session, filters, query)


@router.post("/webhooks", status_code=201)
async def define_webhook(command: DefineWebhook, desk: AtDesk) -> WebhookSecretView:
    """An address that is told of incidents from now on. The secret is shown this once."""
    webhook = actions.define(desk.session, command, by=desk.by, allow_loopback=desk.allow_loopback)
    desk.response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
    return desk.answer_with_secret(webhook)


@router.get("/webhooks/{webhook_id}")
async def read_webhook(webhook_id: UUID, session: Reading, response: Response) -> WebhookView:
    """A webhook."""
    return stamp(response, queries.webhook_view(await queries.webhook(session, webhook_id)))


@router.patch("/webhooks/{webhook_id}")
async def change_webhook(
    webhook_id: UUID, command: ChangeWebhook, desk: AtDesk, if_match: IfMatch
) -> WebhookView:
    """Another address, other events, another description; off, or on again. What is on its way waits meanwhile."""
    webhook = await desk.webhook(webhook_id, if_match)
    actions.change(desk.session, webhook, command, by=desk.by, allow_loopback=desk.allow_loopback)
    return desk.answer(webhook)


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: UUID, desk: AtDesk, if_match: IfMatch) -> None:
    """The end of a webhook: its address and secret are forgotten, and nothing more is sent."""
    webhook = await desk.webhook(webhook_id, if_match)
    actions.delete(desk.session, webhook, by=desk.by)
    stamp_token(desk.response, webhook.token)


@router.post("/webhooks/{webhook_id}/rotate-secret")
async def rotate_webhook_secret(
    webhook_id: UUID, desk: AtDesk, if_match: OptionalIfMatch
) -> WebhookSecretView:
    """A new secret, shown this once. For 24 hours the one before signs as well."""
    webhook = await desk.webhook(webhook_id, if_match)
    actions.rotate_secret(desk.session, webhook, by=desk.by)
    return desk.answer_with_secret(webhook)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
async def test_webhook(webhook_id: UUID, desk: AtDesk, if_match: OptionalIfMatch) -> DeliveryView:
    """Sends `alerts.webhook.tested.v1`, whatever the webhook asked for. The delivery says what came of it."""
    webhook = await desk.webhook(webhook_id, if_match)
    delivery = actions.test(desk.session, webhook, by=desk.by)
    stamp_token(desk.response, webhook.token)
    await desk.session.flush()
    return await queries.find_delivery(desk.session, delivery.id)


@router.post("/webhooks/{webhook_id}/redeliver")
async def redeliver_failed(webhook_id: UUID, command: Redeliver, desk: AtDesk) -> Redelivered:
    """Tries again, from the first try on, whatever was given up in a time."""
    webhook = await queries.webhook(desk.session, webhook_id, lock=True)
    return Redelivered(deliveries=await actions.redeliver_range(desk.session, webhook, command))


@router.get("/webhooks/{webhook_id}/history")
async def read_webhook_history(
    webhook_id: UUID, session: Reading, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact about a webhook, oldest first."""
    webhook = await queries.webhook(session, webhook_id)
    return await history_page(partial(history, session), webhook.root, query)


@router.get("/webhooks/{webhook_id}/deliveries")
async def list_deliveries(
    webhook_id: UUID,
    session: Reading,
    filters: Annotated[DeliveryFilter, Depends(at_once(DeliveryFilter))],
    query: PageQuery,
) -> Page[DeliveryView]:
    """What was sent and is to be sent, each with its last call; the newest first; sort by `created_at`."""
    await queries.webhook(session, webhook_id)
    return await queries.list_deliveries(session, webhook_id, filters, query)


@router.get("/deliveries/{delivery_id}")
async def read_delivery(delivery_id: UUID, session: Reading) -> DeliveryDetail:
    """An event's way to a webhook, with what is sent."""
    return await queries.find_delivery_detail(session, delivery_id)


@router.get("/deliveries/{delivery_id}/attempts")
async def list_attempts(delivery_id: UUID, session: Reading, query: OrderedPageQuery) -> Page[AttemptView]:
    """Every call of a delivery and its answer, oldest first."""
    return await queries.list_attempts(session, delivery_id, query)


@router.post("/deliveries/{delivery_id}/redeliver", status_code=202)
async def redeliver(delivery_id: UUID, desk: AtDesk) -> DeliveryView:
    """Sends it again, now, under the same `webhook-id`; also what was taken already."""
    webhook, delivery = await queries.lock_delivery(desk.session, delivery_id)
    actions.redeliver(webhook, delivery)
    await desk.session.flush()
    return await queries.find_delivery(desk.session, delivery_id)
