"""What reporting does in the background: it projects everything that it hears, reads finished weeks and says
what they came to, and proves what it keeps.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from messaging import Projector, Relay, ensure_current
from reporting.projector import SCHEMA, projections, tables
from reporting.proof.checker import checker
from reporting.readings.reader import reader
from reporting.settings import ReportingSettings
from runtime import Database, Worker


def projector(settings: ReportingSettings) -> Projector:
    """The projector of the reporting database; `attain rebuild` takes it too."""
    zone = ZoneInfo(settings.business_time_zone)
    return Projector("reporting", SCHEMA, tables(zone), projections(), settings.database_url, settings)


def workers(settings: ReportingSettings, database: Database) -> Sequence[Worker]:
    """The workers of one process."""
    return [
        Relay("reporting", settings.database_url, settings),
        projector(settings),
        reader(settings, database),
        checker(settings, database, projector(settings)),
    ]


async def create_projection(_session: AsyncSession, settings: ReportingSettings) -> None:
    """Creates the read tables, so that the API answers before the first event is heard; makes them anew from
    Kafka where an older version made them.
    """
    await ensure_current(projector(settings))
