"""Business days and working days, and durations that count every second or those of working days alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from contracts.alerts import Clock
from contracts.targets import WorkingTimeSet

USUAL_WEEKDAYS = frozenset({1, 2, 3, 4, 5})
"""The working days of a year that nobody has set: Monday to Friday."""

FARTHEST = 36_600
"""Days that are looked at before a duration of working time is given up: a hundred years."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The business zone, and what is known of the working time of each year."""

    zone: ZoneInfo
    years: Mapping[int, WorkingTimeSet] = field(default_factory=dict)

    @classmethod
    def of(cls, zone: ZoneInfo, said: Iterable[WorkingTimeSet]) -> Self:
        """The calendar of these facts; of several about a year the last one holds."""
        return cls(zone, {fact.year: fact for fact in said})

    def works(self, day: date) -> bool:
        """Whether a business day is a working day."""
        year = self.years.get(day.year)
        if year is None:
            return day.isoweekday() in USUAL_WEEKDAYS
        return day in year.workdays or (day.isoweekday() in year.weekdays and day not in year.holidays)

    def day(self, at: datetime) -> date:
        """The business day of an instant."""
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The instant (UTC) at which a business day begins."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def after(self, at: datetime, duration: timedelta, clock: Clock) -> datetime:
        """The instant after which more than the duration has gone by since `at`.

        Of working time a working day has 24 hours and any other none: a duration that ends with the last second of a
        Friday is exceeded when Monday begins.
        """
        at = at.astimezone(UTC)
        if clock is Clock.elapsed:
            return at + duration
        left, day = duration, self.day(at)
        for _ in range(FARTHEST):
            following = day + timedelta(days=1)
            end = self.midnight(following)
            if self.works(day):
                if left < end - at:
                    return at + left
                left -= end - at
            at, day = end, following
        return at
