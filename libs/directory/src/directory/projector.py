"""The projector that keeps a service's directory."""

from directory.projection import DirectoryProjection
from directory.tables import SCHEMA, TABLES
from messaging import MessagingSettings, Projector


def keep_directory(service: str, database_url: str, settings: MessagingSettings) -> Projector:
    """Keeps the people, units and memberships that the service has heard of in its schema `directory`."""
    return Projector(f"{service}-directory", SCHEMA, TABLES, [DirectoryProjection()], database_url, settings)
