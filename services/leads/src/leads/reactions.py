"""Everything that this service hears: the organisation, as a directory of who is who."""

from directory import SCHEMA, TABLES, DirectoryProjection
from leads.settings import LeadsSettings
from messaging import Projector


def directory_projector(settings: LeadsSettings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return Projector(
        "leads-directory", SCHEMA, TABLES, [DirectoryProjection()], settings.database_url, settings
    )
