"""What the made-up company aims at: a base and a challenge for every quarter that its history covers, and weekly
figures for the one team that is watched closely."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

STEP = Decimal(10_000)
CHALLENGE = Decimal("1.2")

WEEKS = (Decimal("1.04"), Decimal("0.93"), Decimal("0.61"), Decimal("0.54"))
"""What the watched team attains in the last finished weeks. The last two lie under 70 %, where somebody must act."""


@dataclass(frozen=True, slots=True)
class Win:
    """An amount that was won, in the reporting currency, with the day and the unit of who won it."""

    day: date
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """The company's target for a quarter, in the reporting currency; it is divided down to people."""

    period: str
    base: Decimal
    challenge: Decimal


@dataclass(frozen=True, slots=True)
class WeekGoal:
    """A unit's target for an ISO week, in the reporting currency."""

    unit: str
    period: str
    base: Decimal


def quarter_of(day: date) -> str:
    """The code of a day's quarter, for a fiscal year that begins in January."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def week_of(day: date) -> str:
    """The code of a day's ISO week."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def make_week_goals(won: Iterable[Win], unit: str, mondays: list[date]) -> list[WeekGoal]:
    """Goals of the unit's weeks that its wins attain as `WEEKS` says, to the next thousand."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for win in won:
        if win.unit == unit:
            sums[week_of(win.day)] += win.amount
    return [
        WeekGoal(unit, week, (sums[week] / attained / 1000).to_integral_value() * 1000)
        for monday, attained in zip(mondays, WEEKS, strict=True)
        for week in [week_of(monday)]
    ]


def make_goals(won: Iterable[Win], season: tuple[float, ...], first_day: date, last_day: date) -> list[Goal]:
    """Goals that follow the season and lie at what the company wins on average: some are met, some missed.

    Quarters that began before the history are left out.
    """
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for win in won:
        sums[quarter_of(win.day)] += win.amount
    quarters = _quarters(first_day, last_day)
    finished = [sums[quarter_of(start)] for start in quarters[1:-1]]
    average = sum(finished, Decimal()) / max(1, len(finished))
    demand = [Decimal(str(sum(season[start.month - 1 : start.month + 2]))) for start in quarters]
    usual = sum(demand, Decimal()) / len(demand)
    bases = [_rounded(average * share / usual) for share in demand]
    return [
        Goal(quarter_of(start), base, _rounded(base * CHALLENGE))
        for start, base in zip(quarters, bases, strict=True)
    ]


def _quarters(first_day: date, last_day: date) -> list[date]:
    starts = (
        date(year, month, 1) for year in range(first_day.year, last_day.year + 1) for month in (1, 4, 7, 10)
    )
    return [start for start in starts if first_day <= start <= last_day]


def _rounded(amount: Decimal) -> Decimal:
    return max(STEP, (amount / STEP).to_integral_value() * STEP)
