"""What runs beside the API: the relay of this service's facts, and the directory."""

from collections.abc import Sequence

from messaging import Relay
from opportunities.reactions import directory_projector, messaging_settings
from runtime import Database, Settings, Worker


def workers(settings: Settings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    relay = Relay("opportunities", settings.database_url, messaging_settings(settings))
    return [relay, directory_projector(settings)]
