"""From what was counted to the rows of the channel report."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from asyncpg import Record

from contracts import Money
from reporting.channels.answers import ChannelFigures, ChannelRow
from reporting.conversion import missing_rates, money
from reporting.figures import ratio


def channels(
    rows: Sequence[Record], leads: int, currency: str, *, costs: bool
) -> tuple[list[ChannelRow], ChannelFigures]:
    """The channels and their total; `leads` are those of all channels; without `costs` what they cost is left out."""
    items = [
        ChannelRow(
            channel=row["code"],
            name_en=row["name_en"] or row["code"],
            name_zh=row["name_zh"] or row["code"],
            **_figures([row], leads, currency, costs=costs),
        )
        for row in rows
    ]
    return items, ChannelFigures(**_figures(rows, leads, currency, costs=costs))


def _figures(rows: Sequence[Record], all_leads: int, currency: str, *, costs: bool) -> dict[str, Any]:
    leads, valid, visited, converted, won = (
        sum(row[name] for row in rows) for name in ("leads", "valid", "visited", "converted", "won")
    )
    unrated_values = missing_rates(row["value_unrated"] for row in rows)
    unrated_costs = missing_rates(row["cost_unrated"] for row in rows) if costs else []
    spent = _sum(row["cost"] for row in rows) if costs and not unrated_costs else None
    return {
        "leads": leads,
        "share": ratio(leads, all_leads),
        "valid": valid,
        "visited": visited,
        "first_visit_conversion": ratio(visited, valid),
        "converted": converted,
        "won": won,
        "win_rate": ratio(won, leads),
        "value": None if unrated_values else money(_sum(row["value"] for row in rows), currency),
        "cost": None if spent is None else money(spent, currency),
        "cost_per_lead": _per(spent, leads, currency),
        "cost_per_win": _per(spent, won, currency),
        "errors": missing_rates(
            unrated
            for row in rows
            for unrated in (row["value_unrated"], row["cost_unrated"] if costs else None)
        ),
    }


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _per(spent: Decimal | None, count: int, currency: str) -> Money | None:
    return money(spent / count, currency) if spent and count else None
