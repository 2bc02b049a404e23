"""What the clock does: leads that wait are given away, leads that nobody touches fall into the pool."""

from datetime import datetime
from zoneinfo import ZoneInfo

from leads.assignment.actions import assign_waiting, release_due
from leads.settings import LeadsSettings
from runtime import Database, Rounds


def dispatcher(settings: LeadsSettings, database: Database) -> Rounds:
    """The worker; any number of processes may run it."""
    zone = ZoneInfo(settings.business_time_zone)

    async def round_of(now: datetime) -> bool:
        async with database.transaction() as session:
            released = await release_due(session, now, zone)
        async with database.transaction() as session:
            assigned = await assign_waiting(session, now, zone)
        return released + assigned > 0

    return Rounds("dispatcher", round_of, every=settings.dispatch_every, patience=settings.stalled_after)
