"""The clock that reads finished weeks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from messaging import heard_until
from reporting.projector import SCHEMA
from reporting.readings.actions import Business, publish_readings
from reporting.readings.queries import applied
from reporting.readings.rules import Week, finished_weeks
from reporting.settings import ReportingSettings
from runtime import Database, Rounds


def reader(settings: ReportingSettings, database: Database) -> Rounds:
    """The worker; any number of processes may run it, and one reads.

    It reads again only when something was heard since, or a week has finished: while nothing is said nothing changes.
    """
    business = Business(ZoneInfo(settings.business_time_zone), settings.reporting_currency)
    read: tuple[tuple[int, int], list[Week]] | None = None

    async def round_of(now: datetime) -> bool:
        nonlocal read
        async with database.connection() as connection:
            heard = await heard_until(connection, SCHEMA)
            state = await applied(connection, SCHEMA), finished_weeks(now, heard, business.zone)
            if state == read:
                return False
            async with database.transaction() as session:
                if await publish_readings(session, connection, now, business) is not None:
                    read = state
        return False

    return Rounds("readings", round_of, every=settings.read_every, patience=settings.stalled_after)
