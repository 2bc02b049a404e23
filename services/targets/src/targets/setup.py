"""What a new instance knows before anybody has told it anything. May run again at any time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from runtime import Settings
from targets.calendar.seed import seed_calendar
from targets.metrics.seed import seed_metrics

BY = "attain"
"""Who stated the seeds."""


async def setup(session: AsyncSession, settings: Settings) -> None:
    """Seeds calendar and metrics; makes no fact where all is there."""
    today = datetime.now(ZoneInfo(settings.business_time_zone)).date()
    await seed_calendar(session, today, settings.fiscal_year_start_month, BY)
    await seed_metrics(session, BY)
