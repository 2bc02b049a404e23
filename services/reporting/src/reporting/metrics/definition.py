"""A metric as its definition says: what it measures, and how a figure of it is shown."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import asyncpg
from pydantic import BaseModel

from contracts import Money
from contracts.refusal import NotFound
from contracts.targets import Condition, Direction
from reporting.figures import CENTS, SIX_PLACES, Figure, half_up, trimmed
from reporting.metrics.queries import METRIC_AND_PARTS
from runtime.query import Query


class Metric(BaseModel):
    """A metric and the version of its definition in force. `kind`: count, sum or ratio (of two metrics)."""

    code: str
    version: int
    name_en: str
    name_zh: str
    direction: Direction
    core: bool
    kind: str
    event_type: str | None
    conditions: list[Condition] | None
    value_field: str | None
    currency_field: str | None
    credited_field: str | None
    date_field: str | None
    dimensions: list[str]
    numerator: str | None
    denominator: str | None

    @property
    def is_ratio(self) -> bool:
        return self.kind == "ratio"

    @property
    def is_money(self) -> bool:
        return self.currency_field is not None

    @property
    def parts(self) -> list[str]:
        """The codes whose facts make the figure: its own, or those of numerator and denominator."""
        return [code for code in (self.numerator, self.denominator) if code] if self.is_ratio else [self.code]

    def rounded(self, number: Decimal) -> Decimal:
        """Half up: money to the cent, a ratio to six places, a count or sum to what it needs of them."""
        if self.is_ratio:
            return half_up(number, SIX_PLACES)
        return half_up(number, CENTS) if self.is_money else trimmed(number)

    def shown(self, number: Decimal | None, currency: str) -> Figure | None:
        """The number as a figure of this metric."""
        if number is None:
            return None
        return (
            Money(amount=self.rounded(number), currency=currency) if self.is_money else self.rounded(number)
        )


class MetricVersion(BaseModel):
    """The metric of a report, and the version that it used."""

    code: str
    version: int
    name_en: str
    name_zh: str
    direction: Direction
    kind: str


_METRIC_AND_PARTS = Query(METRIC_AND_PARTS)


async def find_metric(connection: asyncpg.Connection, code: str) -> tuple[Metric, list[Metric]]:
    """The metric, and the metrics whose facts make it (itself unless it is a ratio). Raises `NotFound`."""
    return metric_of(code, [dict(row) for row in await _METRIC_AND_PARTS.rows(connection, metric=code)])


def metric_of(code: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Metric, list[Metric]]:
    """The same from the rows of `METRIC_AND_PARTS`."""
    found = [Metric.model_validate(row) for row in rows]
    if not found or found[0].code != code:
        raise NotFound(what="metric", id=code)
    metric, by_code = found[0], {each.code: each for each in found}
    for part in metric.parts:
        if part not in by_code:
            raise NotFound(what="metric", id=part)
    return metric, [by_code[part] for part in metric.parts]
