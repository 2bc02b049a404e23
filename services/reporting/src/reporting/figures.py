"""Figures as every report shows them: exact decimals, one rounding, ratios with both their parts."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from contracts import Money

CENTS = Decimal("0.01")
SIX_PLACES = Decimal("0.000001")

type Exact = Annotated[
    Decimal, PlainSerializer(lambda number: f"{number:f}", return_type=str, when_used="json")
]
"""An exact number; on the wire a string, never in exponent notation."""

type Figure = Money | Exact
"""What a metric measures: money in the reporting currency, or a plain number."""


class Ratio(BaseModel):
    """A ratio with its parts, so that a reader can add ratios up by their parts and never averages them.

    `value` is to six places, half up; null where the denominator is zero.
    """

    model_config = ConfigDict(frozen=True)

    numerator: Exact
    denominator: Exact
    value: Exact | None


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Ratio:
    """The ratio of two summed parts."""
    above, below = Decimal(numerator), Decimal(denominator)
    return Ratio(
        numerator=above, denominator=below, value=half_up(above / below, SIX_PLACES) if below else None
    )


def half_up(number: Decimal, places: Decimal) -> Decimal:
    """The number rounded half up to `places` (`CENTS`, `SIX_PLACES`): the one rounding rule of every report."""
    return number.quantize(places, rounding=ROUND_HALF_UP)


def trimmed(number: Decimal) -> Decimal:
    """The same number to at most six places and without trailing zeros: 10, not 10.000000."""
    rounded = half_up(number, SIX_PLACES)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded.normalize()


Total = Annotated[
    int | None,
    Field(
        description="rows of all pages, with `Prefer: return=total-count`",
        exclude_if=lambda total: total is None,
    ),
]
"""How many rows a list has, where the asker wants to know."""
