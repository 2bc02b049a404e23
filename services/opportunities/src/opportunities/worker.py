"""What runs beside the API: the relay of this service's facts, the directory, and the leads that come in."""

from collections.abc import Sequence

from messaging import ReactionConsumer, Relay
from opportunities.reactions import directory_projector, reactions
from opportunities.settings import OpportunitiesSettings
from runtime import Database, Worker


def workers(settings: OpportunitiesSettings, database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [
        Relay("opportunities", settings.database_url, settings),
        directory_projector(settings),
        ReactionConsumer(reactions, database, settings),
    ]
