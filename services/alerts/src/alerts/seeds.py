"""What a new database begins with."""

from sqlalchemy.ext.asyncio import AsyncSession

from alerts.reactions import directory_projector
from alerts.rulebook.seed import seed_rules
from alerts.settings import AlertsSettings
from alerts.timers.projector import watch_projector
from messaging import ensure_current

BY = "attain-setup"


async def set_up(session: AsyncSession, settings: AlertsSettings) -> None:
    """Makes the tables of the directory and of the watch, and defines the default rules that are not known."""
    await ensure_current(directory_projector(settings))
    await ensure_current(watch_projector(settings))
    await seed_rules(session, BY)
