"""Everything that this service hears: the organisation, as a directory of who is who."""

from directory import SCHEMA, TABLES, DirectoryProjection
from messaging import Projector
from opportunities.settings import OpportunitiesSettings

GROUP = "opportunities-directory"


def directory_projector(settings: OpportunitiesSettings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return Projector(GROUP, SCHEMA, TABLES, [DirectoryProjection()], settings.database_url, settings)
