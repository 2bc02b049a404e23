"""The business day: what "today" is where nothing else is said."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request


def business_day(request: Request) -> date:
    """Today in the business time zone of the settings."""
    return datetime.now(ZoneInfo(request.app.state.settings.business_time_zone)).date()


Today = Annotated[date, Depends(business_day)]
