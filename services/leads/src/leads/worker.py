"""What runs beside the API: the relay of this service's facts, the directory, what leads hear, and the clock."""

from collections.abc import Sequence

from leads.assignment.dispatcher import dispatcher
from leads.reactions import directory_projector, reactions
from leads.settings import LeadsSettings
from messaging import ReactionConsumer, Relay
from runtime import Database, Worker


def workers(settings: LeadsSettings, database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [
        Relay("leads", settings.database_url, settings),
        directory_projector(settings),
        ReactionConsumer(reactions, database, settings),
        dispatcher(settings, database),
    ]
