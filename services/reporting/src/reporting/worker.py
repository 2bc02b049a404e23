"""What reporting does in the background: it projects everything that it hears."""

from zoneinfo import ZoneInfo

from messaging import MessagingSettings, Projector
from reporting.projector import SCHEMA, projections, tables


def projector(database_url: str, business_zone: ZoneInfo, settings: MessagingSettings) -> Projector:
    """The projector of the reporting database."""
    return Projector("reporting", SCHEMA, tables(business_zone), projections(business_zone), database_url, settings)
