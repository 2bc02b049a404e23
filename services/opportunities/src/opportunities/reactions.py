"""Everything that this service hears: the organisation, as a directory of who is who."""

from directory import SCHEMA, TABLES, DirectoryProjection
from messaging import MessagingSettings, Projector
from runtime import Settings

GROUP = "opportunities-directory"


def directory_projector(settings: Settings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return Projector(
        GROUP, SCHEMA, TABLES, [DirectoryProjection()], settings.database_url, messaging_settings(settings)
    )


def messaging_settings(settings: Settings) -> MessagingSettings:
    """How this service's processes reach Kafka."""
    return MessagingSettings(kafka_bootstrap=settings.kafka_bootstrap, client_id="attain-opportunities")
