"""The projector of what rules are computed from."""

from importlib.resources import files
from zoneinfo import ZoneInfo

from alerts.settings import AlertsSettings
from alerts.timers.projections import TellEpisodes
from messaging import Projector

SCHEMA = "watch"


def watch_projector(settings: AlertsSettings) -> Projector:
    """It keeps facts, rules and episodes; `attain rebuild` takes it too."""
    zone = ZoneInfo(settings.business_time_zone)
    tables = files("alerts").joinpath("timers", "tables.sql").read_text()
    named = f"comment on table event is 'Business days in {zone.key}';\n"
    return Projector("alerts", SCHEMA, tables + named, [TellEpisodes(zone)], settings.database_url, settings)
