"""What runs beside the API: the relay of this service's facts, and who tells webhooks of them."""

from collections.abc import Sequence

from alerts.incidents.watch import watch
from alerts.reactions import directory_projector
from alerts.settings import AlertsSettings
from alerts.timers.projector import watch_projector
from alerts.webhooks.reactions import reactions as deliveries
from alerts.webhooks.sender import Sender
from messaging import ReactionConsumer, Relay
from runtime import Database, Worker


def workers(settings: AlertsSettings, database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [
        Relay("alerts", settings.database_url, settings),
        directory_projector(settings),
        watch_projector(settings),
        watch(settings, database),
        ReactionConsumer(deliveries, database, settings),
        Sender(database, settings),
    ]
