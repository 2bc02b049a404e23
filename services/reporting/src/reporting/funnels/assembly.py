"""From what the queries counted to the stages of a funnel."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from asyncpg import Record

from reporting.conversion import Amounts, RateMissing, missing_rates, money
from reporting.figures import ratio, trimmed
from reporting.funnels.answers import (
    CohortStage,
    CohortTotal,
    FlowStage,
    LossReasonCount,
    SnapshotStage,
    Stage,
    Tally,
)
from reporting.funnels.rules import StageVisits, average_cycle_days, average_dwell_days, conversion, loss_rate

SECONDS_A_DAY = 86_400


def cohort(rows: Iterable[Record], losses: Iterable[Record]) -> tuple[list[CohortStage], CohortTotal]:
    """The stages of a cohort, and what became of it."""
    reasons: dict[str, list[LossReasonCount]] = defaultdict(list)
    for loss in losses:
        reasons[loss["stage"]].append(LossReasonCount(reason=loss["reason"], count=loss["count"]))
    stages, total = [], CohortTotal(opened=0, won=0, lost=0, open=0, end_to_end=ratio(0, 0))
    for row in rows:
        if row["is_total"]:
            total = _cohort_total(row)
        else:
            stages.append(_cohort_stage(row, reasons[row["code"]]))
    return stages, total


def _cohort_total(row: Record) -> CohortTotal:
    return CohortTotal(
        opened=row["opened"],
        won=row["won"],
        lost=row["opened"] - row["won"] - row["open"],
        open=row["open"],
        end_to_end=ratio(row["won"], row["opened"]),
    )


def _cohort_stage(row: Record, reasons: list[LossReasonCount]) -> CohortStage:
    visits = StageVisits(
        advanced=row["advanced"] or 0,
        lost=row["lost"] or 0,
        returned=row["returned"] or 0,
        open=row["open"] or 0,
        days_of_left=_days(row["seconds_of_left"]),
        days_of_all=_days(row["seconds_of_all"]),
    )
    return CohortStage(
        stage=_stage(row),
        entered=visits.entered,
        opportunities=row["opportunities"] or 0,
        re_entries=row["re_entries"] or 0,
        advanced=visits.advanced,
        lost=visits.lost,
        returned=visits.returned,
        open=visits.open,
        conversion=conversion(visits),
        loss_rate=loss_rate(visits),
        average_cycle_days=average_cycle_days(visits),
        average_dwell_days=average_dwell_days(visits),
        loss_reasons=reasons,
    )


def flow(rows: Iterable[Record], currency: str) -> list[FlowStage]:
    """The stages of a flow."""
    answer = []
    for stage, found in _by_stage(rows):
        ways = {
            way: tally([row for row in found if row["way"] in included], currency)
            for way, included in _WAYS.items()
        }
        answer.append(FlowStage(stage=stage, **ways, errors=rates_missing(found)))
    return answer


_OUT = ("moved_on", "moved_back", "won", "lost")
_WAYS = {"into": ("into",), "out_of": _OUT, **{way: (way,) for way in _OUT}}


def snapshot(rows: Iterable[Record], currency: str) -> list[SnapshotStage]:
    """The stages of a snapshot."""
    return [
        SnapshotStage(stage=stage, standing=tally(found, currency), errors=rates_missing(found))
        for stage, found in _by_stage(rows)
    ]


def tally(rows: Sequence[Record], currency: str) -> Tally:
    """Counts and money of rows by currency, summed. Without a rate the converted sum is unknown."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["amount"] is not None:
            sums[row["currency"]] += row["amount"]
    converted = None
    if not rates_missing(rows):
        converted = money(sum((row["converted"] or Decimal(0) for row in rows), Decimal(0)), currency)
    by_currency = [money(sums[code], code) for code in sorted(sums)]
    amount = Amounts(by_currency=by_currency, converted=converted)
    return Tally(count=sum(row["count"] for row in rows), amount=amount)


def rates_missing(rows: Iterable[Record]) -> list[RateMissing]:
    """The rates that the money of these rows lacks."""
    return missing_rates(row["unrated"] for row in rows)


def _by_stage(rows: Iterable[Record]) -> list[tuple[Stage, list[Record]]]:
    """Rows of one stage together, in the order in which the stages came. A stage without moves has an empty row."""
    grouped: dict[str, list[Record]] = {}
    for row in rows:
        grouped.setdefault(row["code"], []).append(row)
    return [
        (_stage(found[0]), [row for row in found if row["way"] is not None]) for found in grouped.values()
    ]


def _stage(row: Record) -> Stage:
    """A stage that the pipeline no longer has goes by its code."""
    code = row["code"]
    return Stage(code=code, name_en=row["name_en"] or code, name_zh=row["name_zh"] or code)


def _days(seconds: Decimal | None) -> Decimal:
    return trimmed((seconds or Decimal(0)) / SECONDS_A_DAY)
