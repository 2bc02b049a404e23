"""What runs beside the API: the relay of this service's facts."""

from collections.abc import Sequence

from alerts.settings import AlertsSettings
from messaging import Relay
from runtime import Database, Worker


def workers(settings: AlertsSettings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [Relay("alerts", settings.database_url, settings)]
