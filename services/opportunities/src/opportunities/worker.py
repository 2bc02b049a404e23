"""What runs beside the API: the relay of this service's facts, and the directory."""

from collections.abc import Sequence

from messaging import Relay
from opportunities.reactions import directory_projector
from opportunities.settings import OpportunitiesSettings
from runtime import Database, Worker


def workers(settings: OpportunitiesSettings, _database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [Relay("opportunities", settings.database_url, settings), directory_projector(settings)]
