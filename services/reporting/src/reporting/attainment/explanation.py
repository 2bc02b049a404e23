"""A figure, down to the events that make it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from contracts import Money
from reporting.attainment.answers import Subject
from reporting.belonging import Attribution
from reporting.conversion import RateMissing
from reporting.figures import Exact, Figure, Ratio, Total
from reporting.freshness import Freshness
from reporting.metrics.definition import MetricVersion
from reporting.moments import Span
from runtime.language import spoken


class Person(BaseModel):
    """Somebody of the organisation, as lists show them."""

    id: UUID
    code: str | None
    name: str | None


class ExplainedFact(BaseModel):
    """A fact that counts. `converted` is exact: sums are rounded once, at the end."""

    metric: str
    event_id: UUID
    root: str
    sequence: int
    type: str
    occurred_at: datetime
    day: date
    person: Person | None
    value: Figure
    rate: Exact | None = Field(
        description="of the business day of occurred_at; null when missing, or no money"
    )
    converted: Exact | None


class Reason(StrEnum):
    """Why a fact does not count."""

    voided = "voided"
    outside_period = "outside_period"
    condition_not_met = "condition_not_met"
    value_missing = "value_missing"
    other_unit = "other_unit"
    other_owner = "other_owner"
    rate_missing = "rate_missing"


_DETAILS = {
    Reason.voided: ("It was voided later.", "该事实后来被作废。"),
    Reason.outside_period: (
        "It counts on a day beside the period, by at most seven days.",
        "计入日期在期间之外,相差不超过七天。",
    ),
    Reason.condition_not_met: ("It does not meet the metric's conditions.", "不满足指标的条件。"),
    Reason.value_missing: ("It does not hold the value that the metric sums.", "缺少指标所汇总的数值。"),
    Reason.other_unit: (
        "Its person belonged to another unit, by the attribution asked for.",
        "按所选归属方式,其人员属于另一单位。",
    ),
    Reason.other_owner: (
        "It belongs to another person, by the attribution asked for.",
        "按所选归属方式,归属于另一人员。",
    ),
    Reason.rate_missing: ("Its currency has no rate on that day.", "该币种在当日没有汇率。"),
}


class NearMiss(BaseModel):
    """A fact that nearly counted, and why it does not."""

    reason: Reason
    detail: str
    metric: str
    event_id: UUID
    root: str
    sequence: int
    type: str
    occurred_at: datetime
    day: date
    person: Person | None
    value: Figure | None


class ExplainedPart(BaseModel):
    """The facts of one metric: of the figure itself, or of a ratio's numerator or denominator."""

    metric: str
    facts: int
    total: Exact | None = Field(
        description="exact sum in the reporting currency; null when a rate is missing"
    )
    hidden_facts: int = Field(description="those of them whose records the asker may not see")
    hidden_total: Exact | None


class Explanation(BaseModel):
    """The figure, what it sums from, and what nearly counted."""

    metric: MetricVersion
    period: Span
    subject: Subject
    attribution: Attribution
    as_of: datetime
    actual: Figure | None = Field(
        description="the sum of the parts' facts, rounded once; the figure of the report"
    )
    ratio: Ratio | None
    parts: list[ExplainedPart]
    items: list[ExplainedFact]
    next: str | None
    total: Total = None
    near_misses: list[NearMiss] | None = Field(description="the latest fifty, on the first page only")
    errors: list[RateMissing]
    freshness: Freshness


def fact_of(row: Any) -> ExplainedFact:
    """A fact as the query found it."""
    return ExplainedFact.model_validate(
        {**_common(row), "rate": row["rate"], "converted": row["converted"], "value": _value(row)}
    )


def near_miss_of(row: Any) -> NearMiss:
    """A near miss, with its reason in the language of the request."""
    reason = Reason(row["reason"])
    en, zh = _DETAILS[reason]
    detail = zh if spoken() == "zh-CN" else en
    return NearMiss.model_validate({**_common(row), "reason": reason, "detail": detail, "value": _value(row)})


def _common(row: Any) -> dict[str, Any]:
    person = row["credited_id"] and Person(
        id=row["credited_id"], code=row["person_code"], name=row["person_name"]
    )
    return {**dict(row), "person": person}


def _value(row: Any) -> Money | Decimal | None:
    value: Decimal | None = row["value"]
    return (
        value if value is None or row["currency"] is None else Money(amount=value, currency=row["currency"])
    )
