"""The figures of the export as a spreadsheet would compute them: from the files alone, with no service."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Figures = dict[str, Decimal]
"""Figures by name, in the order in which they are printed."""

MEAN = Decimal("0.001")
"""Mean days are compared to three places."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the export, with what the team file says of its agent."""

    stage: str
    engaged_on: date | None
    closed_on: date | None
    value: Decimal
    team: str
    region: str

    @property
    def quarter(self) -> str:
        assert self.closed_on is not None
        return f"{self.closed_on.year}-Q{(self.closed_on.month + 2) // 3}"


def figures(folder: Path) -> Figures:
    """Every figure of the export in `folder`: won by period, region and team, the funnel, the cycle."""
    rows = list(_rows(folder))
    return {**_won(rows), **_funnel(rows), **_cycle(rows)}


def _won(rows: list[Row]) -> Figures:
    won = [row for row in rows if row.stage == "Won"]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in won:
        for name in (f"won in {row.quarter}", f"won in region {row.region}", f"won by team {row.team}"):
            sums[name] += row.value
    total = sum((row.value for row in won), Decimal())
    return {"won amount": total, "won opportunities": Decimal(len(won)), **dict(sorted(sums.items()))}


def _funnel(rows: list[Row]) -> Figures:
    """All rows were opened; whoever was engaged reached intent; what is neither won nor lost is open."""
    stages = [row.stage for row in rows]
    won, lost = stages.count("Won"), stages.count("Lost")
    counts = {
        "opened": len(rows),
        "reached intent": len(rows) - stages.count("Prospecting"),
        "won": won,
        "lost": lost,
        "still open": len(rows) - won - lost,
        "still open in prospect": stages.count("Prospecting"),
        "still open in intent": stages.count("Engaging"),
    }
    return {f"cohort: {name}": Decimal(count) for name, count in counts.items()}


def _cycle(rows: list[Row]) -> Figures:
    closed = [row for row in rows if row.closed_on and row.engaged_on]
    won = [row for row in closed if row.stage == "Won"]
    return {"mean days to close": _mean_days(closed), "mean days to win": _mean_days(won)}


def _mean_days(rows: list[Row]) -> Decimal:
    days = sum((row.closed_on - row.engaged_on).days for row in rows if row.closed_on and row.engaged_on)
    return (Decimal(days) / len(rows)).quantize(MEAN, ROUND_HALF_UP)


def _rows(folder: Path) -> Iterator[Row]:
    with (folder / "sales_teams.csv").open(encoding="utf-8", newline="") as file:
        teams = {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in csv.DictReader(file)}
    with (folder / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            team, region = teams[row["sales_agent"]]
            yield Row(
                stage=row["deal_stage"],
                engaged_on=_date(row["engage_date"]),
                closed_on=_date(row["close_date"]),
                value=Decimal(row["close_value"] or 0),
                team=team,
                region=region,
            )


def _date(cell: str) -> date | None:
    return datetime.strptime(cell, "%m/%d/%Y").date() if cell else None  # noqa: DTZ007 (a date has no zone)
