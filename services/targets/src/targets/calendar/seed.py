"""What a new instance knows of the calendar: periods since 2016, and China's days off and make-up days."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.targets import WorkingTimeSet
from messaging import record
from targets.calendar.actions import generate_years
from targets.calendar.tables import WorkingTime
from targets.claims import claim

FIRST_YEAR = 2016
WEEKDAYS = [1, 2, 3, 4, 5]


async def seed_calendar(session: AsyncSession, today: date, start_month: int, by: str) -> None:
    """Periods and working time from 2016 until the end of next year. What is there stays, but for a
    provisional year whose official calendar is known now.
    """
    years = range(FIRST_YEAR, today.year + 2)
    await generate_years(session, years, start_month, by)
    official = china()
    states = {year: official[year] for year in years if year in official}
    rows = await claim(session, WorkingTime, [{"year": year, **state} for year, state in states.items()])
    for year, row in rows.items():
        if row.sequence == 0 or (row.provisional and not states[year]["provisional"]):
            for name, value in states[year].items():
                setattr(row, name, value)
            record(session, row, WorkingTimeSet(year=year, **states[year]), by=by)


def china() -> dict[int, dict[str, Any]]:
    """China's calendar by year; the years that are not announced yet are provisional."""
    table = tomllib.loads(files("targets.calendar").joinpath("china.toml").read_text())
    return {int(year): {"weekdays": WEEKDAYS, **state} for year, state in table.items()}
