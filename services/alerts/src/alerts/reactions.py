"""Everything that this service hears: the organisation, as a directory of who is who. What rules are computed from
is heard by the projector of `timers`, what webhooks are told of by the reactions of `webhooks`.
"""

from alerts.settings import AlertsSettings
from directory import keep_directory
from messaging import Projector


def directory_projector(settings: AlertsSettings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return keep_directory("alerts", settings.database_url, settings)
