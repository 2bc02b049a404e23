"""What runs beside the API: the relay. This service hears nothing; its directory is views of its own tables."""

from collections.abc import Sequence

from messaging import MessagingSettings, Relay
from runtime import Database, Settings, Worker


def workers(settings: Settings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    messaging = MessagingSettings(kafka_bootstrap=settings.kafka_bootstrap, client_id="attain-targets")
    return [Relay("targets", settings.database_url, messaging)]
