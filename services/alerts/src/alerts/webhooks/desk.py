"""What the routes that change a webhook ask for: who, on which webhook, at which version."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from alerts.settings import AlertsSettings
from alerts.webhooks import queries
from alerts.webhooks.tables import Webhook
from alerts.webhooks.views import WebhookSecretView, WebhookView
from runtime import CurrentDatabase, CurrentPrincipal, Precondition, Transaction, stamp
from runtime.dependencies import at_once


@dataclass(slots=True)
class Desk:
    """Session, settings, caller and answer of the request."""

    session: Transaction
    database: CurrentDatabase
    principal: CurrentPrincipal
    response: Response

    @property
    def by(self) -> str:
        """What facts name as `authid`."""
        return self.principal.id

    @property
    def allow_loopback(self) -> bool:
        """Whether this installation is somebody's own machine."""
        settings = self.database.settings
        return isinstance(settings, AlertsSettings) and settings.webhook_allow_loopback

    async def webhook(self, webhook_id: UUID, precondition: Precondition) -> Webhook:
        """The locked webhook, if it stands at a version that the caller accepts."""
        found = await queries.webhook(self.session, webhook_id, lock=True)
        precondition.check(found.version)
        return found

    def answer(self, webhook: Webhook) -> WebhookView:
        """The webhook as it was left."""
        return stamp(self.response, queries.webhook_view(webhook))

    def answer_with_secret(self, webhook: Webhook) -> WebhookSecretView:
        """The webhook with its new secret."""
        return WebhookSecretView(**self.answer(webhook).model_dump(), secret=webhook.secret)


AtDesk = Annotated[Desk, Depends(at_once(Desk))]
