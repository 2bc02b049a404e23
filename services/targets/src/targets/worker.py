"""What runs beside the API: the relay. This service hears nothing; its directory is views of its own tables."""

from collections.abc import Sequence

from messaging import Relay
from runtime import Database, Worker
from targets.settings import TargetsSettings


def workers(settings: TargetsSettings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [Relay("targets", settings.database_url, settings)]
