"""What runs beside the API: the relay of this service's facts, and the directory."""

from collections.abc import Sequence

from leads.reactions import directory_projector
from leads.settings import LeadsSettings
from messaging import Relay
from runtime import Database, Worker


def workers(settings: LeadsSettings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [Relay("leads", settings.database_url, settings), directory_projector(settings)]
