"""What the deployment settles for all requests: the business day, the currency, the fiscal year."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from runtime import Settings


async def current_settings(request: Request) -> Settings:
    """The settings of the process."""
    settings: Settings = request.app.state.settings
    return settings


CurrentSettings = Annotated[Settings, Depends(current_settings)]


async def business_day(settings: CurrentSettings) -> date:
    """Today in the business time zone."""
    return datetime.now(ZoneInfo(settings.business_time_zone)).date()


Today = Annotated[date, Depends(business_day)]
"""The day that is meant where no other is said."""
