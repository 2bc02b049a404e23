"""The days of the made-up company's history, and how much is asked for in each."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

from attain.company.steps import SHANGHAI

SPAN = timedelta(days=640)
"""How far the company's history reaches back from its last day: four or five full quarters with a year before."""

SEASON = (0.8, 0.55, 1.1, 0.95, 1.0, 1.2, 0.85, 0.9, 1.1, 0.95, 1.15, 1.45)
"""Demand by month: quiet around the spring festival, strong at the end of quarters and of the year."""


@dataclass(frozen=True)
class Calendar:
    """A history that ends when `last_day` begins, in the company's zone."""

    last_day: date

    @property
    def first_day(self) -> date:
        return self.last_day - SPAN

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last_day, time(0), SHANGHAI)

    @cached_property
    def _days(self) -> list[date]:
        days = (self.first_day + timedelta(days=n) for n in range(SPAN.days - 2))
        return [day for day in days if day.weekday() < 5]

    @cached_property
    def _demand(self) -> list[float]:
        return list(accumulate(SEASON[day.month - 1] for day in self._days))

    def working_instant(self, random: Random) -> datetime:
        """An instant within the hours of a working day that is drawn by the season's demand."""
        day = random.choices(self._days, cum_weights=self._demand)[0]
        return datetime.combine(day, time(9), SHANGHAI) + timedelta(minutes=random.randrange(480))

    def finished_weeks(self, count: int) -> list[date]:
        """The Mondays of the last weeks that have ended, in order."""
        monday = self.last_day - timedelta(days=self.last_day.weekday())
        return [monday - timedelta(weeks=back) for back in range(count, 0, -1)]
