"""Money in the reporting currency, at the rate of the day on which each fact occurred.

A missing rate is named, never a zero (X5).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from contracts import Money
from reporting.figures import CENTS, half_up

RATED = """
    rated as materialized ( -- the rate of each currency by business day; the reporting currency's own is 1
        select :reporting_currency::text as currency, date '-infinity' as valid_from, date 'infinity' as valid_to,
               1::numeric as rate
        union all
        select currency, effective_on,
               lead(effective_on, 1, 'infinity') over (partition by currency order by effective_on), rate
        from rate
        where reporting_currency = :reporting_currency::text and currency <> :reporting_currency::text
    )
"""
"""CTE `rated(currency, valid_from, valid_to, rate)`."""


class RateMissing(BaseModel):
    """No exchange rate is known for a currency on these business days, so the figure is null."""

    code: Literal["rate_missing"] = "rate_missing"
    currency: str
    days: list[date]


class Amounts(BaseModel):
    """Money as it was said, by currency, and all of it in the reporting currency."""

    by_currency: list[Money]
    converted: Money | None


def money(amount: Decimal, currency: str) -> Money:
    """The amount, rounded half up to the cent; the one rounding of a converted sum."""
    return Money(amount=half_up(amount, CENTS), currency=currency)


def missing_rates(said: Iterable[Sequence[Mapping[str, Any]] | None]) -> list[RateMissing]:
    """The missing rates that queries report as lists of `{"currency", "day"}`, merged by currency."""
    days: dict[str, set[date]] = {}
    for unrated in said:
        for each in unrated or ():
            days.setdefault(each["currency"], set()).add(date.fromisoformat(each["day"]))
    return [RateMissing(currency=currency, days=sorted(days[currency])) for currency in sorted(days)]


def in_a_cell(errors: Iterable[RateMissing]) -> str:
    """The missing rates as a cell of a CSV file names them."""
    return " ".join(f"{error.code}:{error.currency}" for error in errors)


def merged(found: Iterable[Iterable[RateMissing]]) -> list[RateMissing]:
    """The missing rates of several figures as one list."""
    return missing_rates(
        [{"currency": each.currency, "day": day.isoformat()} for each in errors for day in each.days]
        for errors in found
    )
